/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * line.h - how long a cache line takes from one processor to another: most of what submitting
 * costs. It differs between pairs, and in a virtual machine from minute to minute.
 */
#ifndef BENCH_LINE_H
#define BENCH_LINE_H

#include <stdbool.h>

/* *ticks: of one transfer. False: no threads, or not on these processors. */
bool bench_line(unsigned cpu, unsigned other, double *ticks);

#endif
