/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "visible.h"

#include "content.h"
#include "machine.h"
#include "part.h"

#define PUBLIC 512

static struct {
	uint32_t publications; /* as of this search */
	bool known, too_many;
	uintptr_t addr[LAB_ACTORS][PUBLIC];
	unsigned n[LAB_ACTORS];
} words;

static void find_public_words(void)
{
	uint32_t publications = __atomic_load_n(lab_memory.publications, __ATOMIC_SEQ_CST);
	uintptr_t at, end;
	unsigned i;

	words.too_many = false;
	for (i = 0; i < machine.nactors; i++) {
		words.n[i] = 0;
		end = (uintptr_t)machine_actor(i);
		for (at = LAB_STACKS + i * LAB_STACK_SIZE + LAB_PAGE; at < end; at += 8) {
			if (!memory_is_public(at))
				continue;
			if (words.n[i] < PUBLIC)
				words.addr[i][words.n[i]++] = at;
			else
				words.too_many = true;
		}
	}
	words.publications = publications;
	words.known = true;
}

bool visible_is_old(void)
{
	return words.publications != __atomic_load_n(lab_memory.publications, __ATOMIC_SEQ_CST);
}

/*
 * What others can observe of an actor that stands still: the public words of its stack (or that
 * their frame is gone), and whether lab_join() waits for it.
 */
static unsigned visible_of(unsigned i, uint64_t *to)
{
	const struct actor *a = machine_actor(i);
	unsigned k, n = 0;

	to[n++] = (a->state == ACTOR_DONE || a->op.kind == OP_JOIN) &&
		  !machine_control()->buffer[i].n;
	for (k = 0; k < words.n[i]; k++) {
		bool gone = words.addr[i][k] < a->sp;

		to[n++] = gone;
		to[n++] = gone ? 0 : machine_load(words.addr[i][k], 8);
	}
	return n;
}

/* The part number of what is visible of these CPUs; 0: no room. */
static uint32_t all_visible(uint32_t frozen)
{
	static uint64_t seen[LAB_ACTORS * (2 * PUBLIC + 1)];
	unsigned i, n = 0;

	for (i = 0; i < machine.nactors; i++) {
		if (frozen & 1U << machine.info[i].cpu)
			n += visible_of(i, seen + n);
	}
	return part_number(seen, n * (uint32_t)sizeof(*seen));
}

uint64_t visible_key(uint32_t frozen, bool add)
{
	uint32_t seen = all_visible(frozen);

	return seen ? content_key(frozen, words.publications, seen, add) : 0;
}

void visible_update(void)
{
	if (!words.known || visible_is_old())
		find_public_words();
}

bool visible_too_many(void)
{
	return words.too_many;
}
