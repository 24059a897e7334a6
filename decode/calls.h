/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * calls.h - the calls of Linux's qi_submit_sync() in a trace that tells when it was entered and
 * when it has returned, as `qinval record` makes them: how long they took, which failed, which
 * never returned, and when that was.
 *
 * Calls are summed up by lanes: a unit, a type, and for device TLBs the device. Each lane has as
 * many bins of time as a figure has columns; when time goes on beyond the last, two become one.
 */
#ifndef DECODE_CALLS_H
#define DECODE_CALLS_H

#include "decode.h"

#include "live/pairing.h"
#include <qinval/qi.h>

#define CALLS_LANES 12 /* the last one stands for all that do not fit */
#define CALLS_BINS 700
#define CALLS_REST 16 /* no descriptor has this type */

struct calls_bin {
	uint64_t longest; /* nanoseconds, of the calls that began in it */
	uint32_t calls, failed;
};

struct calls_lane {
	char unit[LIVE_UNIT];
	unsigned type, sid; /* CALLS_REST; NO_SID */
	uint64_t calls, failed, repeated, longest;
	struct qi_histogram latency;
	struct calls_bin bin[CALLS_BINS];
};

struct calls {
	struct decode *d;
	struct pairing pairing;
	uint64_t line, first_line;	  /* that is being read; of the first event */
	uint64_t origin, last, bin_ns;	  /* times; how long a bin is */
	uint64_t lost;			  /* events, and */
	uint64_t calls, failed, repeated; /* of those whose time is known */
	struct qi_histogram latency;
	uint64_t longest;
	struct calls_lane lane[CALLS_LANES];
	unsigned lanes;
	struct live_pending open[CALLS_LANES]; /* at the end; the first ones */
	unsigned opens;
};

/* @l is an entry or a return, of which *@c is told; it is made for the first one. */
bool calls_probe(struct decode *d, struct calls **c, const struct line *l);

/* A descriptor of @l, whose event's name stands at @event. @c may be NULL, as in what follows. */
void calls_insert(struct calls *c, const struct line *l, const char *event, const char *unit,
		  uint64_t qw0, uint64_t qw1);
/* Events are missing here. */
void calls_lost(struct calls *c);

/* Report what there is, and free it. */
void calls_end(struct calls *c);

/* Lanes over time, as SVG, for free(). */
char *calls_figure(const struct calls *c);

/* Of all device TLBs among @n descriptors; NO_SID: there are none, or of several devices. */
unsigned calls_sid(const struct live_desc *desc, unsigned n);
const char *calls_type_name(unsigned type);

/* What is wrong with a call, and with one that had not returned when the trace ended. */
void calls_judge(struct calls *c, const struct live_call *call);
void calls_judge_open(struct calls *c, const struct live_pending *p);

/* "dmar0 device TLB 01:00.0" */
#define CALLS_NAME 64
void calls_lane_name(const struct calls_lane *lane, char name[CALLS_NAME]);

/* "4.1 us" */
#define CALLS_TIME 16
void calls_time(uint64_t ns, char text[CALLS_TIME]);

#endif
