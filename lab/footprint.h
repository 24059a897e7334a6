/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * footprint.h - what a move reads and writes of that which others can tell.
 *
 * Two moves of different CPUs, or of a CPU and the unit, may be exchanged if neither writes what
 * the other one touches. A set has a bit for each thing: a word of four bytes of shared memory, a
 * register of the unit, the clock. There are more words than bits in the worst case; then several
 * share one, which makes moves look dependent that are not, never the other way round.
 */
#ifndef LAB_FOOTPRINT_H
#define LAB_FOOTPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FOOTPRINT_THINGS 512

/* Of several units the same register is one thing: dependent moves are no loss. */
enum footprint_thing {
	FOOTPRINT_IQH,
	FOOTPRINT_IQT,
	FOOTPRINT_FSTS,
	FOOTPRINT_GSTS,
	FOOTPRINT_UNIT, /* all other registers, and what no register shows */
	FOOTPRINT_CACHE,
	FOOTPRINT_CLOCK,
	FOOTPRINT_SLEEP,      /* is somebody asleep? */
	FOOTPRINT_MESSAGES,   /* pending interrupts */
	FOOTPRINT_JOIN,	      /* have all returned? */
	FOOTPRINT_WORDS = 16, /* here memory begins */
};

struct footprint {
	uint64_t read[FOOTPRINT_THINGS / 64], write[FOOTPRINT_THINGS / 64];
};

/* Before anything is forked, as all processes have to number words alike. False: no memory. */
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

/* True: *to has grown. */
bool footprint_add(struct footprint *to, const struct footprint *more);

bool footprint_conflict(const struct footprint *a, const struct footprint *b);

#endif
