/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* perform.c - one operation of an actor: whether its order matters, and its effect. */
#include <string.h>

#include "machine.h"
#include "touch.h"

/* The clock starts at one second, and jumps by an hour. */
#define CLOCK_START 1000000000ULL
#define CLOCK_JUMP 3600000000000ULL

/* ---- what an operation requires ---- */

/* True if x86 completes the CPU's stores before this operation. */
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

/* True if the operation goes into the store buffer, unless only this actor can observe it. */
static bool is_buffered(const struct op *op)
{
	return op->kind == OP_WRITE || (op->kind == OP_STORE && !op->b) ||
	       op->kind == OP_REG_WRITE || op->kind == OP_UNLOCK || op_copies(op);
}

/* True if the state of the store buffer allows the operation. */
bool machine_buffer_allows(unsigned i, const struct op *op)
{
	const struct buffer *b = machine_buffer(i);

	if (!machine.tso || !b->n)
		return true;
	return !drains(op) && (!is_buffered(op) || buffer_has_room(b, op_bytes(op)));
}

#define WIDE 16 /* bytes that one instruction reads or writes at most */

bool machine_is_gone(uintptr_t addr)
{
	int whose = memory_stack_of(addr);

	return whose >= 0 && (addr < machine_actor((unsigned)whose)->sp ||
			      addr >= (uintptr_t)machine_actor((unsigned)whose));
}

/*
 * A store goes into the buffer as a whole or not at all. So if one of its words is shared, all are
 * made shared: otherwise a later store to an unshared one would overtake it.
 */
static bool share_all(const struct op *op)
{
	return machine.tso && op_writes(op) && memory_share(op->addr, op_bytes(op));
}

enum memory_use machine_use_memory(unsigned i, const struct op *op)
{
	enum memory_use use =
		memory_access(i, machine_actor(i)->locks, op->addr, op_bytes(op), op_writes(op));

	if (machine_is_gone(op->addr))
		return USE_INVALID;
	if (use >= USE_SHARED && op->length > WIDE)
		*lab_memory.wide = op->pc;
	if (use == USE_NEWLY_SHARED || (use == USE_SHARED && share_all(op)))
		machine.promoted = true;
	return use;
}

/*
 * A store that waits in the buffer is no stop, as others observe it later anyway. But a handler on
 * the same CPU observes it at once.
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
		return drains(op) && !machine_buffer_allows(i, op);
	if (!machine_buffer_allows(i, op))
		return true;
	/*
	 * Even if the word is in the CPU's own buffer: that store may take effect, and another CPU
	 * may then overwrite it.
	 */
	if (op->kind == OP_READ || op->kind == OP_LOAD)
		return true;
	/* A store that is larger than the buffer takes effect at once. */
	return !is_buffered(op) || op_bytes(op) > 8 * LAB_BUFFER || is_interrupted(i);
}

/*
 * An unlock never matters: CPUs that want the lock wait until then, and others cannot observe it.
 */
bool machine_matters(unsigned i, const struct op *op, enum memory_use use)
{
	switch (op->kind) {
	case OP_REG_READ:
	case OP_LOCK:
	case OP_SLEEP:
	case OP_WAKE:
	case OP_JOIN:
	case OP_ARM:
	case OP_LOOK:
		return true;
	case OP_REG_WRITE:
		return !machine.tso || is_interrupted(i) || !machine_buffer_allows(i, op);
	case OP_UNLOCK:
		/*
		 * While interrupts are still on, a handler could come and wait for this very lock.
		 */
		return (op->a && is_interrupted(i)) || !machine_buffer_allows(i, op);
	case OP_FENCE:
		return !machine_buffer_allows(i, op);
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
	uint64_t was = machine_load(op->addr, op->size);
	uint64_t mask = op->size == 8 ? ~0ULL : (1ULL << op->size * 8) - 1;

	if (op->kind != OP_CAS)
		machine_store(op->addr, op->size, modified(op, was));
	else if (was == (op->a & mask))
		machine_store(op->addr, op->size, op->b);
	return was;
}

/* Put the store into the buffer: others do not see it yet. */
static void store_later(unsigned i, const struct op *op)
{
	struct store s = { .addr = op->addr, .value = op->a, .kind = op->kind, .size = op->size };
	struct buffer *b = machine_buffer(i);

	if (op->kind == OP_WRITE || op->kind == OP_READ) {
		buffer_expect(b, op->kind == OP_WRITE ? op->addr : op->b, op_bytes(op));
		return;
	}
	if (op->kind == OP_STORE) {
		s.old = machine_load(op->addr, op->size);
		machine_store(op->addr, op->size, op->a);
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

/* A store that is larger than the buffer waits until the buffer is empty, and then bypasses it. */
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
	if (op_copies(op))
		use = memory_access(i, machine_actor(i)->locks, op->b, op_bytes(op), true);
	return use >= USE_SHARED && buffer_has_room(machine_buffer(i), op_bytes(op)) &&
	       op_bytes(op) <= 8 * LAB_BUFFER;
}

static enum outcome take_lock(unsigned i, const struct op *op)
{
	struct lab_lock *lock = (struct lab_lock *)op->addr;
	struct actor *a = machine_actor(i);

	machine_store((uintptr_t)&lock->holder, sizeof(lock->holder), i + 1);
	a->locks |= 1U << lock->index;
	if (op->a)
		a->plain |= (uint16_t)(1U << lock->index);
	else
		a->irq_off++;
	return MOVE_DONE;
}

static enum outcome drop_lock(unsigned i, const struct op *op, bool later)
{
	struct lab_lock *lock = (struct lab_lock *)op->addr;
	struct actor *a = machine_actor(i);

	if (!(a->locks & 1U << lock->index))
		return machine_violate("a lock is given back that was not held");
	if (op->a != (a->plain >> lock->index & 1U))
		return machine_violate("a lock that was taken by %s() is given back by %s()",
				       op->a ? "lab_lock" : "lab_spin_lock",
				       op->a ? "lab_spin_unlock" : "lab_unlock");
	a->locks &= ~(1U << lock->index);
	if (op->a)
		a->plain &= (uint16_t) ~(1U << lock->index);
	else
		a->irq_off--;
	if (!later)
		machine_store((uintptr_t)&lock->holder, sizeof(lock->holder), 0);
	return MOVE_DONE;
}

uint64_t machine_now(void)
{
	return CLOCK_START + machine_control()->ticks * CLOCK_JUMP;
}

void machine_wake(uint64_t addr)
{
	unsigned i;

	for (i = 0; i < machine.nactors; i++) {
		struct actor *a = machine_actor(i);

		if (a->state != ACTOR_ASLEEP || a->op.addr != addr)
			continue;
		a->state = ACTOR_AWAKE;
		machine_changed(i);
	}
}

void machine_time_out(void)
{
	unsigned i;

	for (i = 0; i < machine.nactors; i++) {
		struct actor *a = machine_actor(i);

		if (a->state != ACTOR_ASLEEP || a->op.b == LAB_FOREVER)
			continue;
		a->state = ACTOR_AWAKE;
		a->timed_out = 1;
		machine_changed(i);
	}
}

static enum outcome irq_restore(struct actor *a)
{
	if (!a->irq_off)
		return machine_violate("interrupts are restored that were not saved");
	a->irq_off--;
	return MOVE_DONE;
}

/* *value: whether its time limit passed. */
static void make_sleep(struct actor *a, uint64_t *value)
{
	*value = a->timed_out;
	a->timed_out = 0;
	if (a->state == ACTOR_AWAKE)
		a->state = ACTOR_READY;
	else if (machine_load(a->op.addr, a->op.size) == a->op.a)
		a->state = ACTOR_ASLEEP;
}

void machine_observe_op(unsigned i, const struct op *op, bool later, uint64_t before,
			uint64_t value)
{
	struct observation o = { .kind = SEEN_OP,
				 .actor = i,
				 .op = op,
				 .addr = op->addr,
				 .size = op_bytes(op),
				 .reg = op->kind == OP_REG_READ || op->kind == OP_REG_WRITE,
				 .write = op_writes(op) || op->kind == OP_REG_WRITE,
				 .buffered = later,
				 .before = before,
				 .value = value };

	machine.observe(&o);
}

/* Record what other CPUs can observe. A store in the buffer is recorded when it leaves it. */
static void record(const struct op *op, enum memory_use use, bool later)
{
	if (later && op_copies(op))
		footprint_memory(machine.record, op->addr, op_bytes(op), false);
	else if (!later && (use >= USE_SHARED || !op_is_memory(op)))
		touch_op(machine.record, op);
}

/* Record the words on which the CPU's future depends. What is on its own stacks is its own. */
static void record_words(unsigned i, const struct op *op)
{
	int whose = memory_stack_of(op->addr);
	uint32_t size = op_bytes(op);

	if (op->kind == OP_LOCK || op->kind == OP_UNLOCK)
		size = sizeof(uint32_t);
	else if (op->kind == OP_ARM)
		size = sizeof(struct vtd_fault);
	else if (!op_looks_at_memory(op))
		return;
	if (op_copies(op))
		needs_add(machine.needs, op->b, size);
	if (whose < 0 || machine.info[whose].cpu != machine.info[i].cpu)
		needs_add(machine.needs, op->addr, size);
}

static inline void count(void)
{
	machine.ops++;
	machine.ops_total++;
}

/* Make the access; *value is what the actor gets. */
enum outcome machine_perform(unsigned i, enum memory_use use, const struct move *m, uint64_t *value)
{
	struct actor *a = machine_actor(i);
	const struct op *op = &a->op;
	bool later = goes_into_buffer(i, op, use);
	enum outcome outcome = MOVE_DONE;
	uint64_t before = 0;

	*value = 0;
	if (machine.record)
		record(op, use, later);
	if (machine.needs)
		record_words(i, op);
	/* The actor makes the access itself, and there is no observer. */
	if (op->kind == OP_READ && !later && !op->b && !machine.observe) {
		count();
		return MOVE_DONE;
	}
	if (machine.observe && op_is_memory(op) && op_bytes(op) <= 8 &&
	    memory_valid(op->addr, op_bytes(op)))
		before = machine_load(op->addr, op_bytes(op));
	if (later)
		store_later(i, op);
	switch (op->kind) {
	case OP_WRITE:
		if (!later)
			memory_dirty(op->addr, op_bytes(op));
		break;
	case OP_READ:
		if (op->b && !later)
			memory_dirty(op->b, op_bytes(op));
		break;
	case OP_LOAD:
		*value = machine_load(op->addr, op->size);
		break;
	case OP_STORE:
		if (!later)
			machine_store(op->addr, op->size, op->a);
		break;
	case OP_REG_READ:
		*value = hardware_read(op->addr, op->size);
		break;
	case OP_REG_WRITE:
		if (!later)
			hardware_write(op->addr, op->a, op->size);
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
		make_sleep(a, value);
		break;
	case OP_WAKE:
		machine_wake(op->addr);
		break;
	case OP_CHOOSE:
		*value = m && m->nchoices ? m->choice[0] : 0;
		break;
	case OP_ARM:
		hardware_arm((unsigned)op->a, (const struct vtd_fault *)op->addr);
		break;
	default:
		if (op_is_rmw(op))
			*value = machine_read_modify_write(op);
		break;
	}
	if (machine.observe)
		machine_observe_op(i, op, later, before, *value);
	if (machine.look && !later && (op_writes(op) || op->kind == OP_REG_WRITE))
		machine_look(i, false);
	count();
	return outcome;
}
