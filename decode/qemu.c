/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What QEMU's intel-iommu prints: refused descriptors, faults, and its stack under gdb. */
#include "qemu.h"
#include "faults.h"
#include "scan.h"

#include <ctype.h>
#include <inttypes.h>
#include <qinval/regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 120
#define FRAME_LINES 4 /* that one frame of a stack is wrapped to */

struct qemu {
	struct block *stack;
	uint64_t line; /* of its latest frame */
	struct qemu_trace trace;
};

static const struct finding refused = {
	.id = "qemu-refused-descriptor",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "The guest's queue stands still from here on until the guest clears FSTS.IQE: look "
		"for "
		"\"Invalidation Queue Error\" in the guest's log, and at what has built the "
		"descriptor.",
};

static const struct finding fence_only = {
	.id = "qemu-fence-only-wait",
	.weight = CAUSE,
	.certainty = LIKELY,
	.from = "the wait has FN, and neither SW nor IF: the specification allows it, older QEMU "
		"does not",
	.next = "Use a newer QEMU. The guest's driver is right.",
};

static const struct finding width = {
	.id = "qemu-refused-descriptor",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "Types 6 and 8 need a queue with IQA.DW: the guest's driver must set it, and then "
		"use 32 "
		"bytes for every descriptor.",
};

static const struct finding tail = {
	.id = "qemu-refused-tail",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "Compare IQT with IQA.QS, and the shift by which the guest's driver makes it (4, "
		"or 5 with "
		"256-bit descriptors).",
};

static const struct finding inside = {
	.id = "qemu-executes-queue",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "QEMU works off the whole queue within the guest's write of IQT: time spent here "
		"is time "
		"that the guest's CPU spends in this write.",
};

/* ---- refused descriptors ---- */

void qemu_words(struct row *r, const struct line *l, const char *s)
{
	static const char *const name[][2] = { { "hi", "high" }, { "lo", "low" } };

	for (unsigned i = 0; i < 2; i++) {
		uint64_t value;

		s += strspn(s, ", \n");
		if (!scan_words(&s, name[i][1]) && !scan_words(&s, name[i][0]))
			return;
		s += *s == ':';
		scan_equals(&s);
		if (scan_hex(l, &s, &value) != SCAN_OK)
			return;
		row_word(r, 1 - i, value);
	}
}

/* "val[3]: 0x0 val[2]: 0x0 val[1]=0x0 val[0]=0x45", of a 256-bit queue */
static void wide_words(struct row *r, const struct line *l, const char *s)
{
	char name[16];

	for (unsigned i = 4; i--;) {
		uint64_t value;

		snprintf(name, sizeof(name), "val[%u]", i);
		s += strspn(s, ", \n");
		if (!scan_words(&s, name))
			return;
		s += *s == ':';
		scan_equals(&s);
		if (scan_hex(l, &s, &value) != SCAN_OK)
			return;
		row_word(r, i, value);
	}
}

static void judge(struct decode *d, const struct row *r, uint64_t line, const char *what)
{
	const uint64_t bits = QI_IWD_IF | QI_IWD_SW | QI_IWD_FN | QI_IWD_PD;

	decode_find(d, &refused, line, "QEMU's unit has refused a descriptor: %s.", what);
	if (row_whole(r) && qi_desc_type(&r->desc) == QI_IWD_TYPE &&
	    (r->desc.qw0 & bits) == QI_IWD_FN && !r->desc.qw1)
		decode_find(d, &fence_only, line,
			    "The refused wait asks for a fence alone, which is legal.");
}

/* "vtd_process_wait_desc: invalid wait desc: hi=0, lo=45 (unknown type)", and its relatives */
static bool refused_line(struct decode *d, const struct line *l)
{
	const char *behind, *what, *at;
	char text[TEXT_MAX];
	bool wide = false;
	struct block *b;

	if ((what = scan_find(l, l->text, "invalid ", &behind)) &&
	    (at = scan_find(l, what, "desc val[3]", NULL))) {
		wide = true;
		at += strlen("desc ");
	} else if (what && (at = scan_find(l, what, "desc: hi", NULL))) {
		at += strlen("desc: ");
	} else if ((what = scan_find(l, l->text, "Invalid granularity in P-IOTLB desc hi", &at))) {
		at -= strlen("hi");
	} else {
		return false;
	}
	decode_take(d);
	snprintf(text, sizeof(text), "%.*s", (int)(at - what), what);
	text[strcspn(text, "\n:")] = '\0';
	while (*text && text[strlen(text) - 1] == ' ')
		text[strlen(text) - 1] = '\0';
	b = block_new("qemu-refused", l->number, "QEMU: a refused descriptor");
	b->last = l->last;
	b->wide = wide;
	block_text(b, "message", "%s", text);
	if (wide)
		wide_words(block_row(b, l->number, NULL), l, at);
	else
		qemu_words(block_row(b, l->number, NULL), l, at);
	judge(d, &b->row[0], l->number, text);
	decode_block(d, b);
	return true;
}

/*
 * "256-bit piotlb inv desc in 128-bit invalidation queue", "detected invalid QI tail (tail=0x...)"
 */
static bool queue_line(struct decode *d, const struct line *l)
{
	const char *s = scan_find(l, l->text, "256-bit ", NULL), *behind;
	struct block *b;

	if (s && scan_find(l, s, "desc in 128-bit invalidation queue", NULL)) {
		decode_find(d, &width, l->number,
			    "The guest has put a descriptor of PASIDs into a queue of 128-bit "
			    "descriptors.");
	} else if ((s = scan_find(l, l->text, "detected invalid QI tail ", &behind))) {
		decode_find(d, &tail, l->number, "The guest has set a tail beyond its ring.");
	} else {
		return false;
	}
	decode_take(d);
	b = block_new("qemu-refused", l->number, "QEMU: a refused queue");
	block_text(b, "message", "%.*s", (int)strcspn(s, "\n"), s);
	decode_block(d, b);
	return true;
}

/* ---- faults ---- */

/* "vtd_iommu_translate: detected translation failure (dev=03:00:00, iova=0xfd200000)" */
static bool fault_line(struct decode *d, const struct line *l)
{
	const char *s, *t, *at = scan_find(l, l->text, "vtd_", NULL);
	struct block *b;
	uint64_t part[3];

	if (!at || !scan_find(l, at, ": detected ", &s))
		return false;
	decode_take(d);
	if (scan_find(l, s, "(dev=", &t)) {
		/* Bus, device and function with two digits each. */
		for (unsigned i = 0; i < 3; i++, t += *t == ':')
			if (scan_digits(&t, &part[i]) != 2)
				return true;
		if (part[1] > 0x1f || part[2] > 7)
			return true;
		const unsigned sid = (unsigned)(part[0] << 8 | part[1] << 3 | part[2]);

		b = fault_block(l, false, 0, sid);
		fault_find(d, l->number, false, sid);
	} else {
		b = block_new("dma-fault", l->number, "DMA fault, not of the queue");
		b->last = l->last;
	}
	block_text(b, "message", "%.*s", (int)strcspn(s, "(\n"), s);
	if (scan_find(l, s, "iova=", &t) && scan_0x_inner(l, &t, &part[0]) == SCAN_OK)
		block_hex(b, "fault address", part[0], NULL);
	if (scan_find(l, s, "level=", &t) && scan_0x_inner(l, &t, &part[0]) == SCAN_OK)
		block_hex(b, "level", part[0], NULL);
	if (scan_find(l, s, "slpte=", &t) && scan_0x_inner(l, &t, &part[0]) == SCAN_OK)
		block_hex(b, "entry", part[0], part[0] ? NULL : "not present");
	if (scan_find(l, s, "write=", &t) && scan_dec(l, &t, &part[0]) == SCAN_OK)
		block_text(b, "access", part[0] ? "write" : "read");
	decode_block(d, b);
	return true;
}

/* ---- its stack ---- */

static void finish_stack(struct decode *d, struct qemu *q)
{
	if (q->stack)
		decode_block(d, q->stack);
	q->stack = NULL;
}

/* "#14 0x... in vtd_handle_iqt_write (s=...)", "vtd_mem_write (..., addr=136, val=1888, size=4)" */
static void frame(struct decode *d, struct qemu *q, const struct line *l, unsigned long number,
		  const char *name)
{
	const size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789");
	uint64_t addr, value;
	char field[32];
	const char *s;

	if (!q->stack)
		q->stack = block_new("qemu-stack", l->number, "QEMU's stack under gdb");
	q->stack->last = q->line = l->number;
	snprintf(field, sizeof(field), "frame %lu", number);
	block_text(q->stack, field, "%.*s", (int)n, name);
	if (!strncmp(name, "vtd_process_inv_desc", n) || !strncmp(name, "vtd_handle_iqt_write", n))
		decode_find(d, &inside, l->number,
			    "QEMU is executing the guest's invalidation queue.");
	if ((s = strstr(name, "domain_id=")) && (s += 10) && scan_dec(l, &s, &value) == SCAN_OK)
		block_number(q->stack, "domain", value, NULL);
	if (strncmp(name, "vtd_mem_write", n) || !(s = strstr(name, "addr=")) || !(s += 5) ||
	    scan_dec(l, &s, &addr) != SCAN_OK || !scan_words(&s, ", val=") ||
	    scan_dec(l, &s, &value) != SCAN_OK)
		return;
	block_hex(q->stack, "register", addr, addr == DMAR_IQT_REG ? "IQT" : NULL);
	if (addr == DMAR_IQT_REG)
		block_hex(q->stack, "value", value,
			  "slot %" PRIu64 ", or %" PRIu64 " with 256-bit descriptors", value >> 4,
			  value >> 5);
	else
		block_hex(q->stack, "value", value, NULL);
}

static bool stack_line(struct decode *d, struct qemu *q, const struct line *l)
{
	const char *s = l->text + strspn(l->text, " \t"), *name;

	if (*s != '#' || !isdigit((unsigned char)s[1]) || !scan_find(l, s, " in vtd_", &name))
		return false;
	decode_take(d);
	frame(d, q, l, strtoul(s + 1, NULL, 10), name - 4);
	return true;
}

static bool line(struct decode *d, void *state, const struct line *l)
{
	struct qemu *q = state;

	if (q->stack && l->number > q->line + FRAME_LINES)
		finish_stack(d, q);
	if (!stack_line(d, q, l) && !refused_line(d, l) && !queue_line(d, l) && !fault_line(d, l))
		qemu_trace_line(d, &q->trace, l);
	return q->stack;
}

static void end(struct decode *d, void *state)
{
	struct qemu *q = state;

	finish_stack(d, q);
	qemu_trace_end(d, &q->trace);
}

static const char *const filter[] = { "vtd_", "desc:", "P-IOTLB", "invalid", NULL };

const struct recogniser qemu_recogniser = { "qemu", filter, sizeof(struct qemu), line, end, false };
