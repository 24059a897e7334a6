/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* simulate.h - what the files of the subcommand share: a table of runs, engines by CPUs. */
#ifndef SIMULATE_H
#define SIMULATE_H

#include "tool/progress.h"

#include <lab/timed/timed.h>
#include <stdio.h>

#define SIMULATE_ENGINES 16
#define SIMULATE_CPUS 32 /* numbers of CPUs */
#define SIMULATE_WORKERS 256

struct cell {
	bool done;    /* it was run; else there is nothing here */
	bool refused; /* it could not start: result.problem says why */
	struct timed_result result;
};

struct simulation {
	const char *preset;
	struct timed_config cfg; /* all but engine and cpus */
	unsigned nengines, ncpus;
	const char *engine[SIMULATE_ENGINES];
	unsigned cpus[SIMULATE_CPUS];
	struct cell cell[SIMULATE_ENGINES][SIMULATE_CPUS];
	double seconds;
	bool profile; /* print what CPUs wait for */

	/* While it runs: by CPUs and then by engine, each as soon as it is done. */
	bool (*row)(struct simulation *s, unsigned row); /* false: make no more */
	struct progress progress;
	const volatile sig_atomic_t *interrupt;
};

/* ---- simulate_run.c ---- */

/*
 * Each cell in a process of its own, @workers at a time, until all are done or ctrl-C comes. False:
 * see errno.
 */
bool simulate_all(struct simulation *s, const struct loaded *object, unsigned workers);

struct cell *simulate_cell(struct simulation *s, unsigned row);

/* ---- simulate_report.c ---- */

/* What there is to choose from, and what it costs. */
void simulate_list(FILE *to, const struct loaded *object);
void simulate_list_json(FILE *to, const struct loaded *object);

/* The report: its head, rows, end. */
void simulate_head(FILE *to, const struct simulation *s);
void simulate_row(FILE *to, struct simulation *s, unsigned row);
void simulate_end(FILE *to, const struct simulation *s);
bool simulate_report_json(FILE *to, const struct simulation *s);

/* ---- simulate_plot.c ---- */

bool simulate_plot(FILE *to, const struct simulation *s);

#endif
