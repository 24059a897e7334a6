/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* bench.c - the subcommand: checks what can be measured here, runs it, sets the exit code. */
#include "arguments.h"
#include "clock.h"

#include "tool/progress.h"
#include "tool/tool.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- what this machine can measure ---- */

static unsigned find_cpus(unsigned *cpu)
{
	cpu_set_t set;
	unsigned n = 0;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 0;
	for (unsigned i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &set))
			cpu[n++] = i;
	return n;
}

/* All small numbers of threads, then fewer and fewer, and the largest. */
static void choose_threads(struct bench_plan *p)
{
	struct bench_list *l = &p->threads;
	unsigned n;

	for (n = 1; n < p->cpus - 1; n = n < 8 ? n + 1 : 2 * n)
		l->value[l->n++] = n;
	l->value[l->n++] = p->cpus - 1;
}

static bool go_realtime(const char *program)
{
	const struct sched_param priority = { .sched_priority = BENCH_PRIORITY };

	if (!sched_setscheduler(0, SCHED_FIFO, &priority))
		return true;
	fprintf(stderr, "%s: --realtime: %s; run it as root\n", program, strerror(errno));
	return false;
}

static bool choose_clock(struct bench_arguments *a, const char *program)
{
	bool trusted = ticks_cycles_trusted(NULL);

	if (a->clock && !strcmp(a->clock, "tsc") && !trusted) {
		fprintf(stderr,
			"%s: --clock tsc: the kernel does not trust the time stamp counters of "
			"this machine, if it has any\n",
			program);
		return false;
	}
	ticks_are_cycles = a->clock ? !strcmp(a->clock, "tsc") : trusted;
	a->plan.untrusted = !trusted;
	return true;
}

static bool choose_cpus(struct bench_plan *p, const char *program)
{
	for (unsigned i = 0; i < p->threads.n; i++)
		if (p->threads.value[i] >= p->cpus) {
			fprintf(stderr,
				"%s: --threads %" PRIu32 ": of %u processors one is the unit's, so "
				"there are at most %u\n",
				program, p->threads.value[i], p->cpus, p->cpus - 1);
			return false;
		}
	if (p->cpus < 2) {
		fprintf(stderr,
			"%s: one processor for the unit and one for a submitter are needed\n",
			program);
		return false;
	}
	if (!p->threads.n)
		choose_threads(p);
	return true;
}

/* The file is opened before the measurement, whose results would be lost otherwise. */
static bool open_picture(struct bench_arguments *a, const char *program)
{
	if (a->svg)
		a->picture = fopen(a->svg, "w");
	if (!a->svg || a->picture)
		return true;
	fprintf(stderr, "%s: %s: %s\n", program, a->svg, strerror(errno));
	return false;
}

/* Report errors in the arguments first, then what this machine lacks. */
static bool complete(struct bench_arguments *a, const char *program)
{
	a->plan.cpu = a->cpu;
	a->plan.cpus = find_cpus(a->cpu);
	return open_picture(a, program) && choose_cpus(&a->plan, program) &&
	       choose_clock(a, program) && (!a->realtime || go_realtime(program));
}

/* ---- the run ---- */

static struct progress progress;

static void show_progress(double share)
{
	progress_show(&progress, share, "");
}

static bool draw(const struct bench_arguments *a, const struct bench_result *r, const char *program)
{
	bool ok = true;

	if (!a->picture)
		return true;
	if (!r->failed && r->cells)
		ok = bench_svg(a->picture, &a->plan, r);
	if (!fclose(a->picture) && ok)
		return true;
	fprintf(stderr, "%s: %s: %s\n", program, a->svg, strerror(errno));
	return false;
}

static bool print(const struct bench_arguments *a, const struct bench_result *r,
		  const char *program)
{
	bool ok = true;

	if (a->json)
		ok = bench_json(stdout, &a->plan, r);
	else
		bench_report(stdout, &a->plan, r);
	if (!fflush(stdout) && !ferror(stdout) && ok)
		return true;
	fprintf(stderr, "%s: cannot write the report: %s\n", program, strerror(errno));
	return false;
}

int bench_main(int argc, char **argv)
{
	static struct bench_arguments a = {
		.plan = { .device = { 1, { 200 } },
			  .read = { 1, { 1000 } },
			  .write = { 1, { 250 } },
			  .count = { 1, { 1 } },
			  .rounds = 5,
			  .slots = 256,
			  .seconds = 0.02 },
	};
	struct bench_result r;
	const char *why;
	bool ok;

	for (const struct bench_engine *e = bench_engines; e->name; e++)
		a.plan.engine[a.plan.engines++] = e;
	argp_parse(&bench_argp, argc, argv, 0, NULL, &a);
	if (!complete(&a, argv[0]))
		return EXIT_UNUSABLE;
	a.plan.progress = show_progress;
	a.plan.interrupt = progress_interrupt();
	progress_begin(&progress);
	why = bench_run(&a.plan, &r);
	progress_clear(&progress);
	if (why) {
		fprintf(stderr, "%s: %s\n", argv[0], why);
		return EXIT_UNUSABLE;
	}
	ok = draw(&a, &r, argv[0]);
	ok = print(&a, &r, argv[0]) && ok;
	/* After a failure threads may still be in the driver. */
	if (r.failed)
		_exit(EXIT_VIOLATION);
	bench_result_free(&r);
	if (!ok)
		return EXIT_UNUSABLE;
	return r.interrupted ? EXIT_INCONCLUSIVE : EXIT_FINE;
}
