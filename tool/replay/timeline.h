/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * timeline.h - the times of all that happens in a replay: submissions, descriptors fetched by
 * units, injected faults. timeline_write.h writes them as files.
 *
 * Only one thread at a time writes to a lane: a worker to its own, the unit's thread (with QEMU the
 * thread that rings) to the unit's fetches, and the thread that has armed a fault to the unit's
 * faults. Lanes are read when these threads have ended.
 */
#ifndef TIMELINE_H
#define TIMELINE_H

#include "live/trace.h"

/*
 * The limit of entries of each kind, in all lanes; further ones are only counted. A page with so
 * many has some 10 MB.
 */
#define TIMELINE_ROOM 200000U

/* Times are in nanoseconds since the beginning of the replay. */
struct timeline_span {
	uint64_t start, end;
	uint32_t line; /* of the event in the trace */
	uint16_t unit; /* number in the trace */
	uint8_t type;  /* of the descriptor, as returned by qi_desc_type() */
	int8_t code;   /* of a submission: its result; 0: success */
	uint8_t item;  /* of a fault: its number in the list */
};

struct timeline_mark {
	uint64_t at;
	uint8_t type;
};

struct timeline_lane {
	struct timeline_span *span; /* submissions of a worker, or faults of a unit */
	struct timeline_mark *mark; /* descriptors that a unit fetched */
	size_t spans, marks, more;  /* more: entries without room */
};

struct timeline {
	uint64_t zero; /* atomic: the beginning by CLOCK_MONOTONIC; 0: not begun */
	struct timeline_lane *worker, unit[TRACE_UNITS];
	unsigned workers, units;
	uint64_t spans, marks; /* atomic: in all lanes, including those without room */
};

/* False: out of memory. Call timeline_free() in either case. */
bool timeline_init(struct timeline *tl, unsigned workers, unsigned units);
void timeline_free(struct timeline *tl);

/* Times are those of CLOCK_MONOTONIC. */
void timeline_span(struct timeline *tl, struct timeline_lane *lane,
		   const struct timeline_span *span);
void timeline_mark(struct timeline *tl, struct timeline_lane *lane, uint64_t at, uint8_t type);

/* "CPU 3", or "thread 1" if a thread has several CPUs. */
void timeline_worker_name(const struct timeline *tl, const struct trace *t, unsigned worker,
			  char *buf, size_t size);

/* The cost of a fault for the submissions that were under way while it was armed. */
struct timeline_cost {
	unsigned submissions, failed;
	/* held: the sum of their delays, compared with the median of their type */
	uint64_t slowest, held;
};

/* @median: for each type, from timeline_medians(). */
#define TIMELINE_TYPES 16
void timeline_medians(const struct timeline *tl, uint64_t median[TIMELINE_TYPES]);
struct timeline_cost timeline_cost(const struct timeline *tl, const struct timeline_span *fault,
				   const uint64_t median[TIMELINE_TYPES]);

#endif
