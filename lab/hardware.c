/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* hardware.c - the units of the machine: registers, view of memory, free choices. */
#include <string.h>

#include <qinval/regs.h>

#include "machine.h"

static unsigned index_of(void *ctx)
{
	return (unsigned)(uintptr_t)ctx;
}

/* The move in which a unit makes its choices. */
static struct move *deciding;
static unsigned decided;

static bool dma_read(void *ctx, uint64_t addr, void *buf, size_t len)
{
	(void)ctx;
	if (!memory_valid(addr, len))
		return false;
	if (memory_access(LAB_THE_UNIT, 0, addr, len, false) == USE_NEWLY_SHARED)
		machine.promoted = true;
	if (machine.record)
		footprint_memory(machine.record, addr, len, false);
	if (machine.needs)
		needs_add(machine.needs, addr, len);
	memcpy(buf, (void *)addr, len);
	return true;
}

static bool dma_write32(void *ctx, uint64_t addr, uint32_t value)
{
	struct observation o = { .kind = SEEN_UNIT_WRITE,
				 .actor = LAB_THE_UNIT,
				 .unit = index_of(ctx),
				 .addr = addr,
				 .size = 4,
				 .write = true,
				 .value = value };
	uint32_t before;

	if (!memory_valid(addr, 4)) {
		machine_violate("the unit writes to %#llx, where there is no memory",
				(unsigned long long)addr);
		return false;
	}
	if (machine_is_gone(addr))
		machine_violate("the unit writes to %#llx: on %s's stack, of a function that has "
				"returned",
				(unsigned long long)addr, machine.info[memory_stack_of(addr)].name);
	if (memory_access(LAB_THE_UNIT, 0, addr, 4, true) == USE_NEWLY_SHARED)
		machine.promoted = true;
	if (machine.record)
		footprint_memory(machine.record, addr, 4, true);
	if (machine.needs)
		needs_add(machine.needs, addr, 4);
	memcpy(&before, (void *)addr, 4);
	memcpy((void *)addr, &value, 4);
	memory_dirty(addr, 4);
	o.before = before;
	if (machine.observe)
		machine.observe(&o);
	if (deciding)
		machine_look(LAB_THE_UNIT, false);
	return true;
}

static void msi(void *ctx, uint64_t addr, uint32_t data)
{
	struct control *c = machine_control();
	unsigned i;

	(void)ctx;
	(void)addr;
	if (machine.record)
		footprint_write(machine.record, FOOTPRINT_MESSAGES);
	for (i = 0; i < machine.nactors; i++) {
		if (!machine.info[i].handler || machine.info[i].timed ||
		    machine.info[i].data != data)
			continue;
		c->interrupts[i] = 1;
		memory_dirty((uintptr_t)&c->interrupts[i], 1);
	}
}

static unsigned choose(void *ctx, unsigned n)
{
	(void)ctx;
	if (!deciding)
		return 0;
	if (decided == MOVE_CHOICES) {
		machine_violate("the lab follows %u choices in one step of the unit, no more",
				MOVE_CHOICES);
		return 0;
	}
	if (decided == deciding->nchoices) {
		deciding->choice[decided] = 0;
		deciding->nchoices++;
	}
	deciding->of[decided] = (uint8_t)n;
	return deciding->choice[decided++] % n;
}

static void executed(void *ctx, const struct vtd_event *ev)
{
	struct observation o = {
		.kind = SEEN_UNIT, .actor = LAB_THE_UNIT, .unit = index_of(ctx), .event = ev
	};

	if (machine.observe)
		machine.observe(&o);
}

static const struct vtd_ops ops = {
	.dma_read = dma_read,
	.dma_write32 = dma_write32,
	.msi = msi,
	.choose = choose,
	.executed = executed,
};

static unsigned most_pending[LAB_UNITS], most_late[LAB_UNITS], most_faults[LAB_UNITS];

static void mark_between(const void *from, const void *end)
{
	memory_dirty((uintptr_t)from, (size_t)((const char *)end - (const char *)from));
}

/* Note the lengths of the unit's lists, before and after a change. */
static void note_lengths(unsigned i)
{
	const struct vtd_unit *u = machine.unit[i];

	if (u->npending > most_pending[i])
		most_pending[i] = u->npending;
	if (u->nlate > most_late[i])
		most_late[i] = u->nlate;
	if (u->nfault > most_faults[i])
		most_faults[i] = u->nfault;
}

/*
 * Mark what may have changed of the unit as dirty. A unit keeps the unused ends of its lists zero,
 * so what is beyond the greatest length ever seen has not changed.
 */
static void touched(unsigned i)
{
	const struct vtd_unit *u = machine.unit[i];

	note_lengths(i);
	mark_between(&u->gsts, &u->pending[most_pending[i]]);
	mark_between(&u->nlate, &u->late[most_late[i]]);
	mark_between(&u->nfault, &u->fault[most_faults[i]]);
	mark_between(&u->ncache, u + 1);
	if (u->cfg.cache_room)
		mark_between(u->cfg.cache, &u->cfg.cache[u->cfg.cache_room]);
}

void hardware_arm(unsigned unit, const struct vtd_fault *f)
{
	vtd_fault_arm(machine.unit[unit], f);
	touched(unit);
}

#define CACHE_ROOM 8 /* if the scenario does not say */

struct vtd_unit *lab_unit(const struct vtd_config *cfg)
{
	struct vtd_config c = *cfg;
	struct vtd_unit *u;

	if (machine.nunits == LAB_UNITS)
		return NULL;
	c.ops = &ops;
	c.ctx = (void *)(uintptr_t)machine.nunits;
	/*
	 * Without a cache no invalidation would have anything to remove, and every driver would
	 * pass.
	 */
	if (!c.cache_room)
		c.cache_room = CACHE_ROOM;
	u = memory_alloc_unit(sizeof(*u) + c.cache_room * sizeof(*c.cache));
	if (!u)
		return NULL;
	c.cache = (struct vtd_entry *)(u + 1);
	if (!vtd_init(u, &c))
		return NULL;
	machine.unit[machine.nunits++] = u;
	return u;
}

unsigned hardware_index(const struct vtd_unit *u)
{
	unsigned i;

	for (i = 0; i < machine.nunits && machine.unit[i] != u; i++)
		;
	return i < machine.nunits ? i : LAB_UNITS;
}

bool hardware_has(uint64_t addr)
{
	return addr >> LAB_UNIT_SHIFT < machine.nunits;
}

bool hardware_cached(const struct vtd_unit *u, const struct vtd_entry *e)
{
	unsigned i;

	if (u)
		return vtd_cached(u, e);
	for (i = 0; i < machine.nunits && !vtd_cached(machine.unit[i], e); i++)
		;
	return !machine.nunits || i < machine.nunits;
}

uint64_t hardware_read(uint64_t addr, unsigned size)
{
	return vtd_read(hardware_unit(addr), hardware_offset(addr), size);
}

void hardware_write(uint64_t addr, uint64_t value, unsigned size)
{
	unsigned unit = (unsigned)(addr >> LAB_UNIT_SHIFT);

	note_lengths(unit);
	vtd_write(machine.unit[unit], hardware_offset(addr), value, size);
	touched(unit);
}

static void observe_step(unsigned unit, enum vtd_did did)
{
	const struct vtd_unit *u = machine.unit[unit];
	static const char *const text[] = {
		[VTD_FETCHED] = "fetches",	 [VTD_EXECUTED] = NULL,
		[VTD_COMPLETED] = NULL,		 [VTD_FAULTED] = "raises a fault",
		[VTD_WAITED] = "lets time pass",
	};
	struct observation o = {
		.kind = SEEN_UNIT, .actor = LAB_THE_UNIT, .unit = unit, .text = text[did]
	};

	if (did == VTD_FETCHED && u->npending)
		o.value = u->pending[u->npending - 1].slot;
	if (did == VTD_FETCHED && u->fsts & VTD_FSTS_IQE) {
		o.text = "refuses";
		o.value = (u->iqh & VTD_IQ_OFFSET_MASK) >> (u->iqa & VTD_IQA_DW ? 5 : 4);
	}
	if (o.text)
		machine.observe(&o);
}

/* Everything observable in registers that a step of the unit can change. */
struct shown {
	uint64_t iqh, fsts, gsts, rest[4], gone, cached;
};

static struct shown shown(const struct vtd_unit *u)
{
	return (struct shown){ .iqh = u->iqh,
			       .fsts = u->fsts,
			       .gsts = u->gsts,
			       .rest = { u->iqercd, u->fectl, u->ics, u->iectl },
			       .gone = u->gone,
			       .cached = u->ncache };
}

/*
 * Record what a step touched besides memory. It reads the tail if it fetches, or if it had nothing
 * to do but wait. All other state that software can write may influence any step.
 */
static void record_step(const struct vtd_unit *u, enum vtd_did did, const struct shown *before)
{
	struct shown after = shown(u);

	footprint_read(machine.record, FOOTPRINT_UNIT);
	if (did == VTD_FETCHED || did == VTD_WAITED)
		footprint_read(machine.record, FOOTPRINT_IQT);
	if (before->iqh != after.iqh)
		footprint_write(machine.record, FOOTPRINT_IQH);
	if (before->fsts != after.fsts)
		footprint_write(machine.record, FOOTPRINT_FSTS);
	if (before->gsts != after.gsts)
		footprint_write(machine.record, FOOTPRINT_GSTS);
	if (memcmp(before->rest, after.rest, sizeof(after.rest)))
		footprint_write(machine.record, FOOTPRINT_UNIT);
	if (before->cached != after.cached)
		footprint_write(machine.record, FOOTPRINT_CACHE);
	if (before->gone != after.gone)
		footprint_anything(machine.record);
}

enum outcome hardware_step(struct move *m)
{
	struct vtd_unit *u = machine.unit[m->unit];
	struct shown before = shown(u);
	enum vtd_did did;

	deciding = m;
	decided = 0;
	note_lengths(m->unit);
	did = vtd_step(u);
	deciding = NULL;
	if (did == VTD_IDLE)
		return MOVE_NOTHING;
	touched(m->unit);
	if (machine.record)
		record_step(u, did, &before);
	if (machine.observe)
		observe_step(m->unit, did);
	machine_look(LAB_THE_UNIT, false);
	return MOVE_DONE;
}

void hardware_settle(void)
{
	unsigned i;

	for (i = 0; i < machine.nunits; i++) {
		while (vtd_step(machine.unit[i]) != VTD_IDLE)
			;
	}
}
