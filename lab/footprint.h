/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * footprint.h - what a move reads and writes of what others can observe.
 *
 * Two moves of different CPUs, or of a CPU and the unit, commute if neither writes what the other
 * touches. A set has a bit for each thing: a word of four bytes of shared memory, a register of the
 * unit, the clock. If there are more words than bits, several words share a bit. This can make
 * independent moves look dependent, but never the other way round.
 */
#ifndef LAB_FOOTPRINT_H
#define LAB_FOOTPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FOOTPRINT_THINGS 512

/* The same register of several units counts as one thing; a false dependency is harmless. */
enum footprint_thing {
	FOOTPRINT_IQH,
	FOOTPRINT_IQT,
	FOOTPRINT_FSTS,
	FOOTPRINT_GSTS,
	FOOTPRINT_UNIT, /* all other registers, and hidden state of the unit */
	FOOTPRINT_CACHE,
	FOOTPRINT_CLOCK,
	FOOTPRINT_SLEEP,    /* sleeping actors */
	FOOTPRINT_MESSAGES, /* pending interrupts */
	FOOTPRINT_JOIN,	    /* the set of actors that have returned */

	/* What makes moves of others possible: no conflict, but not independent either. */
	FOOTPRINT_END,	 /* read: an actor returns or joins; written: an actor waits for that */
	FOOTPRINT_LOCKS, /* read: an actor stops before it takes a lock; written: release */

	FOOTPRINT_WORDS = 16, /* bits from here on are words of memory */
};

struct footprint {
	uint64_t read[FOOTPRINT_THINGS / 64], write[FOOTPRINT_THINGS / 64];
};

/* Call it before fork(), as all processes must number words alike. False: no memory. */
bool footprint_open(void);

static inline void footprint_read(struct footprint *f, unsigned thing)
{
	f->read[thing / 64] |= 1ULL << thing % 64;
}

static inline void footprint_write(struct footprint *f, unsigned thing)
{
	f->write[thing / 64] |= 1ULL << thing % 64;
}

void footprint_memory(struct footprint *f, uintptr_t addr, size_t size, bool write);
void footprint_anything(struct footprint *f);
bool footprint_is_anything(const struct footprint *f);

/* Returns true if *to has grown. */
bool footprint_add(struct footprint *to, const struct footprint *more);

/* Returns true if the order of the two makes a difference. */
bool footprint_conflict(const struct footprint *a, const struct footprint *b);

/* Returns true also if one of them can make moves of the other possible. */
bool footprint_concern(const struct footprint *a, const struct footprint *b);

static inline bool footprint_reads(const struct footprint *f, unsigned thing)
{
	return f->read[thing / 64] >> thing % 64 & 1;
}

#endif
