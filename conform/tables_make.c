/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tables_make.c - random tables, mostly good ones, and what is asked of them. */
#include "tables.h"

#include <qinval/desc.h>
#include <qinval/regs.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 0x1000ULL
#define CONTEXTS 0x11000
#define DIRECTORY 0x14000 /* of PASIDs; a page for each requester, and one for its table */
#define TABLES 0x24000

/* ECAP.FSTS, ECAP.SSTS */
#define FIRST_STAGE (1ULL << 47)
#define SECOND_STAGE (1ULL << 46)

#define INTERRUPTS 0xfeeULL /* addresses, without their last 20 bits */

#define SPACES 3
#define PAGES 12 /* that are mapped in each */
#define WORDS 400

/* A word in use: what it is decides what has to be invalidated when it changes. */
enum word_kind { OF_REQUESTER, OF_TABLE, OF_LEAF, OF_INTERRUPT, WORD_KINDS };

struct word {
	uint64_t offset, good;
	enum word_kind kind;
	unsigned space;
	uint64_t iova;
	unsigned level;
};

struct space {
	uint64_t table;
	unsigned levels;
	uint64_t iova[PAGES];
	unsigned shift[PAGES];
};

struct make {
	struct tables_maker *m;
	struct tables_round *round;
	uint64_t mem[TABLES_END / 8];
	struct word word[WORDS];
	unsigned words;
	uint64_t next; /* page for tables */
	struct space space[SPACES];
	bool first; /* the spaces are of the first stage */
};

static const uint16_t requester[] = { CONFORM_READER,	  CONFORM_READER + 1, CONFORM_WRITER,
				      CONFORM_READER + 2, CONFORM_READER + 4, CONFORM_WRITER + 1,
				      CONFORM_READER + 8 };

#define REQUESTERS (sizeof(requester) / sizeof(*requester))

static unsigned space_of(unsigned i)
{
	return i / 3; /* no other has the last one's, 2 */
}

/* Each has its own domain, and no bit that is flipped makes it another's. */
static uint16_t did_of(unsigned i)
{
	return (uint16_t)((i + 1) * 0x111);
}

/* SplitMix64; never two of these in one expression, whose order compilers choose. */
static uint64_t next(struct make *k)
{
	uint64_t x = k->m->random += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static unsigned below(struct make *k, unsigned n)
{
	return (unsigned)(next(k) % n);
}

static bool chance(struct make *k, unsigned percent)
{
	return below(k, 100) < percent;
}

/* ---- Good tables ---- */

static struct word *put(struct make *k, uint64_t offset, uint64_t value, enum word_kind kind)
{
	struct word *w = &k->word[k->words++];

	if (k->words == WORDS)
		abort();
	k->mem[offset / 8] = value;
	*w = (struct word){ .offset = offset, .good = value, .kind = kind };
	return w;
}

static uint64_t at(const struct make *k, uint64_t offset)
{
	return k->m->memory + offset;
}

static uint64_t new_table(struct make *k)
{
	uint64_t table = k->next;

	k->next += PAGE;
	return table;
}

static unsigned shift_of(unsigned level)
{
	return 12 + 9 * (level - 1);
}

/* R and W; of the first stage P, R/W and U/S, which devices without PASID need. */
static uint64_t all_rights(const struct make *k)
{
	return k->first ? 7 : 3;
}

static uint64_t rights(struct make *k)
{
	static const uint8_t second[] = { 1, 2, 0 }, first[] = { 5, 3, 6 };
	unsigned i = below(k, 16);

	if (i > 2)
		return all_rights(k);
	return k->first ? first[i] : second[i];
}

/* By which levels there are large pages: bit 0 for 2 MiB, bit 1 for 1 GiB. */
static unsigned large_sizes(const struct make *k)
{
	if (k->first)
		return k->m->cap >> 56 & 1 ? 3 : 1;
	return (unsigned)(k->m->cap >> 34) & 3;
}

/* A frame that a page of this size has somewhere. */
static uint64_t frame(struct make *k, unsigned shift, uint64_t *within)
{
	uint64_t to = at(k, CONFORM_FRAMES + below(k, CONFORM_NFRAMES) * PAGE);

	*within = to & ((1ULL << shift) - 1);
	return to - *within;
}

#define LARGE (1ULL << 7)

static void map(struct make *k, unsigned s, unsigned page)
{
	struct space *space = &k->space[s];
	unsigned sizes = large_sizes(k), leaf = 1, level;
	uint64_t iova, table = space->table, offset, within, value;
	struct word *w;

	if (sizes && chance(k, 40))
		leaf = sizes == 3 ? 2 + below(k, 2) : 1 + sizes;
	/* Near each other, so that they share tables. */
	iova = ((next(k) & 3) << shift_of(space->levels)) | (next(k) & 1) << shift_of(3);
	iova |= (next(k) & 3) << shift_of(2);
	iova |= (next(k) & 7) << 12;
	iova &= (1ULL << (shift_of(space->levels) + 9)) - 1;
	for (level = space->levels; level > leaf; level--) {
		offset = table + (iova >> shift_of(level) & 0x1ff) * 8;
		value = k->mem[offset / 8];
		if (value & LARGE)
			break;
		if (!value) {
			table = new_table(k);
			value = at(k, table) | (chance(k, 80) ? all_rights(k) : rights(k));
			w = put(k, offset, value, OF_TABLE);
			w->space = s;
			w->iova = iova;
			w->level = level;
		}
		table = (value & ~0xfffULL) - k->m->memory;
	}
	offset = table + (iova >> shift_of(level) & 0x1ff) * 8;
	if (!k->mem[offset / 8]) {
		value = frame(k, shift_of(level), &within);
		value |= rights(k) | (level > 1 ? LARGE : 0);
		w = put(k, offset, value, OF_LEAF);
		w->space = s;
		w->iova = iova;
		w->level = level;
	}
	value = k->mem[offset / 8] & ((1ULL << 52) - PAGE);
	/* Of a large page the one that is a frame. */
	within = level > 1 ? at(k, CONFORM_FRAMES + below(k, CONFORM_NFRAMES) * PAGE) - value : 0;
	within &= (1ULL << shift_of(level)) - 1;
	space->iova[page] = (iova & ~0ULL << shift_of(level)) | within;
	space->shift[page] = shift_of(level);
}

static void make_space(struct make *k, unsigned s)
{
	unsigned sagaw = VTD_CAP_SAGAW(k->m->cap) & 0xe, aw = 2, i;

	do
		aw = k->first ? 2 : 1 + below(k, 3);
	while (!k->first && !(sagaw >> aw & 1));
	k->space[s].levels = aw + 2;
	k->space[s].table = new_table(k);
	for (i = 0; i < PAGES; i++)
		map(k, s, i);
}

static uint64_t table_of(const struct make *k, unsigned s)
{
	return at(k, k->space[s].table);
}

#define PRESENT 1ULL

static void attach_legacy(struct make *k, unsigned i)
{
	unsigned s = space_of(i), aw = k->space[s].levels - 2, tt = 0;
	uint64_t offset = CONTEXTS + requester[i] * 16ULL;

	if (k->m->ecap & VTD_ECAP_DT && chance(k, 30))
		tt = 1;
	if (k->m->ecap & VTD_ECAP_PT && s == 2)
		tt = 2;
	put(k, offset, table_of(k, s) | tt << 2 | PRESENT, OF_REQUESTER);
	put(k, offset + 8, (uint64_t)did_of(i) << 8 | aw, OF_REQUESTER);
}

#define FIRST 1ULL
#define SECOND 2ULL
#define PASS 4ULL

static void attach_scalable(struct make *k, unsigned i)
{
	uint64_t offset = CONTEXTS + requester[i] * 32ULL, directory, aw, pgtt;
	unsigned s = space_of(i);

	directory = DIRECTORY + i * 2 * PAGE;
	put(k, offset, at(k, directory) | PRESENT, OF_REQUESTER);
	put(k, offset + 8, 0, OF_REQUESTER); /* RID_PASID */
	put(k, directory, at(k, directory + PAGE) | PRESENT, OF_REQUESTER);
	aw = k->space[s].levels - 2;
	pgtt = k->first ? FIRST : SECOND;
	if (k->m->ecap & VTD_ECAP_PT && s == 2)
		pgtt = PASS;
	put(k, directory + PAGE, (k->first ? 0 : table_of(k, s)) | aw << 2 | pgtt << 6 | PRESENT,
	    OF_REQUESTER);
	put(k, directory + PAGE + 8, did_of(i), OF_REQUESTER);
	if (k->first)
		put(k, directory + PAGE + 16, table_of(k, s), OF_REQUESTER);
}

static void make_interrupts(struct make *k)
{
	unsigned i, entries = 2U << TABLES_IRTA_SIZE;
	uint64_t low, high, x;

	for (i = 0; i < entries; i++) {
		x = next(k);
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

/* ---- Damage ---- */

static struct word *any_word(struct make *k)
{
	unsigned kind = below(k, WORD_KINDS), i = below(k, k->words), n;

	for (n = 0; n < k->words && k->word[i].kind != kind; n++)
		i = (i + 1) % k->words;
	return &k->word[i];
}

static uint64_t spoilt(struct make *k, const struct word *w)
{
	uint64_t now = k->mem[w->offset / 8], x = next(k), within;

	if (now != w->good && chance(k, 80))
		return w->good;
	switch (below(k, 7)) {
	case 0:
		return 0;
	case 1:
		return (x & 3 ? k->m->nowhere : INTERRUPTS << 20) | (now & 0xfff);
	case 2:
		return w->kind == OF_LEAF && w->level == 1 ? frame(k, 12, &within) | rights(k)
							   : now ^ 1ULL << (x & 0xf);
	default:
		return now ^ 1ULL << (x & 63);
	}
}

/* ---- Operations ---- */

static struct tables_op *add(struct make *k, enum tables_kind kind)
{
	struct tables_op *op = &k->round->op[k->round->ops++];

	*op = (struct tables_op){ .kind = kind };
	return op;
}

static void invalidate_by(struct tables_op *op, struct qi_desc d)
{
	unsigned i = 0;

	while (op->desc[i][0])
		i++;
	op->desc[i][0] = d.qw0;
	op->desc[i][1] = d.qw1;
}

/* Are requesters in the domains that were meant for them? */
static bool domains_are_known(const struct make *k)
{
	for (unsigned i = 0; i < k->words; i++)
		if (k->word[i].kind == OF_REQUESTER &&
		    k->mem[k->word[i].offset / 8] != k->word[i].good)
			return false;
	return true;
}

static void invalidate_pages(struct make *k, const struct word *w, struct tables_op *op)
{
	bool page = w->kind == OF_LEAF && w->level == 1 && k->m->cap & VTD_CAP_PSI && chance(k, 60);
	unsigned i, am = below(k, 4);

	for (i = 0; i < REQUESTERS; i++) {
		if (space_of(i) != w->space)
			continue;
		if (k->first && page)
			invalidate_by(op, qi_desc_piotlb(QI_PIOTLB_PAGE, did_of(i), 0, w->iova, am,
							 false));
		else if (k->first && !below(k, 2))
			invalidate_by(op,
				      qi_desc_piotlb(QI_PIOTLB_PASID, did_of(i), 0, 0, 0, false));
		else if (page)
			invalidate_by(op, qi_desc_iotlb(QI_IOTLB_PAGE, did_of(i), w->iova, am, true,
							0));
		else
			invalidate_by(op,
				      qi_desc_iotlb(QI_IOTLB_DOMAIN, did_of(i), 0, 0, false, 0));
	}
}

/* As much as the change of this word needs, or more. */
static void add_invalidations(struct make *k, const struct word *w, struct tables_op *op)
{
	if (w->kind == OF_INTERRUPT) {
		if (k->m->ecap & VTD_ECAP_IR)
			invalidate_by(op, qi_desc_iec(QI_IEC_GLOBAL, 0, 0));
		return;
	}
	if (w->kind != OF_REQUESTER && domains_are_known(k) && chance(k, 80)) {
		invalidate_pages(k, w, op);
		return;
	}
	if (w->kind == OF_REQUESTER)
		invalidate_by(op, qi_desc_context(QI_CC_GLOBAL, 0, 0, 0));
	if (w->kind == OF_REQUESTER && k->round->scalable)
		invalidate_by(op, qi_desc_pasid_cache(QI_PC_GLOBAL, 0, 0));
	invalidate_by(op, qi_desc_iotlb(QI_IOTLB_GLOBAL, 0, 0, 0, false, 0));
}

static void add_change(struct make *k)
{
	struct word *w = any_word(k);
	struct tables_op *op = add(k, TABLES_STORE);

	op->addr = w->offset;
	op->value = k->mem[w->offset / 8] = spoilt(k, w);
	add_invalidations(k, w, op);
}

static void add_request(struct make *k)
{
	unsigned i = below(k, REQUESTERS), page = below(k, PAGES);
	const struct space *s = &k->space[space_of(i)];
	struct tables_op *op = add(k, TABLES_REQUEST);
	uint64_t x = next(k);

	op->sid = requester[i];
	op->write = op->sid >= CONFORM_WRITER;
	op->addr = s->iova[page] + (x & 0xfc0);
	if ((x >> 12 & 15) == 0)
		op->addr ^= 1ULL << (12 + (x >> 16) % 30);
	if ((x >> 24 & 31) == 0)
		op->addr = next(k) & ~0x3fULL;
	/* Of a pass-through requester: straight to a frame. */
	if (space_of(i) == 2 && (x >> 32 & 3))
		op->addr = at(k, CONFORM_FRAMES + (x >> 34) % CONFORM_NFRAMES * PAGE);
	if (op->addr >> 20 == INTERRUPTS)
		op->addr ^= 1ULL << 31;
}

static void add_interrupt(struct make *k)
{
	struct tables_op *op = add(k, TABLES_INTERRUPT);
	uint64_t x = next(k), index = x % (2U << TABLES_IRTA_SIZE);

	op->sid = CONFORM_SENDER;
	op->addr = INTERRUPTS << 20 | 1 << 4 | index << 5;
	op->value = x >> 48 & 0xff;
	if (x >> 16 & 1) { /* a subhandle */
		op->addr = INTERRUPTS << 20 | 1 << 4 | 1 << 3 | (index & ~3ULL) << 5;
		op->value = index & 3;
	}
	if ((x >> 20 & 15) == 0)
		op->addr ^= 4ULL << (x >> 24 & 15);
}

#define ASKED 80 /* in a round */

/* What the good tables and the first damage come to. */
static void add_stores(struct make *k)
{
	unsigned i, damage = below(k, 4);
	struct tables_op *op;
	struct word *w;

	for (i = 0; i < damage; i++) {
		w = any_word(k);
		k->mem[w->offset / 8] = spoilt(k, w);
	}
	for (i = 0; i < k->words; i++) {
		op = add(k, TABLES_STORE);
		op->addr = k->word[i].offset;
		op->value = k->mem[op->addr / 8];
	}
}

/* Where there are both stages, one round has this and another one that. */
static bool has_first_stage(struct make *k)
{
	if (!(k->m->ecap & FIRST_STAGE))
		return false;
	return !(k->m->ecap & SECOND_STAGE) || chance(k, 50);
}

void tables_make(struct tables_maker *m, struct tables_round *round)
{
	struct make *k = calloc(1, sizeof(*k));
	unsigned i;

	if (!k)
		abort();
	*k = (struct make){ .m = m, .round = round, .next = TABLES };
	round->ops = 0;
	round->scalable = m->ecap & VTD_ECAP_SMTS && chance(k, 50);
	k->first = round->scalable && has_first_stage(k);
	for (i = 0; i < SPACES; i++)
		make_space(k, i);
	put(k, TABLES_ROOT, at(k, CONTEXTS) | PRESENT, OF_REQUESTER);
	put(k, TABLES_ROOT + 8, 0, OF_REQUESTER);
	for (i = 0; i < REQUESTERS; i++) {
		if (round->scalable)
			attach_scalable(k, i);
		else
			attach_legacy(k, i);
	}
	make_interrupts(k);
	add_stores(k);
	for (i = 0; i < ASKED; i++) {
		if (chance(k, 15))
			add_change(k);
		if (chance(k, 20))
			add_interrupt(k);
		else
			add_request(k);
		if (chance(k, 80))
			add(k, TABLES_CLEAR);
	}
	free(k);
}
