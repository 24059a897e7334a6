/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * spin.c - wait loops, and how to do without their turns.
 *
 * If a CPU has done nothing from one lab_relax() to the next but read, and its stack and registers
 * are as they were, and so is what it has read, the next turn will be like the last one. It sleeps
 * until one of these words is written, and goes on at the moment when its loop would have looked.
 *
 * Mostly something has changed: the loop counts its turns, and will do something else when it has
 * counted far enough, nobody knows when. So a turn that starts with a count that no CPU has been seen
 * to start from is really made; if it turns out to be idle, then so is, from now on, each that starts
 * there. This assumes that such counts are compared with constants.
 */
#include <string.h>

#include "sim.h"

#define COUNTS 65536
#define LOOPS 64

/* A loop that counts: where, and from which counts its turns are idle. */
struct loop {
	uint64_t pc;
	size_t offset; /* of the counter on the stack */
	uint32_t step;
	uint64_t idle[COUNTS / 64];
};

static struct loop loops[LOOPS];
static unsigned nloops;

/* ---- what a turn does ---- */

static uint64_t value_at(uintptr_t addr, unsigned size)
{
	uint64_t value = 0;

	memcpy(&value, (const void *)addr, size);
	return value;
}

static void note_read(struct turn *t, uintptr_t addr, unsigned size, uint64_t after)
{
	uint64_t value = value_at(addr, size);
	unsigned i;

	for (i = 0; i < t->nreads; i++) {
		if (t->read[i].addr == addr && t->read[i].size == size) {
			t->active |= t->read[i].value != value;
			return;
		}
	}
	if (t->nreads == TURN_READS) {
		t->active = true;
		return;
	}
	t->read[i].addr = addr;
	t->read[i].size = size;
	t->read[i].value = value;
	t->read[i].after = after;
	t->nreads++;
}

void spin_read(struct cpu *c, uintptr_t addr, unsigned size)
{
	uint64_t after = c->clock - c->turn.at - c->turn.stalled;
	unsigned n;

	for (; size && !c->turn.active; size -= n, addr += n) {
		n = size < 8 ? size : 8;
		note_read(&c->turn, addr, n, after);
	}
}

static bool reads_the_same(const struct turn *t)
{
	unsigned i;

	for (i = 0; i < t->nreads; i++) {
		if (value_at(t->read[i].addr, t->read[i].size) != t->read[i].value)
			return false;
	}
	return true;
}

static void begin_turn(struct cpu *c, uint64_t sp)
{
	struct turn *t = &c->turn;
	uint64_t top = SIM_STACKS + (sim_number(c) + 1) * SIM_STACK_SIZE;

	t->at = c->clock;
	t->stalled = 0;
	t->sp = sp;
	t->size = top - sp <= TURN_STACK ? top - sp : 0;
	t->active = false;
	t->nreads = 0;
	memcpy(t->stack, (const void *)sp, t->size);
}

/* ---- what has changed ---- */

/*
 * The only word of the stack that has, in *counter; NULL: none has. False: more than one, or it does
 * not count up or down by one.
 */
static bool find_counter(const struct turn *t, uint32_t **counter, uint32_t *step)
{
	const uint64_t *was = (const uint64_t *)t->stack;
	const uint64_t *is = (const uint64_t *)t->sp;
	size_t i, words = t->size / sizeof(*is), found = words;
	unsigned half;

	for (i = 0; i < words; i++) {
		if (was[i] == is[i])
			continue;
		if (found != words)
			return false;
		found = i;
	}
	*counter = NULL;
	if (found == words)
		return true;
	half = (uint32_t)was[found] == (uint32_t)is[found];
	*step = (uint32_t)(is[found] >> 32 * half) - (uint32_t)(was[found] >> 32 * half);
	*counter = (uint32_t *)t->sp + 2 * found + half;
	return (half || was[found] >> 32 == is[found] >> 32) && (*step == 1 || *step == UINT32_MAX);
}

/* NULL: no room for one more. */
static struct loop *find_loop(const struct turn *t, const uint32_t *counter, uint32_t step)
{
	uint64_t pc = ((const uint64_t *)t->sp)[6]; /* behind the registers: see lab_relax() */
	size_t offset = (uintptr_t)counter - t->sp;
	struct loop *l;

	for (l = loops; l < &loops[nloops]; l++) {
		if (l->pc == pc && l->offset == offset && l->step == step)
			return l;
	}
	if (nloops == LOOPS)
		return NULL;
	nloops++;
	l->pc = pc;
	l->offset = offset;
	l->step = step;
	return l;
}

/* So that it always counts up. */
static uint32_t count_of(const struct loop *l, uint32_t value)
{
	return l->step == 1 ? value : COUNTS - 1 - value;
}

static void mark_idle(struct loop *l, uint32_t count)
{
	if (count < COUNTS)
		l->idle[count / 64] |= 1ULL << count % 64;
}

static uint64_t idle_turns(const struct loop *l, uint32_t count)
{
	uint32_t end = count;

	while (end < COUNTS) {
		uint64_t not = ~l->idle[end / 64] >> end % 64;

		if (not )
			return end + (uint32_t)__builtin_ctzll(not ) - count;
		end = (end | 63) + 1;
	}
	return COUNTS - count;
}

/* ---- sleeping ---- */

static void watch_reads(struct cpu *c)
{
	struct spin *s = &c->spin;
	const struct turn *t = &c->turn;
	unsigned i, k;

	s->nwatches = 0;
	for (i = 0; i < t->nreads; i++) {
		struct line *l = line_of(t->read[i].addr);
		uint64_t bytes = ((1ULL << t->read[i].size) - 1) << t->read[i].addr % LINE;

		if (t->read[i].size == 8)
			bytes = 0xffULL << t->read[i].addr % LINE;
		for (k = 0; k < s->nwatches && s->watch[k].line != l; k++)
			;
		if (k == s->nwatches)
			s->watch[s->nwatches++] = (struct watch){ .line = l,
								  .cpu = sim_number(c),
								  .after = t->read[i].after };
		s->watch[k].bytes |= bytes;
	}
	for (k = 0; k < s->nwatches; k++)
		line_watch(&s->watch[k]);
}

static void sleep(struct cpu *c)
{
	struct spin *s = &c->spin;

	s->since = c->clock;
	s->period = sim_later(c->clock - c->turn.at - c->turn.stalled, 1);
	watch_reads(c);
	c->state = CPU_SPINS;
	if (s->turns != NEVER) {
		c->clock += s->turns * s->period;
		schedule_ready(c);
	}
	schedule_stop(c);
}

void spin_end(struct cpu *c, uint64_t when)
{
	struct spin *s = &c->spin;
	uint64_t turns = 0;
	unsigned i;

	if (when > s->since)
		turns = (when - s->since + s->period - 1) / s->period;
	if (turns > s->turns)
		turns = s->turns;
	for (i = 0; i < s->nwatches; i++)
		line_unwatch(&s->watch[i], when);
	if (s->counter)
		*s->counter += (uint32_t)turns * s->step;
	sim.skipped_turns += turns;
	c->clock = s->since + turns * s->period;
	c->state = CPU_RUNS;
	begin_turn(c, c->turn.sp);
}

void spin_wake(struct cpu *c, uint64_t when)
{
	spin_end(c, when);
	schedule_ready(c);
}

/* How many turns from here on are known to be like the last one. */
static uint64_t turns_like_the_last(struct cpu *c)
{
	const struct turn *t = &c->turn;
	struct spin *s = &c->spin;
	struct loop *l;

	if (sim.cfg->every_turn || !t->size || t->active || !reads_the_same(t) ||
	    !find_counter(t, &s->counter, &s->step))
		return 0;
	if (!s->counter)
		return NEVER;
	l = find_loop(t, s->counter, s->step);
	if (!l)
		return 0;
	mark_idle(l, count_of(l, *s->counter - s->step));
	return idle_turns(l, count_of(l, *s->counter));
}

void spin_turn(struct cpu *c, uint64_t sp)
{
	c->spin.turns = sp == c->turn.sp ? turns_like_the_last(c) : 0;
	if (c->spin.turns)
		sleep(c);
	else
		begin_turn(c, sp);
}
