/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * slice.h - one measurement: a driver, with threads that only submit, one submission after the
 * other, for some milliseconds. Each completion is compared with what the unit has done.
 */
#ifndef BENCH_SLICE_H
#define BENCH_SLICE_H

#include "engine.h"
#include "unit.h"

#define BENCH_PERCENTILES 4 /* 50, 99, 99.9, 100 */

struct bench_slice_config {
	const struct bench_engine *engine;
	const unsigned *cpu; /* for each thread */
	unsigned unit_cpu;
	unsigned threads, slots, count;
	struct bench_costs costs;
	double ticks_per_second;
	double seconds;
	double patience; /* seconds after which a submission counts as lost */
};

struct bench_slice {
	/* For the measured part: the beginning, while caches fill, is left out. */
	double per_second;
	double latency[BENCH_PERCENTILES]; /* seconds */
	/* the fewest submissions of a thread divided by the most */
	double fairness;

	/* For the whole slice. */
	uint64_t submissions, reads, doorbells;
	uint64_t preempted; /* how often a thread or the unit lost its processor */

	/* Errors of the driver. */
	uint64_t false_completions; /* returned before the unit had executed all of it, or a wait */
	uint64_t strange;	    /* descriptors lost, repeated, out of order or damaged */
	int error;		    /* the first error that a submission returned */
	/* a submission has not returned; nothing was freed, and the program can only exit */
	bool lost;
};

bool bench_slice_failed(const struct bench_slice *s);

/* Returns NULL, or why it could not be measured. */
const char *bench_slice(const struct bench_slice_config *cfg, struct bench_slice *out);

#endif
