/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tables_good.c - random valid tables. */
#include "tables_draft.h"

#include <qinval/regs.h>
#include <stdlib.h>

#define CONTEXTS 0x11000
#define DIRECTORY 0x14000 /* of PASIDs; two pages for each requester: directory and table */
#define TABLES 0x24000

/* ECAP.FSTS, ECAP.SSTS */
#define FIRST_STAGE (1ULL << 47)
#define SECOND_STAGE (1ULL << 46)

const uint16_t draft_requester[DRAFT_REQUESTERS] = { CONFORM_READER,	 CONFORM_READER + 1,
						     CONFORM_WRITER,	 CONFORM_READER + 2,
						     CONFORM_READER + 4, CONFORM_WRITER + 1,
						     CONFORM_READER + 8 };

static struct word *put(struct draft *k, uint64_t offset, uint64_t value, enum word_kind kind)
{
	struct word *w = &k->word[k->words++];

	if (k->words == WORDS)
		abort();
	k->mem[offset / 8] = value;
	*w = (struct word){ .offset = offset, .good = value, .kind = kind };
	return w;
}

static uint64_t new_table(struct draft *k)
{
	uint64_t table = k->next;

	k->next += PAGE;
	return table;
}

static unsigned shift_of(unsigned level)
{
	return 12 + 9 * (level - 1);
}

/* R and W; for the first stage P, R/W and U/S, as requests without PASID need all of them. */
static uint64_t all_rights(const struct draft *k)
{
	return k->first ? 7 : 3;
}

uint64_t draft_rights(struct draft *k)
{
	static const uint8_t second[] = { 1, 2, 0 }, first[] = { 5, 3, 6 };
	unsigned i = draft_below(k, 16);

	if (i > 2)
		return all_rights(k);
	return k->first ? first[i] : second[i];
}

/* Levels with large pages: bit 0: 2 MiB, bit 1: 1 GiB. */
static unsigned large_sizes(const struct draft *k)
{
	if (k->first)
		return k->m->cap >> 56 & 1 ? 3 : 1;
	return (unsigned)(k->m->cap >> 34) & 3;
}

uint64_t draft_frame(struct draft *k, unsigned shift, uint64_t *within)
{
	uint64_t to = draft_at(k, CONFORM_FRAMES + draft_below(k, CONFORM_NFRAMES) * PAGE);

	*within = to & ((1ULL << shift) - 1);
	return to - *within;
}

#define LARGE (1ULL << 7)

static void map(struct draft *k, unsigned s, unsigned page)
{
	struct space *space = &k->space[s];
	unsigned sizes = large_sizes(k), leaf = 1, level;
	uint64_t iova, table = space->table, offset, within, value;
	struct word *w;

	if (sizes && draft_chance(k, 40))
		leaf = sizes == 3 ? 2 + draft_below(k, 2) : 1 + sizes;
	/* Addresses are near each other, so that they share tables. */
	iova = ((draft_next(k) & 3) << shift_of(space->levels)) | (draft_next(k) & 1)
									  << shift_of(3);
	iova |= (draft_next(k) & 3) << shift_of(2);
	iova |= (draft_next(k) & 7) << 12;
	iova &= (1ULL << (shift_of(space->levels) + 9)) - 1;
	for (level = space->levels; level > leaf; level--) {
		offset = table + (iova >> shift_of(level) & 0x1ff) * 8;
		value = k->mem[offset / 8];
		if (value & LARGE)
			break;
		if (!value) {
			table = new_table(k);
			value = draft_at(k, table) |
				(draft_chance(k, 80) ? all_rights(k) : draft_rights(k));
			w = put(k, offset, value, OF_TABLE);
			w->space = s;
			w->iova = iova;
			w->level = level;
		}
		table = (value & ~0xfffULL) - k->m->memory;
	}
	offset = table + (iova >> shift_of(level) & 0x1ff) * 8;
	if (!k->mem[offset / 8]) {
		value = draft_frame(k, shift_of(level), &within);
		value |= draft_rights(k) | (level > 1 ? LARGE : 0);
		w = put(k, offset, value, OF_LEAF);
		w->space = s;
		w->iova = iova;
		w->level = level;
	}
	value = k->mem[offset / 8] & ((1ULL << 52) - PAGE);
	/* In a large page, the offset of a frame. */
	within = level > 1 ? draft_at(k, CONFORM_FRAMES + draft_below(k, CONFORM_NFRAMES) * PAGE) -
				     value
			   : 0;
	within &= (1ULL << shift_of(level)) - 1;
	space->iova[page] = (iova & ~0ULL << shift_of(level)) | within;
	space->shift[page] = shift_of(level);
}

static void make_space(struct draft *k, unsigned s)
{
	unsigned sagaw = VTD_CAP_SAGAW(k->m->cap) & 0xe, aw = 2, i;

	do
		aw = k->first ? 2 : 1 + draft_below(k, 3);
	while (!k->first && !(sagaw >> aw & 1));
	k->space[s].levels = aw + 2;
	k->space[s].table = new_table(k);
	for (i = 0; i < PAGES; i++)
		map(k, s, i);
}

static uint64_t table_of(const struct draft *k, unsigned s)
{
	return draft_at(k, k->space[s].table);
}

#define PRESENT 1ULL

static void attach_legacy(struct draft *k, unsigned i)
{
	unsigned s = draft_space_of(i), aw = k->space[s].levels - 2, tt = 0;
	uint64_t offset = CONTEXTS + draft_requester[i] * 16ULL;

	if (k->m->ecap & VTD_ECAP_DT && draft_chance(k, 30))
		tt = 1;
	if (k->m->ecap & VTD_ECAP_PT && s == 2)
		tt = 2;
	put(k, offset, table_of(k, s) | tt << 2 | PRESENT, OF_REQUESTER);
	put(k, offset + 8, (uint64_t)draft_did_of(i) << 8 | aw, OF_REQUESTER);
}

#define FIRST 1ULL
#define SECOND 2ULL
#define PASS 4ULL

static void attach_scalable(struct draft *k, unsigned i)
{
	uint64_t offset = CONTEXTS + draft_requester[i] * 32ULL, directory, aw, pgtt;
	unsigned s = draft_space_of(i);

	directory = DIRECTORY + i * 2 * PAGE;
	put(k, offset, draft_at(k, directory) | PRESENT, OF_REQUESTER);
	put(k, offset + 8, 0, OF_REQUESTER); /* RID_PASID */
	put(k, directory, draft_at(k, directory + PAGE) | PRESENT, OF_REQUESTER);
	aw = k->space[s].levels - 2;
	pgtt = k->first ? FIRST : SECOND;
	if (k->m->ecap & VTD_ECAP_PT && s == 2)
		pgtt = PASS;
	put(k, directory + PAGE, (k->first ? 0 : table_of(k, s)) | aw << 2 | pgtt << 6 | PRESENT,
	    OF_REQUESTER);
	put(k, directory + PAGE + 8, draft_did_of(i), OF_REQUESTER);
	if (k->first)
		put(k, directory + PAGE + 16, table_of(k, s), OF_REQUESTER);
}

static void make_interrupts(struct draft *k)
{
	unsigned i, entries = 2U << TABLES_IRTA_SIZE;
	uint64_t low, high, x;

	for (i = 0; i < entries; i++) {
		x = draft_next(k);
		low = PRESENT | (x & 0xff) << 16 | (x >> 8 & 0xff) << 40 | (x >> 16 & 0x1c);
		high = 0;
		if (x >> 24 & 1)
			high = CONFORM_SENDER | (x >> 25 & 3) << 16 | 1ULL << 18;
		else if (x >> 25 & 1)
			high = 2ULL << 18 | (x >> 26 & 1);
		put(k, TABLES_IRT + i * 16, low, OF_INTERRUPT);
		put(k, TABLES_IRT + i * 16 + 8, high, OF_INTERRUPT);
	}
}

/* If the unit has both stages, rounds use one or the other. */
static bool has_first_stage(struct draft *k)
{
	if (!(k->m->ecap & FIRST_STAGE))
		return false;
	return !(k->m->ecap & SECOND_STAGE) || draft_chance(k, 50);
}

void draft_good(struct draft *k)
{
	unsigned i;

	k->next = TABLES;
	k->first = k->round->scalable && has_first_stage(k);
	for (i = 0; i < SPACES; i++)
		make_space(k, i);
	put(k, TABLES_ROOT, draft_at(k, CONTEXTS) | PRESENT, OF_REQUESTER);
	put(k, TABLES_ROOT + 8, 0, OF_REQUESTER);
	for (i = 0; i < DRAFT_REQUESTERS; i++) {
		if (k->round->scalable)
			attach_scalable(k, i);
		else
			attach_legacy(k, i);
	}
	make_interrupts(k);
}
