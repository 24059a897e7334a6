/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* actor.c - an actor runs from the access before which it stopped to the next one that matters. */
#include <string.h>

#include "machine.h"

static void enter(void)
{
	const struct actor_info *f = &machine.info[machine.running];

	lab_trap(OP_WHAT(OP_DONE, 0), 0, (uint64_t)(int64_t)f->run(f->arg), 0, NULL);
}

/* Make a stack on which lab_resume() finds six registers and enter(). */
void actor_prepare(unsigned i)
{
	struct actor *a = machine_actor(i);
	uint64_t *top = (uint64_t *)a;

	memset(top - 8, 0, 8 * sizeof(*top));
	top[-2] = (uintptr_t)enter;
	a->sp = (uintptr_t)(top - 8);
	memset(&a->op, 0, sizeof(a->op));
	machine_changed(i);
}

static void end_handler(unsigned i)
{
	unsigned on = machine.info[i].cpu;

	machine_actor(i)->state = ACTOR_IDLE;
	actor_prepare(i);
	if (on == i)
		return;
	while (machine_actor(on)->handler != i + 1)
		on = machine_actor(on)->handler - 1U;
	machine_actor(on)->handler = 0;
	machine_changed(on);
}

static enum outcome finish(unsigned i)
{
	struct actor *a = machine_actor(i);

	if (machine.record)
		footprint_read(machine.record, FOOTPRINT_END);
	if (machine.observe)
		machine_observe_op(i, &a->op, false, 0, 0);
	switch (a->op.kind) {
	case OP_FAIL:
		return machine_violate("%s: %s%s", machine.info[i].name,
				       a->op.a ? "assertion failed: " : "",
				       machine_text(a->op.addr));
	case OP_FOREIGN:
		return violation_foreign(i, (const char *)a->op.addr);
	case OP_CRASH:
		return violation_crash(i, &a->op);
	default:
		break;
	}
	if (a->locks || a->irq_off)
		return machine_violate("%s returns with %s", machine.info[i].name,
				       a->locks ? "a lock held" : "interrupts off");
	a->result = (int32_t)a->op.a;
	if (machine.info[i].handler) {
		end_handler(i);
		return MOVE_DONE;
	}
	a->state = ACTOR_DONE;
	a->sp = (uintptr_t)a;
	memset(&a->op, 0, sizeof(a->op));
	return MOVE_DONE;
}

/*
 * An actor that runs so long without an access that matters is waiting for a change. Treat this
 * word as shared from now on, so that it stops there.
 */
static bool publish(const struct op *op)
{
	return op_is_memory(op) && memory_force_shared(op->addr);
}

/* Load words of the size that fibre.S has just stored, as wider loads could not be forwarded. */
static inline void take_op(struct op *op)
{
	const uint64_t *from = (const uint64_t *)&lab_op;
	uint64_t *to = (uint64_t *)op;
	unsigned i;

#pragma GCC unroll 8
	for (i = 0; i < sizeof(*op) / sizeof(*to); i++)
		to[i] = __atomic_load_n(&from[i], __ATOMIC_RELAXED);
}

#define BELOW 512 /* the stack that a function may use between two accesses */

/* Resume the actor, with up to `quick` operations without a stop. Returns how many it made. */
static unsigned go_on(unsigned i, uint64_t value, unsigned quick)
{
	struct actor *a = machine_actor(i);
	struct actor_info *f = &machine.info[i];
	uint64_t low;

	memory_quick(i, a->locks, (uintptr_t)a, quick, !machine.needs);
	quick = lab_quick.left;
	machine.running = i;
	lab_mode = LAB_EXPLORED;
	a->sp = lab_resume(a->sp, value);
	lab_mode = LAB_DIRECT;
	machine.running = LAB_THE_UNIT;
	take_op(&a->op);
	/* After a crash, sp says nothing. */
	low = a->op.kind != OP_CRASH && a->sp < lab_quick.low ? a->sp : lab_quick.low;
	if (low != ~0ULL && (!f->low || low - BELOW < f->low))
		f->low = low - BELOW;
	quick -= lab_quick.left;
	machine.ops += quick;
	machine.ops_total += quick;
	return quick;
}

/* Clear what earlier runs left below the stack, as this run must not depend on it. */
static void clean_below(unsigned i)
{
	uint64_t low = machine.info[i].low, sp = machine_actor(i)->sp;
	uint64_t end = actor_stack(i);

	if (low && low < end)
		low = end;
	if (low && low < sp)
		memset((void *)low, 0, sp - low);
}

/*
 * The number of operations without a stop that are left after n operations. 0 while the run is
 * observed or replayed.
 */
static unsigned quick_after(unsigned n)
{
	return machine.observe || machine.script || n > MANY_OPS ? 0 : MANY_OPS - n;
}

/* What others may have to do before it can go on. */
static enum outcome stop(const struct op *op)
{
	if (!machine.record)
		return MOVE_DONE;
	if (op->kind == OP_LOCK)
		footprint_read(machine.record, FOOTPRINT_LOCKS);
	if (op->kind == OP_JOIN) {
		footprint_read(machine.record, FOOTPRINT_END);
		footprint_write(machine.record, FOOTPRINT_END);
	}
	return MOVE_DONE;
}

/* Run from the access before which the actor stopped to the next one that matters. */
static enum outcome run(unsigned i, const struct move *m)
{
	struct actor *a = machine_actor(i);
	enum memory_use use = USE_SHARED;
	enum outcome outcome;
	const struct script *script = machine.script;
	struct op told;
	unsigned n, quick;
	uint64_t value;

	clean_below(i);
	for (n = 0; n < (script ? script->ops : 2 * MANY_OPS); n++) {
		outcome = machine_perform(i, use, n ? NULL : m, &value);
		if (outcome != MOVE_DONE || a->state == ACTOR_ASLEEP)
			return outcome;
		told = a->op;
		quick = go_on(i, value, quick_after(n));
		n += quick;
		if (quick)
			told.kind = OP_NONE;
		if (op_may_copy(&told, &a->op) && !(machine.tso && buffer_made(machine_buffer(i))))
			a->op.b = told.addr;
		else if (machine.tso)
			buffer_settle(machine_buffer(i));
		if (a->sp - actor_stack(i) >= LAB_STACK_SIZE || lab_quick.low < actor_stack(i))
			return violation_overflow(i);
		if (op_ends(&a->op))
			return finish(i);
		if (op_looks_at_memory(&a->op)) {
			use = machine_use_memory(i, &a->op);
			if (use == USE_INVALID)
				return violation_address(i, &a->op);
		} else {
			use = USE_PRIVATE;
			outcome = violation_op(i, &a->op);
			if (outcome != MOVE_DONE)
				return outcome;
		}
		if (!script && machine_matters(i, &a->op, use))
			return stop(&a->op);
		if (!script && n >= MANY_OPS && publish(&a->op)) {
			machine.promoted = true;
			return MOVE_PROMOTED;
		}
	}
	if (script)
		return MOVE_DONE;
	return machine_violate("%s does %u operations in a row that no other can observe; is there "
			       "a loop that can be shorter in the lab?",
			       machine.info[i].name, n);
}

enum outcome actor_run(unsigned i, const struct move *m)
{
	struct buffer *b = machine_buffer(i);
	enum outcome outcome;

	machine_changed(i);
	if (!machine.tso)
		return run(i, m);
	buffer_show(b);
	outcome = run(i, m);
	buffer_hide(b, actor_stack(i));
	return outcome;
}
