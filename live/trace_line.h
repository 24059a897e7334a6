/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * trace_line.h - the beginning of an event's line in a trace: TASK-PID [CPU] FLAGS TIME: in tracefs
 * and trace-cmd, COMM PID [CPU] TIME: in perf. Task names may contain anything.
 */
#ifndef TRACE_LINE_H
#define TRACE_LINE_H

#include <stdbool.h>
#include <stdint.h>

/* Find the next "[NNN]" in @s, or the last one; *after is what follows it. */
bool trace_line_next_cpu(char *s, unsigned *cpu, char **after);
bool trace_line_cpu(char *s, unsigned *cpu, char **after);

/*
 * Parse the time stamp before the colon that ends @s: seconds, or with other clocks a count. The
 * kernel prints 64 bits, so a larger number was not printed by it and is refused.
 */
bool trace_line_time(const char *s, bool *seconds, uint64_t *ns);

/* The number of the task, before the last "[NNN]" of @s. */
bool trace_line_task(char *s, uint32_t *pid);

#endif
