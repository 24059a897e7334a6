/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "clock.h"

#include <stdio.h>
#include <string.h>

#define SOURCES "/sys/devices/system/clocksource/clocksource0/available_clocksource"

#define WHILE_NS 30000000

bool ticks_are_cycles;

#if defined(__x86_64__)

bool ticks_cycles_trusted(const char *sources)
{
	char names[200];
	FILE *file = fopen(sources ? sources : SOURCES, "r");
	bool read = file && fgets(names, sizeof(names), file);

	if (file)
		fclose(file);
	/* A kernel without this file has found no problem. */
	return !read || strstr(names, "tsc");
}

#else

bool ticks_cycles_trusted(const char *sources)
{
	(void)sources;
	return false;
}

#endif

double ticks_per_second(void)
{
	uint64_t ns = waiting_now(), ticks = ticks_now();

	if (!ticks_are_cycles)
		return 1e9;
	while (waiting_now() < ns + WHILE_NS)
		;
	ticks = ticks_now() - ticks;
	return (double)ticks * 1e9 / (double)(waiting_now() - ns);
}
