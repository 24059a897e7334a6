/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "story_ring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <qinval/desc.h>
#include <qinval/regs.h>

#include "setup.h"

#define MARKED 256 /* slots whose writes are tracked; no test has more */
#define DRAWN 256

/*
 * For each slot: a bit for each word that was written since the unit fetched the slot, and whether
 * it ever fetched it.
 */
static struct {
	uint8_t written[MARKED];
	bool taken[MARKED];
} marks[LAB_UNITS];

void lab_ring_forget(void)
{
	memset(marks, 0, sizeof(marks));
}

/* ---- where the ring is ---- */

struct shape {
	uint64_t base;
	unsigned slots, bytes; /* bytes: per slot */
};

static bool shape_of(unsigned unit, struct shape *s)
{
	const struct vtd_unit *u = machine.unit[unit];
	uint64_t iqa = u->gsts & VTD_GSTS_QIES ? u->iqa_on : u->iqa;

	s->base = iqa & ~0xfffULL;
	s->bytes = iqa & VTD_IQA_DW ? 32 : 16;
	s->slots = u->cfg.slots ? u->cfg.slots
				: (unsigned)((0x1000ULL << (iqa & VTD_IQA_QS_MASK)) / s->bytes);
	return s->base && memory_valid(s->base, (size_t)s->slots * s->bytes);
}

bool story_ring_shape(unsigned unit, unsigned *slots, unsigned *width)
{
	struct shape s;

	if (!shape_of(unit, &s))
		return false;
	*slots = s.slots;
	*width = s.bytes * 8;
	return true;
}

bool lab_ring_find(uint64_t addr, struct ring_place *p)
{
	struct shape s;
	unsigned i;

	for (i = 0; i < machine.nunits; i++) {
		if (!shape_of(i, &s) || addr - s.base >= (uint64_t)s.slots * s.bytes)
			continue;
		*p = (struct ring_place){ i, (unsigned)((addr - s.base) / s.bytes),
					  (unsigned)((addr - s.base) % s.bytes / 8) };
		return true;
	}
	return false;
}

static uint64_t word_in(const struct shape *s, unsigned slot, unsigned word)
{
	uint64_t value;

	memcpy(&value, (const void *)(uintptr_t)(s->base + slot * s->bytes + word * 8ULL), 8);
	return value;
}

/* ---- in words ---- */

void lab_ring_name(unsigned unit, unsigned slot, char *text)
{
	const struct named *n = NULL;
	struct shape s;

	if (shape_of(unit, &s))
		n = setup_name_of(s.base);
	if (n && n->element * n->count >= (size_t)s.slots * s.bytes)
		snprintf(text, STORY_TEXT, "%s[%u]", n->name, slot);
	else
		snprintf(text, STORY_TEXT, "ring[%u]", slot);
}

bool lab_ring_say(const struct ring_place *p, uint64_t qw0, char *text)
{
	static const char *const types[] = {
		NULL,	"context",     "IOTLB", "device TLB",	    "IEC",
		"wait", "PASID IOTLB", "PASID", "PASID device TLB", "page response",
	};
	unsigned type = qw0 & 0xf;
	char of[32] = "";

	if (!type || type > 9)
		return false;
	if (machine.nunits > 1)
		snprintf(of, sizeof(of), " of unit %u", p->unit);
	snprintf(text, STORY_TEXT, "%s%u%s: %s", type == QI_IWD_TYPE ? "WD" : "ID", p->slot, of,
		 types[type]);
	return true;
}

/* ---- which words are written ---- */

void lab_ring_written(uint64_t addr, unsigned size)
{
	uint64_t word;
	struct ring_place p;

	for (word = addr & ~7ULL; word < addr + size; word += 8) {
		if (lab_ring_find(word, &p) && p.slot < MARKED)
			marks[p.unit].written[p.slot] |= (uint8_t)(1U << p.word);
	}
}

/* List the words that are not written: "qw1", "qw1, qw3". */
static void say_missing(unsigned missing, char *text)
{
	int n = 0, word;

	for (word = 0; word < 4; word++) {
		if (missing & 1U << word)
			n += snprintf(text + n, STORY_TEXT - (size_t)n, "%sqw%d", n ? ", " : "",
				      word);
	}
}

const char *lab_ring_fetched(unsigned unit, unsigned slot, bool taken)
{
	static char text[2 * STORY_TEXT];
	char words[STORY_TEXT];
	unsigned all, missing;
	bool before;
	struct shape s;

	if (slot >= MARKED || !shape_of(unit, &s))
		return "";
	/* The second half need not be written if it is zero anyway. */
	all = s.bytes == 32 && (word_in(&s, slot, 2) || word_in(&s, slot, 3)) ? 0xf : 0x3;
	missing = all & ~marks[unit].written[slot];
	before = marks[unit].taken[slot];
	if (taken) {
		marks[unit].taken[slot] = true;
		marks[unit].written[slot] = 0;
	}
	if (!missing)
		return "";
	if (missing == all && before)
		return ", which was not written since it was fetched last";
	if (missing == all)
		return word_in(&s, slot, 0) ? ", which is as setup() left it"
					    : ", which was not written";
	say_missing(missing, words);
	snprintf(text, sizeof(text), ", half written: %s is as it was before", words);
	return text;
}

bool lab_ring_names(uint64_t addr, char *text)
{
	unsigned unit, slot;
	struct shape s;

	for (unit = 0; unit < machine.nunits; unit++) {
		for (slot = 0; shape_of(unit, &s) && slot < s.slots; slot++) {
			uint64_t qw0 = word_in(&s, slot, 0), qw1 = word_in(&s, slot, 1);

			if ((qw0 & 0xf) != QI_IWD_TYPE || !(qw0 & QI_IWD_SW) ||
			    (qw1 & ~3ULL) != addr)
				continue;
			snprintf(text, STORY_TEXT, "WD%u", slot);
			return true;
		}
	}
	return false;
}

/* ---- as a picture ---- */

bool lab_ring_draw(unsigned unit, struct story_ring *out)
{
	const struct vtd_unit *u = machine.unit[unit];
	struct shape s;
	unsigned i, k;

	*out = (struct story_ring){ .on = u->gsts & VTD_GSTS_QIES };
	if (!shape_of(unit, &s) || s.slots > DRAWN)
		return true;
	out->slots = s.slots;
	out->width = s.bytes * 8;
	out->head = (unsigned)((u->iqh & VTD_IQ_OFFSET_MASK) / s.bytes);
	out->tail = (unsigned)((u->iqt & VTD_IQ_OFFSET_MASK) / s.bytes);
	out->faults = u->fsts & VTD_FSTS_QI;
	out->qw = calloc(s.slots, sizeof(*out->qw));
	if (!out->qw)
		return false;
	for (i = 0; i < s.slots; i++) {
		for (k = 0; k < s.bytes / 8; k++)
			out->qw[i][k] = word_in(&s, i, k);
	}
	return true;
}
