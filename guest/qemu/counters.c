/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * counters.c - performance counters of the unit, as perf in the guest reads them. They exist if CAP
 * and ECAP say so (enhanced commands, performance monitoring). There are three counters and three
 * events, so that each event can be counted all the time: requests, IOTLB lookups, and IOTLB hits.
 *
 * The registers are at 0x300 to 0x4ff, the second and third counter at 0x880 and 0xc80, and the
 * configurations at 0x500 to 0x7ff: CAP.FRO and ECAP.IRO must point elsewhere.
 */
#include "plugin.h"

#define ECMDS (1ULL << 61) /* CAP */
#define PMS (1ULL << 51)   /* ECAP */

#define PERFCAP 0x300
#define PERFCFGOFF 0x310
#define PERFOVFOFF 0x318 /* PERFCNTROFF is its upper half */
#define PERFINTRCTL 0x328
#define PERFINTRADDR 0x330
#define PERFEVNTCAP 0x380
#define ECMD 0x400
#define ECCAP3 0x448
#define OVERFLOWS 0x460
#define COUNTER 0x480
#define COUNTER_STRIDE 0x400
#define CONFIG 0x500
#define CONFIG_STRIDE 0x100

#define GROUPS 4
#define WIDTH 48
#define HAS_INTERRUPT (1ULL << 50)

#define CONFIG_GROUP(c) ((unsigned)((c) >> 8) & 0xf)
#define CONFIG_EVENTS(c) ((c) >> 32 & 0xfffffff)

#define COMMAND_ENABLE 0xf0
#define COMMAND_DISABLE 0xf1
#define COMMAND_FREEZE 0xf4
#define COMMAND_UNFREEZE 0xf5
#define COMMANDS (1ULL << 48 | 1ULL << 49 | 1ULL << 52 | 1ULL << 53)

static bool has_counters(const struct unit *u)
{
	return u->vtd.cfg.cap & ECMDS && u->vtd.cfg.ecap & PMS;
}

void counters_add(struct unit *u, enum counted what)
{
	struct counters *c = &u->counters;
	/* The event's group and number in the specification. */
	const unsigned group = what == COUNT_REQUEST ? 0 : 3;
	const uint64_t event = what == COUNT_IOTLB_LOOKUP ? 1 : 2;

	for (unsigned i = 0; i < COUNTERS && !c->frozen; i++)
		if (c->enabled[i] && CONFIG_GROUP(c->config[i]) == group &&
		    CONFIG_EVENTS(c->config[i]) & event)
			c->count[i]++;
}

/* Find the index of a register that exists once for each counter; false: @word is none of these. */
static bool indexed(unsigned word, unsigned first, unsigned stride, unsigned *i)
{
	*i = word < first ? COUNTERS : (word - first) / stride;
	return *i < COUNTERS && (word - first) % stride == 0;
}

static uint64_t read_word(const struct unit *u, unsigned word)
{
	const struct counters *c = &u->counters;
	unsigned i;

	if (indexed(word, COUNTER, COUNTER_STRIDE, &i))
		return c->count[i] & ((1ULL << WIDTH) - 1);
	if (indexed(word, CONFIG, CONFIG_STRIDE, &i))
		return c->config[i];
	switch (word) {
	case PERFCAP:
		return COUNTERS | WIDTH << 16 | GROUPS << 24 | HAS_INTERRUPT;
	case PERFCFGOFF:
		return CONFIG;
	case PERFOVFOFF:
		return OVERFLOWS | (uint64_t)COUNTER << 32;
	case PERFINTRCTL:
		return c->interrupt[0];
	case PERFINTRADDR:
		return c->interrupt[1];
	case PERFEVNTCAP:
		return 2;
	case PERFEVNTCAP + 3 * 8:
		return 3;
	case ECCAP3:
		return COMMANDS;
	default:
		return 0; /* ECRSP: done, without error */
	}
}

static bool is_mine(const struct unit *u, hwaddr addr)
{
	return has_counters(u) &&
	       ((addr >= PERFCAP && addr < COUNTER + 8) ||
		(addr >= CONFIG && addr < CONFIG + COUNTERS * CONFIG_STRIDE) ||
		addr == COUNTER + COUNTER_STRIDE || addr == COUNTER + 2 * COUNTER_STRIDE);
}

bool counters_read(const struct unit *u, hwaddr addr, unsigned size, uint64_t *value)
{
	if (!is_mine(u, addr))
		return false;
	*value = read_word(u, (unsigned)addr & ~7U) >> (addr & 4 ? 32 : 0);
	if (size == 4)
		*value &= 0xffffffff;
	return true;
}

static void command(struct counters *c, uint64_t value)
{
	const unsigned i = value >> 16 & 0xffff;

	switch (value & 0xff) {
	case COMMAND_ENABLE:
	case COMMAND_DISABLE:
		if (i < COUNTERS)
			c->enabled[i] = (value & 0xff) == COMMAND_ENABLE;
		break;
	case COMMAND_FREEZE:
	case COMMAND_UNFREEZE:
		c->frozen = (value & 0xff) == COMMAND_FREEZE;
		break;
	}
}

static void put(uint64_t *to, hwaddr addr, uint64_t value, unsigned size)
{
	const unsigned shift = addr & 4 ? 32 : 0;
	const uint64_t lanes = size == 8 ? ~0ULL : 0xffffffffULL << shift;

	*to = (*to & ~lanes) | (value << shift & lanes);
}

bool counters_write(struct unit *u, hwaddr addr, uint64_t value, unsigned size)
{
	struct counters *c = &u->counters;
	const unsigned word = (unsigned)addr & ~7U;
	unsigned i;

	if (!is_mine(u, addr))
		return false;
	if (indexed(word, COUNTER, COUNTER_STRIDE, &i))
		put(&c->count[i], addr, value, size);
	else if (indexed(word, CONFIG, CONFIG_STRIDE, &i))
		put(&c->config[i], addr, value, size);
	else if (word == PERFINTRCTL || word == PERFINTRADDR)
		put(&c->interrupt[word == PERFINTRADDR], addr, value, size);
	else if (addr == ECMD)
		command(c, value);
	return true;
}
