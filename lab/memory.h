/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * memory.h - the memory that belongs to the state, and how actors use each word of it.
 *
 * It lies at fixed addresses, so that a state consists of the same bytes in every process and run:
 *
 * LAB_BASE   the lab's own part of the state (struct control), then memory from lab_alloc()
 * LAB_UNIT   the units and their caches
 * LAB_STACKS a stack for each actor, with a guard page below, and struct actor at its end
 *
 * The variables of a scenario's shared object are added, wherever they lie.
 */
#ifndef LAB_MEMORY_H
#define LAB_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LAB_ACTORS 12
#define LAB_THE_UNIT 14 /* the number of the hardware where actors are numbered */

#define LAB_BASE 0x200000000000ULL
#define LAB_HEAP_SIZE 0x200000ULL
#define LAB_UNIT (LAB_BASE + LAB_HEAP_SIZE)
#define LAB_UNIT_SIZE 0x10000ULL
#define LAB_STACKS (LAB_UNIT + LAB_UNIT_SIZE)
#define LAB_STACK_SIZE 0x10000ULL
#define LAB_END (LAB_STACKS + LAB_ACTORS * LAB_STACK_SIZE)
#define LAB_PAGE 0x1000ULL

/* A range of memory that is compared as a whole. */
struct lab_range {
	uintptr_t base;
	size_t size;
};

/* Ranges are compared in pieces of so many bytes. */
#define LAB_CHUNK 128
#define LAB_VARIABLES 0x10000ULL /* bytes of a shared object's variables */
#define LAB_CHUNKS ((LAB_HEAP_SIZE + LAB_UNIT_SIZE + LAB_VARIABLES) / LAB_CHUNK)

#define LAB_RANGES 6 /* heap, unit, a shared object's variables */

struct lab_memory {
	struct lab_range range[LAB_RANGES]; /* [0]: heap, [1]: units; the sizes are those in use */
	unsigned nranges;
	uint32_t *granule; /* shared by all processes of an exploration */
	size_t ngranules;
	/* Likewise: code with an access that takes several instructions; 0: none was met. */
	uint64_t *wide;
	uint32_t *publications; /* likewise: count of granules of stacks that got other users */
	bool learning;		/* a newly shared granule needs no restart */
	bool every;		/* every access counts as shared: no reduction */
	uint64_t dirty[LAB_CHUNKS / 64 + 1]; /* chunks that may differ from the state loaded last */
	uint32_t dirty_stacks;		     /* the actors whose stacks may differ */
};

extern struct lab_memory lab_memory;

/* Map all of it; false: errno says why. `variables` are those of a shared object. */
bool memory_map(const struct lab_range *variables, unsigned n);

/* As lab_alloc(); NULL if there is no room. */
void *memory_alloc(size_t bytes, size_t align);

/* The same in the units' part. */
void *memory_alloc_unit(size_t bytes);

/* ---- chunks ---- */

/* The number of the chunk that contains this address, counted over all ranges; -1: none. */
int memory_chunk(uintptr_t addr);

static inline void memory_dirty(uintptr_t addr, size_t size)
{
	int first, last;

	/* An actor may write to another's stack, for example to a ticket. */
	if (addr - LAB_STACKS < LAB_END - LAB_STACKS) {
		lab_memory.dirty_stacks |= 1U << (addr - LAB_STACKS) / LAB_STACK_SIZE;
		return;
	}
	first = memory_chunk(addr);
	last = memory_chunk(addr + size - 1);
	for (; first >= 0 && first <= last; first++)
		lab_memory.dirty[first / 64] |= 1ULL << first % 64;
}

/* ---- granules ---- */

/*
 * An access is a stop only if its order relative to others' accesses matters. It does not matter if
 * only one actor uses the word, if the word is not written while actors run, or if each access
 * holds the same lock. The lab learns this while it runs: it keeps how each granule of eight bytes
 * has been used. When a granule proves to be shared after all, the exploration so far is void and
 * starts again.
 */
enum memory_use {
	USE_PRIVATE, /* no stop */
	USE_SHARED,
	USE_NEWLY_SHARED, /* it was not shared before: restart */
	USE_INVALID,	  /* not allocated */
};

enum memory_use memory_access(unsigned actor, uint32_t locks, uintptr_t addr, size_t size,
			      bool write);

/*
 * Let up to `left` accesses of this actor pass without entering the lab, if memory_access() would
 * call them USE_PRIVATE and learn nothing: see struct lab_quick. `stack_end` is the end of its
 * stack. `heap` false: only those to its stack.
 */
void memory_quick(unsigned actor, uint32_t locks, uintptr_t stack_end, unsigned left, bool heap);

/*
 * For explorations on several ranks. memory_both(): what two ranks have learnt of a granule,
 * combined. memory_learn(): take over what all ranks have learnt. True: a word became shared here.
 * *anew: a word got a second user here, so *publications has to change.
 */
uint32_t memory_both(uint32_t a, uint32_t b);
bool memory_learn(const uint32_t *granules, bool *anew);
bool memory_used(uint32_t granule); /* it has a user */

/* The granule counts as shared from now on. False: it did already. */
bool memory_force_shared(uintptr_t addr);

/* All of this memory counts as shared. False: it did already. */
bool memory_share(uintptr_t addr, size_t size);

/*
 * True if an actor other than the granule's first user has used it. The first user of a word on a
 * stack need not be the actor whose stack it is.
 */
bool memory_is_public(uintptr_t addr);

/* True if the process can read this address. The mappings are those at the first call. */
bool memory_readable(uintptr_t addr);

/* The actor on whose stack the address lies; -1: none. */
static inline int memory_stack_of(uintptr_t addr)
{
	return addr - LAB_STACKS < LAB_END - LAB_STACKS
		       ? (int)((addr - LAB_STACKS) / LAB_STACK_SIZE)
		       : -1;
}

/* True if the addresses belong to lab_alloc(), a stack or a shared object's variables. */
bool memory_valid(uintptr_t addr, size_t size);

#endif
