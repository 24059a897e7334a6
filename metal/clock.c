/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "clock.h"

#include "x86.h"

#define PM_HZ 3579545ULL
#define PM_MASK 0xffffffU /* every timer has at least 24 bits */
#define PM_TICKS 35795U	  /* 10 ms */

#define NS 1000000000ULL

static uint64_t hz;
static uint64_t scale; /* nanoseconds a cycle, times 2^32 */

/* The cycles in PM_TICKS; 0 if the timer stands still. */
static uint64_t measure(uint16_t port)
{
	uint32_t start = inl(port), turns = 0;
	uint64_t from = rdtsc();

	while (((inl(port) - start) & PM_MASK) < PM_TICKS)
		if (++turns == 10000000)
			return 0;
	return rdtsc() - from;
}

/*
 * A system management interrupt may come at either end, so the median of three measurements is
 * used.
 */
static uint64_t measure_hz(uint16_t port)
{
	uint64_t a = measure(port), b = measure(port), c = measure(port);
	uint64_t low = a < b ? a : b, high = a < b ? b : a;

	return (c < low ? low : c > high ? high : c) * PM_HZ / PM_TICKS;
}

/* Newer CPUs report the frequency. */
static uint64_t cpuid_hz(void)
{
	struct cpuid r;

	if (cpuid(0).a < 0x15)
		return 0;
	r = cpuid(0x15);
	return r.a && r.b ? (uint64_t)r.c * r.b / r.a : 0;
}

bool clock_init(uint16_t pm_timer)
{
	hz = cpuid_hz();
	if (!hz && pm_timer)
		hz = measure_hz(pm_timer);
	if (!hz)
		return false;
	scale = (NS << 32) / hz;
	return true;
}

uint64_t clock_hz(void)
{
	return hz;
}

/* Multiply 64 by 64 bits, and return the middle 64. */
uint64_t clock_ns(uint64_t cycles)
{
	return (cycles >> 32) * scale + ((cycles & 0xffffffff) * (scale >> 32) +
					 ((cycles & 0xffffffff) * (scale & 0xffffffff) >> 32));
}

uint64_t clock_now(void)
{
	return clock_ns(rdtsc());
}

void clock_delay(uint64_t ns)
{
	uint64_t end = clock_now() + ns;

	while (clock_now() < end)
		pause();
}
