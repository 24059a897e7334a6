/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * dictionary.h - states as other ranks can read them.
 *
 * Each rank numbers parts and nodes for itself, see content.h. What one of them is, is said to
 * another rank once, in the batch in which it is needed first, and numbered there in the order
 * in which it comes. So most states travel as the numbers of their two halves.
 */
#ifndef LAB_MPI_DICTIONARY_H
#define LAB_MPI_DICTIONARY_H

#include "peers.h"

#define DICTIONARY_STATE 2 /* words of a state */

/* So many ranks; false: no memory. Then forget all, when nothing is under way. */
bool dictionary_open(unsigned ranks);
bool dictionary_reset(void);

/* The rank that keeps the state with this root: the same whichever rank asks. */
unsigned dictionary_owner(uint64_t root);

/* Of the whole state, from its bytes: the same on each rank. */
uint64_t dictionary_hash(uint64_t root);

/* As words for that rank, and in `head` what it has not heard of. False: no memory. */
bool dictionary_write(unsigned to, uint64_t root, struct words *head, uint32_t *state);

/*
 * Read a batch's head, once, and then its states' roots; 0: no room. False: no room, or
 * nonsense.
 */
bool dictionary_learn(const struct batch *b);
uint64_t dictionary_read(unsigned from, const uint32_t *state);

uint64_t dictionary_bytes(void);

#endif
