/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* way.h - back from a state to the first one, from rank to rank, and then the moves. */
#ifndef LAB_MPI_WAY_H
#define LAB_MPI_WAY_H

#include <lab/machine.h>
#include <lab/store.h>

/*
 * The moves from the first state to this one, of that rank, so many levels from the first; on each
 * rank. False: no memory, or they cannot be made again.
 */
bool way_to(unsigned rank, state_id last, unsigned level, struct move **move, unsigned *n);

/* A state that a rank is to find the moves to has come. */
void way_take(uint64_t root);

#endif
