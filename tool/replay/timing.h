/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* timing.h - a trace's own times: when a replay submits what, and how long it took there. */
#ifndef TIMING_H
#define TIMING_H

#include "latency.h"

#include "live/trace.h"

/*
 * Wait until @due, by the clock of CLOCK_MONOTONIC. *asleep, which others may read at any time, is
 * true meanwhile; *stop, which they may set, ends it. Returns how much too late it is, in
 * nanoseconds.
 */
uint64_t timing_wait(uint64_t due, uint32_t *asleep, const uint32_t *stop);

/* When event @n is due, after the replay's beginning; in the pass numbered @pass, from 0 on. */
uint64_t timing_due(const struct trace *t, size_t n, unsigned pass);

/* From call to return as recorded: of calls of one descriptor, and drains. By group_of(). */
void timing_recorded(const struct trace *t, struct latency *all, struct latency group[GROUPS]);

#endif
