/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * incoming.h - what leads to the states of this rank.
 *
 * A log, level by level: an entry for each move from a state of the level, on whatever rank, to
 * one here. Written once as states come, and read again, a level at a time, when somebody looks
 * for what leads to an end, or for the way to a state.
 */
#ifndef LAB_MPI_INCOMING_H
#define LAB_MPI_INCOMING_H

#include <lab/store.h>

bool incoming_open(void); /* false: no memory */
bool incoming_reset(void);

/* From now on those from the next level, the first one is 0; the newest state. False: no memory. */
bool incoming_begin_level(state_id newest);

/* To one that there is, or to the next new one. False: no room. */
bool incoming_add(unsigned rank, state_id from, state_id to);

/* All those from the states of a level; until it returns false. */
void incoming_walk(unsigned level, bool (*each)(unsigned rank, state_id from, state_id to));

uint64_t incoming_bytes(void); /* of memory, or of disk */

#endif
