/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* simulate.h - what the files of the subcommand share: a table of runs, engines by CPUs. */
#ifndef SIMULATE_H
#define SIMULATE_H

#include <lab/timed/timed.h>
#include <stdio.h>

#define SIMULATE_ENGINES 16
#define SIMULATE_CPUS 32 /* numbers of CPUs */

struct cell {
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
};

/* ---- simulate_run.c ---- */

/* Each cell in a process of its own, @workers at a time. False: see errno. */
bool simulate_all(struct simulation *s, const struct loaded *object, unsigned workers,
		  bool progress);

/* ---- simulate_report.c ---- */

/* What there is to choose from, and what it costs. */
void simulate_list(FILE *to, const struct loaded *object);
void simulate_list_json(FILE *to, const struct loaded *object);

void simulate_report(FILE *to, const struct simulation *s);
bool simulate_report_json(FILE *to, const struct simulation *s);

/* ---- simulate_plot.c ---- */

bool simulate_plot(FILE *to, const struct simulation *s);

#endif
