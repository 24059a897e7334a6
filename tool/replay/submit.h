/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* submit.h - submits one thread's events, one at a time, and judges each outcome. */
#ifndef REPLAY_SUBMIT_H
#define REPLAY_SUBMIT_H

#include "running.h"

/* The thread's function; its argument is a struct worker. */
void *submit_all(void *worker);

/* Report a problem. Only the first ones are kept. */
void submit_problem(struct worker *w, enum problem_kind kind, uint32_t line,
		    const struct qi_error *e);

/*
 * Note for the time line that a unit fetches a descriptor: called by the unit's thread, or with
 * QEMU by the thread that rings the doorbell. @ctx: struct unit.
 */
void submit_taken(void *ctx, struct threads_host *h, uint64_t addr, uint64_t *qw);

#endif
