/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * access.c - how long an access takes, and its effect.
 *
 * Loads wait for their cache line. Stores do not wait: they take effect in order, when their lines
 * are there. Operations that must not overtake them (locked instructions, fences, registers) wait
 * for that.
 */
#include <lab/machine.h>
#include <qinval/regs.h>

#include "sim.h"

static void store(uintptr_t addr, unsigned size, uint64_t value)
{
	switch (size) {
	case 1:
		*(uint8_t *)addr = (uint8_t)value;
		break;
	case 2:
		*(uint16_t *)addr = (uint16_t)value;
		break;
	case 4:
		*(uint32_t *)addr = (uint32_t)value;
		break;
	default:
		*(uint64_t *)addr = value;
		break;
	}
}

static void read_line(struct cpu *c, struct line *l, uintptr_t addr, unsigned size, uint64_t pc)
{
	uint64_t there = line_get(l, c, addr, c->clock, false);

	c->turn.stalled += there - c->clock;
	profile_stall(addr, there - c->clock);
	c->clock = there;
	spin_read(c, addr, size, pc);
	c->clock += sim.cost[TIMED_HIT];
}

static void write_line(struct cpu *c, struct line *l, uintptr_t addr, unsigned size)
{
	spin_acts(c);
	c->drained = sim_later(c->drained, line_get(l, c, addr, c->clock, true));
	c->clock += sim.cost[TIMED_HIT];
	c->drained = sim_later(c->drained, c->clock);
	line_keep(l, c->drained);
	line_written(l, addr, size, c->drained);
}

static void modify_line(struct cpu *c, struct line *l, uintptr_t addr, unsigned size)
{
	uint64_t start = sim_later(c->clock, c->drained);

	spin_acts(c);
	c->clock = line_get(l, c, addr, start, true);
	profile_stall(addr, c->clock - start);
	line_keep(l, c->clock);
	c->clock += sim.cost[TIMED_HIT] + sim.cost[TIMED_ATOMIC];
	line_written(l, addr, size, c->clock);
}

/* The access lies in one line. */
static void take_time(struct cpu *c, const struct op *op, uintptr_t addr, unsigned size)
{
	struct line *l = line_of(addr);

	if (!l || (line_is_private(l, c) && !op_is_rmw(op))) {
		c->clock += sim.cost[TIMED_HIT];
		return;
	}
	/* Other CPUs cannot observe when the access is made, but it takes longer. */
	if (!line_is_private(l, c))
		schedule_order(c);
	if (op_is_rmw(op) || (op->kind == OP_STORE && op->b))
		modify_line(c, l, addr, size);
	else if (op_writes(op))
		write_line(c, l, addr, size);
	else
		read_line(c, l, addr, size, op->pc);
}

uint64_t access_memory(struct cpu *c, const struct op *op)
{
	uintptr_t addr = op->addr, end = addr + op_bytes(op);
	uint64_t value = 0;

	while (addr < end) {
		uintptr_t line_end = (addr | (LINE - 1)) + 1;
		unsigned size = (unsigned)((line_end < end ? line_end : end) - addr);

		take_time(c, op, addr, size);
		addr += size;
	}
	if (op->kind == OP_LOAD)
		value = sim_load(op->addr, op->size);
	else if (op->kind == OP_STORE)
		store(op->addr, op->size, op->a);
	else if (op_is_rmw(op))
		value = machine_read_modify_write(op);
	return value;
}

void access_fence(struct cpu *c)
{
	spin_acts(c);
	c->clock = sim_later(c->clock, c->drained) + sim.cost[TIMED_ATOMIC];
}

static void write_register(struct cpu *c, const struct op *op)
{
	c->drained = sim_later(c->clock, c->drained) + sim.cost[TIMED_WRITE];
	if (sim.cost[TIMED_EXIT])
		c->clock = c->drained += sim.cost[TIMED_EXIT];
	else
		c->clock += sim.cost[TIMED_HIT];
	c->posted = c->drained + sim.cost[TIMED_DOORBELL];
	unit_write((unsigned)op->addr, op->a, op->size, c->posted);
	if (op->addr == DMAR_IQT_REG && sim_measures())
		sim.doorbells++;
}

/*
 * The CPU's own register writes come first. The value is the one at half of the time of the read.
 */
static uint64_t read_register(struct cpu *c, const struct op *op)
{
	uint64_t half = sim.cost[TIMED_READ] / 2, value;

	c->clock = sim_later(c->clock, c->drained) + sim.cost[TIMED_EXIT] + half;
	c->clock = sim_later(c->clock, c->posted);
	schedule_order(c);
	value = unit_read((unsigned)op->addr, op->size);
	c->clock += sim.cost[TIMED_READ] - half;
	if (sim_measures())
		sim.register_reads++;
	return value;
}

uint64_t access_register(struct cpu *c, const struct op *op)
{
	spin_acts(c);
	schedule_order(c);
	if (op->kind == OP_REG_READ)
		return read_register(c, op);
	write_register(c, op);
	return 0;
}
