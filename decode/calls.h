/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * calls.h - calls of Linux's qi_submit_sync() in a trace that has their entries and returns, as
 * `qinval record` makes it: how long they took, which failed, which did not return, and when.
 *
 * Calls are summed up in lanes: by unit, type, and for device TLBs the device. Each lane has as
 * many bins of time as a figure has columns; when the trace gets longer than the last bin, pairs of
 * bins are merged.
 */
#ifndef DECODE_CALLS_H
#define DECODE_CALLS_H

#include "decode.h"

#include "live/pairing.h"
#include <qinval/qi.h>

#define CALLS_LANES 12 /* the last lane collects all calls that do not fit */
#define CALLS_BINS 700
#define CALLS_REST 16 /* a type that no descriptor has */

struct calls_bin {
	uint64_t longest; /* nanoseconds: the longest call that began in this bin */
	uint32_t calls, failed;
};

struct calls_lane {
	char unit[LIVE_UNIT];
	unsigned type, sid; /* CALLS_REST and NO_SID in the last lane */
	uint64_t calls, failed, repeated, longest;
	struct qi_histogram latency;
	struct calls_bin bin[CALLS_BINS];
};

struct calls {
	struct decode *d;
	struct pairing pairing;
	uint64_t line, first_line;	  /* of the line being read, and of the first event */
	uint64_t origin, last, bin_ns;	  /* times; the length of a bin */
	uint64_t lost;			  /* lost events; then: */
	uint64_t calls, failed, repeated; /* calls whose duration is known */
	struct qi_histogram latency;
	uint64_t longest;
	struct calls_lane lane[CALLS_LANES];
	unsigned lanes;
	/* The first calls that had not returned at the end. */
	struct live_pending open[CALLS_LANES];
	unsigned opens;
};

/* @l is an entry or a return. *@c is created for the first one. */
bool calls_probe(struct decode *d, struct calls **c, const struct line *l);

/* A descriptor in @l, whose event's name is at @event. Here and below @c may be NULL. */
void calls_insert(struct calls *c, const struct line *l, const char *event, const char *unit,
		  uint64_t qw0, uint64_t qw1);
/* Events are missing here. */
void calls_lost(struct calls *c);

/* Report what there is, and free it. */
void calls_end(struct calls *c);

/* The lanes over time, as SVG. The caller frees it. */
char *calls_figure(const struct calls *c);

/* The device of all device-TLB invalidations among @n descriptors; NO_SID: none, or several. */
unsigned calls_sid(const struct live_desc *desc, unsigned n);
const char *calls_type_name(unsigned type);

/* Report what is wrong with a call, and with one that had not returned at the end of the trace. */
void calls_judge(struct calls *c, const struct live_call *call);
void calls_judge_open(struct calls *c, const struct live_pending *p);

/* "dmar0 device TLB 01:00.0" */
#define CALLS_NAME 64
void calls_lane_name(const struct calls_lane *lane, char name[CALLS_NAME]);

/* "4.1 us" */
#define CALLS_TIME 16
void calls_time(uint64_t ns, char text[CALLS_TIME]);

#endif
