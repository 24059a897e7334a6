/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* levels.h - how far a state of this rank is from the first one, as its number is known. */
#ifndef LAB_MPI_LEVELS_H
#define LAB_MPI_LEVELS_H

#include <lab/store.h>

struct levels {
	state_id *first; /* of each level */
	unsigned n, room;
};

extern struct levels levels;

/* What comes from now on is of the next level. False: no memory. */
bool levels_begin(void);

unsigned levels_of(state_id s);

/* Of the states that were expanded last. */
unsigned levels_last(void);

/* The first of the level that comes. */
static inline state_id levels_next(void)
{
	return levels.first[levels.n - 1];
}

#endif
