/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * trace.h - the events intel_iommu:qi_submit of a trace, from the text of tracefs, of trace-cmd
 * report or of perf script.
 *
 * What is read of a line: the last "[NNN]" before the event is the CPU (task names may hold
 * brackets and blanks), then comes a time stamp, the event, and "TYPE UNIT: QW0 QW1 QW2 QW3". A
 * line with the event that is not exactly so is damaged: it is counted, and nothing of it is used.
 */
#ifndef TRACE_H
#define TRACE_H

#include "pairing.h"

#include <qinval/desc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRACE_NOTES 5	/* damaged lines that are described, beyond that they are counted */
#define TRACE_FOREIGN 8 /* names of other events that are remembered */
#define TRACE_NAME 40	/* of which so many bytes with the final NUL */
#define TRACE_UNITS 64

struct trace_event {
	struct qi_desc desc;
	uint64_t ns;   /* its time, if the trace is timed */
	uint64_t took; /* from call to return, of a call of one descriptor; LIVE_UNKNOWN */
	uint32_t line;
	uint16_t cpu;  /* index to trace.cpu */
	uint16_t unit; /* index to trace.unit */
};

/* For views of single calls: each when it has returned, as far as it is known. */
struct trace_calls {
	void (*call)(void *ctx, const struct live_call *call);
	uint64_t (*caller)(void *ctx, const char *name); /* what stands for this function */
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
	bool timed; /* the time stamps are seconds: first and last, in nanoseconds */
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

	uint64_t calls;		/* that are known to have returned, from qinval record's events */
	uint64_t drains;	/* of them without a descriptor: among the events as waits */
	uint64_t untimed;	/* calls whose entry or return was lost */
	struct pairing pairing; /* while it is read; likewise: */
	const struct trace_calls *want;
	uint32_t read; /* lines */
};

/*
 * Read all of @path. False if it cannot be read, has no event, or has too many units; then *error,
 * of @size bytes, has one line that says why. trace_free() is for either case.
 */
bool trace_read(struct trace *t, const char *path, char *error, size_t size);

/* The same, with its calls; where nothing tells of calls, each event is one. */
bool trace_read_calls(struct trace *t, const char *path, const struct trace_calls *want,
		      char *error, size_t size);
void trace_free(struct trace *t);

/* Make every descriptor what a unit executes: see qi_desc_align(). */
void trace_align(struct trace *t);

#endif
