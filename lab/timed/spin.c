/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * spin.c - wait loops, and how to do without their turns.
 *
 * If a CPU has done nothing from one lab_relax() to the next but read, and its stack and registers
 * are as they were, and so is what it has read, the next turn will be like the last one. It sleeps
 * until one of these words is written, and goes on at the moment when its loop would have looked.
 *
 * Mostly something has changed: the loop counts its turns, and will do something else when it has
 * counted far enough, nobody knows when. So a turn that starts with a count that no CPU has been
 * seen to start from is really made; if it turns out to be idle, and to read what turns of this
 * loop usually read, then so does, from now on, each that starts there. This assumes that such
 * counts are compared with constants.
 */
#include <string.h>

#include "sim.h"

#define COUNTS 131072 /* half of them below 0, where compilers may begin */
#define LOOPS 64
#define MIX 0x9e3779b97f4a7c15ULL

/* A loop that counts: where, what it reads, and from which counts its turns are idle. */
struct loop {
	uint64_t pc, code;
	size_t offset; /* of the counter on the stack */
	uint32_t step;
	uint64_t idle[COUNTS / 64];
};

static struct loop loops[LOOPS];
static unsigned nloops;

/* ---- what a turn does ---- */

static void note_read(struct cpu *c, uintptr_t addr, unsigned size)
{
	struct reads *r = &c->turn.reads;
	uint64_t value = sim_load(addr, size);
	unsigned i;

	for (i = 0; i < r->n; i++) {
		if (r->read[i].addr == addr && r->read[i].size == size) {
			c->turn.active |= r->read[i].value != value;
			return;
		}
	}
	if (r->n == TURN_READS) {
		c->turn.active = true;
		return;
	}
	r->read[i].addr = addr;
	r->read[i].size = size;
	r->read[i].value = value;
	r->read[i].after = c->clock - c->turn.at - c->turn.stalled;
	r->words += (addr + size) * MIX;
	r->n++;
}

void spin_read(struct cpu *c, uintptr_t addr, unsigned size, uint64_t pc)
{
	unsigned n;

	c->turn.reads.code += pc * MIX;
	for (; size && !c->turn.active; size -= n, addr += n) {
		n = size < 8 ? size : 8;
		note_read(c, addr, n);
	}
}

static bool still_the_same(const struct reads *r)
{
	unsigned i;

	for (i = 0; i < r->n; i++) {
		if (sim_load(r->read[i].addr, r->read[i].size) != r->read[i].value)
			return false;
	}
	return true;
}

static void begin_turn(struct cpu *c, uint64_t sp)
{
	struct turn *t = &c->turn;
	uint64_t top = SIM_STACKS + (sim_number(c) + 1) * SIM_STACK_SIZE;

	/* What is submitted, and what is above it, does not change meanwhile. */
	if (c->submits && c->constant > sp)
		top = c->constant & ~7ULL;
	t->at = c->clock;
	t->stalled = 0;
	t->sp = sp;
	t->size = top - sp <= TURN_STACK ? top - sp : 0;
	t->before = t->active ? NEVER : t->reads.words;
	t->active = false;
	t->reads.words = t->reads.code = 0;
	t->reads.n = 0;
	memcpy(t->stack, (const void *)sp, t->size);
}

/* ---- what has changed ---- */

/*
 * The only word of the stack that has, in *counter; NULL: none has. False: more than one, or it
 * does not count up or down by one.
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
static struct loop *find_loop(const struct turn *t, const struct spin *s)
{
	uint64_t pc = ((const uint64_t *)t->sp)[6]; /* behind the registers: see lab_relax() */
	size_t offset = (uintptr_t)s->counter - t->sp;
	struct loop *l;

	for (l = loops; l < &loops[nloops]; l++) {
		if (l->code == s->usual.code && l->pc == pc && l->offset == offset &&
		    l->step == s->step)
			return l;
	}
	if (nloops == LOOPS)
		return NULL;
	nloops++;
	l->pc = pc;
	l->code = s->usual.code;
	l->offset = offset;
	l->step = s->step;
	return l;
}

/* So that it always counts up, from 0 on. */
static uint32_t count_of(const struct loop *l, uint32_t value)
{
	return COUNTS / 2 + value * l->step;
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
		uint64_t others = ~l->idle[end / 64] >> end % 64;

		if (others)
			return end + (uint32_t)__builtin_ctzll(others) - count;
		end = (end | 63) + 1;
	}
	return end - count;
}

/* ---- sleeping ---- */

static uint64_t bytes_of(uintptr_t addr, unsigned size)
{
	return (size == 8 ? 0xffULL : (1ULL << size) - 1) << addr % LINE;
}

static struct watch *watch_of(struct cpu *c, struct line *l, uint64_t after)
{
	struct spin *s = &c->spin;
	struct watch *w;

	for (w = s->watch; w < &s->watch[s->nwatches]; w++) {
		if (w->line == l)
			return w;
	}
	s->nwatches++;
	w->line = l;
	w->bytes = 0;
	w->after = after;
	w->cpu = sim_number(c);
	return w;
}

static void watch_reads(struct cpu *c)
{
	const struct reads *r = &c->spin.usual;
	unsigned i;

	c->spin.nwatches = 0;
	for (i = 0; i < r->n; i++)
		watch_of(c, line_of(r->read[i].addr), r->read[i].after)->bytes |=
			bytes_of(r->read[i].addr, r->read[i].size);
	for (i = 0; i < c->spin.nwatches; i++)
		line_watch(&c->spin.watch[i]);
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
	if (turns)
		c->turn.reads.words = s->usual.words;
	begin_turn(c, c->turn.sp);
}

void spin_wake(struct cpu *c, uint64_t when)
{
	spin_end(c, when);
	schedule_ready(c);
}

/* Has the turn that is over changed nothing but a counter? */
static bool was_idle(struct cpu *c)
{
	const struct turn *t = &c->turn;

	return t->size && !t->active && still_the_same(&t->reads) &&
	       find_counter(t, &c->spin.counter, &c->spin.step);
}

/*
 * How many turns from here on are known to be idle, if nothing of what the usual turn reads is
 * written. The usual turn is the first one of the wait, or, if there are others, one that came
 * twice in a row.
 */
static uint64_t idle_turns_ahead(struct cpu *c)
{
	struct spin *s = &c->spin;
	const struct reads *now = &c->turn.reads;
	struct loop *l;

	if (!s->counter || !s->known ||
	    (now->words != s->usual.words && now->words == c->turn.before))
		s->usual = *now;
	s->known = true;
	if (!s->counter)
		return NEVER;
	l = find_loop(&c->turn, s);
	if (!l || !still_the_same(&s->usual))
		return 0;
	if (now->words == s->usual.words && now->code == s->usual.code)
		mark_idle(l, count_of(l, *s->counter - s->step));
	return idle_turns(l, count_of(l, *s->counter));
}

void spin_turn(struct cpu *c, uint64_t sp)
{
	if (sp != c->turn.sp || sim.cfg->every_turn || !was_idle(c)) {
		c->spin.known = false;
		begin_turn(c, sp);
		return;
	}
	c->spin.turns = idle_turns_ahead(c);
	if (c->spin.turns)
		sleep(c);
	else
		begin_turn(c, sp);
}
