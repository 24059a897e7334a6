/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tables_draft.h - a round of random tables while it is generated. */
#ifndef CONFORM_TABLES_DRAFT_H
#define CONFORM_TABLES_DRAFT_H

#include "tables.h"

#define PAGE 0x1000ULL
#define INTERRUPTS 0xfeeULL /* upper bits of addresses in the interrupt range */

#define SPACES 3
#define PAGES 12 /* mapped pages per space */
#define WORDS 400
#define DRAFT_REQUESTERS 7

/* A word in use; its kind decides what to invalidate when it changes. */
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

struct draft {
	struct tables_maker *m;
	struct tables_round *round;
	uint64_t mem[TABLES_END / 8];
	struct word word[WORDS];
	unsigned words;
	uint64_t next; /* the next free page for tables */
	struct space space[SPACES];
	bool first; /* the spaces use the first stage */
};

/* SplitMix64. Do not call it twice in one expression, as compilers choose the order. */
static inline uint64_t draft_next(struct draft *k)
{
	uint64_t x = k->m->random += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static inline unsigned draft_below(struct draft *k, unsigned n)
{
	return (unsigned)(draft_next(k) % n);
}

static inline bool draft_chance(struct draft *k, unsigned percent)
{
	return draft_below(k, 100) < percent;
}

static inline uint64_t draft_at(const struct draft *k, uint64_t offset)
{
	return k->m->memory + offset;
}

/* The requesters, with the space and the domain of each. */
extern const uint16_t draft_requester[DRAFT_REQUESTERS];

static inline unsigned draft_space_of(unsigned i)
{
	return i / 3; /* the last requester alone has space 2 */
}

/* Each requester has a domain of its own; a single flipped bit does not make it another's. */
static inline uint16_t draft_did_of(unsigned i)
{
	return (uint16_t)((i + 1) * 0x111);
}

/* ---- tables_good.c ---- */

/* Valid tables; all words in use are in k->word. */
void draft_good(struct draft *k);

/* draft_frame(): a frame that lies in a page of this size. draft_rights(): rights, usually all. */
uint64_t draft_frame(struct draft *k, unsigned shift, uint64_t *within);
uint64_t draft_rights(struct draft *k);

#endif
