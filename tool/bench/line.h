/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * line.h - the time that a cache line takes from one processor to another: most of the cost of a
 * submission. It differs between pairs of processors, and in a virtual machine it changes with
 * time.
 */
#ifndef BENCH_LINE_H
#define BENCH_LINE_H

#include <stdbool.h>

/* *ticks: for one transfer. False: no threads, or they cannot be bound to these processors. */
bool bench_line(unsigned cpu, unsigned other, double *ticks);

#endif
