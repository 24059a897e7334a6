/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * pairs.h - pairs of numbers, each kept once, and numbered from 1 on.
 *
 * A pair takes eight bytes, and some six or seven in the table in which it is looked for: of twelve
 * numbers that share a line of cache eight bits of their hashes are there, too, so that hardly a
 * pair is looked at in vain. Pairs are compared whole.
 *
 * Shared by all processes. Everybody may add; the table grows while only one process uses it.
 */
#ifndef LAB_PAIRS_H
#define LAB_PAIRS_H

#include "space.h"

struct pairs_table;

struct pairs {
	struct pairs_table *table; /* shared */
	struct space *pair;	   /* by number; 0: no such number */
	struct space *bucket;
	uint32_t next, end; /* numbers that are this process's to use */
	unsigned generation;
};

/* At most so many, SPACE_DISK: the pairs themselves, not the table. Before anything is forked. */
bool pairs_open(struct pairs *p, uint32_t most, enum space_kind kind);

/* Nobody else uses it. */
bool pairs_reset(struct pairs *p);
bool pairs_grow(struct pairs *p, uint64_t more); /* false: no room for so many */

/* Is there hardly room for so many? */
bool pairs_crowded(const struct pairs *p, uint64_t more);

/* Its number, a new one perhaps; 0: no room. The pair is not 0. */
uint32_t pairs_add(struct pairs *p, uint64_t pair);

/* Its number; 0: it is not there. */
uint32_t pairs_find(struct pairs *p, uint64_t pair);

/* It is about to be looked for: its line, and, some time later, what it may be equal to. */
void pairs_fetch_line(const struct pairs *p, uint64_t pair);
void pairs_fetch_pair(const struct pairs *p, uint64_t pair);

/* Numbers that this process has not used are given back, if they are the last. */
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
uint64_t pairs_bytes(const struct pairs *p); /* of memory, or of disk: */
uint64_t pairs_bytes_on_disk(const struct pairs *p);

#endif
