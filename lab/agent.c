/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "agent.h"

#include "content.h"
#include "touch.h"

uint32_t agent_all(void)
{
	uint32_t all = AGENT_HARDWARE;
	unsigned i;

	for (i = 0; i < machine.nactors; i++) {
		if (machine.info[i].cpu == i)
			all |= 1U << i;
	}
	return all;
}

bool agent_has_moves(unsigned who, const struct move *moves, unsigned n)
{
	unsigned i;

	for (i = 0; i < n && agent_of(&moves[i]) != who; i++)
		;
	return i < n;
}

unsigned agent_moves(uint32_t agents, const struct move *moves, unsigned n, struct move *own,
		     bool flush)
{
	unsigned i, k = 0;

	for (i = 0; i < n; i++) {
		if (agents & 1U << agent_of(&moves[i]) && (!flush || moves[i].kind == MOVE_FLUSH))
			own[k++] = moves[i];
	}
	return k;
}

/* ---- a CPU ---- */

/* True if the actor on this CPU cannot return before its next move. */
static bool has_to_move(unsigned cpu)
{
	const struct actor *a = machine_actor(cpu);

	return a->handler || a->state != (machine.info[cpu].handler ? ACTOR_IDLE : ACTOR_DONE);
}

bool agent_has_to_move(unsigned cpu)
{
	return !machine.info[cpu].handler && has_to_move(cpu) &&
	       machine_actor(cpu)->op.kind != OP_JOIN;
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
static bool next_of(unsigned cpu, struct footprint *f)
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

/*
 * True if the CPU itself cannot observe when its oldest store leaves the buffer. It can if the
 * store is a register write with more effects than a new tail: a status word that the unit writes
 * at once, or an interrupt.
 */
static bool is_others_to_tell(const struct buffer *b)
{
	const struct store *s = &b->store[0];
	struct footprint tail = { { 0 }, { 0 } }, touched = { { 0 }, { 0 } };

	if (s->kind != OP_REG_WRITE)
		return true;
	footprint_write(&tail, FOOTPRINT_IQT);
	touch_register(&touched, s->addr, true);
	return !memcmp(&touched, &tail, sizeof(tail));
}

static void cpu_next(unsigned cpu, const struct move *moves, unsigned n, struct agent *a)
{
	const struct buffer *b = &machine_control()->buffer[cpu];
	struct move own[MACHINE_MOVES];

	a->outcomes = agent_moves(1U << cpu, moves, n, own, false);
	if (!a->outcomes)
		return;
	if (b->n)
		buffer_touches(b, &a->flush);
	a->can_flush = b->n && is_others_to_tell(b);
	a->can = next_of(cpu, &a->next);
}

/* ---- the hardware ---- */

/* Make one unit's next step in each way that it has; returns how many. *ok: none is a violation. */
static unsigned try_unit(const struct move *move, uint64_t root, struct footprint *f, bool *ok)
{
	struct move m = *move;
	enum outcome outcome;
	unsigned outcomes = 0;

	do {
		content_load(root);
		machine.record = f;
		outcome = machine_make(&m);
		machine.record = NULL;
		outcomes += outcome != MOVE_NOTHING;
		*ok &= outcome == MOVE_NOTHING || outcome == MOVE_DONE;
	} while (machine_next_choice(&m));
	return outcomes;
}

static void hardware_next(const struct move *moves, unsigned n, struct agent *a)
{
	uint64_t root = content_root();
	unsigned i;

	a->can = root;
	for (i = 0; i < n && root; i++) {
		if (moves[i].kind == MOVE_UNIT)
			a->outcomes += try_unit(&moves[i], root, &a->next, &a->can);
		a->outcomes += moves[i].kind == MOVE_TICK;
	}
	if (root)
		content_load(root);
	agent_waits_for(LAB_THE_UNIT, &a->next);
	a->can &= a->outcomes > 0;
}

void agent_next(unsigned who, const struct move *moves, unsigned n, struct agent *a)
{
	memset(a, 0, sizeof(*a));
	if (who == LAB_THE_UNIT)
		hardware_next(moves, n, a);
	else
		cpu_next(who, moves, n, a);
}

/* ---- waiting ---- */

static void cpu_waits_for(unsigned cpu, struct footprint *f)
{
	const struct actor *top = machine_actor(machine_top(cpu));
	unsigned i;

	if (top->op.kind == OP_LOCK)
		footprint_read(f, FOOTPRINT_LOCKS);
	if (top->op.kind == OP_JOIN)
		footprint_write(f, FOOTPRINT_END);
	/* Awake: the move that has just been made may have woken it. */
	if (top->state == ACTOR_ASLEEP || top->state == ACTOR_AWAKE)
		footprint_read(f, FOOTPRINT_SLEEP);
	for (i = 0; i < machine.nactors; i++) {
		if (machine.info[i].cpu == cpu && machine.info[i].handler && !machine.info[i].timed)
			footprint_read(f, FOOTPRINT_MESSAGES);
	}
}

/* A unit waits for a tail or a register write, the clock for an actor that falls asleep. */
void agent_waits_for(unsigned who, struct footprint *f)
{
	if (who != LAB_THE_UNIT) {
		cpu_waits_for(who, f);
		return;
	}
	footprint_read(f, FOOTPRINT_IQT);
	footprint_read(f, FOOTPRINT_UNIT);
	if (!machine.ticks)
		return;
	footprint_write(f, FOOTPRINT_CLOCK);
	footprint_write(f, FOOTPRINT_SLEEP);
}
