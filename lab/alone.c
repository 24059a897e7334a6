/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "alone.h"

#include <string.h>

#include <qinval/regs.h>

#include "content.h"
#include "machine.h"
#include "memo.h"
#include "pairs.h"
#include "part.h"
#include "reduction.h"

#define WORD 4 /* bytes */

/* ---- lists: sets as parts, which mean the same in all processes ---- */

/*
 * An entry is an address, or what of the units is needed: a register, or everything. No address is
 * so small.
 */
static const uint16_t registers[] = {
	[FOOTPRINT_IQH] = DMAR_IQH_REG,
	[FOOTPRINT_IQT] = DMAR_IQT_REG,
	[FOOTPRINT_FSTS] = DMAR_FSTS_REG,
	[FOOTPRINT_GSTS] = DMAR_GSTS_REG,
};
#define REGISTERS (FOOTPRINT_GSTS + 1U)
#define WHOLE_UNITS REGISTERS
#define MOST (NEEDS + REGISTERS + 1)

/* A write of IQT only sets the tail. Others may change all of a unit, see touch_register(). */
static bool needs_whole_units(const struct footprint *touched)
{
	uint64_t unit = 1ULL << FOOTPRINT_UNIT | 1ULL << FOOTPRINT_CACHE, writes = 0;
	unsigned thing;

	for (thing = 0; thing < REGISTERS; thing++)
		writes |= thing == FOOTPRINT_IQT ? 0 : 1ULL << thing;
	return (touched->read[0] & unit) || (touched->write[0] & (unit | writes));
}

/* The number of the list; 0: no room. */
static uint32_t list_of(const struct needs *w, const struct footprint *touched)
{
	static uint64_t list[MOST];
	bool without = reduction.planted == PLANT_WORDS, whole = needs_whole_units(touched);
	unsigned n = 0, i;
	uint64_t left;

	for (i = 0; i < REGISTERS && !whole; i++) {
		if (footprint_reads(touched, i))
			list[n++] = i;
	}
	if (whole)
		list[n++] = WHOLE_UNITS;
	for (i = 0; i < NEEDS / 64; i++) {
		for (left = without ? 0 : w->bit[i]; left; left &= left - 1)
			list[n++] = needs_address(i * 64 + (unsigned)__builtin_ctzll(left));
	}
	return part_number(list, n * (uint32_t)sizeof(*list));
}

/* ---- keys ---- */

/* The left halves of keys; content_key() makes no such numbers. */
#define LISTS 0x80000000U    /* and i: the CPU's i-th list; on the right: what is its own */
#define CONTENTS 0xc0000000U /* on the right: what is its own and the contents of a list */

/* Different lists for one CPU in one place. */
#define LISTS_EACH 64

/* What the CPU knows of those that have returned, or wait in lab_join(). */
static uint32_t through(unsigned cpu)
{
	uint32_t set = 0;
	unsigned i;

	for (i = 0; i < machine.nactors; i++) {
		const struct actor *a = machine_actor(i);

		if (machine.info[i].cpu != cpu && !machine_control()->buffer[i].n &&
		    (a->state == ACTOR_DONE || a->op.kind == OP_JOIN))
			set |= 1U << i;
	}
	return set;
}

/* The number of what belongs to the CPU alone, and of what is small; 0: no room. */
static uint32_t own(unsigned cpu)
{
	const struct control *c = machine_control();
	uint32_t list[3 + LAB_ACTORS + CONTENT_PARTS];
	unsigned n = 0, i, parts;

	list[n++] = cpu;
	list[n++] = c->ticks | (uint32_t)c->ticks_left << 8;
	list[n++] = through(cpu);
	for (i = 0; i < machine.nactors; i++) {
		if (machine.info[i].cpu == cpu)
			list[n++] = c->interrupts[i];
	}
	parts = content_parts_of(1U << cpu, list + n);
	return parts ? part_number(list, (n + parts) * (uint32_t)sizeof(*list)) : 0;
}

/* What a list's entry is at present; returns how many words that is. */
static unsigned entry(uint64_t e, uint32_t *to)
{
	uint64_t value;
	unsigned i;

	if (e > WHOLE_UNITS) {
		*to = (uint32_t)machine_load(e, WORD);
		return 1;
	}
	if (e == WHOLE_UNITS)
		return content_units(to);
	for (i = 0; i < machine.nunits; i++) {
		value = vtd_read(machine.unit[i], registers[e] & ~7U, 8);
		memcpy(to + 2 * i, &value, sizeof(value));
	}
	return 2 * i;
}

/*
 * What the CPU's own and this list's entries are at present, in bytes. Words of frames that are
 * gone do not belong to the state; that they are gone is what counts.
 */
static const uint32_t *contents(uint32_t mine, uint32_t list, uint32_t *bytes)
{
	static uint32_t to[3 + 2 * NEEDS + 2 * REGISTERS * LAB_UNITS + CONTENT_PARTS];
	uint32_t length, gone[NEEDS], i;
	const char *entries = part_at(list, &length);
	unsigned n = 3, ngone = 0;
	uint64_t e;

	for (i = 0; i < length; i += (uint32_t)sizeof(e)) {
		memcpy(&e, entries + i, sizeof(e));
		if (e > WHOLE_UNITS && machine_is_gone(e))
			gone[ngone++] = i;
		else
			n += entry(e, to + n);
	}
	to[0] = mine;
	to[1] = list;
	to[2] = ngone;
	memcpy(to + n, gone, ngone * sizeof(*gone));
	*bytes = (n + ngone) * (uint32_t)sizeof(*to);
	return to;
}

/* ---- what is kept ---- */

/* lab_watch() sees everything. The hardware's future alone is short. */
bool alone_apply(uint32_t agents)
{
	return !machine.look && !(agents & (agents - 1)) && agents != AGENT_HARDWARE;
}

static void add_list(struct needs *w, uint32_t list)
{
	uint32_t length, i;
	const char *entries = part_at(list, &length);
	uint64_t e;

	for (i = 0; i < length; i += sizeof(e)) {
		memcpy(&e, entries + i, sizeof(e));
		if (e > WHOLE_UNITS)
			needs_add(w, e, WORD);
	}
}

const struct footprint *alone_find(unsigned cpu, struct needs *w)
{
	uint32_t mine = own(cpu), list, now, bytes, i;
	const struct footprint *found;
	const uint32_t *is;

	for (i = 0; mine && i < LISTS_EACH; i++) {
		list = memo_find_number(pair_of(LISTS | i, mine));
		if (!list)
			return NULL;
		is = contents(mine, list, &bytes);
		now = part_find(is, bytes);
		found = now ? memo_find(pair_of(CONTENTS, now)) : NULL;
		if (found && w)
			add_list(w, list);
		if (found)
			return found;
	}
	return NULL;
}

/* Enter the list among the CPU's. False: no room. The caller locks out other writers. */
static bool keep_list(uint32_t mine, uint32_t list)
{
	uint32_t have = 0, i;

	for (i = 0; i < LISTS_EACH && have != list; i++) {
		have = memo_find_number(pair_of(LISTS | i, mine));
		if (!have)
			return memo_keep_number(pair_of(LISTS | i, mine), list);
	}
	return have == list;
}

bool alone_keep(unsigned cpu, const struct needs *w, const struct footprint *touched)
{
	uint32_t mine, list, now, bytes;
	const uint32_t *is;
	bool ok;

	if (!needs_complete(w) || footprint_is_anything(touched))
		return false;
	mine = own(cpu);
	list = mine ? list_of(w, touched) : 0;
	if (!list)
		return false;
	is = contents(mine, list, &bytes);
	now = part_number(is, bytes);
	if (!now)
		return false;
	memo_begin();
	ok = memo_keep(pair_of(CONTENTS, now), touched) && keep_list(mine, list);
	memo_end();
	return ok;
}
