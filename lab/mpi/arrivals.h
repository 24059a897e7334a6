/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arrivals.h - the successor of a state is sent to the rank that owns it, and is looked up there.
 */
#ifndef LAB_MPI_ARRIVALS_H
#define LAB_MPI_ARRIVALS_H

#include "peers.h"

#include <lab/store.h>

struct arrivals {
	bool lost; /* states or edges were lost: no verdict is possible */
};

extern struct arrivals arrivals;

void arrivals_reset(void);

/* This rank's state `from` leads to the state with this root. False: no memory. */
bool arrivals_send(state_id from, uint64_t root);

void arrivals_take(const struct batch *b); /* a batch of kind PEERS_STATES */

/* Look up the states that have arrived and were not looked up yet. */
void arrivals_look_up(void);

/* Make room for some more states; false: no memory. */
bool arrivals_make_room(void);

#endif
