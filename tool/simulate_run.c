/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * simulate_run.c - runs, several at a time: each needs a process, as the lab's memory has its
 * place.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "simulate.h"

/* A run that a process is at. */
struct job {
	pid_t pid;
	int from; /* its result comes here; -1: no job */
	struct cell *cell;
};

static void child(const struct simulation *s, const struct loaded *object, unsigned engine,
		  unsigned cpus, int to)
{
	struct timed_config cfg = s->cfg;
	struct cell cell = { 0 };
	const char *why;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
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
	if (j->pid > 0)
		return true;
	close(j->from);
	j->from = -1;
	return false;
}

static void finish(struct job *j, int status)
{
	struct cell *c = j->cell;

	/* All of a result fits into a pipe, and is there when its process has ended. */
	if (read(j->from, c, sizeof(*c)) != sizeof(*c)) {
		memset(c, 0, sizeof(*c));
		snprintf(c->result.problem, sizeof(c->result.problem), "it crashes: %s",
			 WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "without a result");
	}
	close(j->from);
	j->from = -1;
}

/* False: nobody is left to wait for. */
static bool await(struct job *jobs, unsigned n)
{
	int status;
	pid_t pid = waitpid(-1, &status, 0);
	unsigned i;

	if (pid < 0)
		return false;
	for (i = 0; i < n; i++) {
		if (jobs[i].from >= 0 && jobs[i].pid == pid)
			finish(&jobs[i], status);
	}
	return true;
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

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* The largest first, so that none is left to run alone at the end. */
static bool run_all(struct simulation *s, const struct loaded *object, struct job *jobs,
		    unsigned workers, bool progress)
{
	unsigned n = s->nengines * s->ncpus, i;

	for (i = 0; i < n; i++) {
		while (!free_job(jobs, workers))
			await(jobs, workers);
		if (progress)
			fprintf(stderr, "\r%u of %u runs", i, n);
		if (!start(free_job(jobs, workers), s, object, i % s->nengines,
			   s->ncpus - 1 - i / s->nengines))
			return false;
	}
	return true;
}

bool simulate_all(struct simulation *s, const struct loaded *object, unsigned workers,
		  bool progress)
{
	struct job *jobs = calloc(workers, sizeof(*jobs));
	double start_at = seconds();
	bool ok = jobs;
	unsigned i;

	for (i = 0; jobs && i < workers; i++)
		jobs[i].from = -1;
	if (ok)
		ok = run_all(s, object, jobs, workers, progress);
	while (jobs && await(jobs, workers))
		;
	if (progress)
		fputs("\r\033[K", stderr);
	free(jobs);
	s->seconds = seconds() - start_at;
	return ok;
}
