/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * plan.h - which drivers are measured under which circumstances, and the figures that come of it.
 */
#ifndef BENCH_PLAN_H
#define BENCH_PLAN_H

#include "slice.h"

#include <signal.h>
#include <stdio.h>

#define BENCH_LIST 32

struct bench_list {
	unsigned n;
	uint32_t value[BENCH_LIST];
};

struct bench_plan {
	const struct bench_engine *engine[BENCH_LIST];
	unsigned engines;
	struct bench_list threads, count;
	struct bench_list device;      /* ticks a descriptor */
	struct bench_list read, write; /* ticks a register access; as many of both */
	unsigned rounds, slots;
	double seconds;	     /* of each slice */
	bool untrusted;	     /* the kernel does not trust the counters of cycles */
	const unsigned *cpu; /* those that may be used */
	unsigned cpus;
	void (*progress)(double share);		/* after each slice, or NULL */
	const volatile sig_atomic_t *interrupt; /* set: no further slice; or NULL */
};

/* All engines are measured in each of these, one after the other, in each round. */
struct bench_cell {
	unsigned threads, count;
	struct bench_costs costs;
};

struct bench_spread {
	double median, least, most; /* over the rounds */
};

struct bench_figures {
	const struct bench_engine *engine;
	struct bench_spread per_second, fairness;
	struct bench_spread latency[BENCH_PERCENTILES]; /* seconds */
	struct bench_spread ratio;    /* of per_second to the baseline's in the same round, ... */
	bool has_ratio;		      /* ... if that was measured */
	struct bench_spread of_limit; /* share of what the unit can do, with a wait a submission */
	double doorbells, reads;      /* a submission */
	uint64_t submissions;
	unsigned disturbed; /* rounds in which other programs took a processor away */
};

struct bench_result {
	bool cycles; /* that is what ticks are: see bench_clock.h */
	double ticks_per_second;
	struct bench_spread line; /* ticks of a cache line's way between processors in use */
	/* Fewer of both than are planned, if interrupted: what is whole. */
	bool interrupted;
	unsigned rounds, cells;
	struct bench_cell *cell;
	struct bench_figures *figures; /* plan->engines for each cell */
	uint64_t submissions;	       /* of all, those included that were not kept */
	unsigned disturbed; /* slices in the figures that other programs have disturbed */

	/* What must not be: the first slice in which it was. Measuring ends there. */
	bool failed;
	const struct bench_engine *failed_engine;
	struct bench_cell failed_cell;
	struct bench_slice failed_slice;
};

/* NULL, or why it could not be measured. */
const char *bench_run(const struct bench_plan *plan, struct bench_result *out);
void bench_result_free(struct bench_result *r);

void bench_report(FILE *to, const struct bench_plan *plan, const struct bench_result *r);

/* One JSON object and a newline. False: out of memory, or it could not be written. */
bool bench_json(FILE *to, const struct bench_plan *plan, const struct bench_result *r);

/* Throughput over threads, a panel for each of the other circumstances. False: see errno. */
bool bench_svg(FILE *to, const struct bench_plan *plan, const struct bench_result *r);

/* "device 200, registers 1000:250, count 1" */
void bench_circumstances(char *text, size_t size, const struct bench_cell *c);

#endif
