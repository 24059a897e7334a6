/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * garbage.c - qi_init() gets memory with arbitrary contents: an allocator's, or a former queue's.
 */
#include "scenarios.h"

#include <lab/age.h>

static uint32_t *ready;

enum kind {
	FORMER,	  /* as a queue that has just been turned off has left it */
	ONES,	  /* all bits are 1 */
	ANYTHING, /* random */
	FIRST_LAP /* what this lap of the new queue and the next two will write, in all places */
};
#define KINDS (FIRST_LAP + 3)

static void fill(void *memory, size_t bytes, enum kind kind, uint64_t seed)
{
	uint64_t *word = memory;
	size_t i;

	for (i = 0; i < bytes / sizeof(*word); i++)
		word[i] = kind == ANYTHING ? age_random(&seed) : ~0ULL;
}

/*
 * All slots look complete, published, and owned by the doorbell; the ring is full of waits that
 * write the same status words.
 */
static void pretend(const struct qi_config *c, uint64_t lap)
{
	uint64_t *ring = c->ring.virt, position;
	uint32_t *status = c->status.virt, i;
	unsigned order = (unsigned)__builtin_ctz(c->slots);

	for (i = 0; i < c->slots; i++) {
		position = lap << order | i;
		status[i] = (uint32_t)lap * 2;
		c->slot[i].published =
			position << AGE_POSITION_SHIFT | AGE_PUBLISHED | AGE_DOORBELL;
		ring[i * c->width / 64] = (QI_IWD_TYPE | QI_IWD_SW) | lap * 2 << 32;
		ring[i * c->width / 64 + 1] = c->status.phys + i * sizeof(*status);
	}
}

/* Use a queue, turn it off, and set up a new queue in its memory. */
static int begin(void *submitter)
{
	struct qi_config c = engine_queue->cfg;
	enum kind kind;

	lab_check(qi_disable(engine_queue) == 0);
	kind = (enum kind)lab_choose(KINDS);
	if (kind != FORMER) {
		fill(engine_queue, sizeof(*engine_queue), kind, 1);
		fill(c.ring.virt, QI_RING_BYTES(c.slots, c.width), kind, 2);
		fill(c.status.virt, QI_STATUS_BYTES(c.slots), kind, 3);
		fill(c.slot, c.slots * sizeof(*c.slot), kind, 4);
	}
	if (kind >= FIRST_LAP)
		pretend(&c, 1 + kind - FIRST_LAP);
	lab_check(qi_init(engine_queue, &c) == 0);
	lab_check(qi_enable(engine_queue) == 0);
	__atomic_store_n(ready, 1, __ATOMIC_RELEASE);
	return scenario_submit(submitter);
}

static int submit_when_ready(void *submitter)
{
	while (!__atomic_load_n(ready, __ATOMIC_ACQUIRE))
		lab_host.relax(NULL);
	return scenario_submit(submitter);
}

const char *setup_garbage(const struct lab_params *p)
{
	static const struct submitter one = { 1, 1, 0, 1 }, drain = { 0, 1, 0, 0 };
	static const struct engine_options plain;
	const char *why = engine_setup_core(p, &plain);
	unsigned i;

	if (why)
		return why;
	ready = lab_alloc(sizeof(*ready));
	if (!ready)
		return "out of memory";
	*ready = 0;
	/* Let the former queue go through one lap. */
	for (i = 0; i < p->slots; i++) {
		if (qi_submit_sync(engine_queue, NULL, 0, 0))
			return "qi_submit_sync() fails";
	}
	scenario_touch_page(1);
	lab_actor("T1", begin, (void *)(uintptr_t)&one);
	lab_actor("T2", submit_when_ready, (void *)(uintptr_t)&drain);
	scenario_afterwards();
	return NULL;
}
