/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "reduction.h"

#include <string.h>

#include "content.h"
#include "memo.h"
#include "store.h"
#include "table.h"
#include "touch.h"

#define BUDGET (1U << 16)

struct reduction reduction = { .budget = BUDGET };

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

/* ---- one CPU ---- */

/* True if the actor on this CPU cannot return before its next move. */
static bool has_to_move(unsigned cpu)
{
	const struct actor *a = machine_actor(cpu);

	return a->handler || a->state != (machine.info[cpu].handler ? ACTOR_IDLE : ACTOR_DONE);
}

static bool others_may_wait_for(unsigned cpu)
{
	const struct actor *a = machine_actor(cpu);

	return a->state == ACTOR_DONE || a->op.kind == OP_JOIN;
}

/* True if a message that comes now would start a handler on this CPU. */
static bool takes_messages(unsigned cpu)
{
	unsigned i;

	for (i = 0; i < machine.nactors; i++) {
		const struct actor_info *f = &machine.info[i];

		if (f->cpu == cpu && i != cpu && !f->timed && machine_takes_messages(i))
			return true;
	}
	return false;
}

/* The footprint of the CPU's next moves. False: moves of others may give it other next moves. */
static bool footprint_of(unsigned cpu, struct footprint *f)
{
	const struct buffer *b = &machine_control()->buffer[cpu];
	unsigned top = machine_top(cpu), i;
	const struct op *op = &machine_actor(top)->op;

	/* If a store has to leave the buffer first, others cannot change that. */
	if (!machine_can_run(top) && machine_buffer_allows(top, op))
		return false;
	if (op->kind == OP_JOIN || !has_to_move(cpu))
		return false;
	touch_op(f, op);
	if (b->n)
		buffer_touches(b, f);
	if (takes_messages(cpu))
		footprint_read(f, FOOTPRINT_MESSAGES);
	if (others_may_wait_for(cpu))
		footprint_write(f, FOOTPRINT_JOIN);
	for (i = 0; i < machine.nactors; i++) {
		if (machine.info[i].cpu == cpu && machine.info[i].handler &&
		    !machine.info[i].timed && machine_can_interrupt(i))
			footprint_write(f, FOOTPRINT_MESSAGES);
	}
	return true;
}

static bool conflict(struct footprint *mine, const struct footprint *others)
{
	if (reduction.planted)
		memset(mine->read, 0, sizeof(mine->read));
	return footprint_conflict(mine, others);
}

static unsigned moves_of(unsigned cpu, const struct move *moves, unsigned n, struct move *own,
			 bool flush)
{
	unsigned i, k = 0;

	for (i = 0; i < n; i++) {
		if (reduction_cpu(&moves[i]) == cpu && (!flush || moves[i].kind == MOVE_FLUSH))
			own[k++] = moves[i];
	}
	return k;
}

static bool has_moves(unsigned cpu, const struct move *moves, unsigned n)
{
	unsigned i;

	for (i = 0; i < n && reduction_cpu(&moves[i]) != cpu; i++)
		;
	return i < n;
}

/* What the CPU could do alone, as far as it is known without a scout. */
struct candidate {
	struct footprint flush, all;
	bool can_flush, can_all;
};

/*
 * True if the CPU itself cannot observe when its oldest store leaves the buffer. It can if the
 * store is a register write with more effects than a new tail: a status word that the unit writes
 * at once, or an interrupt.
 */
static bool is_others_to_tell(const struct buffer *b, const struct footprint *flush)
{
	struct footprint tail = { { 0 }, { 0 } };

	footprint_write(&tail, FOOTPRINT_IQT);
	return b->store[0].kind != OP_REG_WRITE || !memcmp(flush, &tail, sizeof(tail));
}

static bool is_candidate(unsigned cpu, const struct move *moves, unsigned n, struct candidate *c)
{
	const struct buffer *b = &machine_control()->buffer[cpu];

	if (!has_moves(cpu, moves, n))
		return false;
	memset(c, 0, sizeof(*c));
	if (b->n)
		buffer_touches(b, &c->flush);
	c->can_flush = b->n && is_others_to_tell(b, &c->flush);
	c->can_all = footprint_of(cpu, &c->all);
	return c->can_flush || c->can_all;
}

unsigned reduction_choose(uint32_t frozen, unsigned prefer, const struct trail *way,
			  const struct move *moves, unsigned n, struct move *own,
			  const struct footprint **others)
{
	struct candidate c;
	unsigned i, found = 0;

	for (i = 0; i <= machine.nactors && !found && !reduction.failed; i++) {
		unsigned cpu = i ? i - 1 : prefer;

		if ((i && cpu == prefer) || cpu >= machine.nactors || frozen & 1U << cpu ||
		    machine.info[cpu].cpu != cpu || !is_candidate(cpu, moves, n, &c))
			continue;
		*others = scout(frozen | 1U << cpu, way);
		if (!*others)
			continue;
		/*
		 * The CPU itself cannot observe when a store leaves the buffer, and no other store
		 * overtakes it.
		 */
		if (c.can_flush && !conflict(&c.flush, *others))
			found = moves_of(cpu, moves, n, own, true);
		else if (c.can_all && !conflict(&c.all, *others))
			found = moves_of(cpu, moves, n, own, false);
	}
	return found;
}

void reduction_check(const struct footprint *touched, const struct footprint *others)
{
	if (others && !reduction.planted && footprint_conflict(touched, others))
		reduction.wrong = true;
}

/* ---- chains ---- */

bool reduction_step(uint32_t frozen, struct trail *way, struct footprint *touched,
		    enum outcome *outcome)
{
	struct move moves[MACHINE_MOVES], own[MACHINE_MOVES];
	const struct footprint *others;
	struct footprint step;
	unsigned n;

	if (reduction.off || way->n > REDUCTION_CHAIN || machine_finished())
		return false;
	n = machine_moves(moves);
	if (reduction_choose(frozen, reduction_cpu(&way->move[way->n - 1]), way, moves, n, own,
			     &others) != 1)
		return false;
	memset(&step, 0, sizeof(step));
	machine.record = &step;
	*outcome = machine_make(&own[0]);
	machine.record = NULL;
	reduction_check(&step, others);
	if (*outcome == MOVE_PROMOTED) {
		reduction.promoted = true;
		*outcome = MOVE_DONE;
	}
	way->move[way->n++] = own[0];
	footprint_add(touched, &step);
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
	unsigned cpu = reduction_cpu(&way->move[way->n - 1]);

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

	return hash_of((const void *)a->sp, (uint32_t)((uintptr_t)(a + 1) - a->sp));
}

/*
 * Go once round, and then on to the place with the least hash, wherever the round was entered: so
 * few different states are kept.
 */
static enum outcome stop_on_round(uint32_t frozen, struct trail *way, struct footprint *touched,
				  unsigned round)
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
		if (!reduction_step(frozen, way, touched, &outcome) || outcome != MOVE_DONE)
			return outcome;
	}
	while (to-- && reduction_step(frozen, way, touched, &outcome) && outcome == MOVE_DONE)
		;
	return outcome;
}

enum outcome reduction_go_on(uint32_t frozen, struct trail *way, struct footprint *touched)
{
	enum outcome outcome = MOVE_DONE;
	struct landmark at = { .noted = false };
	unsigned round;

	if (reduction.no_chains)
		return MOVE_DONE;
	do {
		round = goes_round(&at, way);
		if (round)
			return stop_on_round(frozen, way, touched, round);
	} while (reduction_step(frozen, way, touched, &outcome) && outcome == MOVE_DONE);
	return outcome;
}
