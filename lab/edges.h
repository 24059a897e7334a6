/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * edges.h - the successors of each state.
 *
 * The process that expands a state writes its edges once, in ascending order of states. They are
 * read when states without a way to an end are searched. They are kept as a log of differences
 * between numbers, three to six bytes a state, with an index of blocks of states.
 */
#ifndef LAB_EDGES_H
#define LAB_EDGES_H

#include <stdbool.h>
#include <stdint.h>

#define EDGES_MOST 256	/* edges of a state */
#define EDGES_BLOCK 32U /* states; only one process at a time adds edges of a block */

bool edges_open(uint32_t states); /* before fork(); false: no memory */
bool edges_reset(void);

/* Make room for the edges of so many more states, while no process adds any; false: no room. */
bool edges_grow(uint64_t states);

/* Add a state's edges. The list, which is sorted on return, has no duplicates. False: no room. */
bool edges_add(uint32_t from, uint32_t *to, unsigned n);

/* Call it in each process when it stops adding: edges can be read only then. False: no room. */
bool edges_end_round(void);

/* The edges of a state, valid until edges of another block are read. Returns their number. */
unsigned edges_of(uint32_t from, const uint32_t **to);

uint64_t edges_bytes(uint32_t states); /* bytes in memory or on disk */
uint64_t edges_bytes_on_disk(void);

#endif
