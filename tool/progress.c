/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "progress.h"

#include <stddef.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define AFTER 2.0   /* seconds before the first report */
#define BETWEEN 0.1 /* seconds between two reports */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void progress_begin(struct progress *p)
{
	*p = (struct progress){ .start = now(), .tell = isatty(STDERR_FILENO) };
}

double progress_seconds(const struct progress *p)
{
	return now() - p->start;
}

/* Round the remaining time, as it is only an estimate. */
static double rounded(double seconds)
{
	double step = seconds < 10 ? 1 : seconds < 60 ? 5 : seconds < 600 ? 30 : 60;

	return step * (double)(long)(seconds / step + 1);
}

void progress_show(struct progress *p, double share, const char *words)
{
	double seconds = progress_seconds(p), left = share > 0 ? seconds / share - seconds : 0;
	const char *unit = left < 600 ? "s" : "min";

	if (!p->tell || seconds < AFTER || seconds < p->last + BETWEEN)
		return;
	p->last = seconds;
	p->visible = true;
	fprintf(stderr, "\r\033[K%3.0f %%, %.0f s", 100 * share, seconds);
	if (share > 0.01 && share < 1)
		fprintf(stderr, ", about %.0f %s left", rounded(left) / (left < 600 ? 1 : 60),
			unit);
	fprintf(stderr, "%s%s ", *words ? ": " : "", words);
}

void progress_clear(struct progress *p)
{
	if (p->visible)
		fputs("\r\033[K", stderr);
	p->visible = false;
}

static volatile sig_atomic_t interrupted;

static void note_interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

const volatile sig_atomic_t *progress_interrupt(void)
{
	const struct sigaction action = { .sa_handler = note_interrupt,
					  .sa_flags = (int)SA_RESETHAND | SA_RESTART };
	struct sigaction before;

	if (!sigaction(SIGINT, NULL, &before) && before.sa_handler == SIG_DFL)
		sigaction(SIGINT, &action, NULL);
	return &interrupted;
}
