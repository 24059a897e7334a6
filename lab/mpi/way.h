/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* way.h - from a state back to the first one, from rank to rank, and then the moves in between. */
#ifndef LAB_MPI_WAY_H
#define LAB_MPI_WAY_H

#include <lab/machine.h>
#include <lab/store.h>

/*
 * The moves from the first state to this state of this rank, which is in level `level`; on each
 * rank. False: no memory, or the moves cannot be repeated.
 */
bool way_to(unsigned rank, state_id last, unsigned level, struct move **move, unsigned *n);

/* Called for a state that another rank has sent, to find the moves to it. */
void way_take(uint64_t root);

#endif
