/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Messages of Xen about its VT-d units: a queue that does not advance, and the units at boot. */
#include "xen.h"
#include "registers.h"
#include "scan.h"

#include <inttypes.h>
#include <qinval/regs.h>
#include <stdio.h>
#include <string.h>

#define LINES_APART 4 /* the most lines between those that belong together */
#define QUEUE_REGISTERS 3

enum { IQA, IQH, IQT };

struct xen {
	struct block *queue; /* it waits for registers */
	uint64_t queue_line; /* of its latest line */
	bool late, device;   /* "taking too long"; "dev" */
	bool has[QUEUE_REGISTERS];
	uint64_t value[QUEUE_REGISTERS];

	struct xen_fault fault;

	unsigned units; /* seen at boot */
	char unit[16];
};

static const struct finding late = {
	.id = "wait-not-completed",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "See which devices have ATS on (`lspci -vv`: ATSCtl Enable+), and take it away "
		"from them "
		"with Xen's command line ats=0; if it still happens, the unit itself has stopped.",
};

static const struct finding slow = {
	.id = "wait-slow",
	.weight = SUSPECT,
	.certainty = CERTAIN,
	.next = "It did complete. With \"dev\" a device with ATS was slow; without, the unit or "
		"memory was.",
};

static const struct finding not_fetched = {
	.id = "queue-not-fetched",
	.weight = CAUSE,
	.certainty = INFERRED,
	.from = "IQH and IQT as printed: descriptors wait, and the head had seconds to move",
	.next = "Did the unit refuse the descriptor at the head (FSTS.IQE, bit 4 at the unit's "
		"base + "
		"0x34), or was it switched off or reset? Look for other lines of this unit before.",
};

static const struct finding all_fetched = {
	.id = "completion-missing",
	.weight = CAUSE,
	.certainty = INFERRED,
	.from = "IQH equals IQT: the wait was fetched, and its status was not written",
	.next = "Find the device: those with ATS on behind this unit (`lspci -vv`), first of all "
		"one that "
		"was just reset, unplugged or passed through.",
};

static const struct finding no_queue = {
	.id = "no-queued-invalidation",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "Nothing here comes from an invalidation queue. Was it switched off "
		"(iommu=no-qinval)?",
};

static const struct finding ones = {
	.id = "unit-not-answering",
	.weight = CAUSE,
	.certainty = CERTAIN,
	.next = "Find out why the unit's registers are out of reach: compare its base address "
		"(drhd->address in the boot log) with the windows of bridges in `lspci -vv`.",
};

/* ---- the queue ---- */

static void find_queue(struct decode *d, const struct xen *x, uint64_t line)
{
	const uint64_t bytes = 4096ULL << (x->value[IQA] & VTD_IQA_QS_MASK);
	const unsigned each = x->value[IQA] & VTD_IQA_DW ? 32 : 16;
	const char *unit = x->queue->unit ? x->queue->unit : "The unit";
	uint64_t waiting;

	if (!x->has[IQA] || !x->has[IQH] || !x->has[IQT])
		return;
	if (x->value[IQH] == UINT64_MAX || x->value[IQA] == UINT64_MAX) {
		decode_find(d, &ones, line, "%s does not answer: its registers read as all ones.",
			    unit);
		return;
	}
	if (x->value[IQH] >= bytes || x->value[IQT] >= bytes)
		return;
	x->queue->head = (long)(x->value[IQH] / each);
	x->queue->tail = (long)(x->value[IQT] / each);
	waiting = (x->value[IQT] + bytes - x->value[IQH]) % bytes / each;
	block_text(x->queue, "queue",
		   "%" PRIu64 " slots of %u bits at 0x%" PRIx64
		   ", head at slot %ld, tail at slot %ld",
		   bytes / each, each * 8, (uint64_t)(x->value[IQA] & VTD_IQA_ADDR_MASK),
		   x->queue->head, x->queue->tail);
	if (!waiting)
		decode_find(
			d, &all_fetched, line,
			"%s had fetched all descriptors, but not completed them: a device has not "
			"answered the invalidation of its TLB, or the status write was lost.",
			unit);
	else
		decode_find(d, &not_fetched, line,
			    "%s had stopped fetching at slot %ld with %" PRIu64
			    " descriptors waiting%s.",
			    unit, x->queue->head, waiting,
			    x->value[IQH] ? ""
					  : "; a head of 0 can mean that it never fetched any");
}

static void finish_queue(struct decode *d, struct xen *x)
{
	if (!x->queue)
		return;
	find_queue(d, x, x->queue->line);
	decode_block(d, x->queue);
	x->queue = NULL;
	memset(x->has, 0, sizeof(x->has));
}

static void begin_queue(struct decode *d, struct xen *x, const struct line *l)
{
	decode_take(d);
	x->queue_line = l->last;
	if (x->queue)
		return;
	x->queue = block_new("xen-queue", l->number, "Xen: invalidation queue");
	x->queue->timed = l->timed;
	x->queue->time = l->time;
}

/* "IOMMU#1: QI dev wait descriptor taking too long", "... took 12ms" */
static bool wait_line(struct decode *d, struct xen *x, const struct line *l)
{
	const char *s, *name, *at = scan_find(l, l->text, "wait descriptor t", &s);
	char unit[24];
	uint64_t number;

	if (!at || !scan_find(l, l->text, "IOMMU", &name) || name > at)
		return false;
	name += *name == '#';
	if (scan_dec(l, &name, &number) != SCAN_OK || !scan_words(&name, ": QI"))
		return false;
	finish_queue(d, x);
	begin_queue(d, x, l);
	snprintf(unit, sizeof(unit), "IOMMU#%" PRIu64, number);
	block_unit(x->queue, unit, strlen(unit));
	x->device = scan_words(&name, " dev");
	if (x->device)
		block_text(x->queue, "for", "a device TLB");
	if (scan_words(&s, "aking too long")) {
		block_text(x->queue, "wait descriptor", "taking too long");
		decode_find(d, &late, l->number,
			    "%s: a wait descriptor%s had not completed in time: it is slow, or "
			    "never will.",
			    unit, x->device ? " behind a device-TLB invalidation" : "");
		return true;
	}
	if (scan_words(&s, "ook ") && scan_dec(l, &s, &number) == SCAN_NOT) {
		/* "12ms" is one word */
		number = 0;
		while (*s >= '0' && *s <= '9')
			number = number * 10 + (unsigned)(*s++ - '0');
		block_number(x->queue, "wait descriptor took", number, "ms");
		decode_find(d, &slow, l->number, "%s: a wait descriptor%s took %" PRIu64 " ms.",
			    unit, x->device ? " behind a device-TLB invalidation" : "", number);
	} else {
		block_cut(x->queue, "wait descriptor took");
	}
	finish_queue(d, x);
	return true;
}

/*
 * False for text about the message: Xen prints it after its own marks or between lines of
 * asterisks; or it was copied alone.
 */
static bool is_message(const struct line *l, const char *at)
{
	const char *body = xen_body(l), *end = l->text + l->own;
	size_t rest;

	at--; /* its first letter, in either case */
	if (scan_find(l, l->text, "(XEN)", NULL) || scan_find(l, l->text, "[VT-D]", NULL))
		return true;
	rest = (size_t)(end - at);
	return at == body && rest < 60 && !memchr(at, '"', rest) && !memchr(at, ',', rest);
}

/*
 * Old versions print the registers and panic: "queue invalidate wait descriptor was not executed".
 */
static bool panic_line(struct decode *d, struct xen *x, const struct line *l)
{
	const char *s;

	const char *at = scan_find(l, l->text, "ueue invalidate wait descriptor ", &s);

	if (!at || !(scan_words(&s, "was not executed") || scan_words(&s, "timed out")) ||
	    !is_message(l, at))
		return false;
	begin_queue(d, x, l);
	x->queue->last = l->last;
	block_text(x->queue, "wait descriptor", "not completed");
	decode_find(d, &late, l->number, "A wait descriptor did not complete.");
	return true;
}

/* " IQA = 484897000", or until 4.15 "DMAR_IQA_REG = 484897000" */
static bool register_line(struct decode *d, struct xen *x, const struct line *l)
{
	static const char *const names[] = { "IQA", "IQH", "IQT" };
	static const char *const old[] = { "DMAR_IQA_REG", "DMAR_IQH_REG", "DMAR_IQT_REG" };

	for (unsigned i = 0; i < QUEUE_REGISTERS; i++) {
		const char *s;

		if (!scan_find(l, l->text, old[i], &s)) {
			s = xen_body(l);
			if (!x->queue || !scan_words(&s, names[i]))
				continue;
		} else if (!strchr(" =", *s) || scan_find(l, s, "0x", NULL)) {
			continue; /* source code: the name after "reg +", or with its offset */
		}
		begin_queue(d, x, l);
		x->queue->last = l->last;
		scan_equals(&s);
		if (scan_hex(l, &s, &x->value[i]) != SCAN_OK) {
			block_cut(x->queue, names[i]);
			return true;
		}
		x->has[i] = true;
		block_hex(x->queue, names[i], x->value[i], NULL);
		return true;
	}
	return false;
}

/* ---- boot ---- */

/* "Intel VT-d Queued Invalidation enabled.", "Intel VT-d Interrupt Remapping not enabled." */
static bool feature_line(struct decode *d, const struct line *l)
{
	static const char *const names[] = { "Queued Invalidation", "Interrupt Remapping",
					     "Posted Interrupt",    "Snoop Control",
					     "Shared EPT tables",   "Dom0 DMA Passthrough" };
	const char *s;

	if (!scan_find(l, l->text, "Intel VT-d ", &s))
		return false;
	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *t = s;
		struct block *b;
		bool off;

		if (!scan_words(&t, names[i]))
			continue;
		off = scan_words(&t, " not");
		if (!scan_words(&t, " enabled"))
			return false;
		decode_take(d);
		b = block_new("xen-feature", l->number, "Xen: what it uses of VT-d");
		block_text(b, "feature", "%s", names[i]);
		block_text(b, "enabled", "%s", off ? "no" : "yes");
		decode_block(d, b);
		if (off && i == 0)
			decode_find(d, &no_queue, l->number,
				    "Xen does not use queued invalidation here.");
		return true;
	}
	return false;
}

/* "[VT-D]drhd->address = fed90000 iommu->reg = ..." */
static bool unit_line(struct decode *d, struct xen *x, const struct line *l)
{
	struct block *b;
	uint64_t base;
	const char *s;

	if (!scan_find(l, l->text, "drhd->address", &s))
		return false;
	decode_take(d);
	scan_equals(&s);
	snprintf(x->unit, sizeof(x->unit), "IOMMU#%u", x->units++);
	b = block_new("unit", l->number, "remapping unit");
	block_unit(b, x->unit, strlen(x->unit));
	if (scan_hex(l, &s, &base) == SCAN_OK) {
		struct decode_unit *u = decode_unit(d, x->unit, strlen(x->unit));

		block_hex(b, "base", base,
			  "the unit's number is inferred: Xen counts them in this order");
		if (u)
			u->base = base;
	} else {
		block_cut(b, "base");
	}
	decode_block(d, b);
	return true;
}

/* "[VT-D]cap = ... ecap = ...", of the unit in the line before */
static bool caps_line(struct decode *d, struct xen *x, const struct line *l)
{
	char text[REGISTER_TEXT];
	const char *s;
	uint64_t cap, ecap;
	struct decode_unit *u;
	struct block *b;

	if (!x->units || !scan_find(l, l->text, "[VT-D]cap", &s))
		return false;
	decode_take(d);
	scan_equals(&s);
	if (scan_hex(l, &s, &cap) != SCAN_OK || !scan_words(&s, " ecap"))
		return true;
	scan_equals(&s);
	if (scan_hex(l, &s, &ecap) != SCAN_OK)
		return true;
	b = block_new("unit", l->number, "remapping unit");
	block_unit(b, x->unit, strlen(x->unit));
	register_text(text, "CAP", cap);
	block_hex(b, "CAP", cap, "%s", text);
	register_text(text, "ECAP", ecap);
	block_hex(b, "ECAP", ecap, "%s", text);
	u = decode_unit(d, x->unit, strlen(x->unit));
	if (u) {
		u->cap = cap;
		u->ecap = ecap;
		u->has_caps = true;
		u->line = l->number;
	}
	decode_block(d, b);
	return true;
}

static bool line(struct decode *d, void *state, const struct line *l)
{
	struct xen *x = state;

	if (x->queue && l->number > x->queue_line + LINES_APART)
		finish_queue(d, x);
	if (!wait_line(d, x, l) && !panic_line(d, x, l) && !register_line(d, x, l) &&
	    !xen_fault_line(d, &x->fault, l) && !unit_line(d, x, l) && !caps_line(d, x, l))
		feature_line(d, l);
	return x->queue || x->fault.fault.block;
}

static void end(struct decode *d, void *state)
{
	struct xen *x = state;

	finish_queue(d, x);
	xen_fault_end(d, &x->fault);
}

static const char *const words[] = {
	"[VT-D]", "DMAR_IQ", "iommu_fault", "invalidate", "VT-d", NULL
};

const struct recogniser xen_recogniser = { "xen", words, sizeof(struct xen), line, end, false };
