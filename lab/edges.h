/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * edges.h - which states each state leads to.
 *
 * They are written once, by the process that has expanded the state, in ascending order of its
 * states, and read when somebody looks for what leads to an end. So they are a log of differences
 * between numbers, three to six bytes a state, with an index of blocks of states.
 */
#ifndef LAB_EDGES_H
#define LAB_EDGES_H

#include <stdbool.h>
#include <stdint.h>

#define EDGES_MOST 256	/* of a state */
#define EDGES_BLOCK 32U /* states; only one process at a time adds edges of a block */

bool edges_open(uint32_t states); /* before anything is forked; false: no memory */
bool edges_reset(void);

/* Room for those of so many more states, while nobody adds any; false: there is none. */
bool edges_grow(uint64_t states);

/* The list, sorted on return, has no two equal ones. False: no room. */
bool edges_add(uint32_t from, uint32_t *to, unsigned n);

/* In each process when it stops adding: only then they can be read. False: no room. */
bool edges_end_round(void);

/* Those of a state, as long as edges of no other block are asked for; returns how many. */
unsigned edges_of(uint32_t from, const uint32_t **to);

uint64_t edges_bytes(uint32_t states); /* of so many: of memory, or of disk: */
uint64_t edges_bytes_on_disk(void);

#endif
