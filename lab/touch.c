/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "touch.h"

#include <qinval/regs.h>

#include "machine.h"

static void whole_unit(struct footprint *f)
{
	unsigned thing;

	for (thing = FOOTPRINT_IQH; thing <= FOOTPRINT_CACHE; thing++)
		footprint_write(f, thing);
	footprint_write(f, FOOTPRINT_MESSAGES);
}

static unsigned thing_of_register(unsigned reg)
{
	switch (reg & ~7U) {
	case DMAR_IQH_REG:
		return FOOTPRINT_IQH;
	case DMAR_IQT_REG:
		return FOOTPRINT_IQT;
	case DMAR_FSTS_REG & ~7U:
		return FOOTPRINT_FSTS;
	case DMAR_GSTS_REG & ~7U:
		return FOOTPRINT_GSTS;
	default:
		return FOOTPRINT_UNIT;
	}
}

/*
 * A write of IQT only sets the tail. Other writes may change all of the unit, and in some profiles
 * the unit works at once, not only in vtd_step().
 */
void touch_register(struct footprint *f, uint64_t addr, bool write)
{
	unsigned thing = thing_of_register(hardware_offset(addr));

	if (!write)
		footprint_read(f, thing);
	else if (hardware_unit(addr)->cfg.profile != VTD_SPEC)
		footprint_anything(f);
	else if (thing == FOOTPRINT_IQT)
		footprint_write(f, thing);
	else
		whole_unit(f);
}

static void memory_op(struct footprint *f, const struct op *op)
{
	footprint_memory(f, op->addr, op_bytes(op), op_writes(op));
	if (op_copies(op))
		footprint_memory(f, op->b, op_bytes(op), true);
}

void touch_op(struct footprint *f, const struct op *op)
{
	switch (op->kind) {
	case OP_UNLOCK:
		footprint_write(f, FOOTPRINT_LOCKS);
		footprint_memory(f, op->addr, sizeof(uint32_t), true);
		break;
	case OP_LOCK:
		footprint_memory(f, op->addr, sizeof(uint32_t), true);
		break;
	case OP_REG_READ:
	case OP_REG_WRITE:
		touch_register(f, op->addr, op->kind == OP_REG_WRITE);
		break;
	case OP_LOOK:
		footprint_read(f, FOOTPRINT_CACHE);
		break;
	case OP_ARM:
		whole_unit(f);
		footprint_memory(f, op->addr, sizeof(struct vtd_fault), false);
		break;
	case OP_SLEEP:
		footprint_read(f, FOOTPRINT_SLEEP);
		footprint_memory(f, op->addr, op->size, false);
		break;
	case OP_WAKE:
		footprint_write(f, FOOTPRINT_SLEEP);
		break;
	case OP_NOW:
		footprint_read(f, FOOTPRINT_CLOCK);
		break;
	case OP_JOIN:
		footprint_read(f, FOOTPRINT_JOIN);
		break;
	default:
		if (op_is_memory(op))
			memory_op(f, op);
		break;
	}
}
