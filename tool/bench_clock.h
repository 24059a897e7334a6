/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bench_clock.h - ticks: of the processor's time stamp counter on x86, else nanoseconds. Those of
 * two processors are compared, so they have to agree.
 */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__x86_64__)

/* For spinning: may be read before earlier loads are complete. */
static inline uint64_t ticks_now(void)
{
	return __builtin_ia32_rdtsc();
}

/* After all earlier loads. */
static inline uint64_t ticks_after(void)
{
	unsigned cpu;

	return __builtin_ia32_rdtscp(&cpu);
}

#else

#include <hosts/waiting.h>

static inline uint64_t ticks_now(void)
{
	return waiting_now();
}

static inline uint64_t ticks_after(void)
{
	return waiting_now();
}

#endif

/* As something does that keeps this processor busy for so long. */
static inline void ticks_spend(uint64_t ticks)
{
	uint64_t end = ticks_now() + ticks;

	while (ticks_now() < end)
		;
}

/* False where the kernel has found that processors' counters do not. */
bool ticks_agree(void);

/* Measured against the system's clock, which takes some hundredths of a second. */
double ticks_per_second(void);

#endif
