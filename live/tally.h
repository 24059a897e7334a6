/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tally.h - the sums of an interval's calls: a row for each unit, device, domain and type, and the
 * callers.
 *
 * A call counts once in each row that it has a descriptor for, because each of these descriptors
 * has waited for the whole call. So the rows may add up to more calls than there were; `all` counts
 * each call once.
 */
#ifndef LIVE_TALLY_H
#define LIVE_TALLY_H

#include "call.h"

#include "describe/describe.h"
#include <qinval/qi.h>

#define TALLY_ROWS 4096	  /* further calls are counted in the last row, which stands for the rest */
#define TALLY_CALLERS 512 /* likewise, for callers */
#define TALLY_NONE UINT32_MAX

struct tally_sums {
	uint64_t calls, descs, retries;
	uint64_t failed, timed_out, refused; /* of the failed ones: ETIMEDOUT, EINVAL */
	uint64_t pages, ranged; /* pages covered, and the number of descriptors that have a range */
	/* Calls whose duration is known, their sum and the longest, in nanoseconds. */
	uint64_t timed, took, longest;
	struct qi_histogram latency;
};

struct tally_key {
	char unit[LIVE_UNIT];
	uint32_t device, domain; /* source id, domain id; TALLY_NONE */
	/* The type of a plain drain is the invalidation wait's. 0: the rest. */
	uint8_t type, granu;
};

struct tally_row {
	struct tally_key key;
	struct tally_sums sums;
};

struct tally_caller {
	unsigned row;	     /* row of the call's first descriptor */
	unsigned device_row; /* row of the first descriptor for a device; TALLY_NONE */
	unsigned frames;
	uint64_t frame[LIVE_FRAMES];
	uint64_t calls, took;
};

struct tally;

struct tally *tally_new(void);
void tally_free(struct tally *g);

/* A source_call_fn, with @g as its context. */
void tally_call(void *g, const struct live_call *call);

/* Begin a new interval. */
void tally_clear(struct tally *g);

const struct tally_sums *tally_all(const struct tally *g);
const struct tally_row *tally_rows(const struct tally *g, unsigned *rows);
const struct tally_caller *tally_callers(const struct tally *g, unsigned *callers);

/* Which device or domain a descriptor concerns. */
struct tally_key tally_key(const char *unit, const struct live_desc *d);

/* A quantile of the times of @s; 0 if there are none. It is never above the longest. */
uint64_t tally_quantile(const struct tally_sums *s, unsigned num, unsigned den);

#endif
