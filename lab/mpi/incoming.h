/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * incoming.h - the edges to the states of this rank.
 *
 * A log, level by level, with an entry for each move from a state of the level, on any rank, to a
 * state of this rank. Entries are written once, as states arrive, and read level by level when safe
 * states or the way to a state are searched.
 */
#ifndef LAB_MPI_INCOMING_H
#define LAB_MPI_INCOMING_H

#include <lab/store.h>

bool incoming_open(unsigned ranks); /* false: no memory */
bool incoming_reset(void);

/*
 * Entries from now on have their origins in the next level; the first level is 0. `newest`: the
 * newest state of this rank. False: no memory.
 */
bool incoming_begin_level(state_id newest);

/* `to` is an existing state, or the next new one. False: no room. */
bool incoming_add(unsigned rank, state_id from, state_id to);

/* Call each() for the entries of a level, until it returns false. */
void incoming_walk(unsigned level, bool (*each)(unsigned rank, state_id from, state_id to));

uint64_t incoming_bytes(void); /* in memory or on disk */

#endif
