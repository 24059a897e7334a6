/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "judge.h"

#include <describe/describe.h>
#include <inttypes.h>
#include <qinval/regs.h>
#include <stdlib.h>
#include <string.h>

static const struct finding refused = {
	.id = "descriptor-refused",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "Find the code that builds this descriptor, and compare the named field with the "
		"specification; a value that no driver writes points to memory that was "
		"overwritten, or to a copy that was cut.",
};

static const struct finding unaligned = {
	.id = "unaligned-address",
	.weight = ERROR,
	.certainty = LIKELY,
	.from = "ADDR and AM: units take no notice of ADDR's bits below the mask",
	.next = "Look at what computes the mask: it has to cover the first page and the last one "
		"from an address aligned to its size. Linux had this defect; 59bf3557cf2f, "
		"1ff00279655d and 2d6ffc63f124 mend it.",
};

static const struct finding contradiction = {
	.id = "capability-contradiction",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "The driver asks for what the unit does not offer: see what decides that (CAP and "
		"ECAP at boot, a quirk, a hypervisor that shows other capabilities than its unit "
		"has).",
};

void judge_any_caps(uint64_t *cap, uint64_t *ecap)
{
	*cap = VTD_CAP_PSI | VTD_CAP_DWD | VTD_CAP_DRD | 0x3fULL << VTD_CAP_MAMV_SHIFT;
	*ecap = VTD_ECAP_QI | VTD_ECAP_DT | VTD_ECAP_IR | VTD_ECAP_SMTS | VTD_ECAP_PASID |
		VTD_ECAP_PRS | VTD_ECAP_DIT | VTD_ECAP_PDS | 0xfULL << VTD_ECAP_MHMV_SHIFT |
		19ULL << VTD_ECAP_PSS_SHIFT;
}

static bool blank_slot(const struct row *r)
{
	return !r->desc.qw0 && !r->desc.qw1;
}

static void note(struct row *r, char *text)
{
	if (r->note)
		free(text);
	else
		r->note = text;
}

/* The rules of a unit; they are set up again only if the unit changes. */
struct judge {
	struct qi_rules any, unit;
	const struct decode_unit *caps;
	bool wide;
	bool named; /* the input names the unit */
};

/* The log does not name the unit: true if none of the units in the log accepts the descriptor. */
static bool all_refuse(struct decode *d, const struct judge *j, const struct qi_desc *desc,
		       struct qi_refusal *why)
{
	const struct decode_facts *f = decode_facts(d);
	unsigned units = 0;

	for (unsigned i = 0; i < f->units; i++) {
		struct qi_rules rules;

		if (!f->unit[i].has_caps)
			continue;
		qi_rules_init(&rules, f->unit[i].cap, f->unit[i].ecap, j->wide ? 256 : 128);
		*why = qi_desc_refusal(&rules, desc);
		if (!why->field)
			return false;
		units++;
	}
	return units;
}

static void judge_nowhere(struct decode *d, const struct judge *j, struct row *r,
			  const struct qi_desc *desc, const char *text)
{
	struct qi_refusal why;

	if (!all_refuse(d, j, desc, &why))
		return;
	decode_find(d, &contradiction, r->line,
		    "None of the units in this log takes this descriptor: %s: %s (%s).", text,
		    why.field, why.reason);
	note(r, text_print("refused by all units of this log: %s: %s", why.field, why.reason));
}

/* A unit accepts it, but covers another range than was meant. */
static void find_unaligned(struct decode *d, struct row *r, const char *text)
{
	const uint64_t addr = r->desc.qw1 & ~0xfffULL, am = r->desc.qw1 & 0x3f;
	uint64_t first, last;

	if (am > 40 || !qi_desc_range(&r->desc, &first, &last))
		return;
	decode_find(
		d, &unaligned, r->line,
		"An invalidation is not aligned to its size: units accept it and cover 0x%" PRIx64
		"-0x%" PRIx64 ", while probably pages from 0x%" PRIx64
		" on were meant, up to %" PRIu64 " of them (to 0x%" PRIx64
		"). What is behind 0x%" PRIx64 " stays in the caches: stale translations. (%s)",
		first, last, addr, (uint64_t)1 << am, addr + ((uint64_t)4096 << am) - 1, last,
		text);
	note(r, text_print("not aligned to 2^AM pages: accepted, covers 0x%" PRIx64 "-0x%" PRIx64,
			   first, last));
}

static void judge_row(struct decode *d, const struct judge *j, struct row *r)
{
	struct qi_desc desc = r->desc; /* the descriptor as a unit uses it */
	struct qi_refusal why;
	char text[240];

	if (blank_slot(r)) {
		note(r, text_print("never written, or zeroed: no descriptor"));
		return;
	}
	qi_desc_text(&r->desc, text, sizeof(text));
	if (qi_desc_align(&desc))
		find_unaligned(d, r, text);
	why = qi_desc_refusal(&j->any, &desc);
	if (why.field) {
		decode_find(d, &refused, r->line, "No unit takes this descriptor: %s: %s (%s).",
			    text, why.field, why.reason);
		note(r, text_print("refused by every unit: %s: %s", why.field, why.reason));
		return;
	}
	if (!j->caps && !j->named)
		judge_nowhere(d, j, r, &desc, text);
	if (!j->caps)
		return;
	why = qi_desc_refusal(&j->unit, &desc);
	if (!why.field)
		return;
	decode_find(d, &contradiction, r->line,
		    "The unit%s%s, with CAP 0x%" PRIx64 " and ECAP 0x%" PRIx64
		    ", does not take this descriptor: %s: %s (%s).",
		    *j->caps->name ? " " : "", j->caps->name, j->caps->cap, j->caps->ecap, text,
		    why.field, why.reason);
	note(r, text_print("refused by this unit: %s: %s", why.field, why.reason));
}

static void know(struct judge *j, const struct decode_unit *caps)
{
	if (caps && caps != j->caps)
		qi_rules_init(&j->unit, caps->cap, caps->ecap, j->wide ? 256 : 128);
	j->caps = caps;
}

void judge_block(struct decode *d, struct block *b)
{
	struct judge j = { .wide = b->wide };
	uint64_t cap, ecap;

	if (!b->rows || b->unread)
		return;
	judge_any_caps(&cap, &ecap);
	/*
	 * The trace event prints qw2 and qw3 for 128-bit queues as well, whose descriptors do not
	 * have them.
	 */
	qi_rules_init(&j.any, cap, ecap, b->wide ? 256 : 128);
	for (unsigned i = 0; i < b->rows; i++) {
		struct row *r = &b->row[i];

		if (!row_whole(r) || r->open)
			continue;
		j.named = r->unit || b->unit;
		know(&j, decode_caps(d, r->unit ? r->unit : b->unit));
		judge_row(d, &j, r);
	}
}
