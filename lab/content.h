/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * content.h - what the machine holds, converted to a tree and back.
 *
 * Each part is kept once and has a number: a chunk of memory, a segment (the list of its chunks'
 * numbers), an actor with its stack. Over these numbers there is a tree of nodes, which are pairs
 * of numbers and are kept once each, too. So the root, two numbers, identifies the whole content.
 */
#ifndef LAB_CONTENT_H
#define LAB_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "memory.h"

/*
 * For comparison: the root is a list of all parts instead of a tree. Set it before anything is
 * kept.
 */
extern bool content_flat;

bool content_open(void); /* before fork(); false: no memory */

/*
 * content_reset(): forget all parts, while no other process uses them. content_catch_up(), in each
 * process: forget what the machine holds.
 */
bool content_reset(void);
void content_catch_up(void);

/* Room for the parts of so many states, as pairs_grow() and pairs_crowded(). */
bool content_grow(uint64_t states);
bool content_crowded(uint64_t states);

/* content_root(): the root of what the machine holds; 0: no room. content_load(): load it. */
uint64_t content_root(void);
void content_load(uint64_t root);

/*
 * The root without the parts that belong to these CPUs alone, one bit each (stacks, registers,
 * store buffers), but with two numbers beside it. 0: no room; or it does not exist and `add` is
 * false.
 */
uint64_t content_key(uint32_t cpus, uint32_t publications, uint32_t visible, bool add);

/*
 * Store the numbers of the parts that belong to these CPUs alone, or to the units. Returns how
 * many, at most CONTENT_PARTS; 0: no room.
 */
unsigned content_parts_of(uint32_t cpus, uint32_t *numbers);
unsigned content_units(uint32_t *numbers);

/*
 * content_note() notes the machine's state without keeping it; false: no room. content_is_at()
 * compares; false: another state, or no room.
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
 * After a move, before content_root(): an address at which memory changed though no access was
 * reported; 0: none. If there is one, states would be wrong.
 */
uintptr_t content_unseen_change(void);

/*
 * The tree itself, for sending states elsewhere. Its two halves are below the root. In each half,
 * as in a heap, node i is the parent of 2 i and 2 i + 1, and the nodes from content_leaves() on are
 * parts. What a number means depends on the node's place.
 */
enum content_half { CONTENT_CPUS, CONTENT_MEMORY };
unsigned content_leaves(enum content_half half);
bool content_is_list(enum content_half half, unsigned i); /* leaf i is a list of chunks' numbers */
uint64_t content_below(uint32_t node);			  /* the pair of numbers below it */
uint32_t content_node(uint64_t below);			  /* 0: no room */

uint64_t content_bytes(void);

#endif
