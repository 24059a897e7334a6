/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * memory.h - the memory that is part of the state, and who uses which word of it how.
 *
 * It lies at fixed addresses, so that a state is the same bytes in every process and run:
 *
 *   LAB_BASE   the lab's own part of the state (struct control), then what lab_alloc() gave
 *   LAB_UNIT   the units and their caches
 *   LAB_STACKS a stack for each actor, a guard page below it, struct actor at its end
 *
 * A scenario from a shared object adds that object's variables, wherever they are.
 */
#ifndef LAB_MEMORY_H
#define LAB_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LAB_ACTORS 12
#define LAB_THE_UNIT 14 /* where actors are counted: the hardware */

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

/* In what pieces ranges are compared. */
#define LAB_CHUNK 128
#define LAB_VARIABLES 0x10000ULL /* bytes of a shared object's variables */
#define LAB_CHUNKS ((LAB_HEAP_SIZE + LAB_UNIT_SIZE + LAB_VARIABLES) / LAB_CHUNK)

#define LAB_RANGES 6 /* heap, unit, a shared object's variables */

struct lab_memory {
	struct lab_range range[LAB_RANGES]; /* [0]: heap, [1]: unit; sizes are what is in use */
	unsigned nranges;
	uint32_t *granule; /* shared by all processes of an exploration */
	size_t ngranules;
	uint64_t *wide; /* so, too: code whose one access is several of a CPU's; 0: not met */
	uint32_t *publications; /* so, too: granules of stacks that others have used, a count */
	bool learning;		/* a newly shared granule needs no new start */
	bool every;		/* every access counts as shared: no reduction */
	uint64_t dirty[LAB_CHUNKS / 64 + 1]; /* chunks that may differ from the state loaded last */
	uint32_t dirty_stacks;		     /* and actors' stacks */
};

extern struct lab_memory lab_memory;

/* Map all of it; false with errno set. Variables are those of a shared object, as found. */
bool memory_map(const struct lab_range *variables, unsigned n);

/* As lab_alloc(); NULL if there is no room. */
void *memory_alloc(size_t bytes, size_t align);

/* Of the units' part. */
void *memory_alloc_unit(size_t bytes);

/* ---- chunks ---- */

/* Number of the chunk that holds this address, counted over all ranges; -1: in none. */
int memory_chunk(uintptr_t addr);

static inline void memory_dirty(uintptr_t addr, size_t size)
{
	int first, last;

	/* One actor may write to another's stack: its ticket, say. */
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
 * An access is worth a stop only if the order of it and of others' accesses matters. It does not if
 * the word is used by one actor only, or is never written while actors run, or is used with one and
 * the same lock held. This is learnt on the way: what an access shows is kept per granule of eight
 * bytes, and when one turns out to be shared after all, everything that was explored before is
 * void and the exploration starts anew.
 */
enum memory_use {
	USE_PRIVATE, /* no stop */
	USE_SHARED,
	USE_NEWLY_SHARED, /* it was not before: start anew */
	USE_INVALID,	  /* outside of what has been allocated */
};

enum memory_use memory_access(unsigned actor, uint32_t locks, uintptr_t addr, size_t size,
			      bool write);

/*
 * The next `left` accesses of this actor that memory_access() would call USE_PRIVATE, and learn
 * nothing from, need not come to the lab: see struct lab_quick. Its stack ends at @stack_end.
 */
void memory_quick(unsigned actor, uint32_t locks, uintptr_t stack_end, unsigned left);

/*
 * Explorations of the same in other places: what two of them have learnt of a granule, together;
 * and take over what all have learnt. True: a word counts as shared that did not here. *anew:
 * somebody else uses a word that only one did here, so *publications has to change.
 */
uint32_t memory_both(uint32_t a, uint32_t b);
bool memory_learn(const uint32_t *granules, bool *anew);
bool memory_used(uint32_t granule); /* by anybody */

/* From now on this counts as shared whatever is known of it. False: it did already. */
bool memory_force_shared(uintptr_t addr);

/* All of it counts as shared. False: it did already. */
bool memory_share(uintptr_t addr, size_t size);

/*
 * Has anybody used it beside its first user? Of a word on a stack: its actor's callee, or another.
 */
bool memory_is_public(uintptr_t addr);

/* Does the process have this address, to read? As it was when somebody first asked. */
bool memory_readable(uintptr_t addr);

/* The actor on whose stack it is; -1: on none. */
static inline int memory_stack_of(uintptr_t addr)
{
	return addr - LAB_STACKS < LAB_END - LAB_STACKS
		       ? (int)((addr - LAB_STACKS) / LAB_STACK_SIZE)
		       : -1;
}

/* Addresses that lab_alloc() or a stack or a shared object's variables cover. */
bool memory_valid(uintptr_t addr, size_t size);

#endif
