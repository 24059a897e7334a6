/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * schedule.c - decides which CPU runs: the one with the earliest clock. The unit takes part, too.
 */
#include "sim.h"

/*
 * A heap of the CPUs that can run, except the running one. With equal clocks the lower number comes
 * first.
 */
struct entry {
	uint64_t clock;
	struct cpu *cpu;
};

static struct entry heap[TIMED_CPUS + 1];
static unsigned size;

static inline bool before(const struct entry *a, const struct entry *b)
{
	return a->clock < b->clock || (a->clock == b->clock && a->cpu < b->cpu);
}

static inline void put(struct entry e, unsigned place)
{
	heap[place] = e;
	e.cpu->place = place;
}

static void rise(struct entry e, unsigned place)
{
	for (; place > 1 && before(&e, &heap[place / 2]); place /= 2)
		put(heap[place / 2], place);
	put(e, place);
}

static void sink(struct entry e, unsigned place)
{
	unsigned child;

	for (; (child = 2 * place) <= size; place = child) {
		if (child < size && before(&heap[child + 1], &heap[child]))
			child++;
		if (before(&e, &heap[child]))
			break;
		put(heap[child], place);
	}
	put(e, place);
}

void schedule_ready(struct cpu *c)
{
	struct entry e = { c->clock, c };

	if (!c->place)
		rise(e, ++size);
	else
		rise(e, c->place);
}

static void forget(struct cpu *c)
{
	unsigned place = c->place;
	struct entry last;

	if (!place)
		return;
	c->place = 0;
	last = heap[size--];
	if (last.cpu == c)
		return;
	if (place > 1 && before(&last, &heap[place / 2]))
		rise(last, place);
	else
		sink(last, place);
}

/* NULL: no CPU can run. */
static struct cpu *pop(void)
{
	struct cpu *c;

	while (sim.unit_next != NEVER && (!size || sim.unit_next <= heap[1].clock))
		unit_step();
	if (!size)
		return NULL;
	c = heap[1].cpu;
	forget(c);
	return c;
}

/* Seconds of virtual time after which a submission counts as lost. */
#define STUCK 10

/* A spinning CPU now comes to a turn that may matter: it makes this turn. */
static void resume(uint64_t *from, struct cpu *c)
{
	if (c && c->state == CPU_SPINS)
		spin_end(c, c->clock);
	if (!c && sim.ended < sim.cfg->cpus && !*sim.problem)
		sim_fail("all CPUs wait, and none is left to change anything");
	if (c && c->submits && c->clock > c->began + STUCK * 1000000000ULL * PS_PER_NS)
		sim_fail("CPU %u: submission %llu has not been over for %d seconds", sim_number(c),
			 (unsigned long long)c->number, STUCK);
	sim.running = c;
	if (!c || from != &c->sp)
		lab_switch(from, c ? c->sp : sim.main_sp);
}

void schedule_order(struct cpu *c)
{
	const struct entry e = { c->clock, c };

	while (sim.unit_next <= c->clock || (size && before(&heap[1], &e))) {
		if (sim.unit_next <= c->clock && (!size || sim.unit_next <= heap[1].clock)) {
			unit_step();
			continue;
		}
		schedule_ready(c);
		schedule_stop(c);
	}
}

void schedule_stop(struct cpu *c)
{
	resume(&c->sp, pop());
	sim.running = c;
}

void schedule_start(void)
{
	unsigned i;

	for (i = 0; i < sim.cfg->cpus; i++)
		schedule_ready(&sim.cpu[i]);
	resume(&sim.main_sp, pop());
	sim.running = NULL;
}
