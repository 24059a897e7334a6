/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * clock.h - ticks: of the processors' time stamp counters, where the kernel trusts them, else
 * nanoseconds of the system's clock. Those of two processors are compared, so they have to agree.
 */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <hosts/waiting.h>
#include <stdbool.h>
#include <stdint.h>

/* Which of them; the system's until it is chosen. Not changed while there are other threads. */
extern bool ticks_are_cycles;

/*
 * False where the kernel has found that the counters of the processors do not agree, or there are
 * none. @sources: where it lists its clocks; NULL: in the usual place.
 */
bool ticks_cycles_trusted(const char *sources);

/* For spinning: may be read before earlier loads are complete. */
static inline uint64_t ticks_now(void)
{
#if defined(__x86_64__)
	if (ticks_are_cycles)
		return __builtin_ia32_rdtsc();
#endif
	return waiting_now();
}

/* After all earlier loads, as the system's clock is. */
static inline uint64_t ticks_after(void)
{
#if defined(__x86_64__)
	unsigned cpu;

	if (ticks_are_cycles)
		return __builtin_ia32_rdtscp(&cpu);
#endif
	return waiting_now();
}

/* Keep this processor busy for so long. */
static inline void ticks_spend(uint64_t ticks)
{
	uint64_t end = ticks_now() + ticks;

	while (ticks_now() < end)
		;
}

/* Cycles are measured against the system's clock, which takes some hundredths of a second. */
double ticks_per_second(void);

#endif
