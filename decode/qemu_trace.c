/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The output of `qemu -trace 'vtd_inv_*'`. Event vtd_inv_desc has the words of a descriptor. The
 * events after it describe it in words, and are used only if vtd_inv_desc is not traced.
 */
#include "qemu.h"
#include "scan.h"

#include <inttypes.h>
#include <string.h>

#define ROWS 1000 /* in one block */
#define LINES_APART 1000

static const struct finding not_written = {
	.id = "status-not-written",
	.weight = CAUSE,
	.certainty = CERTAIN,
	.next = "The wait's status address is not in the guest's memory, so the CPU that waits for "
		"it waits for ever: look at the address in the descriptor.",
};

static void finish(struct decode *d, struct qemu_trace *t)
{
	if (t->block) {
		block_number(t->block, "writes of IQT", t->tails, NULL);
		decode_block(d, t->block);
	}
	t->block = NULL;
	t->tails = 0;
}

void qemu_trace_end(struct decode *d, struct qemu_trace *t)
{
	finish(d, t);
}

/* "vtd_inv_desc invalidate desc type wait high 0x1046004 low 0x200000025" */
static bool desc_line(struct decode *d, struct qemu_trace *t, const struct line *l)
{
	struct row *r;
	const char *s;

	if (!scan_find(l, l->text, "invalidate desc type ", &s))
		return false;
	decode_take(d);
	if (t->block && (t->block->rows == ROWS || l->number > t->line + LINES_APART))
		finish(d, t);
	if (!t->block)
		t->block = block_new("qemu-trace", l->number, "QEMU's trace: what it has executed");
	t->block->last = t->line = l->last;
	r = block_row(t->block, l->number, NULL);
	s += scan_word(s, "");
	qemu_words(r, l, s);
	if (t->head)
		r->slot = t->head - 1;
	t->head = 0;
	return true;
}

/* "vtd_inv_qi_head read head 0", "vtd_inv_qi_tail write tail 2" */
static bool pointer_line(struct decode *d, struct qemu_trace *t, const struct line *l)
{
	uint64_t value;
	const char *s;

	if (scan_find(l, l->text, "vtd_inv_qi_tail ", NULL)) {
		decode_take(d);
		t->tails++;
		return true;
	}
	if (!scan_find(l, l->text, "vtd_inv_qi_head read head ", &s))
		return false;
	decode_take(d);
	if (scan_dec(l, &s, &value) == SCAN_OK && value < 32768)
		t->head = (long)value + 1;
	return true;
}

static const char *const events[] = {
	"iotlb invalidate global",	"iotlb invalidate whole domain ",
	"iotlb invalidate domain ",	"wait invalidate status write addr ",
	"write fail for wait desc hi ",
};

enum { WRITE_FAIL = 4, EVENTS };

static void fields(struct block *b, const struct line *l, const char *s)
{
	static const char *const names[] = { "domain", "addr", "mask", "pasid", "data" };

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *t = strstr(s, names[i]);
		uint64_t value;

		if (!t)
			continue;
		t += strlen(names[i]);
		scan_blanks(&t);
		if (strncmp(t, "0x", 2) || scan_hex(l, &t, &value) != SCAN_OK)
			block_cut(b, names[i]);
		else if (!strcmp(names[i], "mask") && value < 52)
			block_hex(b, names[i], value, "%" PRIu64 " pages", UINT64_C(1) << value);
		else
			block_hex(b, names[i], value, NULL);
	}
}

static void event(struct decode *d, const struct line *l, unsigned i, const char *at,
		  const char *behind)
{
	struct block *b = block_new("qemu-trace", l->number, "QEMU's trace");

	b->last = l->last;
	block_text(b, "event", "%s", events[i]);
	if (i == WRITE_FAIL) {
		qemu_words(block_row(b, l->number, NULL), l, behind - strlen("hi "));
		decode_find(d, &not_written, l->number,
			    "QEMU could not write the status of a wait descriptor.");
	} else {
		fields(b, l, at);
	}
	decode_block(d, b);
}

void qemu_trace_line(struct decode *d, struct qemu_trace *t, const struct line *l)
{
	if (desc_line(d, t, l) || pointer_line(d, t, l))
		return;
	for (unsigned i = 0; i < EVENTS; i++) {
		const char *behind, *at = scan_find(l, l->text, events[i], &behind);

		if (!at)
			continue;
		decode_take(d);
		if (!t->block || i == WRITE_FAIL)
			event(d, l, i, at, behind);
		return;
	}
}
