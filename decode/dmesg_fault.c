/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * DMA and interrupt-remapping faults of Linux in all their spellings, and the fault status. They
 * are recorded by the same unit as the queue's errors, and have nothing to do with the queue.
 */
#include "decode.h"
#include "scan.h"

#include <inttypes.h>
#include <qinval/regs.h>
#include <stdlib.h>
#include <string.h>

/* The old spelling has its reason in a second line, and others may come between. */
#define REASON_WITHIN 4
#define STATUS_WITHIN 12

#define NO_PASID 0xffffffff

struct fault {
	struct block *block; /* waits for its reason, or for a dump of the tables */
	uint64_t line;
	bool reason;
	/* Fault status registers that no line of the queue's errors has explained. */
	uint64_t status_line;
	uint64_t status;
};

static const struct finding dma_fault = {
	.id = "dma-fault",
	.weight = DAMAGE,
	.certainty = CERTAIN,
	.next = "Look at the device and its driver: the address was not mapped, not any more, or "
		"not for this "
		"kind of access. If the address had been mapped shortly before, look for a missing "
		"or late "
		"invalidation in a trace of intel_iommu.",
};

static const struct finding ir_fault = {
	.id = "interrupt-remapping-fault",
	.weight = DAMAGE,
	.certainty = CERTAIN,
	.next = "Look at the device that sends this interrupt, and at its setup (left by firmware "
		"or an old "
		"kernel, kexec, or compatibility format while remapping is on).",
};

static const struct finding silent_errors = {
	.id = "fault-status",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "Linux before 5.13 says no more than this of time-out and completion errors, and "
		"of IQE only if the first descriptor of a submission was refused; since 5.13 there "
		"are lines \"VT-d detected ...\" and QI HEAD next to this one: see whether they "
		"were filtered out.",
};

static const struct finding suppressed = {
	.id = "messages-suppressed",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "Take the number of fault lines for a lower bound: at most 10 in 5 seconds are "
		"printed.",
};

static const struct finding prq_overflow = {
	.id = "page-requests-lost",
	.weight = DAMAGE,
	.certainty = CERTAIN,
	.next = "The page request queue was full, and requests were answered with a failure or "
		"lost: see which "
		"device floods it (trace event prq_report).",
};

/* ---- a fault ---- */

static void finish(struct decode *d, struct fault *f)
{
	if (!f->block)
		return;
	if (!f->reason)
		block_cut(f->block, "fault reason");
	decode_block(d, f->block);
	f->block = NULL;
	f->reason = false;
}

/* "[fault reason 0x3a] SM: Non-zero reserved field set in Root Entry", or decimal: "reason 06]". */
static bool reason_text(struct fault *f, const struct line *l, const char *s)
{
	const bool hex = !strncmp(s, "0x", 2);
	uint64_t reason;
	enum scan found = hex ? scan_hex(l, &s, &reason) : scan_dec(l, &s, &reason);
	const char *end = l->text + l->own;

	if (found != SCAN_OK || *s != ']')
		return false;
	s++;
	scan_blanks(&s);
	if (s >= end)
		end = l->text + l->len; /* wrapped behind the bracket */
	while (end > s && end[-1] == '\n')
		end--;
	if (memchr(s, '\n', (size_t)(end - s)))
		end = memchr(s, '\n', (size_t)(end - s));
	block_hex(f->block, "fault reason", reason, "%.*s", (int)(end - s < 120 ? end - s : 120),
		  s);
	f->block->last = l->last;
	for (const char *at = l->text + l->own; at < s; at++)
		f->block->last += *at == '\n';
	f->reason = true;
	return true;
}

static void find_fault(struct decode *d, const struct fault *f, bool interrupt, unsigned sid)
{
	char text[SID_TEXT];

	if (interrupt)
		decode_find(d, &ir_fault, f->line,
			    "An interrupt of %s was blocked by interrupt remapping. This is not an "
			    "error of the "
			    "invalidation queue.",
			    sid_text(text, sid));
	else
		decode_find(d, &dma_fault, f->line,
			    "DMA of %s was blocked: a fault of address translation. This is not an "
			    "error of the "
			    "invalidation queue.",
			    sid_text(text, sid));
}

/*
 * Between the type and the device, or behind the device: "PASID 0x2", "NO_PASID", "PASID ffffffff".
 */
static void pasid(struct fault *f, const struct line *l, const char *s, const char *end)
{
	uint64_t value;

	s = memmem(s, (size_t)(end - s), "PASID ", 6);
	if (!s)
		return;
	s += 6;
	if (scan_hex(l, &s, &value) != SCAN_OK)
		return;
	if (value == NO_PASID)
		block_hex(f->block, "PASID", value, "none");
	else
		block_hex(f->block, "PASID", value, NULL);
}

/* "[DMA Write NO_PASID] Request device [00:1a.0] fault addr 0x0 [fault reason 0x05] ..." */
static void fault_line(struct decode *d, struct fault *f, const struct line *l, const char *at)
{
	const char *s = at, *open = at, *start, *addr, *reason;
	unsigned segment, sid;
	bool interrupt, one_line;
	uint64_t value;

	finish(d, f);
	decode_take(d);
	scan_words(&s, "Request device ");
	while (*s == '[')
		s++;
	if (!scan_bdf(&s, &segment, &sid))
		return;
	for (start = at; start > l->text && at - start < 60; start--)
		if (!strncmp(start, "INTR-REMAP", 10) || !strncmp(start, "DMA ", 4))
			break;
	interrupt = !strncmp(start, "INTR-REMAP", 10);
	f->block = block_new(interrupt ? "interrupt-fault" : "dma-fault", l->number,
			     interrupt ? "interrupt-remapping fault, not of the queue"
				       : "DMA fault, not of the queue");
	f->line = l->number;
	f->block->last = l->last;
	f->block->timed = l->timed;
	f->block->time = l->time;
	{
		char text[SID_TEXT];

		block_hex(f->block, "SID", sid, "%s", sid_text(text, sid));
	}
	if (!strncmp(start, "DMA Read", 8) || !strncmp(start, "DMA Write", 9))
		block_text(f->block, "access", start[4] == 'R' ? "read" : "write");
	pasid(f, l, start, open);
	addr = scan_find_on(l, s, interrupt ? "fault index " : "fault addr ", &open);
	pasid(f, l, s, addr ? addr : s);
	/*
	 * Since 5.0 the reason follows in the same line: without a blank the number is not whole.
	 */
	one_line = start - l->text >= 2 && !strncmp(start - 2, " [", 2);
	if (addr && scan_hex(l, &open, &value) == SCAN_OK && (!one_line || *open))
		block_hex(f->block, interrupt ? "fault index" : "fault address", value, NULL);
	else
		block_cut(f->block, interrupt ? "fault index" : "fault address");
	reason = scan_find_on(l, s, "fault reason ", &open);
	if (reason)
		reason_text(f, l, open);
	else
		f->reason = false;
	find_fault(d, f, interrupt, sid);
}

/* ---- what follows a fault ---- */

/* "0x0000000127f42001", "hi 0x..., low 0x...", "4, pte value: 0x...": each number has 16 digits. */
static bool whole_entry(const char *s, const char *end, unsigned numbers)
{
	uint64_t value;

	for (; numbers; numbers--) {
		s = memmem(s, (size_t)(end - s), "0x", 2);
		if (!s)
			return false;
		s += 2;
		if (scan_digits(&s, &value) != 16 || s > end)
			return false;
	}
	return true;
}

static bool table_line(struct decode *d, struct fault *f, const struct line *l)
{
	static const char *const entries[] = { "root entry:", "context entry:", "pasid dir entry:",
					       "pasid table entry", "pte level:" };
	const char *s, *own;

	if (!f->block || l->number > f->block->last + REASON_WITHIN)
		return false;
	if (scan_find(l, l->text, "table entries for IOVA", &s)) {
		f->block->last = l->last;
		decode_take(d);
		return true;
	}
	for (unsigned i = 0; i < sizeof(entries) / sizeof(*entries); i++) {
		const char *at = scan_find(l, l->text, entries[i], &s);

		if (!at)
			continue;
		s += strspn(s, " ");
		own = l->text + l->own;
		if (s < own && whole_entry(s, own, strncmp(s, "hi ", 3) ? 1 : 2))
			block_text(f->block, entries[i], "%.*s",
				   (int)(own - s < 200 ? own - s : 200), s);
		else
			block_cut(f->block, entries[i]);
		f->block->last = l->last;
		decode_take(d);
		return true;
	}
	return false;
}

/* ---- the fault status register ---- */

/* Is there a line of its own for every error in it, shortly before or after? */
static bool explained(const struct decode_facts *facts, const struct fault *f)
{
	static const unsigned bit[] = { VTD_FSTS_IQE, VTD_FSTS_ITE, VTD_FSTS_ICE };

	for (unsigned i = 0; i < 3; i++) {
		const uint64_t line = facts->qi_line[i];

		if (f->status & bit[i] && (!line || line + STATUS_WITHIN < f->status_line))
			return false;
	}
	return true;
}

static void forget_status(struct decode *d, struct fault *f)
{
	if (f->status && !explained(decode_facts(d), f))
		decode_find(d, &silent_errors, f->status_line,
			    "The fault status register 0x%" PRIx64
			    " tells of an error of the invalidation queue "
			    "(%s%s%s), of which no line of its own is in this input.",
			    f->status, f->status & VTD_FSTS_IQE ? "IQE" : "",
			    f->status & VTD_FSTS_ICE ? f->status & VTD_FSTS_IQE ? " ICE" : "ICE"
						     : "",
			    f->status & VTD_FSTS_ITE
				    ? f->status & VTD_FSTS_QI & ~VTD_FSTS_ITE ? " ITE" : "ITE"
				    : "");
	f->status = 0;
}

static const char *status_text(uint64_t v, char to[64])
{
	static const char *const bits[] = {
		"PFO", "PPF", "AFO", "APF", "IQE", "ICE", "ITE", "PRO"
	};
	char *end = to;

	*to = '\0';
	for (unsigned i = 0; i < 8; i++)
		if (v >> i & 1)
			end += sprintf(end, "%s%s", end > to ? " " : "", bits[i]);
	return *to ? to : "nothing";
}

static const struct finding status_ones = {
	.id = "unit-not-answering",
	.weight = CAUSE,
	.certainty = CERTAIN,
	.next = "Find out why the unit's registers are out of reach: compare its base address "
		"(reg_base_addr in the boot log) with /proc/iomem and with the windows of bridges "
		"in `lspci "
		"-vv`; look at what was configured just before (VMD, hotplug, power management).",
};

/* "DRHD: handling fault status reg 40" */
static void status_line(struct decode *d, struct fault *f, const struct line *l)
{
	struct block *b;
	char text[64];
	const char *s;
	uint64_t v;

	if (!scan_find(l, l->text, "handling fault status reg", &s) || strstr(s, "%x"))
		return;
	scan_blanks(&s);
	decode_take(d);
	b = block_new("fault-status", l->number, "fault status, read by the interrupt handler");
	b->timed = l->timed;
	b->time = l->time;
	if (scan_hex(l, &s, &v) != SCAN_OK) {
		block_cut(b, "FSTS");
		decode_block(d, b);
		return;
	}
	if (v == 0xffffffff) {
		block_hex(b, "FSTS", v, "all ones: the unit does not answer");
		decode_find(d, &status_ones, l->number,
			    "The fault status register was read as all ones: the unit does not "
			    "answer at all.");
	} else {
		block_hex(b, "FSTS", v, "%s; fault record index %" PRIu64 "%s",
			  status_text(v, text), v >> 8 & 0xff,
			  v & VTD_FSTS_PPF ? ""
					   : "; PPF is clear: there is no record of a DMA fault");
		forget_status(d, f);
		if (v & VTD_FSTS_QI) {
			f->status = v & 0xff;
			f->status_line = l->number;
		}
	}
	decode_block(d, b);
}

/* "IOMMU: dmar1: PRQ overflow detected" */
static void overflow_line(struct decode *d, const struct line *l)
{
	const char *at = scan_find(l, l->text, "PRQ overflow detected", NULL), *name;

	if (!at)
		return;
	decode_take(d);
	if (scan_find(l, l->text, "IOMMU: ", &name) && name < at)
		decode_find(d, &prq_overflow, l->number,
			    "%.*s: page requests overflowed (PRQ overflow).",
			    (int)scan_word(name, ":"), name);
	else
		decode_find(d, &prq_overflow, l->number,
			    "Page requests overflowed (PRQ overflow).");
}

/* ---- all of them ---- */

static bool line(struct decode *d, void *state, const struct line *l)
{
	struct fault *f = state;
	const char *s;

	if (f->status && l->number > f->status_line + STATUS_WITHIN)
		forget_status(d, f);
	if (memchr(l->text, '%', l->own)) /* of a program that prints such lines */
		return f->block || f->status;
	status_line(d, f, l);
	if (scan_find(l, l->text, "callbacks suppressed", &s) &&
	    scan_find(l, l->text, "dmar_fault", &s)) {
		decode_take(d);
		decode_find(d, &suppressed, l->number, "Linux has left out fault messages.");
	}
	overflow_line(d, l);
	if (f->block && !f->reason && scan_find(l, l->text, "fault reason ", &s) &&
	    !scan_find(l, l->text, "Request device ", NULL)) {
		decode_take(d);
		reason_text(f, l, s);
		return true;
	}
	if (table_line(d, f, l))
		return true;
	/* Xen's have their own spelling, and their reason in another line. */
	if (!scan_find(l, l->text, "[VT-D]", NULL) &&
	    (s = scan_find(l, l->text, "Request device ", NULL)) &&
	    (scan_find(l, l->text, "DMA", NULL) || scan_find(l, l->text, "INTR-REMAP", NULL)))
		fault_line(d, f, l, s);
	if (f->block && l->number > f->block->last + REASON_WITHIN)
		finish(d, f);
	return f->block || f->status;
}

static void end(struct decode *d, void *state)
{
	struct fault *f = state;

	finish(d, f);
	forget_status(d, f);
}

static const char *const words[] = { "DMAR", "dmar", "INTR-REMAP", "DRHD", NULL };

const struct recogniser dmesg_fault_recogniser = { "linux-fault", words, sizeof(struct fault),
						   line,	  end,	 true };
