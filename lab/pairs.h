/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * pairs.h - pairs of numbers, each kept once and numbered from 1 on.
 *
 * A pair takes eight bytes, and six or seven bytes in the table in which it is looked up. A cache
 * line of the table holds twelve numbers and eight bits of each one's hash, so that other pairs are
 * hardly ever compared. Pairs are compared exactly.
 *
 * The table is shared by all processes. All may add pairs at the same time; the table grows only
 * while one process uses it.
 */
#ifndef LAB_PAIRS_H
#define LAB_PAIRS_H

#include "space.h"

struct pairs_table;

struct pairs {
	struct pairs_table *table; /* shared */
	struct space *pair;	   /* indexed by number; 0: not used */
	struct space *bucket;
	uint32_t next, end; /* numbers that this process has taken */
	unsigned generation;
};

/*
 * Room for at most so many pairs. SPACE_DISK: for the pairs themselves, not the table. Before
 * fork().
 */
bool pairs_open(struct pairs *p, uint32_t most, enum space_kind kind);

/* Forget all pairs, while no other process uses them. */
bool pairs_reset(struct pairs *p);
bool pairs_grow(struct pairs *p, uint64_t more); /* false: no room for so many */

/* True if there may be no room for so many more. */
bool pairs_crowded(const struct pairs *p, uint64_t more);

/* The pair's number, a new one if necessary; 0: no room. The pair must not be 0. */
uint32_t pairs_add(struct pairs *p, uint64_t pair);

/* The pair's number; 0: not there. */
uint32_t pairs_find(struct pairs *p, uint64_t pair);

/* Prefetch for a lookup: first its line, and some time later the pair that it may equal. */
void pairs_fetch_line(const struct pairs *p, uint64_t pair);
void pairs_fetch_pair(const struct pairs *p, uint64_t pair);

/* Give back the last numbers that this process has taken and not used. */
void pairs_end_round(struct pairs *p);

static inline uint64_t pairs_at(const struct pairs *p, uint32_t number)
{
	return ((const uint64_t *)p->pair->at)[number];
}

static inline uint64_t pair_of(uint32_t left, uint32_t right)
{
	return (uint64_t)left << 32 | right;
}

uint32_t pairs_top(const struct pairs *p); /* highest number in use */
uint64_t pairs_used(const struct pairs *p);
uint64_t pairs_bytes(const struct pairs *p); /* in memory or on disk */
uint64_t pairs_bytes_on_disk(const struct pairs *p);

#endif
