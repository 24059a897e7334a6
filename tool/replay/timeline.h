/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * timeline.h - when everything of a replay happened: each submission, each descriptor that a unit
 * took, each injected fault. timeline_write.h has what is made of it.
 *
 * Each lane is filled by one thread at a time: a worker's by the worker, a unit's takings by the
 * unit's thread, or with QEMU by the thread that rings, and its faults by the thread that has armed
 * one. It is read when they have ended.
 */
#ifndef TIMELINE_H
#define TIMELINE_H

#include "live/trace.h"

/* So many of each, in all; more are counted only. A page of them is some 10 MB. */
#define TIMELINE_ROOM 200000U

/* All times are nanoseconds since the replay's beginning. */
struct timeline_span {
	uint64_t start, end;
	uint32_t line; /* of the trace's event */
	uint16_t unit; /* of the trace */
	uint8_t type;  /* of the descriptor, as of qi_desc_type() */
	int8_t code;   /* of a submission: what it returned; 0: success */
	uint8_t item;  /* of a fault: which of the list */
};

struct timeline_mark {
	uint64_t at;
	uint8_t type;
};

struct timeline_lane {
	struct timeline_span *span; /* a worker's submissions, or a unit's faults */
	struct timeline_mark *mark; /* what a unit takes */
	size_t spans, marks, more;  /* more: that there was no room for */
};

struct timeline {
	uint64_t zero; /* atomic; of CLOCK_MONOTONIC: the beginning. 0: nothing counts yet */
	struct timeline_lane *worker, unit[TRACE_UNITS];
	unsigned workers, units;
	uint64_t spans, marks; /* atomic: of all lanes, what found no room included */
};

/* False: out of memory. timeline_free() is for either case. */
bool timeline_init(struct timeline *tl, unsigned workers, unsigned units);
void timeline_free(struct timeline *tl);

/* Times of CLOCK_MONOTONIC. */
void timeline_span(struct timeline *tl, struct timeline_lane *lane,
		   const struct timeline_span *span);
void timeline_mark(struct timeline *tl, struct timeline_lane *lane, uint64_t at, uint8_t type);

/* "CPU 3", or "thread 1" where a thread has several. */
void timeline_worker_name(const struct timeline *tl, const struct trace *t, unsigned worker,
			  char *buf, size_t size);

/* The cost of a fault for the submissions that were under way while it was armed. */
struct timeline_cost {
	unsigned submissions, failed;
	uint64_t slowest, held; /* held: by how much all were slower than their kind's median */
};

/* @median: of a submission of each type, from timeline_medians(). */
#define TIMELINE_TYPES 16
void timeline_medians(const struct timeline *tl, uint64_t median[TIMELINE_TYPES]);
struct timeline_cost timeline_cost(const struct timeline *tl, const struct timeline_span *fault,
				   const uint64_t median[TIMELINE_TYPES]);

#endif
