/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "timing.h"

#include <string.h>
#include <time.h>

/* Sleeps may end late by up to this; between them the run may be interrupted. */
#define EARLY_NS 100000
#define LONGEST_NS 50000000

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

uint64_t timing_wait(uint64_t due, uint32_t *asleep, const uint32_t *stop)
{
	uint64_t now = now_ns(), left;
	struct timespec ts = { 0 };

	__atomic_store_n(asleep, now + EARLY_NS < due, __ATOMIC_RELAXED);
	while (now + EARLY_NS < due && !__atomic_load_n(stop, __ATOMIC_RELAXED)) {
		left = due - now - EARLY_NS;
		ts.tv_nsec = left < LONGEST_NS ? left : LONGEST_NS;
		nanosleep(&ts, NULL);
		now = now_ns();
	}
	__atomic_store_n(asleep, 0, __ATOMIC_RELAXED);
	while (now < due && !__atomic_load_n(stop, __ATOMIC_RELAXED))
		now = now_ns();
	return now > due ? now - due : 0;
}

uint64_t timing_due(const struct trace *t, size_t n, unsigned pass)
{
	return t->event[n].ns - t->first + pass * (t->last - t->first);
}

void timing_recorded(const struct trace *t, struct latency *all, struct latency group[GROUPS])
{
	memset(all, 0, sizeof(*all));
	memset(group, 0, GROUPS * sizeof(*group));
	for (size_t i = 0; i < t->count; i++) {
		const struct trace_event *e = &t->event[i];

		if (e->took == LIVE_UNKNOWN)
			continue;
		latency_count(all, e->took);
		latency_count(&group[group_of(&e->desc)], e->took);
	}
}
