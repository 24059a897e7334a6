/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Linux's messages about page requests that it refuses, and about their queue. */
#include "decode.h"
#include "scan.h"

#include <inttypes.h>
#include <string.h>

#define REQUEST_WITHIN 3 /* lines between the message and the words of the request */

struct page_requests {
	struct block *block; /* it waits for the request's words */
	uint64_t line;
};

static const struct finding overflow = {
	.id = "page-requests-lost",
	.weight = DAMAGE,
	.certainty = CERTAIN,
	.next = "The page request queue was full, and requests were answered with a failure or "
		"lost: see which device floods it (trace event prq_report).",
};

static const struct finding refused = {
	.id = "page-request-refused",
	.weight = DAMAGE,
	.certainty = CERTAIN,
	.next = "See whether shared virtual addressing is set up for this device (its driver's "
		"lines, PASID and PRI in `lspci -vv`, lines \"IOMMU feature ... inconsistent\"): "
		"the device asks for pages in a way that the kernel does not expect.",
};

static const char *const reasons[][2] = {
	{ "Page request without PASID", "a page request came without a PASID" },
	{ "Page request in Privilege Mode", "a page request asked for the supervisor's rights" },
	{ "Address is not canonical", "a page request has an address that is not canonical" },
	{ "Execution request not supported", "a page request asked to execute" },
	{ "Execute request", "a page request asked to execute" },
};

static void finish(struct decode *d, struct page_requests *p)
{
	if (p->block)
		decode_block(d, p->block);
	p->block = NULL;
}

/* The unit's name in "IOMMU: dmar12: ..." or "dmar12: ...". */
static const char *unit_of(const struct line *l, size_t *length)
{
	const char *s = l->text + l->body;

	if (!strncmp(s, "DMAR: ", 6))
		s += 6;
	if (!strncmp(s, "IOMMU: ", 7))
		s += 7;
	*length = strcspn(s, ": \n");
	return !strncmp(s, "dmar", 4) && s[*length] == ':' ? s : NULL;
}

static struct block *begin(struct decode *d, struct page_requests *p, const struct line *l)
{
	size_t n;
	const char *unit = unit_of(l, &n);

	finish(d, p);
	decode_take(d);
	p->line = l->last;
	p->block = block_new("page-request", l->number, "page request that was refused");
	p->block->timed = l->timed;
	p->block->time = l->time;
	p->block->last = l->last;
	p->block->count = l->times;
	if (unit)
		block_unit(p->block, unit, n);
	return p->block;
}

/* "Invalid page request: 00000f0100010121 0000000000001003": the first half of its descriptor */
static bool request_words(struct decode *d, struct page_requests *p, const struct line *l)
{
	uint64_t low = 0, hi = 0;
	const char *s;
	char sid[SID_TEXT];
	bool whole;

	if (!scan_find(l, l->text, "Invalid page request:", &s))
		return false;
	if (!p->block || l->number > p->line + REQUEST_WITHIN)
		begin(d, p, l);
	decode_take(d);
	p->block->last = l->last;
	scan_blanks(&s);
	whole = scan_hex(l, &s, &low) == SCAN_OK;
	scan_blanks(&s);
	whole = whole && scan_hex(l, &s, &hi) == SCAN_OK;
	if (!whole) {
		block_cut(p->block, "request");
		decode_find(d, &refused, l->number,
			    "A page request was refused; its words are cut off.");
		finish(d, p);
		return true;
	}
	block_hex(p->block, "RID", low >> 16 & 0xffff, "%s",
		  sid_text(sid, (unsigned)(low >> 16 & 0xffff)));
	if (low >> 8 & 1)
		block_hex(p->block, "PASID", low >> 32 & 0xfffff, NULL);
	else
		block_text(p->block, "PASID", "none");
	block_hex(p->block, "address", hi & ~0xfffULL, "%s%s%s%s%s", hi & 1 ? "read " : "",
		  hi & 2 ? "write " : "", low >> 52 & 1 ? "execute " : "",
		  low >> 53 & 1 ? "privileged " : "", hi & 4 ? "last of its group" : "");
	block_number(p->block, "PRGI", hi >> 3 & 0x1ff, NULL);
	decode_find_of(d, &refused, l->number, (unsigned)(low >> 16 & 0xffff),
		       "A page request of %s was refused.",
		       sid_text(sid, (unsigned)(low >> 16 & 0xffff)));
	finish(d, p);
	return true;
}

static bool reason_line(struct decode *d, struct page_requests *p, const struct line *l)
{
	for (unsigned i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		size_t n;

		if (!scan_find(l, l->text, reasons[i][0], NULL) || !unit_of(l, &n))
			continue;
		begin(d, p, l);
		block_text(p->block, "message", "%s", reasons[i][1]);
		decode_find(d, &refused, l->number, "%.*s: %s, and was refused.", (int)n,
			    unit_of(l, &n), reasons[i][1]);
		return true;
	}
	return false;
}

/* "IOMMU: dmar1: PRQ overflow detected" */
static bool overflow_line(struct decode *d, const struct line *l)
{
	const char *unit;
	struct block *b;
	size_t n;

	if (scan_find(l, l->text, "PRQ overflow cleared", NULL)) {
		decode_take(d);
		return true;
	}
	if (!scan_find(l, l->text, "PRQ overflow detected", NULL))
		return false;
	decode_take(d);
	unit = unit_of(l, &n);
	b = block_new("page-request", l->number, "page requests overflowed");
	if (unit)
		block_unit(b, unit, n);
	b->timed = l->timed;
	b->time = l->time;
	decode_find(d, &overflow, l->number, "%.*s%sage requests overflowed (PRQ overflow).",
		    unit ? (int)n : 0, unit ? unit : "", unit ? ": p" : "P");
	decode_block(d, b);
	return true;
}

static bool line(struct decode *d, void *state, const struct line *l)
{
	struct page_requests *p = state;

	if (p->block && l->number > p->line + REQUEST_WITHIN)
		finish(d, p);
	if (!overflow_line(d, l) && !request_words(d, p, l))
		reason_line(d, p, l);
	return p->block;
}

static void end(struct decode *d, void *state)
{
	finish(d, state);
}

static const char *const words[] = { "PRQ over", "dmar", "IOMMU:", NULL };

const struct recogniser page_requests_recogniser = {
	"page-requests", words, sizeof(struct page_requests), line, end, true
};
