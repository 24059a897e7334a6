/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tables_make.c - random tables, mostly valid, and requests that use them. */
#include "tables_draft.h"

#include <qinval/desc.h>
#include <qinval/regs.h>
#include <stdlib.h>
#include <string.h>

/* ---- Damage ---- */

static struct word *any_word(struct draft *k)
{
	unsigned kind = draft_below(k, WORD_KINDS), i = draft_below(k, k->words), n;

	for (n = 0; n < k->words && k->word[i].kind != kind; n++)
		i = (i + 1) % k->words;
	return &k->word[i];
}

static uint64_t spoilt(struct draft *k, const struct word *w)
{
	uint64_t now = k->mem[w->offset / 8], x = draft_next(k), within;

	if (now != w->good && draft_chance(k, 80))
		return w->good;
	switch (draft_below(k, 7)) {
	case 0:
		return 0;
	case 1:
		return (x & 3 ? k->m->nowhere : INTERRUPTS << 20) | (now & 0xfff);
	case 2:
		return w->kind == OF_LEAF && w->level == 1
			       ? draft_frame(k, 12, &within) | draft_rights(k)
			       : now ^ 1ULL << (x & 0xf);
	default:
		return now ^ 1ULL << (x & 63);
	}
}

/* ---- Operations ---- */

static struct tables_op *add(struct draft *k, enum tables_kind kind)
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

/* True if each requester is in its intended domain. */
static bool domains_are_known(const struct draft *k)
{
	for (unsigned i = 0; i < k->words; i++)
		if (k->word[i].kind == OF_REQUESTER &&
		    k->mem[k->word[i].offset / 8] != k->word[i].good)
			return false;
	return true;
}

static void invalidate_pages(struct draft *k, const struct word *w, struct tables_op *op)
{
	bool page = w->kind == OF_LEAF && w->level == 1 && k->m->cap & VTD_CAP_PSI &&
		    draft_chance(k, 60);
	unsigned i, am = draft_below(k, 4);

	for (i = 0; i < DRAFT_REQUESTERS; i++) {
		if (draft_space_of(i) != w->space)
			continue;
		if (k->first && page)
			invalidate_by(op, qi_desc_piotlb(QI_PIOTLB_PAGE, draft_did_of(i), 0,
							 w->iova, am, false));
		else if (k->first && !draft_below(k, 2))
			invalidate_by(op, qi_desc_piotlb(QI_PIOTLB_PASID, draft_did_of(i), 0, 0, 0,
							 false));
		else if (page)
			invalidate_by(op, qi_desc_iotlb(QI_IOTLB_PAGE, draft_did_of(i), w->iova, am,
							true, 0));
		else
			invalidate_by(op, qi_desc_iotlb(QI_IOTLB_DOMAIN, draft_did_of(i), 0, 0,
							false, 0));
	}
}

/* The invalidations that the change of this word requires, or broader ones. */
static void add_invalidations(struct draft *k, const struct word *w, struct tables_op *op)
{
	if (w->kind == OF_INTERRUPT) {
		if (k->m->ecap & VTD_ECAP_IR)
			invalidate_by(op, qi_desc_iec(QI_IEC_GLOBAL, 0, 0));
		return;
	}
	if (w->kind != OF_REQUESTER && domains_are_known(k) && draft_chance(k, 80)) {
		invalidate_pages(k, w, op);
		return;
	}
	if (w->kind == OF_REQUESTER)
		invalidate_by(op, qi_desc_context(QI_CC_GLOBAL, 0, 0, 0));
	if (w->kind == OF_REQUESTER && k->round->scalable)
		invalidate_by(op, qi_desc_pasid_cache(QI_PC_GLOBAL, 0, 0));
	invalidate_by(op, qi_desc_iotlb(QI_IOTLB_GLOBAL, 0, 0, 0, false, 0));
}

static void add_change(struct draft *k)
{
	struct word *w = any_word(k);
	struct tables_op *op = add(k, TABLES_STORE);

	op->addr = w->offset;
	op->value = k->mem[w->offset / 8] = spoilt(k, w);
	add_invalidations(k, w, op);
}

static void add_request(struct draft *k)
{
	unsigned i = draft_below(k, DRAFT_REQUESTERS), page = draft_below(k, PAGES);
	const struct space *s = &k->space[draft_space_of(i)];
	struct tables_op *op = add(k, TABLES_REQUEST);
	uint64_t x = draft_next(k);

	op->sid = draft_requester[i];
	op->write = op->sid >= CONFORM_WRITER;
	op->addr = s->iova[page] + (x & 0xfc0);
	if ((x >> 12 & 15) == 0)
		op->addr ^= 1ULL << (12 + (x >> 16) % 30);
	if ((x >> 24 & 31) == 0)
		op->addr = draft_next(k) & ~0x3fULL;
	/* A pass-through requester goes straight to a frame. */
	if (draft_space_of(i) == 2 && (x >> 32 & 3))
		op->addr = draft_at(k, CONFORM_FRAMES + (x >> 34) % CONFORM_NFRAMES * PAGE);
	if (op->addr >> 20 == INTERRUPTS)
		op->addr ^= 1ULL << 31;
}

static void add_interrupt(struct draft *k)
{
	struct tables_op *op = add(k, TABLES_INTERRUPT);
	uint64_t x = draft_next(k), index = x % (2U << TABLES_IRTA_SIZE);

	op->sid = CONFORM_SENDER;
	op->addr = INTERRUPTS << 20 | 1 << 4 | index << 5;
	op->value = x >> 48 & 0xff;
	if (x >> 16 & 1) { /* with a subhandle */
		op->addr = INTERRUPTS << 20 | 1 << 4 | 1 << 3 | (index & ~3ULL) << 5;
		op->value = index & 3;
	}
	if ((x >> 20 & 15) == 0)
		op->addr ^= 4ULL << (x >> 24 & 15);
}

#define ASKED 80 /* requests per round */

/* Store the valid tables with their first damage. */
static void add_stores(struct draft *k)
{
	unsigned i, damage = draft_below(k, 4);
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

void tables_make(struct tables_maker *m, struct tables_round *round)
{
	struct draft *k = calloc(1, sizeof(*k));
	unsigned i;

	if (!k)
		abort();
	*k = (struct draft){ .m = m, .round = round };
	round->ops = 0;
	round->scalable = m->ecap & VTD_ECAP_SMTS && draft_chance(k, 50);
	draft_good(k);
	add_stores(k);
	for (i = 0; i < ASKED; i++) {
		if (draft_chance(k, 15))
			add_change(k);
		if (draft_chance(k, 20))
			add_interrupt(k);
		else
			add_request(k);
		if (draft_chance(k, 80))
			add(k, TABLES_CLEAR);
	}
	free(k);
}
