/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "reduction.h"

#include <string.h>

#include "content.h"
#include "memo.h"
#include "store.h"
#include "table.h"
#include "touch.h"

#define BUDGET (1U << 16)

#define AGAIN 1024

struct reduction reduction = { .budget = BUDGET, .again = AGAIN };

bool reduction_open(void)
{
	return footprint_open() && memo_open();
}

bool reduction_reset(void)
{
	reduction.promoted = reduction.failed = reduction.wrong = false;
	return memo_reset();
}

unsigned reduction_way(const struct trail *way, struct move *moves, unsigned room)
{
	unsigned n = way->before ? reduction_way(way->before, moves, room) : 0, i;

	if (way->graph)
		n += scout_way(way, moves + n, room - n);
	for (i = 0; i < way->n && n < room; i++)
		moves[n++] = way->move[i];
	return n;
}

/* ---- which agents ---- */

/* All sets of agents are tried if at most so many agents can be chosen. */
#define FEW 5

/* The agents to choose from, and what is known of them so far. */
struct choice {
	uint32_t frozen, all; /* all: who is not frozen */
	const struct move *moves;
	unsigned n;
	uint32_t asked, can; /* whose `agent` is known, and may be chosen */
	struct agent agent[AGENTS];
	uint32_t needs[AGENTS]; /* who has to be chosen, too */
	uint32_t asleep;
	struct future future;
	struct chosen *chosen;
};

static bool conflict(const struct footprint *mine, const struct footprint *others)
{
	struct footprint f = *mine;

	if (reduction.planted == PLANT_READS)
		memset(f.read, 0, sizeof(f.read));
	return footprint_conflict(&f, others);
}

/* Agents that alone may touch what this next move touches. */
static uint32_t needs_of(struct choice *c, unsigned who, const struct footprint *next)
{
	const struct footprint *alone;
	uint32_t needs = 0, left = c->all & ~(1U << who);

	for (; left; left &= left - 1) {
		alone = future_alone(&c->future, (unsigned)__builtin_ctz(left));
		if (!alone || conflict(next, alone))
			needs |= left & -left;
	}
	return needs;
}

static const struct agent *ask(struct choice *c, unsigned who)
{
	struct agent *a = &c->agent[who];

	if (c->asked & 1U << who)
		return a;
	agent_next(who, c->moves, c->n, a);
	c->asked |= 1U << who;
	if (a->can)
		c->needs[who] = needs_of(c, who, &a->next);
	c->can |= (uint32_t)a->can << who;
	return a;
}

static unsigned outcomes_of(const struct choice *c, uint32_t set)
{
	unsigned n = 0;

	for (set &= ~c->asleep; set; set &= set - 1)
		n += c->agent[__builtin_ctz(set)].outcomes;
	return n;
}

static bool choose(struct choice *c, uint32_t set, bool flush)
{
	struct chosen *to = c->chosen;
	uint32_t left;

	to->n = agent_moves(set & ~c->asleep, c->moves, c->n, to->move, flush);
	to->single = to->n == 1 && (flush || outcomes_of(c, set) == 1);
	to->can_sleep = flush || machine.look ? 0 : c->can & c->asked & set;
	for (left = to->can_sleep; left; left &= left - 1)
		to->next[__builtin_ctz(left)] = c->agent[__builtin_ctz(left)].next;
	return true;
}

/*
 * The moves of this set are enough if nothing that others may do before touches what they touch.
 * The hardware may pause for ever, so alone it is enough only if a CPU cannot return without it.
 */
static bool try_set(struct choice *c, uint32_t set)
{
	uint32_t left, stuck;

	if (!future_together(&c->future, c->all & ~set, &c->chosen->others, &stuck))
		return false;
	if (set == AGENT_HARDWARE && !c->frozen && !stuck)
		return false;
	for (left = set; left; left &= left - 1) {
		if (conflict(&c->agent[__builtin_ctz(left)].next, &c->chosen->others))
			return false;
	}
	return choose(c, set, false);
}

static bool try_cpu(struct choice *c, unsigned cpu)
{
	const struct agent *a = ask(c, cpu);
	uint32_t others = c->all & ~(1U << cpu), stuck;

	/*
	 * The CPU itself cannot observe when a store leaves the buffer, and no other store
	 * overtakes it.
	 */
	if (a->can_flush && !needs_of(c, cpu, &a->flush) &&
	    future_together(&c->future, others, &c->chosen->others, &stuck) &&
	    !conflict(&a->flush, &c->chosen->others))
		return choose(c, 1U << cpu, true);
	return a->can && !c->needs[cpu] && try_set(c, 1U << cpu);
}

/* ---- several agents ---- */

/* True if the set contains all agents that it needs. */
static bool is_closed(const struct choice *c, uint32_t set)
{
	uint32_t left, needs = 0;

	for (left = set; left; left &= left - 1)
		needs |= c->needs[__builtin_ctz(left)];
	return !(needs & ~set);
}

/* The set with the agents that it needs, those that these need, and so on. */
static uint32_t closure(const struct choice *c, uint32_t set)
{
	uint32_t before, left;

	do {
		before = set;
		for (left = before & c->can; left; left &= left - 1)
			set |= c->needs[__builtin_ctz(left)];
	} while (set != before);
	return set;
}

/* Sets that may be enough. Returns how many. */
static unsigned list_sets(const struct choice *c, uint32_t *sets)
{
	bool few = __builtin_popcount(c->can) <= FEW;
	uint32_t set;
	unsigned n = 0;

	for (set = c->can; set; set = few ? (set - 1) & c->can : set & (set - 1))
		sets[n++] = few ? set : closure(c, set & -set);
	return n;
}

/* Single CPUs have been tried, and all moves together need no reason. */
static bool is_worth_it(const struct choice *c, uint32_t set)
{
	uint32_t left, others = 0;

	for (left = c->all & ~set; left; left &= left - 1)
		others += c->agent[__builtin_ctz(left)].outcomes;
	return others && !(set & ~c->can) && is_closed(c, set) &&
	       (set == AGENT_HARDWARE || set & (set - 1));
}

/* Try the set with the fewest moves first. */
static bool try_several(struct choice *c)
{
	uint32_t sets[1U << FEW], left, set;
	unsigned n, i, best;

	for (left = c->all; left; left &= left - 1)
		ask(c, (unsigned)__builtin_ctz(left));
	for (n = list_sets(c, sets); n; sets[best] = sets[--n]) {
		for (best = 0, i = 1; i < n; i++) {
			if (outcomes_of(c, sets[i]) < outcomes_of(c, sets[best]))
				best = i;
		}
		set = sets[best];
		if (is_worth_it(c, set) && try_set(c, set))
			return true;
	}
	return false;
}

static bool try_all_sets(struct choice *c, unsigned prefer)
{
	uint32_t left = c->all & ~AGENT_HARDWARE;

	if (left & 1U << prefer && try_cpu(c, prefer))
		return true;
	for (left &= ~(1U << prefer); left && !reduction.failed; left &= left - 1) {
		if (try_cpu(c, (unsigned)__builtin_ctz(left)))
			return true;
	}
	return !machine.look && !reduction.failed && try_several(c);
}

void reduction_choose(uint32_t frozen, unsigned prefer, const struct trail *way,
		      const struct before *before, struct chosen *chosen)
{
	struct move moves[MACHINE_MOVES];
	struct choice c = { .frozen = frozen,
			    .all = agent_all() & ~frozen,
			    .moves = moves,
			    .future = { .way = way, .moves = moves },
			    .chosen = chosen };

	if (before) {
		c.asleep = before->asleep;
		c.future.nknown = before->nknown;
		memcpy(c.future.known, before->known, sizeof(before->known));
	}
	c.n = c.future.n = agent_moves(c.all, moves, machine_moves(moves), moves, false);
	chosen->keep = reduction.no_chains;
	chosen->all = reduction.off || !try_all_sets(&c, prefer);
	if (chosen->all)
		choose(&c, c.all, false);
	chosen->nknown = c.future.nknown;
	memcpy(chosen->known, c.future.known, sizeof(chosen->known));
}

void reduction_check(const struct footprint *touched, const struct footprint *others)
{
	if (others && !reduction.planted && footprint_conflict(touched, others))
		reduction.wrong = true;
}

/* ---- chains ---- */

/* Make a move; what it touches may wake agents. */
static enum outcome make(struct trail *way, struct move *m, const struct footprint *others,
			 struct footprint *touched, struct before *before)
{
	struct footprint step;
	enum outcome outcome;
	uint32_t left;

	memset(&step, 0, sizeof(step));
	machine.record = &step;
	outcome = machine_make(m);
	machine.record = NULL;
	way->move[way->n++] = *m;
	if (outcome == MOVE_NOTHING)
		return outcome;
	reduction_check(&step, others);
	if (outcome == MOVE_PROMOTED) {
		reduction.promoted = true;
		outcome = MOVE_DONE;
	}
	for (left = before->asleep; left; left &= left - 1) {
		if (conflict(&before->next[__builtin_ctz(left)], &step) &&
		    reduction.planted != PLANT_SLEEP)
			before->asleep &= ~(left & -left);
	}
	before->nknown = future_after(before->known, before->nknown, agent_of(m), &step);
	footprint_add(touched, &step);
	return outcome;
}

/*
 * If a single move is enough, make it. False: it is not, or none is needed: then *outcome is
 * MOVE_NOTHING.
 */
static bool step(uint32_t frozen, struct trail *way, struct footprint *touched,
		 struct before *before, enum outcome *outcome)
{
	struct chosen chosen;

	if (way->n > REDUCTION_CHAIN || machine_finished() ||
	    (reduction.stop_at && content_root() == reduction.stop_at))
		return false;
	reduction_choose(frozen, agent_of(&way->move[way->n - 1]), way, before, &chosen);
	if (before->asleep && !chosen.n && !reduction.failed)
		*outcome = MOVE_NOTHING;
	if (!chosen.single || reduction.failed)
		return false;
	before->nknown = chosen.nknown;
	memcpy(before->known, chosen.known, sizeof(before->known));
	*outcome = make(way, &chosen.move[0], chosen.all ? NULL : &chosen.others, touched, before);
	return true;
}

/* An earlier place of a chain. */
struct landmark {
	bool noted;
	/* The actor that had moved last, with its stack pointer and instruction. */
	const struct actor *mover;
	uint64_t sp, pc;
	struct content_place place;
};

/* NULL: the unit or the clock, which can only begin a chain. */
static const struct actor *last_mover(const struct trail *way)
{
	unsigned cpu = agent_of(&way->move[way->n - 1]);

	return cpu == LAB_THE_UNIT ? NULL : machine_actor(machine_top(cpu));
}

static void note_place(struct landmark *l, const struct actor *a)
{
	l->mover = a;
	l->noted = a && content_note(&l->place);
	if (!l->noted)
		return;
	l->sp = a->sp;
	l->pc = a->op.pc;
}

/* Compare what usually differs first. */
static bool is_at(const struct landmark *l, const struct actor *a)
{
	return l->noted && a == l->mover && a->sp == l->sp && a->op.pc == l->pc &&
	       content_is_at(&l->place);
}

/*
 * A chain of a CPU that waits gets back to an earlier place. The place is compared with those after
 * 1, 2, 4, 8 ... moves. Returns the number of moves once round; 0: not back yet.
 */
static unsigned goes_round(struct landmark *l, const struct trail *way)
{
	unsigned n = way->n, last = n == 1 ? 1 : 1U << (31 - __builtin_clz(n - 1));

	if (is_at(l, last_mover(way)))
		return n - last;
	if (!(n & (n - 1)))
		note_place(l, last_mover(way));
	return 0;
}

/* A hash of the stack of the CPU that made the last move. */
static uint64_t phase(const struct trail *way)
{
	const struct actor *a = last_mover(way);

	if (!a)
		return UINT64_MAX;
	return hash_of((const void *)a->sp, (uint32_t)((uintptr_t)(a + 1) - a->sp));
}

/*
 * Go once round, and then on to the place with the least hash, wherever the round was entered: so
 * few different states are kept.
 */
static enum outcome stop_on_round(uint32_t frozen, struct trail *way, struct footprint *touched,
				  struct before *before, unsigned round)
{
	enum outcome outcome = MOVE_DONE;
	uint64_t least = UINT64_MAX, here;
	unsigned i, to = 0;

	if (way->n + 2 * round > REDUCTION_CHAIN)
		return MOVE_DONE;
	for (i = 0; i < round; i++) {
		here = phase(way);
		if (here < least) {
			least = here;
			to = i;
		}
		if (!step(frozen, way, touched, before, &outcome) || outcome != MOVE_DONE)
			return outcome;
	}
	while (to-- && step(frozen, way, touched, before, &outcome) && outcome == MOVE_DONE)
		;
	return outcome;
}

static enum outcome go_on(uint32_t frozen, struct trail *way, struct footprint *touched,
			  struct before *before)
{
	enum outcome outcome = MOVE_DONE;
	struct landmark at = { .noted = false };
	unsigned round;

	do {
		round = goes_round(&at, way);
		/* This could go on for ever, and does not concern the sleeping agents. */
		if (round && before->asleep)
			return MOVE_NOTHING;
		if (round)
			return stop_on_round(frozen, way, touched, before, round);
	} while (step(frozen, way, touched, before, &outcome) && outcome == MOVE_DONE);
	return outcome;
}

/* Agents that come before this one in the chosen moves fall asleep. */
static void begin(const struct chosen *chosen, unsigned who, struct before *before)
{
	uint32_t left;

	before->asleep = reduction.no_sleep ? 0 : chosen->can_sleep & ((1U << who) - 1);
	for (left = before->asleep; left; left &= left - 1)
		before->next[__builtin_ctz(left)] = chosen->next[__builtin_ctz(left)];
	before->nknown = chosen->nknown;
	memcpy(before->known, chosen->known, sizeof(before->known));
}

enum outcome reduction_make(uint32_t frozen, const struct chosen *chosen, struct move *m,
			    struct trail *way, struct footprint *touched)
{
	struct before before;
	enum outcome outcome;
	unsigned i;

	way->n = 0;
	begin(chosen, agent_of(m), &before);
	outcome = make(way, m, chosen->all ? NULL : &chosen->others, touched, &before);
	if (outcome != MOVE_DONE || reduction.off || chosen->keep)
		return outcome;
	outcome = go_on(frozen, way, touched, &before);
	for (i = 0; i < before.nknown && outcome == MOVE_DONE; i++)
		scout_remember(&before.known[i]);
	return outcome;
}
