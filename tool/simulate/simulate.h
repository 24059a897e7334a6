/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* simulate.h - declarations shared by the subcommand's files: a table of runs, engines by CPUs. */
#ifndef SIMULATE_H
#define SIMULATE_H

#include "tool/progress.h"

#include <lab/timed/timed.h>
#include <stdio.h>

#define SIMULATE_ENGINES 16
#define SIMULATE_CPUS 32 /* numbers of CPUs */
#define SIMULATE_WORKERS 256

struct cell {
	bool done;    /* otherwise the cell is empty */
	bool refused; /* it could not start: see result.problem */
	struct timed_result result;
};

struct simulation {
	const char *preset;
	struct timed_config cfg; /* everything except engine and cpus */
	unsigned nengines, ncpus;
	const char *engine[SIMULATE_ENGINES];
	unsigned cpus[SIMULATE_CPUS];
	struct cell cell[SIMULATE_ENGINES][SIMULATE_CPUS];
	double seconds;
	bool profile; /* print what CPUs wait for */

	/*
	 * Called during the run, in the order of CPUs and then of engines, as soon as a run is
	 * done.
	 */
	bool (*row)(struct simulation *s, unsigned row); /* false: make no more runs */
	struct progress progress;
	const volatile sig_atomic_t *interrupt;
};

/* ---- run.c ---- */

/*
 * Make each run in a process of its own, @workers at a time, until all are done or ctrl-C is
 * pressed. False: see errno.
 */
bool simulate_all(struct simulation *s, const struct loaded *object, unsigned workers);

struct cell *simulate_cell(struct simulation *s, unsigned row);

/* ---- report.c ---- */

/* List the engines, presets and costs. */
void simulate_list(FILE *to, const struct loaded *object);
void simulate_list_json(FILE *to, const struct loaded *object);

/* The report: head, rows, end. */
void simulate_head(FILE *to, const struct simulation *s);
void simulate_row(FILE *to, struct simulation *s, unsigned row);
void simulate_end(FILE *to, const struct simulation *s);
bool simulate_report_json(FILE *to, const struct simulation *s);

/* ---- plot.c ---- */

bool simulate_plot(FILE *to, const struct simulation *s);

#endif
