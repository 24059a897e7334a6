/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * slice.h - one driver, some threads that do nothing but submit, one after the other, for
 * some milliseconds; and what came of it, each completion compared with what the unit really did.
 */
#ifndef BENCH_SLICE_H
#define BENCH_SLICE_H

#include "engine.h"
#include "unit.h"

#define BENCH_PERCENTILES 4 /* 50, 99, 99.9, 100 */

struct bench_slice_config {
	const struct bench_engine *engine;
	const unsigned *cpu; /* one for each thread */
	unsigned unit_cpu;
	unsigned threads, slots, count;
	struct bench_costs costs;
	double ticks_per_second;
	double seconds;
	double patience; /* seconds, until a submission counts as lost */
};

struct bench_slice {
	/* In the measured part: what comes first, while caches fill, is left out. */
	double per_second;
	double latency[BENCH_PERCENTILES]; /* seconds */
	double fairness;		   /* submissions: fewest of a thread by most of a thread */

	/* From beginning to end. */
	uint64_t submissions, reads, doorbells;
	uint64_t preempted; /* times that a thread or the unit lost its processor */

	/* What must not be. */
	uint64_t false_completions; /* returned before the unit had executed all of it, or a wait */
	uint64_t strange;	    /* descriptors lost, repeated, in disorder or damaged */
	int error;		    /* that a submission returned; the first one */
	bool lost; /* a submission has not returned; nothing was freed, only exit() is left */
};

bool bench_slice_failed(const struct bench_slice *s);

/* NULL, or why it could not be measured. */
const char *bench_slice(const struct bench_slice_config *cfg, struct bench_slice *out);

#endif
