/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * run.c - makes several runs at a time. Each needs a process of its own, as the lab's memory has
 * fixed addresses.
 */
#include <math.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include "simulate.h"

/* A run in a process. */
struct job {
	pid_t pid;
	int from; /* pipe for the result; -1: no run */
	struct cell *cell;
	double since, guess; /* seconds: start time, estimated duration */
};

static double guess(const struct simulation *s, unsigned engine, unsigned cpus);

static void child(const struct simulation *s, const struct loaded *object, unsigned engine,
		  unsigned cpus, int to)
{
	struct timed_config cfg = s->cfg;
	struct cell cell = { 0 };
	const char *why;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_IGN); /* a terminal sends SIGINT to all; the first process decides */
	cfg.engine = s->engine[engine];
	cfg.cpus = s->cpus[cpus];
	why = timed_run(object, &cfg, &cell.result);
	if (why) {
		cell.refused = true;
		snprintf(cell.result.problem, sizeof(cell.result.problem), "%s", why);
	}
	_exit(write(to, &cell, sizeof(cell)) != sizeof(cell));
}

static bool start(struct job *j, struct simulation *s, const struct loaded *object, unsigned engine,
		  unsigned cpus)
{
	int ends[2];

	if (pipe(ends))
		return false;
	fflush(NULL);
	j->pid = fork();
	if (!j->pid)
		child(s, object, engine, cpus, ends[1]);
	close(ends[1]);
	j->from = ends[0];
	j->cell = &s->cell[engine][cpus];
	j->since = progress_seconds(&s->progress);
	j->guess = guess(s, engine, cpus);
	if (j->pid > 0)
		return true;
	close(j->from);
	j->from = -1;
	return false;
}

static void finish(struct job *j)
{
	struct cell *c = j->cell;
	int status = 0;

	waitpid(j->pid, &status, 0);
	if (read(j->from, c, sizeof(*c)) != sizeof(*c)) {
		memset(c, 0, sizeof(*c));
		snprintf(c->result.problem, sizeof(c->result.problem), "it crashes: %s",
			 WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "without a result");
	}
	c->done = true;
	close(j->from);
	j->from = -1;
}

/* Wait a fifth of a second, or until a run has ended. A result fits into a pipe. */
static void await(struct job *jobs, unsigned n)
{
	struct pollfd wait[SIMULATE_WORKERS];
	unsigned i;

	for (i = 0; i < n; i++)
		wait[i] = (struct pollfd){ .fd = jobs[i].from, .events = POLLIN };
	if (poll(wait, n, 200) <= 0)
		return;
	for (i = 0; i < n; i++) {
		if (jobs[i].from >= 0 && wait[i].revents)
			finish(&jobs[i]);
	}
}

static void give_up(struct job *jobs, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		if (jobs[i].from < 0)
			continue;
		kill(jobs[i].pid, SIGKILL);
		waitpid(jobs[i].pid, NULL, 0);
		close(jobs[i].from);
		jobs[i].from = -1;
	}
}

static struct job *free_job(struct job *jobs, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		if (jobs[i].from < 0)
			return &jobs[i];
	}
	return NULL;
}

/* ---- Estimates of duration ---- */

/* The assumed growth of a run's time with the number of CPUs, and its limits. */
#define GROWTH 1.5
#define LEAST_GROWTH 1
#define MOST_GROWTH 2.2
#define SHORTEST 0.02

static double took(const struct cell *c)
{
	return c->result.seconds > SHORTEST ? c->result.seconds : SHORTEST;
}

/* Estimate the duration of a run from finished ones with fewer CPUs. */
static double guess(const struct simulation *s, unsigned engine, unsigned cpus)
{
	const struct cell *last = NULL, *before = NULL;
	double more, growth = GROWTH;
	unsigned i, at = 0, at_before = 0;

	for (i = 0; i < cpus; i++) {
		if (!s->cell[engine][i].done)
			continue;
		before = last;
		at_before = at;
		last = &s->cell[engine][i];
		at = i;
	}
	if (!last)
		return SHORTEST * s->cpus[cpus];
	more = (double)s->cpus[cpus] / s->cpus[at];
	if (before && s->cpus[at] > s->cpus[at_before])
		growth = log(took(last) / took(before)) /
			 log((double)s->cpus[at] / s->cpus[at_before]);
	growth = fmin(fmax(growth, LEAST_GROWTH), MOST_GROWTH);
	return took(last) * pow(more, growth);
}

static double share_done(const struct simulation *s, const struct job *jobs, unsigned workers)
{
	double done = 0, all = 0;
	unsigned e, i;

	for (e = 0; e < s->nengines; e++) {
		for (i = 0; i < s->ncpus; i++) {
			const struct cell *c = &s->cell[e][i];

			done += c->done ? took(c) : 0;
			all += c->done ? took(c) : guess(s, e, i);
		}
	}
	for (i = 0; i < workers; i++) {
		if (jobs[i].from >= 0)
			done += fmin(progress_seconds(&s->progress) - jobs[i].since, jobs[i].guess);
	}
	return fmin(done / all, 0.99);
}

/* ---- All runs ---- */

/* False: no more runs are wanted. */
static bool tell(struct simulation *s, const struct job *jobs, unsigned workers, unsigned *rows)
{
	unsigned n = s->nengines * s->ncpus;
	bool first = true;
	char words[60];

	while (*rows < n && simulate_cell(s, *rows)->done) {
		if (first)
			progress_clear(&s->progress);
		first = false;
		if (!s->row(s, *rows))
			return false;
		++*rows;
	}
	snprintf(words, sizeof(words), "%u of %u runs", *rows, n);
	progress_show(&s->progress, share_done(s, jobs, workers), words);
	return true;
}

/* Start with the shortest runs: the first result comes soon, and helps to estimate the others. */
static bool run_all(struct simulation *s, const struct loaded *object, struct job *jobs,
		    unsigned workers)
{
	unsigned n = s->nengines * s->ncpus, next = 0, rows = 0;

	while (rows < n && !*s->interrupt) {
		struct job *j = next < n ? free_job(jobs, workers) : NULL;

		if (j && !start(j, s, object, next % s->nengines, next / s->nengines))
			return false;
		if (j)
			next++;
		else
			await(jobs, workers);
		if (!tell(s, jobs, workers, &rows))
			break;
	}
	return true;
}

struct cell *simulate_cell(struct simulation *s, unsigned row)
{
	return &s->cell[row % s->nengines][row / s->nengines];
}

bool simulate_all(struct simulation *s, const struct loaded *object, unsigned workers)
{
	struct job jobs[SIMULATE_WORKERS];
	unsigned i;
	bool ok;

	for (i = 0; i < workers; i++)
		jobs[i].from = -1;
	s->interrupt = progress_interrupt();
	progress_begin(&s->progress);
	ok = run_all(s, object, jobs, workers);
	give_up(jobs, workers);
	progress_clear(&s->progress);
	s->seconds = progress_seconds(&s->progress);
	return ok;
}
