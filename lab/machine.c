/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "machine.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "foreign.h"

struct machine machine = { .running = LAB_THE_UNIT };

enum outcome machine_violate(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(machine.violation, sizeof(machine.violation), format, args);
	va_end(args);
	return MOVE_VIOLATION;
}

static void control_changed(const void *p)
{
	memory_dirty((uintptr_t)p, 1);
}

/* ---- running an actor ---- */

static void enter(void)
{
	const struct actor_info *f = &machine.info[machine.running];

	lab_trap(OP_WHAT(OP_DONE, 0), 0, (uint64_t)(int64_t)f->run(f->arg), 0, NULL);
}

/* A stack on which lab_resume() finds six registers and enter(). */
static void prepare(unsigned i)
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
	prepare(i);
	if (on == i)
		return;
	while (machine_actor(on)->handler != i + 1)
		on = machine_actor(on)->handler - 1U;
	machine_actor(on)->handler = 0;
	machine_changed(on);
}

static uintptr_t stack_base(unsigned i)
{
	return LAB_STACKS + i * LAB_STACK_SIZE + LAB_PAGE;
}

static enum outcome overflow(unsigned i)
{
	/* Stacks below it may have been written to. */
	lab_memory.dirty_stacks = ~0U;
	return machine_violate("%s needs more than its stack of %llu KiB", machine.info[i].name,
			       (LAB_STACK_SIZE - LAB_PAGE) / 1024);
}

static enum outcome crash(unsigned i, const struct op *op)
{
	const char *name = machine.info[i].name;

	switch (op->a) {
	case SIGVTALRM:
		return machine_violate("%s goes round without any access to memory; a delay? Leave "
				       "it out: the lab's time does not pass by itself",
				       name);
	case SIGSEGV:
	case SIGBUS:
		if (op->addr - stack_base(i) + LAB_PAGE < LAB_PAGE)
			return overflow(i);
		if (op->b)
			return machine_violate("%s: %s at an instruction that programs may not "
					       "use; interrupts are turned off by lab_irq_save()",
					       name, strsignal((int)op->a));
		return machine_violate("%s: %s at address %#llx", name, strsignal((int)op->a),
				       (unsigned long long)op->addr);
	default:
		return machine_violate("%s: %s", name, strsignal((int)op->a));
	}
}

const char *machine_text(uint64_t addr)
{
	return memory_readable(addr) ? (const char *)addr : "(a text at a bad address)";
}

static enum outcome call_foreign(unsigned i, const char *function)
{
	const char *name = machine.info[i].name;

	if (foreign_is_ours(function))
		return machine_violate("%s calls %s(), which is for setup() only", name, function);
	return machine_violate("%s calls %s(), and the lab can neither observe nor undo what that "
			       "does; %s",
			       name, function, foreign_advice(function));
}

static enum outcome finish(unsigned i)
{
	struct actor *a = machine_actor(i);

	if (machine.observe)
		machine_observe_op(i, &a->op, false, 0, 0);
	switch (a->op.kind) {
	case OP_FAIL:
		return machine_violate("%s: %s%s", machine.info[i].name,
				       a->op.a ? "assertion failed: " : "",
				       machine_text(a->op.addr));
	case OP_FOREIGN:
		return call_foreign(i, (const char *)a->op.addr);
	case OP_CRASH:
		return crash(i, &a->op);
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

static enum outcome complain_of_address(unsigned i, const struct op *op)
{
	int whose = memory_stack_of(op->addr);

	if (whose >= 0)
		return machine_violate("%s %s %u bytes at %#llx: on %s's stack, of a function that "
				       "has returned",
				       machine.info[i].name, op_writes(op) ? "writes" : "reads",
				       op_bytes(op), (unsigned long long)op->addr,
				       machine.info[whose].name);
	return machine_violate("%s %s %u bytes at %#llx, which nobody has allocated%s",
			       machine.info[i].name, op_writes(op) ? "writes" : "reads",
			       op_bytes(op), (unsigned long long)op->addr,
			       memory_readable(op->addr)
				       ? " from the lab: setup() is to take it from lab_alloc()"
				       : "");
}

static bool is_lock(uint64_t addr)
{
	unsigned k;

	for (k = 0; k < machine.nlocks; k++) {
		if ((uintptr_t)machine.lock[k] == addr)
			return true;
	}
	return false;
}

/* What the lab itself could not do, or would do wrongly. */
static enum outcome check_op(unsigned i, const struct op *op)
{
	const char *name = machine.info[i].name;

	switch (op->kind) {
	case OP_LOCK:
	case OP_UNLOCK:
		if (!is_lock(op->addr))
			return machine_violate("%s uses a lock at %#llx, which lab_lock_new() did "
					       "not make",
					       name, (unsigned long long)op->addr);
		break;
	case OP_REG_READ:
	case OP_REG_WRITE:
	case OP_ARM:
	case OP_LOOK:
		if (!machine.nunits)
			return machine_violate("%s uses the hardware, and setup() has not called "
					       "lab_unit()",
					       name);
		if (op->kind != OP_LOOK && op->kind != OP_ARM && !hardware_has(op->addr))
			return machine_violate("%s accesses a register at %#llx, where there is no "
					       "unit",
					       name, (unsigned long long)op->addr);
		if (op->kind == OP_ARM && op->a >= machine.nunits)
			return machine_violate("%s arms a fault of a unit that lab_unit() did not "
					       "return",
					       name);
		if (op->kind == OP_ARM && !memory_readable(op->addr))
			return complain_of_address(i, op);
		break;
	case OP_CHOOSE:
		if (op->a > LAB_CHOICES)
			return machine_violate("%s: lab_choose(%llu): the lab tries %u at most",
					       name, (unsigned long long)op->a, LAB_CHOICES);
		break;
	default:
		break;
	}
	return MOVE_DONE;
}

/*
 * An actor that does so much without anybody noticing waits for something that nobody will do. It
 * waits in public from now on, if this is a word that it can wait at.
 */
static bool publish(const struct op *op)
{
	return op_is_memory(op) && memory_force_shared(op->addr);
}

/* In the words in which fibre.S has just stored it: wider loads would wait for them. */
static inline void take_op(struct op *op)
{
	const uint64_t *from = (const uint64_t *)&lab_op;
	uint64_t *to = (uint64_t *)op;
	unsigned i;

#pragma GCC unroll 8
	for (i = 0; i < sizeof(*op) / sizeof(*to); i++)
		to[i] = __atomic_load_n(&from[i], __ATOMIC_RELAXED);
}

#define BELOW 512 /* what a function between two accesses may use */

/* With up to so many operations without a stop; returns how many there were. */
static unsigned go_on(unsigned i, uint64_t value, unsigned quick)
{
	struct actor *a = machine_actor(i);
	struct actor_info *f = &machine.info[i];
	uint64_t low;

	memory_quick(i, a->locks, (uintptr_t)a, quick);
	quick = lab_quick.left;
	machine.running = i;
	lab_mode = LAB_EXPLORED;
	a->sp = lab_resume(a->sp, value);
	lab_mode = LAB_DIRECT;
	machine.running = LAB_THE_UNIT;
	take_op(&a->op);
	/* Where a crash left it says nothing. */
	low = a->op.kind != OP_CRASH && a->sp < lab_quick.low ? a->sp : lab_quick.low;
	if (low != ~0ULL && (!f->low || low - BELOW < f->low))
		f->low = low - BELOW;
	quick -= lab_quick.left;
	machine.ops += quick;
	machine.ops_total += quick;
	return quick;
}

/* What frames of another run left below the stack must not be seen by this one. */
static void clean_below(unsigned i)
{
	uint64_t low = machine.info[i].low, sp = machine_actor(i)->sp;
	uint64_t end = stack_base(i);

	if (low && low < end)
		low = end;
	if (low && low < sp)
		memset((void *)low, 0, sp - low);
}

/*
 * Operations that an actor may perform without a stop, after n with one: none if somebody looks on.
 */
static unsigned quick_after(unsigned n)
{
	return machine.observe || machine.script || n > MANY_OPS ? 0 : MANY_OPS - n;
}

/* From the access that it stands before to the next one that matters. */
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
		if (a->sp - stack_base(i) >= LAB_STACK_SIZE || lab_quick.low < stack_base(i))
			return overflow(i);
		if (op_ends(&a->op))
			return finish(i);
		if (op_looks_at_memory(&a->op)) {
			use = machine_use_memory(i, &a->op);
			if (use == USE_INVALID)
				return complain_of_address(i, &a->op);
		} else {
			use = USE_PRIVATE;
			outcome = check_op(i, &a->op);
			if (outcome != MOVE_DONE)
				return outcome;
		}
		if (!script && machine_matters(i, &a->op, use))
			return MOVE_DONE;
		if (!script && n >= MANY_OPS && publish(&a->op)) {
			machine.promoted = true;
			return MOVE_PROMOTED;
		}
	}
	if (script)
		return MOVE_DONE;
	return machine_violate("%s does %u operations in a row that nobody can notice; is there a "
			       "loop that can be shorter in the lab?",
			       machine.info[i].name, n);
}

static enum outcome run_as_seen_by_its_cpu(unsigned i, const struct move *m)
{
	struct buffer *b = machine_buffer(i);
	enum outcome outcome;

	machine_changed(i);
	if (!machine.tso)
		return run(i, m);
	buffer_show(b);
	outcome = run(i, m);
	buffer_hide(b, stack_base(i));
	return outcome;
}

/* ---- lab_watch() ---- */

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
		/* With all that they have stored. */
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
		m->of[0] = 0; /* not for machine_next_choice() */
	}
}

/*
 * After the last jump, a sleep that has an end still ends. Where time stands still from the
 * beginning it does not, so that wake-ups that were lost show.
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
	return run_as_seen_by_its_cpu(i, NULL);
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
		outcome = run_as_seen_by_its_cpu(m->actor, m);
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
	/* Also what was found in passing, by a callback of the unit. */
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
		prepare(i);
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
