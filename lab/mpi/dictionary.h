/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * dictionary.h - states in a form that other ranks can read.
 *
 * Each rank numbers parts and nodes for itself (see content.h). The first batch that needs a thing
 * describes it to the other rank, which numbers the things in the order of their arrival. So most
 * states travel as the numbers of their two halves.
 */
#ifndef LAB_MPI_DICTIONARY_H
#define LAB_MPI_DICTIONARY_H

#include "peers.h"

#define DICTIONARY_STATE 2 /* words per state */

/*
 * dictionary_open(): for so many ranks; false: no memory. dictionary_reset(): forget everything,
 * when no messages are under way.
 */
bool dictionary_open(unsigned ranks);
bool dictionary_reset(void);

/* The rank that keeps the state with this root. All ranks agree on it. */
unsigned dictionary_owner(uint64_t root);

/* A hash of the state's bytes, which is the same on each rank. */
uint64_t dictionary_hash(uint64_t root);

/*
 * Convert a state to words for rank `to`. Descriptions of things that it does not know yet are
 * added to `head`. False: no memory.
 */
bool dictionary_write(unsigned to, uint64_t root, struct words *head, uint32_t *state);

/*
 * dictionary_learn(): read a batch's head, once; false: no memory, or malformed. dictionary_read():
 * the root of one of its states; 0: malformed.
 */
bool dictionary_learn(const struct batch *b);
uint64_t dictionary_read(unsigned from, const uint32_t *state);

uint64_t dictionary_bytes(void);

#endif
