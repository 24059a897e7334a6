/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * unit.c - the software unit with a clock of its own: when it fetches, executes and completes.
 *
 * The unit tells what is possible, and this file decides when it happens. Descriptors are requested
 * at a fixed rate, and each arrives after a latency. An invalidation goes to the executor (of
 * `parallel` ones) that is free first. Waits complete in order, one at a time, when all descriptors
 * before them are done.
 */
#include <device/vtd.h>
#include <qinval/desc.h>
#include <qinval/regs.h>

#include "sim.h"

enum part { FETCHER, EXECUTORS, WAITS, PARTS };

struct posted {
	uint64_t when, value;
	unsigned reg, size;
};

static struct {
	struct vtd_unit *u;
	uint64_t now;
	unsigned choice; /* for the step that is being made */

	/* Register writes on their way to the unit; the next to arrive is the last one. */
	struct posted posted[TIMED_CPUS * 4];
	unsigned nposted;

	/* Descriptors that were requested, in order: the times of their arrival. */
	uint64_t coming[VTD_WINDOW], asked; /* asked: the earliest time of the next request */
	unsigned ncoming;

	uint64_t done[VTD_WINDOW]; /* when the pending descriptors are done */
	uint64_t free[VTD_WINDOW]; /* when the executors are free */
	uint64_t executed, fenced; /* when all fetched invalidations, or fenced waits, are done */
	uint64_t shown;		   /* when the status words of all fenced waits are written */
	uint64_t waits;		   /* when no wait is under way any more */
	uint64_t busy[PARTS];	   /* measured busy time */
} unit;

/* ---- effects on the rest of the machine ---- */

static bool dma_read(void *ctx, uint64_t addr, void *buf, size_t len)
{
	uint64_t *to = buf;
	const uint64_t *from = (const uint64_t *)addr;
	size_t i;

	(void)ctx;
	if (!memory_valid(addr, len))
		return false;
	for (i = 0; i < len / 8; i++)
		to[i] = from[i];
	return true;
}

static bool dma_write32(void *ctx, uint64_t addr, uint32_t value)
{
	(void)ctx;
	if (!memory_valid(addr, 4))
		return false;
	*(uint32_t *)addr = value;
	line_written_by_unit(line_of(addr), addr, 4, unit.now);
	return true;
}

static void msi(void *ctx, uint64_t addr, uint32_t data)
{
	(void)ctx;
	(void)addr;
	sim_fail("the unit sends an interrupt, message %#x, which no wait has asked for", data);
}

static unsigned choose(void *ctx, unsigned n)
{
	(void)ctx;
	(void)n;
	return unit.choice;
}

static void executed(void *ctx, const struct vtd_event *ev)
{
	(void)ctx;
	measure_executed(ev->qw);
}

static const struct vtd_ops ops = {
	.dma_read = dma_read,
	.dma_write32 = dma_write32,
	.msi = msi,
	.choose = choose,
	.executed = executed,
};

/* ---- times ---- */

static bool is_wait(const struct vtd_pending *p)
{
	return (p->qw[0] & 0xf) == QI_IWD_TYPE;
}

static void used(enum part part, uint64_t end, uint64_t length)
{
	if (sim_measures() && end > sim.begins)
		unit.busy[part] += end - sim_later(end - length, sim.begins);
}

static uint64_t minimum(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void find_next(void)
{
	unsigned i;

	sim.unit_next = unit.nposted ? unit.posted[unit.nposted - 1].when : NEVER;
	if (unit.ncoming)
		sim.unit_next = minimum(sim.unit_next, unit.coming[0]);
	for (i = 0; i < unit.u->npending; i++)
		sim.unit_next = minimum(sim.unit_next, unit.done[i]);
}

/* The number of descriptors between IQH and IQT. */
static unsigned unfetched(void)
{
	const struct vtd_unit *u = unit.u;
	unsigned shift = u->iqa & VTD_IQA_DW ? 5 : 4;
	uint64_t bytes = u->cfg.slots ? (uint64_t)u->cfg.slots << shift
				      : 0x1000ULL << (u->iqa & VTD_IQA_QS_MASK);

	return (unsigned)(((u->iqt - u->iqh) & (bytes - 1)) >> shift);
}

/* Request as many descriptors as may be under way. */
static void ask(void)
{
	const struct vtd_unit *u = unit.u;

	if (!(u->gsts & VTD_GSTS_QIES) || u->fsts & VTD_FSTS_QI)
		return;
	while (unit.ncoming < unfetched() &&
	       unit.ncoming + u->npending < sim.cost[TIMED_PREFETCH]) {
		unit.asked = sim_later(unit.asked, unit.now);
		unit.coming[unit.ncoming++] = unit.asked + sim.cost[TIMED_LATENCY];
		unit.asked += sim.cost[TIMED_FETCH];
	}
}

/* ---- steps ---- */

/*
 * The index of pending[i] among the unit's alternatives; with i = npending that of a fetch, which
 * comes last.
 */
static unsigned choice_of(unsigned i)
{
	const struct vtd_unit *u = unit.u;
	unsigned k, choice = 0;
	bool before = false;

	for (k = 0; k < i; k++) {
		bool wait = is_wait(&u->pending[k]);

		choice += !wait || !before;
		if (wait && u->pending[k].qw[0] & QI_IWD_FN)
			break;
		before |= !wait;
	}
	return choice;
}

static uint64_t end_of_wait(const struct vtd_pending *p)
{
	uint64_t start = sim_later(sim_later(unit.executed, unit.waits), unit.now);

	unit.waits = start + sim.cost[TIMED_WAIT];
	if (p->qw[0] & QI_IWD_FN) {
		unit.fenced = unit.waits;
		unit.shown = unit.waits + sim.cost[TIMED_STATUS];
	}
	return unit.waits + sim.cost[TIMED_STATUS];
}

static uint64_t end_of_invalidation(void)
{
	unsigned i, first = 0, n = (unsigned)minimum(sim.cost[TIMED_PARALLEL], VTD_WINDOW);

	for (i = 1; i < n; i++) {
		if (unit.free[i] < unit.free[first])
			first = i;
	}
	unit.free[first] = sim_later(sim_later(unit.free[first], unit.fenced), unit.now) +
			   sim.cost[TIMED_EXECUTE];
	unit.executed = sim_later(unit.executed, unit.free[first]);
	/*
	 * In hardware a status write under way delays nothing, but vtd_step() completes a wait and
	 * writes its status in one step.
	 */
	return sim_later(unit.free[first], unit.shown);
}

static void fetch(void)
{
	struct vtd_unit *u = unit.u;
	unsigned i, was = u->npending;
	const struct vtd_pending *p = &u->pending[was];

	unit.choice = choice_of(was);
	for (i = 1; i < unit.ncoming; i++)
		unit.coming[i - 1] = unit.coming[i];
	unit.ncoming--;
	vtd_step(u);
	used(FETCHER, unit.now, sim.cost[TIMED_FETCH]);
	if (u->npending == was) {
		sim_fail("the unit refuses a descriptor, IQEI %u",
			 VTD_IQERCD_IQEI((unsigned)u->iqercd));
		return;
	}
	unit.done[was] = is_wait(p) ? end_of_wait(p) : end_of_invalidation();
}

static void complete(unsigned i)
{
	struct vtd_unit *u = unit.u;
	unsigned was = u->npending;

	if (is_wait(&u->pending[i]))
		used(WAITS, unit.now - sim.cost[TIMED_STATUS], sim.cost[TIMED_WAIT]);
	else
		used(EXECUTORS, unit.now, sim.cost[TIMED_EXECUTE]);
	unit.choice = choice_of(i);
	vtd_step(u);
	if (u->npending != was - 1)
		sim_fail("the unit does something else than what was due");
	for (; i < u->npending; i++)
		unit.done[i] = unit.done[i + 1];
}

void unit_step(void)
{
	unsigned i;

	unit.now = sim.unit_next;
	for (i = 0; i < unit.u->npending && unit.done[i] > unit.now; i++)
		;
	if (i < unit.u->npending) {
		complete(i);
	} else if (unit.ncoming && unit.coming[0] <= unit.now) {
		fetch();
	} else {
		const struct posted *p = &unit.posted[--unit.nposted];

		vtd_write(unit.u, p->reg, p->value, p->size);
	}
	ask();
	find_next();
}

/* ---- registers ---- */

void unit_write(unsigned reg, uint64_t value, unsigned size, uint64_t when)
{
	unsigned i = unit.nposted++;

	if (i == sizeof(unit.posted) / sizeof(*unit.posted)) {
		unit.nposted--;
		sim_fail("%u register writes are under way", i);
		return;
	}
	for (; i && unit.posted[i - 1].when <= when; i--)
		unit.posted[i] = unit.posted[i - 1];
	unit.posted[i] = (struct posted){ when, value, reg, size };
	find_next();
}

uint64_t unit_read(unsigned reg, unsigned size)
{
	return vtd_read(unit.u, reg, size);
}

void unit_init(struct vtd_unit *u)
{
	u->cfg.ops = &ops;
	u->cfg.window = VTD_WINDOW;
	unit.u = u;
	find_next();
}

double unit_utilisation(void)
{
	double time = (double)(sim.ends - sim.begins), most = 0, share;
	unsigned i;

	for (i = 0; i < PARTS; i++) {
		share = (double)unit.busy[i] / time;
		if (i == EXECUTORS)
			share /= (double)minimum(sim.cost[TIMED_PARALLEL], VTD_WINDOW);
		if (share > most)
			most = share;
	}
	return most;
}
