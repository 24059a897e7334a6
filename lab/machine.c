/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "machine.h"

#include <string.h>

#include "footprint.h"

struct machine machine = { .running = LAB_THE_UNIT };

static void control_changed(const void *p)
{
	memory_dirty((uintptr_t)p, 1);
}

void machine_look(unsigned i, bool anew)
{
	const struct buffer *b = machine.tso && i != LAB_THE_UNIT ? machine_buffer(i) : NULL;
	const char *wrong;

	if (!machine.look || machine.violation[0])
		return;
	if (b)
		buffer_put_aside(b);
	wrong = machine.look(machine.look_memory, anew);
	if (b)
		buffer_put_back(b);
	memory_dirty((uintptr_t)machine.look_memory, machine.look_bytes);
	if (wrong)
		machine_violate("%s", wrong);
}

/* ---- moves ---- */

static bool others_are_through(unsigned i)
{
	unsigned k;

	for (k = 0; k < machine.nactors; k++) {
		const struct actor *a = machine_actor(k);

		if (k == i || machine.info[k].handler)
			continue;
		/* An actor counts when its stores have taken effect, too. */
		if ((a->state != ACTOR_DONE && a->op.kind != OP_JOIN) ||
		    machine_control()->buffer[k].n)
			return false;
	}
	return true;
}

bool machine_can_run(unsigned i)
{
	const struct actor *a = machine_actor(i);
	const struct op *op = &a->op;

	if ((a->state != ACTOR_READY && a->state != ACTOR_AWAKE) || a->handler)
		return false;
	if (op->kind == OP_LOCK && ((const struct lab_lock *)op->addr)->holder)
		return false;
	if (op->kind == OP_JOIN && !others_are_through(i))
		return false;
	return machine_buffer_allows(i, op);
}

unsigned machine_top(unsigned cpu)
{
	while (machine_actor(cpu)->handler)
		cpu = machine_actor(cpu)->handler - 1U;
	return cpu;
}

bool machine_takes_messages(unsigned i)
{
	const struct actor_info *f = &machine.info[i];
	unsigned top = machine_top(f->cpu);

	if (machine_actor(i)->state != ACTOR_IDLE)
		return false;
	return top == i || (!machine_actor(top)->irq_off && f->level > machine.info[top].level);
}

bool machine_can_interrupt(unsigned i)
{
	return machine.info[i].handler && machine_control()->interrupts[i] &&
	       machine_takes_messages(i);
}

static struct move *add(struct move *moves, unsigned *n, enum move_kind kind, unsigned actor)
{
	struct move *m = &moves[(*n)++];

	*m = (struct move){ .kind = (uint8_t)kind, .actor = (uint8_t)actor };
	return m;
}

static void add_runs(struct move *moves, unsigned *n, unsigned i)
{
	const struct op *op = &machine_actor(i)->op;
	unsigned choices = op->kind == OP_CHOOSE && op->a ? (unsigned)op->a : 1, k;

	for (k = 0; k < choices; k++) {
		struct move *m = add(moves, n, MOVE_RUN, i);

		if (choices == 1)
			continue;
		m->nchoices = 1;
		m->choice[0] = (uint8_t)k;
		m->of[0] = 0; /* no choice is left for machine_next_choice() */
	}
}

/*
 * After the last jump, a sleep with a time limit still ends. If time stands still from the
 * beginning it does not, so that lost wake-ups become visible.
 */
bool machine_can_tick(void)
{
	unsigned i;

	for (i = 0; i < machine.nactors && machine.ticks; i++) {
		const struct actor *a = machine_actor(i);

		if (a->state == ACTOR_ASLEEP && a->op.b != LAB_FOREVER)
			return true;
	}
	return machine_control()->ticks_left;
}

unsigned machine_moves(struct move *moves)
{
	const struct control *c = machine_control();
	unsigned n = 0, i;

	for (i = 0; i < machine.nactors; i++) {
		if (machine_can_run(i))
			add_runs(moves, &n, i);
		if (c->buffer[i].n)
			add(moves, &n, MOVE_FLUSH, i);
		if (machine_can_interrupt(i))
			add(moves, &n, MOVE_INTERRUPT, i);
	}
	for (i = 0; i < machine.nunits; i++)
		add(moves, &n, MOVE_UNIT, LAB_THE_UNIT)->unit = (uint8_t)i;
	if (machine_can_tick())
		add(moves, &n, MOVE_TICK, LAB_THE_UNIT);
	return n;
}

static enum outcome start_handler(unsigned i)
{
	struct observation o = { .kind = SEEN_INTERRUPT, .actor = i };
	unsigned on = machine_top(machine.info[i].cpu);
	uint8_t *left = &machine_control()->interrupts[i];

	--*left;
	control_changed(left);
	if (machine.record && !machine.info[i].timed)
		footprint_write(machine.record, FOOTPRINT_MESSAGES);
	if (machine.info[i].cpu != i) {
		machine_actor(on)->handler = (uint8_t)(i + 1);
		machine_changed(on);
	}
	machine_actor(i)->state = ACTOR_READY;
	if (machine.observe)
		machine.observe(&o);
	return actor_run(i, NULL);
}

static enum outcome tick(void)
{
	struct control *c = machine_control();
	struct observation o = { .kind = SEEN_TICK, .actor = LAB_THE_UNIT, .value = c->ticks_left };

	if (c->ticks_left) {
		c->ticks_left--;
		c->ticks++;
		control_changed(c);
	}
	machine_time_out();
	if (machine.record) {
		footprint_write(machine.record, FOOTPRINT_CLOCK);
		footprint_write(machine.record, FOOTPRINT_SLEEP);
	}
	if (machine.observe)
		machine.observe(&o);
	return MOVE_DONE;
}

enum outcome machine_make(struct move *m)
{
	enum outcome outcome;

	machine.promoted = false;
	machine.ops = 0;
	machine.violation[0] = 0;
	machine_look(LAB_THE_UNIT, true);
	switch (m->kind) {
	case MOVE_RUN:
		outcome = actor_run(m->actor, m);
		break;
	case MOVE_FLUSH:
		outcome = buffer_flush(m->actor);
		break;
	case MOVE_INTERRUPT:
		outcome = start_handler(m->actor);
		break;
	case MOVE_UNIT:
		outcome = hardware_step(m);
		break;
	default:
		outcome = tick();
		break;
	}
	if (machine.promoted && !lab_memory.learning)
		return MOVE_PROMOTED;
	/* A callback of the unit may have found a violation meanwhile. */
	return machine.violation[0] ? MOVE_VIOLATION : outcome;
}

bool machine_next_choice(struct move *m)
{
	while (m->nchoices) {
		unsigned last = m->nchoices - 1U;

		if (m->choice[last] + 1 < m->of[last]) {
			m->choice[last]++;
			return true;
		}
		m->nchoices--;
	}
	return false;
}

bool machine_finished(void)
{
	unsigned i;

	for (i = 0; i < machine.nactors; i++) {
		if (machine_actor(i)->state != (machine.info[i].handler ? ACTOR_IDLE : ACTOR_DONE))
			return false;
	}
	return true;
}

void machine_prepare(void)
{
	struct control *c = machine_control();
	unsigned i;

	c->ticks_left = (uint8_t)machine.ticks;
	for (i = 0; i < machine.nactors; i++) {
		memset(machine_actor(i), 0, sizeof(struct actor));
		actor_prepare(i);
		machine_actor(i)->state = machine.info[i].handler ? ACTOR_IDLE : ACTOR_READY;
		c->interrupts[i] = machine.info[i].timed ? machine.info[i].times : 0;
	}
}

enum outcome machine_start(void)
{
	enum outcome outcome = MOVE_DONE;
	bool promoted = false;
	unsigned i;

	machine_prepare();
	for (i = 0; i < machine.nactors && outcome == MOVE_DONE; i++) {
		struct move m = { .kind = MOVE_RUN, .actor = (uint8_t)i };

		if (!machine.info[i].handler)
			outcome = machine_make(&m);
		promoted |= machine.promoted;
	}
	machine.promoted = promoted;
	return outcome;
}
