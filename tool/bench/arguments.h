/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arguments.h - the options of qinval bench. */
#ifndef BENCH_ARGUMENTS_H
#define BENCH_ARGUMENTS_H

#include "plan.h"

#include <sched.h>
#include <stdio.h>

struct bench_arguments {
	struct bench_plan plan;
	unsigned cpu[CPU_SETSIZE];
	const char *svg, *clock;
	FILE *picture;
	bool json, realtime;
};

#endif
