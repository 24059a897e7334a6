/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * progress.h - how far something is, and whether it is to end.
 *
 * What takes longer than two seconds says so on stderr, if that is a terminal, in one line that
 * goes away again.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <signal.h>
#include <stdbool.h>

struct progress {
	double start, last; /* last: when the line was written */
	bool tell, visible;
};

void progress_begin(struct progress *p);
double progress_seconds(const struct progress *p);

/* @share of all the work, 0 to 1, is done, of which @words say more; "": nothing. */
void progress_show(struct progress *p, double share, const char *words);

/* Before anything else is printed, and at the end. */
void progress_clear(struct progress *p);

/*
 * From now on ctrl-C sets the flag that is returned, once: the second one ends the program. Not
 * where a shell has it ignored, as in the background.
 */
const volatile sig_atomic_t *progress_interrupt(void);

#endif
