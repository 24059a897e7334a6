/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * progress.h - progress reports, and ctrl-C.
 *
 * Work that takes longer than two seconds is reported on stderr, if that is a terminal, in one line
 * that is erased afterwards.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <signal.h>
#include <stdbool.h>

struct progress {
	double start, last; /* last: the time of the last report */
	bool tell, visible;
};

void progress_begin(struct progress *p);
double progress_seconds(const struct progress *p);

/* Report that @share of the work, 0 to 1, is done; @words adds details, or is "". */
void progress_show(struct progress *p, double share, const char *words);

/* Erase the report: before other output, and at the end. */
void progress_clear(struct progress *p);

/*
 * From now on the first ctrl-C sets the flag that is returned, and the second one ends the program.
 * SIGINT stays ignored if it is, as for jobs in the background.
 */
const volatile sig_atomic_t *progress_interrupt(void);

#endif
