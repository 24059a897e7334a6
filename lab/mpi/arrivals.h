/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arrivals.h - a state that a move leads to gets to the rank that it belongs to, and is looked up.
 */
#ifndef LAB_MPI_ARRIVALS_H
#define LAB_MPI_ARRIVALS_H

#include "peers.h"

#include <lab/store.h>

struct arrivals {
	bool lost; /* some of them, or what leads to them: nothing can be said any more */
};

extern struct arrivals arrivals;

void arrivals_reset(void);

/* This rank's state `from` leads to the one with this root. False: no memory. */
bool arrivals_send(state_id from, uint64_t root);

void arrivals_take(const struct batch *b); /* of kind PEERS_STATES */

/* Those that have come and not been looked up yet. */
void arrivals_look_up(void);

/* For some states more; false: there is none. */
bool arrivals_make_room(void);

#endif
