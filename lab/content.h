/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * content.h - what the machine holds, as a tree, and back.
 *
 * Its parts are kept once each, and numbered: a chunk of memory, a segment of some chunks as the
 * list of their numbers, an actor with its stack. Over these numbers lies a tree, whose nodes are
 * pairs of numbers, kept once each, too. So its root, two numbers, says it all.
 */
#ifndef LAB_CONTENT_H
#define LAB_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "memory.h"

/* For comparison: a root is the list of all parts, without a tree. Before anything is kept. */
extern bool content_flat;

bool content_open(void); /* before anything is forked; false: no memory */

/* Forget all, while nobody else uses it; and what the machine holds, in each process. */
bool content_reset(void);
void content_catch_up(void);

/* Room for what so many states need, as pairs_grow() and pairs_crowded(). */
bool content_grow(uint64_t states);
bool content_crowded(uint64_t states);

/* The root of what the machine holds; 0: no room. And back. */
uint64_t content_root(void);
void content_load(uint64_t root);

/*
 * The root without what only these CPUs, a bit each, have (stacks, registers, store buffers), but
 * with two numbers beside it. 0: no room, or it is not there and not to be added.
 */
uint64_t content_key(uint32_t cpus, uint32_t publications, uint32_t visible, bool add);

/*
 * Where the machine is, to be told whether it is there again, without keeping the state. False: no
 * room, or it is elsewhere.
 */
#define CONTENT_SEGMENT 24 /* chunks */
#define CONTENT_SEGMENTS (LAB_CHUNKS / CONTENT_SEGMENT + LAB_RANGES + LAB_ACTORS + 1)
#define CONTENT_PARTS (CONTENT_SEGMENTS + LAB_ACTORS)
struct content_place {
	uint32_t number[CONTENT_PARTS];
};
bool content_note(struct content_place *p);
bool content_is_at(const struct content_place *p);

/*
 * After a move, before content_root(): an address where memory has changed and nobody said so; 0:
 * none. States would be wrong if there were one.
 */
uintptr_t content_unseen_change(void);

/*
 * The tree itself, for those who send states elsewhere. Its two halves lie below the root; in each,
 * as in a heap, the node i lies above 2 i and 2 i + 1, and the leaves, parts, are those from
 * content_leaves() on. What a number stands for depends on where it lies.
 */
enum content_half { CONTENT_CPUS, CONTENT_MEMORY };
unsigned content_leaves(enum content_half half);
bool content_is_list(enum content_half half, unsigned i); /* the leaf i: of numbers of chunks */
uint64_t content_below(uint32_t node);			  /* the pair of numbers */
uint32_t content_node(uint64_t below);			  /* 0: no room */

uint64_t content_bytes(void);

#endif
