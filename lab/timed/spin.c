/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * spin.c - wait loops: most of their turns need not be simulated.
 *
 * If a CPU has only read memory from one lab_relax() to the next, and its stack, its registers and
 * the words that it has read are unchanged, its next turn will be like the last one. It sleeps
 * until one of these words is written, and goes on at the time when its loop would have read the
 * word.
 *
 * In most loops something does change: the loop counts its turns, and does something else after a
 * number of turns that the lab does not know. So a turn that starts with a count from which no CPU
 * has started before is simulated. If it turns out to be idle, and reads what turns of this loop
 * usually read, all later turns that start with the same count are taken to be idle, too. This
 * assumes that such counts are compared with constants.
 */
#include <string.h>

#include "sim.h"

/*
 * Counts that are remembered; half of them are for negative values, with which compilers may begin.
 */
#define COUNTS 131072
#define LOOPS 64
#define MIX 0x9e3779b97f4a7c15ULL

/* A loop with a counter: its place, what it reads, and the counts from which its turns are idle. */
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

	/* The descriptors, and what is above them on the stack, do not change while it submits. */
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

/* ---- changes of the stack ---- */

/*
 * Find the only word of the stack that has changed, in *counter; NULL: none has. False: several
 * have, or it does not count up or down by one.
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

/* NULL: no room for another loop. */
static struct loop *find_loop(const struct turn *t, const struct spin *s)
{
	/* The return address, after the registers: see lab_relax(). */
	uint64_t pc = ((const uint64_t *)t->sp)[6];
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

/* Map the counter's value so that it counts up, and starts in the range. */
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

/* True if the turn that ends has changed nothing except a counter. */
static bool was_idle(struct cpu *c)
{
	const struct turn *t = &c->turn;

	return t->size && !t->active && still_the_same(&t->reads) &&
	       find_counter(t, &c->spin.counter, &c->spin.step);
}

/*
 * The number of turns from here on that are known to be idle, as long as no word that the usual
 * turn reads is written. The usual turn is the first turn of the wait; or a later one that came
 * twice in a row, if turns differ.
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
