/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* levels.h - the distance of a state of this rank from the first state, by its number. */
#ifndef LAB_MPI_LEVELS_H
#define LAB_MPI_LEVELS_H

#include <lab/store.h>

struct levels {
	state_id *first; /* the first state of each level */
	unsigned n, room;
};

extern struct levels levels;

/* States from now on belong to the next level. False: no memory. */
bool levels_begin(void);

unsigned levels_of(state_id s);

/* The level of the states that were expanded last. */
unsigned levels_last(void);

/* The first state behind those of this level, which is one of those that were expanded. */
static inline state_id levels_end(unsigned level)
{
	return levels.first[level];
}

/* The first state of the next level. */
static inline state_id levels_next(void)
{
	return levels.first[levels.n - 1];
}

#endif
