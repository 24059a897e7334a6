/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* measure.c - begin and end of submissions: checks their descriptors, and measures latency. */
#include <math.h>

#include <qinval/qi.h>

#include "sim.h"

/* A histogram of latencies in picoseconds. A bucket's width is at most 1/64 of its values. */
#define SUB 64
#define BUCKETS (SUB * 60)

static uint64_t buckets[BUCKETS];
static uint64_t sum, most;

static unsigned bucket_of(uint64_t v)
{
	unsigned log2;

	if (v < 2 * SUB)
		return (unsigned)v;
	log2 = 63 - (unsigned)__builtin_clzll(v);
	return (log2 - 6) * SUB + (unsigned)(v >> (log2 - 6));
}

/* The middle of the bucket. */
static double value_of(unsigned bucket)
{
	unsigned log2 = bucket / SUB + 5;

	if (bucket < 2 * SUB)
		return bucket;
	return ldexp(bucket % SUB + SUB + 0.5, (int)log2 - 6);
}

/* A quantile in thousandths. None is above the maximum. */
static double quantile(uint64_t n, unsigned thousandths)
{
	uint64_t rank = (n * thousandths + 999) / 1000, below = 0;
	unsigned i;

	for (i = 0; i < BUCKETS; i++) {
		below += buckets[i];
		if (below >= rank)
			break;
	}
	return fmin(value_of(i), (double)most);
}

/* ---- the load ---- */

/* All CPUs begin within a microsecond. */
void measure_init(void)
{
	unsigned i;

	sim.random = sim.cfg->seed;
	sim.to = sim.cfg->submissions * sim.cfg->cpus;
	sim.from = sim.to / 10;
	for (i = 0; i < sim.cfg->cpus; i++)
		sim.cpu[i].clock = (uint64_t)(sim_random() * 1000 * PS_PER_NS);
	for (i = 0; sim.cost[TIMED_STEAL] && i < sim.cfg->cpus; i++)
		sim.cpu[i].stolen = sim_until_steal();
}

uint64_t sim_until_steal(void)
{
	return (uint64_t)(-log(sim_random()) * (double)sim.cost[TIMED_STEAL_EVERY]);
}

static void think(struct cpu *c)
{
	if (sim.cfg->think > 0)
		c->clock += (uint64_t)(-log(sim_random()) * sim.cfg->think * PS_PER_NS);
}

void measure_begin(struct cpu *c, const struct op *op)
{
	c->constant = op->addr;
	c->executed = 0;
	c->submits = true;
	c->began = c->clock;
}

static void record(struct cpu *c)
{
	uint64_t latency = c->clock - c->began;

	c->measured++;
	buckets[bucket_of(latency)]++;
	sum += latency;
	if (latency > most)
		most = latency;
}

static void judge(const struct cpu *c, int result)
{
	unsigned count = sim.cfg->count;
	uint64_t all = count < 64 ? (1ULL << count) - 1 : UINT64_MAX;

	if (result)
		sim_fail("CPU %u, submission %llu: %s", sim_number(c),
			 (unsigned long long)c->number, qi_strerror(result));
	if (c->executed != all)
		sim_fail("CPU %u, submission %llu: over, and the unit has executed %d of %u "
			 "descriptors",
			 sim_number(c), (unsigned long long)c->number,
			 __builtin_popcountll(c->executed), count);
}

uint64_t measure_over(struct cpu *c, int result)
{
	schedule_order(c);
	if (c->submits) {
		judge(c, result);
		if (sim_measures())
			record(c);
		c->submits = false;
		c->number++;
		sim.over++;
		if (sim.over == sim.from)
			sim.begins = c->clock;
		if (sim.over == sim.to)
			sim.ends = c->clock;
		think(c);
	}
	return sim.over < sim.to ? c->number : TIMED_END;
}

void measure_executed(const uint64_t *qw)
{
	unsigned cpu = (uint16_t)(qw[0] >> 16), count = sim.cfg->count;
	uint64_t page = qw[1] >> QI_PAGE_SHIFT, bit;
	struct cpu *c = &sim.cpu[cpu];

	if ((qw[0] & 0xf) == QI_IWD_TYPE)
		return;
	if (cpu >= sim.cfg->cpus || !count || !c->submits || page / count != c->number) {
		sim_fail("the unit executes page %llu of CPU %u, which is not under way",
			 (unsigned long long)page, cpu);
		return;
	}
	bit = 1ULL << page % count;
	if (c->executed & bit)
		sim_fail("the unit executes page %llu of CPU %u twice", (unsigned long long)page,
			 cpu);
	c->executed |= bit;
}

/* ---- the result ---- */

static double fairness(void)
{
	uint64_t least = UINT64_MAX, largest = 0;
	unsigned i;

	for (i = 0; i < sim.cfg->cpus; i++) {
		uint64_t n = sim.cpu[i].measured;

		if (n < least)
			least = n;
		if (n > largest)
			largest = n;
	}
	return largest ? (double)least / (double)largest : 0;
}

void measure_result(struct timed_result *r)
{
	uint64_t n = sim.to - sim.from;

	r->submissions = sim.over;
	r->measured = n;
	r->time = (double)(sim.ends - sim.begins) / PS_PER_NS;
	r->throughput = (double)n / r->time * 1e9;
	r->utilisation = unit_utilisation();
	r->mean = (double)sum / (double)n / PS_PER_NS;
	r->p50 = quantile(n, 500) / PS_PER_NS;
	r->p90 = quantile(n, 900) / PS_PER_NS;
	r->p99 = quantile(n, 990) / PS_PER_NS;
	r->p999 = quantile(n, 999) / PS_PER_NS;
	r->max = (double)most / PS_PER_NS;
	r->doorbells = (double)sim.doorbells / (double)n;
	r->register_reads = (double)sim.register_reads / (double)n;
	r->fairness = fairness();
	r->steps = sim.steps;
	r->skipped_turns = sim.skipped_turns;
	profile_result(r);
}
