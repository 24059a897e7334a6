/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* doom.h - which states of all ranks are stuck for ever. */
#ifndef LAB_MPI_DOOM_H
#define LAB_MPI_DOOM_H

#include "peers.h"

#include <lab/store.h>

/* Beside those of store.h. */
#define STATE_BACK 16 /* a state of its own level, or a later one, leads here */
#define STATE_SURE 32 /* safe since before this sweep */
#define STATE_TOLD 64 /* all that lead here know that it is safe */

/*
 * Mark the doomed states of this rank, and count them. All ranks do so together, after so many
 * levels, when nothing is under way. *first: the oldest one; STATE_NONE: there is none.
 */
uint64_t doom_of_all(unsigned levels, state_id *first);

void doom_take(const struct batch *b); /* of kind PEERS_SAFE */

extern bool doom_planted; /* for tests: one sweep is enough */

#endif
