/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* violation.c - errors of actors, and their texts. */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "foreign.h"
#include "machine.h"

enum outcome machine_violate(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(machine.violation, sizeof(machine.violation), format, args);
	va_end(args);
	return MOVE_VIOLATION;
}

enum outcome violation_overflow(unsigned i)
{
	/* The actor may have written below its stack, to others. */
	lab_memory.dirty_stacks = ~0U;
	return machine_violate("%s needs more than its stack of %llu KiB", machine.info[i].name,
			       (LAB_STACK_SIZE - LAB_PAGE) / 1024);
}

enum outcome violation_crash(unsigned i, const struct op *op)
{
	const char *name = machine.info[i].name;

	switch (op->a) {
	case SIGVTALRM:
		return machine_violate("%s goes round without any access to memory; a delay? Leave "
				       "it out: the lab's time does not pass by itself",
				       name);
	case SIGSEGV:
	case SIGBUS:
		if (op->addr - actor_stack(i) + LAB_PAGE < LAB_PAGE)
			return violation_overflow(i);
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

enum outcome violation_foreign(unsigned i, const char *function)
{
	const char *name = machine.info[i].name;

	if (foreign_is_ours(function))
		return machine_violate("%s calls %s(), which is for setup() only", name, function);
	return machine_violate("%s calls %s(), and the lab can neither observe nor undo what that "
			       "does; %s",
			       name, function, foreign_advice(function));
}

enum outcome violation_address(unsigned i, const struct op *op)
{
	int whose = memory_stack_of(op->addr);

	if (whose >= 0)
		return machine_violate("%s %s %u bytes at %#llx: on %s's stack, of a function that "
				       "has returned",
				       machine.info[i].name, op_writes(op) ? "writes" : "reads",
				       op_bytes(op), (unsigned long long)op->addr,
				       machine.info[whose].name);
	return machine_violate("%s %s %u bytes at %#llx, which is not allocated%s",
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

/* Operations that the lab cannot do, or would do wrongly. */
enum outcome violation_op(unsigned i, const struct op *op)
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
			return violation_address(i, op);
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
