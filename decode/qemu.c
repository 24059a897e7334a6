/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Messages of QEMU's intel-iommu: refused descriptors, faults, and its stack in gdb. */
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
#define DEVICE_WITHIN 4
#define FRAME_LINES 4 /* lines over which a stack frame may be wrapped */

struct qemu {
	struct block *stack;
	uint64_t line;	     /* of its latest frame */
	unsigned long frame; /* its number */
	uint64_t unnamed;    /* line of a fault whose device is not known yet */
	/* Line about missing permission; the fault's device is in a later line. */
	uint64_t permission_line;
	bool write;
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

/* "vtd_process_wait_desc: invalid wait desc: hi=0, lo=45 (unknown type)", and similar messages */
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

/* The parenthesis that ends the record, or the end of the text; other records may follow. */
static const char *behind_record(const char *s)
{
	return s + strcspn(s, ")");
}

/* "dev=03:00:00": bus, device and function with two digits each. */
static bool fault_device(const struct line *l, const char *s, unsigned *sid)
{
	uint64_t part[3];
	const char *t;

	if (!scan_find_on(l, s, "(dev=", &t) || t > behind_record(s))
		return false;
	for (unsigned i = 0; i < 3; i++, t += *t == ':')
		if (scan_digits(&t, &part[i]) != 2)
			return false;
	*sid = (unsigned)(part[0] << 8 | part[1] << 3 | part[2]);
	return part[1] <= 0x1f && part[2] <= 7;
}

/* "iova=0xfd200000", which may be in the line below */
static bool fault_value(const struct line *l, const char *s, const char *name, uint64_t *value)
{
	const char *end = behind_record(s);

	return scan_find_on(l, s, name, &s) && s < end && scan_0x_inner(l, &s, value) == SCAN_OK;
}

static const struct finding fault_of_whom = {
	.id = "dma-fault",
	.weight = DAMAGE,
	.certainty = CERTAIN,
	.next = "The line \"vtd_iommu_translate: detected translation failure (dev=...)\" that "
		"follows names the device.",
};

static void find_unnamed(struct decode *d, struct qemu *q)
{
	if (q->unnamed)
		decode_find(d, &fault_of_whom, q->unnamed,
			    "DMA of a device was blocked by QEMU's unit: the page table does not "
			    "allow it.");
	q->unnamed = 0;
}

/* "vtd_iommu_translate: detected translation failure (dev=03:00:00, iova=0xfd200000)" */
static bool fault_line(struct decode *d, struct qemu *q, const struct line *l)
{
	const char *s, *at = scan_find(l, l->text, "vtd_", NULL);
	uint64_t value;
	struct block *b;
	unsigned sid;

	if (!at || !scan_find(l, at, ": detected ", &s) || scan_find(l, s, "invalid QI tail", NULL))
		return false;
	decode_take(d);
	if (fault_device(l, s, &sid)) {
		struct fault f;

		fault_begin(&f, l, false, 0, sid);
		block_text(f.block, "message", "%.*s", (int)strcspn(s, "(\n"), s);
		if (fault_value(l, s, "iova=", &value))
			fault_address(&f, value);
		else
			fault_address_cut(&f);
		/* The reason was in the line before. */
		if (q->permission_line && l->number <= q->permission_line + 3)
			fault_reason(&f, q->write ? 5 : 6, "");
		else
			f.has_reason = true; /* there is none that could be truncated */
		q->unnamed = 0;
		fault_end(d, &f);
		return true;
	}
	b = block_new("dma-fault", l->number, "DMA fault, not of the queue");
	b->last = l->last;
	block_text(b, "message", "%.*s", (int)strcspn(s, "(\n"), s);
	if (fault_value(l, s, "iova=", &value))
		block_hex(b, "fault address", value, NULL);
	else
		block_cut(b, "fault address");
	if (fault_value(l, s, "level=", &value))
		block_hex(b, "level", value, NULL);
	if (fault_value(l, s, "slpte=", &value) || fault_value(l, s, "pte=", &value))
		block_hex(b, "entry", value, value ? NULL : "not present");
	if (scan_find_on(l, s, "write=", &s) && scan_dec(l, &s, &value) == SCAN_OK) {
		block_text(b, "access", value ? "write" : "read");
		q->write = value;
		q->permission_line = l->last;
	}
	find_unnamed(d, q);
	q->unnamed = l->last;
	decode_block(d, b);
	return true;
}

/* ---- QEMU's stack ---- */

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

	if (q->stack && number <= q->frame) /* another stack */
		finish_stack(d, q);
	q->frame = number;
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
	if (q->unnamed && l->number > q->unnamed + DEVICE_WITHIN)
		find_unnamed(d, q);
	if (!stack_line(d, q, l) && !refused_line(d, l) && !queue_line(d, l) &&
	    !fault_line(d, q, l))
		qemu_trace_line(d, &q->trace, l);
	return q->stack || q->unnamed;
}

static void end(struct decode *d, void *state)
{
	struct qemu *q = state;

	finish_stack(d, q);
	find_unnamed(d, q);
	qemu_trace_end(d, &q->trace);
}

static const char *const filter[] = { "vtd_", "desc:", "P-IOTLB", "invalid", NULL };

const struct recogniser qemu_recogniser = { "qemu", filter, sizeof(struct qemu), line, end, false };
