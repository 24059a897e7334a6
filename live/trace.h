/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * trace.h - the events intel_iommu:qi_submit of a trace, from the text of tracefs, of trace-cmd
 * report or of perf script.
 *
 * In a line, the last "[NNN]" before the event is the CPU (task names may contain brackets and
 * blanks); then follow a time stamp, the event, and "TYPE UNIT: QW0 QW1 QW2 QW3". A line that has
 * the event but not exactly this form is damaged: it is counted, and nothing of it is used.
 */
#ifndef TRACE_H
#define TRACE_H

#include "pairing.h"

#include <qinval/desc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRACE_NOTES 5	/* damaged lines that are described; further ones are only counted */
#define TRACE_FOREIGN 8 /* names of other events that are remembered */
#define TRACE_NAME 40	/* bytes of a name, with the final NUL */
#define TRACE_UNITS 64

struct trace_event {
	struct qi_desc desc;
	uint64_t ns; /* its time, if the trace is timed */
	/* Nanoseconds from call to return, of a call of one descriptor; LIVE_UNKNOWN. */
	uint64_t took;
	uint32_t line;
	uint16_t cpu;  /* index to trace.cpu */
	uint16_t unit; /* index to trace.unit */
};

/*
 * For views of single calls. Each call is reported when it has returned, with what is known of it.
 */
struct trace_calls {
	void (*call)(void *ctx, const struct live_call *call);
	/* A number that stands for this function. */
	uint64_t (*caller)(void *ctx, const char *name);
	void *ctx;
};

struct trace_note {
	uint32_t line;
	const char *what;
};

struct trace {
	const char *name; /* of the file, for messages */
	struct trace_event *event;
	size_t count;
	unsigned *cpu; /* numbers, in the order in which they first appear */
	unsigned cpus;
	char unit[TRACE_UNITS][TRACE_NAME]; /* names, likewise */
	unsigned units;
	bool timed; /* the time stamps are seconds; first and last: in nanoseconds */
	uint64_t first, last;

	uint32_t lines;
	uint64_t damaged;
	struct trace_note note[TRACE_NOTES];
	uint64_t lost;	  /* events that the tracer says it dropped */
	uint64_t foreign; /* other events */
	char other[TRACE_FOREIGN][TRACE_NAME];
	unsigned others;
	uint64_t unknown;   /* lines that are neither events nor comments */
	uint64_t unaligned; /* events whose ADDR trace_align() has rounded down */

	/* Calls that are known to have returned, from qinval record's events. */
	uint64_t calls;
	uint64_t drains;	/* calls without a descriptor; among the events they are waits */
	uint64_t untimed;	/* calls whose entry or return was lost */
	struct pairing pairing; /* only while the trace is read, as are the next two: */
	const struct trace_calls *want;
	uint32_t read; /* lines */
};

/*
 * Read all of @path. Returns false if it cannot be read, has no event, or has too many units; then
 * *error, of @size bytes, is one line that says why. Call trace_free() in either case.
 */
bool trace_read(struct trace *t, const char *path, char *error, size_t size);

/* The same, and report its calls. If the trace has no events of calls, each event is a call. */
bool trace_read_calls(struct trace *t, const char *path, const struct trace_calls *want,
		      char *error, size_t size);
void trace_free(struct trace *t);

/* Replace each descriptor by the form in which a unit executes it: see qi_desc_align(). */
void trace_align(struct trace *t);

#endif
