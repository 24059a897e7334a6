/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* timing.h - the times in a trace: when each event was submitted, and how long that took. */
#ifndef TIMING_H
#define TIMING_H

#include "latency.h"

#include "live/trace.h"

/*
 * Wait until @due, by CLOCK_MONOTONIC. Meanwhile *asleep, which others may read at any time, is
 * true. Setting *stop ends the wait. Returns the delay in nanoseconds.
 */
uint64_t timing_wait(uint64_t due, uint32_t *asleep, const uint32_t *stop);

/* The time of event @n since the beginning of the replay, in pass @pass, counted from 0. */
uint64_t timing_due(const struct trace *t, size_t n, unsigned pass);

/*
 * The recorded times from call to return, for calls with one descriptor and for drains, grouped by
 * group_of().
 */
void timing_recorded(const struct trace *t, struct latency *all, struct latency group[GROUPS]);

#endif
