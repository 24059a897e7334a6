/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * clock.h - ticks: cycles of the processors' time stamp counters if the kernel trusts them,
 * otherwise nanoseconds of the system's clock. Ticks of two processors are compared, so the
 * counters must agree.
 */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <hosts/waiting.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * True: cycles. False, the initial value: nanoseconds. Do not change it while other threads exist.
 */
extern bool ticks_are_cycles;

/*
 * False: there are no such counters, or the kernel has found that they differ between processors.
 * @sources: the directory in which the kernel lists its clocks; NULL: the usual one.
 */
bool ticks_cycles_trusted(const char *sources);

/* For spinning: the value may be read before earlier loads complete. */
static inline uint64_t ticks_now(void)
{
#if defined(__x86_64__)
	if (ticks_are_cycles)
		return __builtin_ia32_rdtsc();
#endif
	return waiting_now();
}

/* The value is read after all earlier loads, as that of the system's clock is. */
static inline uint64_t ticks_after(void)
{
#if defined(__x86_64__)
	unsigned cpu;

	if (ticks_are_cycles)
		return __builtin_ia32_rdtscp(&cpu);
#endif
	return waiting_now();
}

/* Keep this processor busy for this time. */
static inline void ticks_spend(uint64_t ticks)
{
	uint64_t end = ticks_now() + ticks;

	while (ticks_now() < end)
		;
}

/* Measured against the system's clock, which takes some hundredths of a second. */
double ticks_per_second(void);

#endif
