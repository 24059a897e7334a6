/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "machine.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct machine machine = { .running = LAB_THE_UNIT };

/* What no scenario does on purpose between two accesses that matter. */
#define MANY_OPS 20000

/* The clock stands at a second, and jumps by an hour. */
#define CLOCK_START 1000000000ULL
#define CLOCK_JUMP 3600000000000ULL

enum outcome machine_violate(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(machine.violation, sizeof(machine.violation), format, args);
	va_end(args);
	return MOVE_VIOLATION;
}

static void changed(unsigned actor)
{
	lab_memory.dirty_stacks |= 1U << actor;
}

static void control_changed(const void *p)
{
	memory_dirty((uintptr_t)p, 1);
}

/* ---- what an operation needs ---- */

/* Does it wait, on x86, until the CPU's stores have taken effect? */
static bool drains(const struct op *op)
{
	switch (op->kind) {
	case OP_STORE:
		return op->b;
	case OP_FENCE:
	case OP_REG_READ:
	case OP_LOCK:
	case OP_SLEEP:
	case OP_WAKE:
	case OP_ARM:
		return true;
	default:
		return op_is_rmw(op);
	}
}

/* Does it go into the store buffer, if it is not for this actor's eyes only? */
static bool is_buffered(const struct op *op)
{
	return op->kind == OP_WRITE || (op->kind == OP_STORE && !op->b) ||
	       op->kind == OP_REG_WRITE || op->kind == OP_UNLOCK;
}

static bool writes(const struct op *op)
{
	return op->kind == OP_WRITE || op->kind == OP_STORE || op_is_rmw(op);
}

/* Without the buffer's being in the way? */
static bool buffer_allows(unsigned i, const struct op *op)
{
	const struct buffer *b = machine_buffer(i);

	if (!machine.tso || !b->n)
		return true;
	return !drains(op) && (!is_buffered(op) || buffer_has_room(b, op_bytes(op)));
}

static enum memory_use use_memory(unsigned i, const struct op *op)
{
	enum memory_use use =
		memory_access(i, machine_actor(i)->locks, op->addr, op_bytes(op), writes(op));

	if (use == USE_NEWLY_SHARED)
		machine.promoted = true;
	return use;
}

static bool ends(const struct op *op)
{
	return op->kind == OP_FAIL || op->kind == OP_DONE || op->kind == OP_CRASH;
}

/*
 * A store that waits in the buffer is no stop, as others see it later anyway. But a handler on the
 * same CPU sees it at once.
 */
static bool is_interrupted(unsigned i)
{
	return machine.info[i].interrupted;
}

static bool memory_matters(unsigned i, const struct op *op, enum memory_use use)
{
	if (!machine.tso)
		return use >= USE_SHARED;
	if (use == USE_PRIVATE)
		return drains(op) && !buffer_allows(i, op);
	if (!buffer_allows(i, op))
		return true;
	if (op->kind == OP_READ || op->kind == OP_LOAD)
		return !buffer_covers(machine_buffer(i), op->addr, op_bytes(op));
	return !is_buffered(op) || is_interrupted(i);
}

/*
 * Does it matter when, between others' accesses, this one is made? Unlocking does not: whoever
 * wants the lock waits until then, and nobody else can tell.
 */
static bool matters(unsigned i, const struct op *op, enum memory_use use)
{
	switch (op->kind) {
	case OP_REG_READ:
	case OP_LOCK:
	case OP_SLEEP:
	case OP_WAKE:
	case OP_JOIN:
	case OP_ARM:
		return true;
	case OP_REG_WRITE:
		return !machine.tso || is_interrupted(i) || !buffer_allows(i, op);
	case OP_UNLOCK:
	case OP_FENCE:
		return !buffer_allows(i, op);
	case OP_IRQ_SAVE:
		return machine.info[machine.info[i].cpu].interrupted;
	case OP_NOW:
		return machine.ticks;
	case OP_CHOOSE:
		return op->a > 1;
	default:
		return op_is_memory(op) && memory_matters(i, op, use);
	}
}

/* ---- performing it ---- */

static uint64_t load(uintptr_t addr, unsigned size)
{
	uint64_t value = 0;

	memcpy(&value, (void *)addr, size);
	return value;
}

static void store(uintptr_t addr, unsigned size, uint64_t value)
{
	memcpy((void *)addr, &value, size);
	memory_dirty(addr, size);
}

static uint64_t modified(const struct op *op, uint64_t was)
{
	switch (op->kind) {
	case OP_ADD:
		return was + op->a;
	case OP_SUB:
		return was - op->a;
	case OP_AND:
		return was & op->a;
	case OP_OR:
		return was | op->a;
	case OP_XOR:
		return was ^ op->a;
	case OP_NAND:
		return ~(was & op->a);
	default: /* OP_EXCHANGE */
		return op->a;
	}
}

uint64_t machine_read_modify_write(const struct op *op)
{
	uint64_t was = load(op->addr, op->size);
	uint64_t mask = op->size == 8 ? ~0ULL : (1ULL << op->size * 8) - 1;

	if (op->kind != OP_CAS)
		store(op->addr, op->size, modified(op, was));
	else if (was == (op->a & mask))
		store(op->addr, op->size, op->b);
	return was;
}

/* Nobody else sees it yet. */
static void store_later(unsigned i, const struct op *op)
{
	struct store s = { .addr = op->addr, .value = op->a, .kind = op->kind, .size = op->size };
	struct buffer *b = machine_buffer(i);

	if (op->kind == OP_WRITE) {
		buffer_expect(b, op->addr, op_bytes(op));
		return;
	}
	if (op->kind == OP_STORE) {
		s.old = load(op->addr, op->size);
		store(op->addr, op->size, op->a);
	} else if (op->kind == OP_UNLOCK) {
		s.size = sizeof(uint32_t);
	}
	buffer_push(b, &s);
}

static bool script_buffers(const struct script *s, unsigned op)
{
	unsigned i;

	for (i = 0; i < s->nbuffered; i++) {
		if (s->buffered[i] == op)
			return true;
	}
	return false;
}

/* A store of more than the buffer holds comes when it is empty, and goes past it. */
static bool goes_into_buffer(unsigned i, const struct op *op, enum memory_use use)
{
	if (!machine.tso || !is_buffered(op))
		return false;
	if (machine.script)
		return script_buffers(machine.script, machine.ops);
	if (op->kind == OP_REG_WRITE)
		return true;
	if (op->kind == OP_UNLOCK)
		return machine_buffer(i)->n;
	return use >= USE_SHARED && buffer_has_room(machine_buffer(i), op_bytes(op)) &&
	       op_bytes(op) <= 8 * LAB_BUFFER;
}

static enum outcome take_lock(unsigned i, const struct op *op)
{
	struct lab_lock *lock = (struct lab_lock *)op->addr;
	struct actor *a = machine_actor(i);

	store((uintptr_t)&lock->holder, sizeof(lock->holder), i + 1);
	a->locks |= 1U << lock->index;
	a->irq_off++;
	return MOVE_DONE;
}

static enum outcome drop_lock(unsigned i, const struct op *op, bool later)
{
	struct lab_lock *lock = (struct lab_lock *)op->addr;
	struct actor *a = machine_actor(i);

	if (!(a->locks & 1U << lock->index))
		return machine_violate("a lock is given back that was not held");
	a->locks &= ~(1U << lock->index);
	a->irq_off--;
	if (!later)
		store((uintptr_t)&lock->holder, sizeof(lock->holder), 0);
	return MOVE_DONE;
}

uint64_t machine_now(void)
{
	return CLOCK_START + machine_control()->ticks * CLOCK_JUMP;
}

static void wake(uint64_t addr)
{
	unsigned i;

	for (i = 0; i < machine.nactors; i++) {
		struct actor *a = machine_actor(i);

		if (a->state != ACTOR_ASLEEP || (addr && a->op.addr != addr))
			continue;
		a->state = ACTOR_AWAKE;
		changed(i);
	}
}

static enum outcome irq_restore(struct actor *a)
{
	if (!a->irq_off)
		return machine_violate("interrupts are restored that were not saved");
	a->irq_off--;
	return MOVE_DONE;
}

static enum outcome make_sleep(struct actor *a)
{
	if (a->state == ACTOR_AWAKE)
		a->state = ACTOR_READY;
	else if (load(a->op.addr, a->op.size) == a->op.a)
		a->state = ACTOR_ASLEEP;
	return MOVE_DONE;
}

static void observe_op(unsigned i, const struct op *op, bool later, uint64_t before, uint64_t value)
{
	struct observation o = { .kind = SEEN_OP,
				 .actor = i,
				 .op = op,
				 .addr = op->addr,
				 .size = op_bytes(op),
				 .reg = op->kind == OP_REG_READ || op->kind == OP_REG_WRITE,
				 .write = writes(op) || op->kind == OP_REG_WRITE,
				 .buffered = later,
				 .before = before,
				 .value = value };

	machine.observe(&o);
}

/* Make the access; *value is what the actor gets. */
static enum outcome perform(unsigned i, enum memory_use use, const struct move *m, uint64_t *value)
{
	struct actor *a = machine_actor(i);
	const struct op *op = &a->op;
	bool later = goes_into_buffer(i, op, use);
	enum outcome outcome = MOVE_DONE;
	uint64_t before = 0;

	*value = 0;
	if (machine.observe && op_is_memory(op) && op_bytes(op) <= 8 &&
	    memory_valid(op->addr, op_bytes(op)))
		before = load(op->addr, op_bytes(op));
	if (later)
		store_later(i, op);
	switch (op->kind) {
	case OP_WRITE:
		if (!later)
			memory_dirty(op->addr, op_bytes(op));
		break;
	case OP_LOAD:
		*value = load(op->addr, op->size);
		break;
	case OP_STORE:
		if (!later)
			store(op->addr, op->size, op->a);
		break;
	case OP_REG_READ:
		*value = hardware_read((unsigned)op->addr, op->size);
		break;
	case OP_REG_WRITE:
		if (!later)
			hardware_write((unsigned)op->addr, op->a, op->size);
		break;
	case OP_LOCK:
		outcome = take_lock(i, op);
		break;
	case OP_UNLOCK:
		outcome = drop_lock(i, op, later);
		break;
	case OP_IRQ_SAVE:
		a->irq_off++;
		break;
	case OP_IRQ_RESTORE:
		outcome = irq_restore(a);
		break;
	case OP_NOW:
		*value = machine_now();
		break;
	case OP_SLEEP:
		outcome = make_sleep(a);
		break;
	case OP_WAKE:
		wake(op->addr);
		break;
	case OP_CHOOSE:
		*value = m && m->nchoices ? m->choice[0] : 0;
		break;
	case OP_ARM:
		hardware_arm((const struct vtd_fault *)op->addr);
		break;
	default:
		if (op_is_rmw(op))
			*value = machine_read_modify_write(op);
		break;
	}
	if (machine.observe)
		observe_op(i, op, later, before, *value);
	machine.ops++;
	machine.ops_total++;
	return outcome;
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
	changed(i);
}

static void end_handler(unsigned i)
{
	struct actor *on = machine_actor(machine.info[i].cpu);

	machine_actor(i)->state = ACTOR_IDLE;
	prepare(i);
	if (machine.info[i].cpu == i)
		return;
	on->handler = 0;
	changed(machine.info[i].cpu);
}

static enum outcome finish(unsigned i)
{
	struct actor *a = machine_actor(i);

	if (machine.observe)
		observe_op(i, &a->op, false, 0, 0);
	switch (a->op.kind) {
	case OP_FAIL:
		return machine_violate("%s: %s", machine.info[i].name, (const char *)a->op.addr);
	case OP_CRASH:
		if (a->op.a == SIGVTALRM)
			return machine_violate("%s goes round without any access to memory",
					       machine.info[i].name);
		if (a->op.a == SIGSEGV || a->op.a == SIGBUS)
			return machine_violate("%s: %s at address %#llx", machine.info[i].name,
					       strsignal((int)a->op.a),
					       (unsigned long long)a->op.addr);
		return machine_violate("%s: %s", machine.info[i].name, strsignal((int)a->op.a));
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

/* Of what the lab itself looks at. */
static bool points_well(const struct op *op)
{
	switch (op->kind) {
	case OP_LOCK:
	case OP_UNLOCK:
		return memory_valid(op->addr, sizeof(struct lab_lock));
	case OP_SLEEP:
		return memory_valid(op->addr, op->size);
	default:
		return true;
	}
}

static enum outcome complain_of_address(unsigned i, const struct op *op)
{
	return machine_violate("%s %s %u bytes at %#llx, which nobody has allocated",
			       machine.info[i].name, writes(op) ? "writes" : "reads", op_bytes(op),
			       (unsigned long long)op->addr);
}

/*
 * An actor that does so much without anybody noticing waits for something that nobody will do. It
 * waits in public from now on.
 */
static enum outcome publish(unsigned i, const struct op *op)
{
	if (!op_is_memory(op) || !memory_force_shared(op->addr))
		return machine_violate("%s does %u operations in a row that nobody can notice",
				       machine.info[i].name, MANY_OPS);
	machine.promoted = true;
	return MOVE_PROMOTED;
}

/* In the words in which fibre.S has just stored it: wider loads would wait for them. */
static inline void take_op(struct op *op)
{
	const uint64_t *from = (const uint64_t *)&lab_op;
	uint64_t *to = (uint64_t *)op;
	unsigned i;

	for (i = 0; i < sizeof(*op) / sizeof(*to); i++)
		to[i] = __atomic_load_n(&from[i], __ATOMIC_RELAXED);
}

#define BELOW 512 /* what a function between two accesses may use */

static void go_on(unsigned i, uint64_t value)
{
	struct actor *a = machine_actor(i);
	struct actor_info *f = &machine.info[i];

	machine.running = i;
	lab_on_fibre = true;
	a->sp = lab_resume(a->sp, value);
	lab_on_fibre = false;
	machine.running = LAB_THE_UNIT;
	take_op(&a->op);
	/* Where a crash left it says nothing. */
	if (a->op.kind != OP_CRASH && (!f->low || a->sp - BELOW < f->low))
		f->low = a->sp - BELOW;
}

/* What frames of another run left below the stack must not be seen by this one. */
static void clean_below(unsigned i)
{
	uint64_t low = machine.info[i].low, sp = machine_actor(i)->sp;
	uint64_t end = LAB_STACKS + i * LAB_STACK_SIZE + LAB_PAGE;

	if (low && low < end)
		low = end;
	if (low && low < sp)
		memset((void *)low, 0, sp - low);
}

/* From the access that it stands before to the next one that matters. */
static enum outcome run(unsigned i, const struct move *m)
{
	struct actor *a = machine_actor(i);
	enum memory_use use = USE_SHARED;
	enum outcome outcome;
	const struct script *script = machine.script;
	unsigned n;
	uint64_t value;

	clean_below(i);
	for (n = 0; n < (script ? script->ops : MANY_OPS); n++) {
		outcome = perform(i, use, n ? NULL : m, &value);
		if (outcome != MOVE_DONE || a->state == ACTOR_ASLEEP)
			return outcome;
		go_on(i, value);
		if (machine.tso)
			buffer_settle(machine_buffer(i));
		if (ends(&a->op))
			return finish(i);
		use = op_is_memory(&a->op) ? use_memory(i, &a->op) : USE_PRIVATE;
		if (use == USE_INVALID || !points_well(&a->op))
			return complain_of_address(i, &a->op);
		if (!script && matters(i, &a->op, use))
			return MOVE_DONE;
	}
	return script ? MOVE_DONE : publish(i, &a->op);
}

static enum outcome run_as_seen_by_its_cpu(unsigned i, const struct move *m)
{
	struct buffer *b = machine_buffer(i);
	enum outcome outcome;

	changed(i);
	if (!machine.tso)
		return run(i, m);
	buffer_show(b);
	outcome = run(i, m);
	buffer_hide(b);
	return outcome;
}

/* ---- moves ---- */

static bool others_are_through(unsigned i)
{
	unsigned k;

	for (k = 0; k < machine.nactors; k++) {
		const struct actor *a = machine_actor(k);

		if (k != i && !machine.info[k].handler && a->state != ACTOR_DONE &&
		    a->op.kind != OP_JOIN)
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
	return buffer_allows(i, op);
}

bool machine_can_interrupt(unsigned i)
{
	const struct actor_info *f = &machine.info[i];
	const struct actor *on = machine_actor(f->cpu);

	if (!f->handler || machine_actor(i)->state != ACTOR_IDLE ||
	    !machine_control()->interrupts[i])
		return false;
	return f->cpu == i || (!on->handler && !on->irq_off);
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

	for (k = 0; k < choices && *n < MACHINE_MOVES - 2 * LAB_ACTORS; k++) {
		struct move *m = add(moves, n, MOVE_RUN, i);

		if (choices == 1)
			continue;
		m->nchoices = 1;
		m->choice[0] = (uint8_t)k;
		m->of[0] = 0; /* not for machine_next_choice() */
	}
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
	if (machine.unit)
		add(moves, &n, MOVE_UNIT, LAB_THE_UNIT);
	if (c->ticks_left)
		add(moves, &n, MOVE_TICK, LAB_THE_UNIT);
	return n;
}

static enum outcome start_handler(unsigned i)
{
	struct observation o = { .kind = SEEN_INTERRUPT, .actor = i };
	struct actor *on = machine_actor(machine.info[i].cpu);
	uint8_t *left = &machine_control()->interrupts[i];

	--*left;
	control_changed(left);
	if (machine.info[i].cpu != i) {
		on->handler = (uint8_t)(i + 1);
		changed(machine.info[i].cpu);
	}
	machine_actor(i)->state = ACTOR_READY;
	if (machine.observe)
		machine.observe(&o);
	return run_as_seen_by_its_cpu(i, NULL);
}

static enum outcome tick(void)
{
	struct observation o = { .kind = SEEN_TICK, .actor = LAB_THE_UNIT };
	struct control *c = machine_control();

	c->ticks_left--;
	c->ticks++;
	control_changed(c);
	wake(0);
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
