/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "setup.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crash.h"
#include "machine.h"
#include "symbol.h"

struct setup setup;

static char *kept[LAB_RANGES];

static_assert(LAB_ACTORS == 12 && LAB_CPUS == LAB_ACTORS && LAB_LOCKS == 16 && LAB_NAMES == 64,
	      "say the messages below");

static void wrong(const char *what)
{
	if (!setup.wrong)
		setup.wrong = what;
}

/* ---- lab.h for setup() ---- */

void *lab_alloc(size_t bytes)
{
	void *p = memory_alloc(bytes, 64);

	if (!p)
		wrong("lab_alloc: there is 1 MiB for all of them together");
	return p;
}

void *lab_alloc_dma(size_t bytes)
{
	void *p = memory_alloc(bytes, LAB_PAGE);

	if (!p)
		wrong("lab_alloc_dma: there is 1 MiB for all of them together");
	return p;
}

static void name_it(struct named n)
{
	if (setup.nnamed == LAB_NAMES)
		wrong("lab_name: 64 names at most");
	else
		setup.named[setup.nnamed++] = n;
}

void lab_name(const void *p, const char *name, size_t element, unsigned count,
	      const char *(*show)(uint64_t value))
{
	name_it((struct named){ (uintptr_t)p, element, count, name, NULL, show });
}

void lab_name_struct(const void *p, size_t size, const char *name, const char *type)
{
	name_it((struct named){ (uintptr_t)p, size, 1, name, type, NULL });
}

const struct named *setup_name_of(uintptr_t addr)
{
	unsigned i;

	for (i = setup.nnamed; i--;) {
		const struct named *n = &setup.named[i];

		if (addr - n->addr < n->element * n->count)
			return n;
	}
	return NULL;
}

bool setup_describe(uintptr_t addr, char *text, size_t room)
{
	const struct named *n = setup_name_of(addr);
	size_t offset;
	int used;

	if (!n && symbol_variable(addr, text, room))
		return true;
	if (!n) {
		snprintf(text, room, "memory at %#llx", (unsigned long long)addr);
		return false;
	}
	offset = addr - n->addr;
	used = snprintf(text, room, "%s", n->name);
	if (n->count > 1)
		used += snprintf(text + used, room - (size_t)used, "[%zu]", offset / n->element);
	offset %= n->element;
	if (n->type && symbol_member(n->type, offset, text + used, room - (size_t)used))
		return true;
	if (offset || n->type)
		snprintf(text + used, room - (size_t)used, "+%zu", offset);
	return true;
}

static struct actor_info *new_actor(const char *name, int (*run)(void *arg), void *arg)
{
	struct actor_info *f = &machine.info[machine.nactors];

	if (machine.nactors == LAB_ACTORS) {
		wrong("lab_actor: 12 actors at most, with handlers");
		return NULL;
	}
	*f = (struct actor_info){ .name = name, .run = run, .arg = arg, .cpu = machine.nactors };
	machine.nactors++;
	return f;
}

void lab_actor(const char *name, int (*run)(void *arg), void *arg)
{
	new_actor(name, run, arg);
}

void lab_interrupt(const char *name, int (*run)(void *arg), void *arg, const char *on,
		   uint32_t data, unsigned times)
{
	struct actor_info *f = new_actor(name, run, arg);
	unsigned i;

	if (!f)
		return;
	f->handler = true;
	f->data = data;
	f->timed = data == LAB_ANY_TIME;
	if (times > UINT8_MAX)
		wrong("lab_interrupt: 255 times at most");
	f->times = (uint8_t)times;
	if (!on)
		return;
	for (i = 0; i < machine.nactors - 1; i++) {
		if (!strcmp(machine.info[i].name, on))
			break;
	}
	if (i == machine.nactors - 1) {
		wrong("lab_interrupt: no such actor or handler");
		return;
	}
	f->cpu = machine.info[i].cpu;
	f->level = machine.info[i].level + 1;
}

void lab_watch(const char *(*look)(void *memory, bool anew), void *memory, size_t bytes)
{
	machine.look = look;
	machine.look_memory = memory;
	machine.look_bytes = bytes;
}

void lab_watched(const void *p, size_t bytes)
{
	if (machine.tso)
		memory_share((uintptr_t)p, bytes);
}

void *lab_alloc_per_cpu(size_t bytes)
{
	return lab_alloc(LAB_CPUS * LAB_PER_CPU(bytes));
}

struct lab_lock *lab_lock_new(const char *name)
{
	struct lab_lock *lock = lab_alloc(sizeof(*lock));

	if (machine.nlocks == LAB_LOCKS)
		wrong("lab_lock_new: 16 locks at most");
	if (!lock || setup.wrong)
		return NULL;
	machine.lock[machine.nlocks] = lock;
	lock->index = machine.nlocks++;
	lab_name(lock, name, sizeof(*lock), 1, NULL);
	return lock;
}

/* ---- operations outside of actors: made at once ---- */

static uint64_t load(uint64_t addr, unsigned size)
{
	uint64_t value = 0;

	memcpy(&value, (void *)addr, size);
	return value;
}

static uint64_t direct_register(const struct op *op)
{
	if (!hardware_has(op->addr)) {
		wrong("a register is accessed, and there is no such unit yet");
		return 0;
	}
	if (op->kind == OP_REG_WRITE)
		hardware_write(op->addr, op->a, op->size);
	hardware_settle();
	return op->kind == OP_REG_READ ? hardware_read(op->addr, op->size) : 0;
}

uint64_t lab_direct(uint64_t what, uint64_t addr, uint64_t a, uint64_t b, const void *pc)
{
	struct op op = {
		.kind = (uint8_t)what, .size = (uint8_t)(what >> 8), .addr = addr, .a = a, .b = b
	};

	(void)pc;
	switch (op.kind) {
	case OP_LOAD:
		return load(addr, op.size);
	case OP_STORE:
		memcpy((void *)addr, &a, op.size);
		return 0;
	case OP_REG_READ:
	case OP_REG_WRITE:
		return direct_register(&op);
	case OP_NOW:
		return machine_now();
	case OP_ARM:
		if (a < machine.nunits)
			vtd_fault_arm(machine.unit[a], (const struct vtd_fault *)addr);
		else
			wrong("lab_arm: there is no unit yet");
		return 0;
	case OP_FAIL:
		machine_violate("%s", (const char *)addr);
		return 0;
	case OP_CHOOSE:
	case OP_JOIN:
		wrong("setup() calls what is for actors: lab_choose() or lab_join()");
		return 0;
	default:
		return op_is_rmw(&op) ? machine_read_modify_write(&op) : 0;
	}
}

/* ---- the scenario ---- */

/* Find the handlers that others interrupt; they may be declared in any order. */
static void find_interrupted(void)
{
	unsigned i, k;

	for (i = 0; i < machine.nactors; i++) {
		for (k = 0; k < machine.nactors; k++) {
			if (machine.info[k].cpu == machine.info[i].cpu &&
			    machine.info[k].level > machine.info[i].level)
				machine.info[i].interrupted = true;
		}
	}
}

static bool keep_memory(void)
{
	unsigned i;

	for (i = 0; i < lab_memory.nranges; i++) {
		const struct lab_range *r = &lab_memory.range[i];

		kept[i] = malloc(r->size);
		if (!kept[i] && r->size)
			return false;
		memcpy(kept[i], (void *)r->base, r->size);
	}
	return true;
}

void setup_again(void)
{
	unsigned i;

	for (i = 0; i < lab_memory.nranges; i++)
		memcpy((void *)lab_memory.range[i].base, kept[i], lab_memory.range[i].size);
}

const char *setup_scenario(const struct lab_scenario *s, const struct lab_params *p)
{
	const char *why;

	if (s->ticks > UINT8_MAX)
		return "the clock can jump 255 times at most";
	machine.ticks = s->ticks;
	if (!memory_alloc(sizeof(struct control), LAB_PAGE))
		return "out of memory";
	why = crash_guard_setup(s, p);
	find_interrupted();
	if (!why)
		why = setup.wrong;
	if (!why && machine.violation[0])
		why = machine.violation;
	if (!why && !machine.nactors)
		why = "the scenario has no actors";
	if (!why && !keep_memory())
		why = "out of memory";
	return why;
}
