/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* plan.h - which drivers are measured under which conditions, and the resulting figures. */
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
	struct bench_list device;      /* ticks per descriptor */
	struct bench_list read, write; /* ticks per register access; both have the same length */
	unsigned rounds, slots;
	double seconds;	     /* of each slice */
	bool untrusted;	     /* cycles are used though the kernel does not trust the counters */
	const unsigned *cpu; /* the processors that may be used */
	unsigned cpus;
	void (*progress)(double share);		/* called after each slice, or NULL */
	const volatile sig_atomic_t *interrupt; /* set: measure no further slice; or NULL */
};

/* One combination of conditions. In each round all engines are measured in each cell. */
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
	/* throughput relative to the baseline's in the same round, ... */
	struct bench_spread ratio;
	bool has_ratio; /* ... if that was measured */
	/* throughput relative to the unit's limit with one wait per submission */
	struct bench_spread of_limit;
	double doorbells, reads; /* per submission */
	uint64_t submissions;
	unsigned disturbed; /* rounds in which other programs took a processor away */
};

struct bench_result {
	bool cycles; /* ticks are cycles: see clock.h */
	double ticks_per_second;
	struct bench_spread line; /* ticks that a cache line takes between processors in use */
	/* After an interrupt there may be fewer complete rounds and cells than planned. */
	bool interrupted;
	unsigned rounds, cells;
	struct bench_cell *cell;
	struct bench_figures *figures; /* plan->engines entries for each cell */
	uint64_t submissions;	       /* all, including those of discarded slices */
	unsigned disturbed; /* slices in the figures that other programs have disturbed */

	/*
	 * An error of a driver: the first slice in which one was found. The measurement ends there.
	 */
	bool failed;
	const struct bench_engine *failed_engine;
	struct bench_cell failed_cell;
	struct bench_slice failed_slice;
};

/* Returns NULL, or why it could not be measured. */
const char *bench_run(const struct bench_plan *plan, struct bench_result *out);
void bench_result_free(struct bench_result *r);

void bench_report(FILE *to, const struct bench_plan *plan, const struct bench_result *r);

/* Write one JSON object and a newline. False: out of memory, or a write failed. */
bool bench_json(FILE *to, const struct bench_plan *plan, const struct bench_result *r);

/*
 * Throughput over threads, with a panel for each combination of the other conditions. False: see
 * errno.
 */
bool bench_svg(FILE *to, const struct bench_plan *plan, const struct bench_result *r);

/* "device 200, registers 1000:250, count 1" */
void bench_circumstances(char *text, size_t size, const struct bench_cell *c);

#endif
