/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* submit.h - one thread's events, one at a time, and the judgement of each outcome. */
#ifndef REPLAY_SUBMIT_H
#define REPLAY_SUBMIT_H

#include "running.h"

/* The thread; its argument is a struct worker. */
void *submit_all(void *worker);

/* The first ones are kept. */
void submit_problem(struct worker *w, enum problem_kind kind, uint32_t line,
		    const struct qi_error *e);

/*
 * A unit takes a descriptor, for the time line: in the unit's thread, or with QEMU in the one that
 * rings. @ctx: struct unit.
 */
void submit_taken(void *ctx, struct threads_host *h, uint64_t addr, uint64_t *qw);

#endif
