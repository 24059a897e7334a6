/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* doom.h - states of all ranks from which no schedule ends. */
#ifndef LAB_MPI_DOOM_H
#define LAB_MPI_DOOM_H

#include "peers.h"

#include <lab/store.h>

/* Marks in addition to those of store.h. */
#define STATE_BACK 16 /* a state of the same level or a later one leads here */
#define STATE_SURE 32 /* safe since before this sweep */
#define STATE_TOLD 64 /* all predecessors know that it is safe */

/*
 * Mark the doomed states of this rank and return their number. All ranks call it together, after so
 * many levels, when no messages are under way. *first: the oldest one, or STATE_NONE.
 */
uint64_t doom_of_all(unsigned levels, state_id *first);

void doom_take(const struct batch *b); /* a batch of kind PEERS_SAFE */

extern bool doom_planted; /* for tests: stop after one sweep */

#endif
