/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "bench_clock.h"

#include <hosts/waiting.h>

#define WHILE_NS 30000000

double ticks_per_second(void)
{
	uint64_t ns = waiting_now(), ticks = ticks_now();

	while (waiting_now() < ns + WHILE_NS)
		;
	ticks = ticks_now() - ticks;
	return (double)ticks * 1e9 / (double)(waiting_now() - ns);
}
