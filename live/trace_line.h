/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * trace_line.h - the beginning of an event's line in a trace: TASK-PID [CPU] FLAGS TIME: of tracefs
 * and trace-cmd, COMM PID [CPU] TIME: of perf. Tasks' names may hold anything.
 */
#ifndef TRACE_LINE_H
#define TRACE_LINE_H

#include <stdbool.h>
#include <stdint.h>

/* The next "[NNN]" in @s, and the last one; *after is what follows it. */
bool trace_line_next_cpu(char *s, unsigned *cpu, char **after);
bool trace_line_cpu(char *s, unsigned *cpu, char **after);

/*
 * The word before the colon that ends @s is a time stamp: seconds, or with other clocks a count.
 * The kernel counts in 64 bits; what does not fit was not printed by it.
 */
bool trace_line_time(const char *s, bool *seconds, uint64_t *ns);

/* The number of the task, before the last "[NNN]" of @s. */
bool trace_line_task(char *s, uint32_t *pid);

#endif
