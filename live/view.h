/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * view.h - an interval as it is shown: which rows, in which order, and each of them as text.
 * Tables, the screen and JSON use this.
 */
#ifndef LIVE_VIEW_H
#define LIVE_VIEW_H

#include "tally.h"
#include "source.h"
#include "names.h"
#include "pmu.h"

#define VIEW_FILTER 64
#define VIEW_LINE 320
#define VIEW_CALLERS 64

enum view_sort {
	VIEW_RATE,
	VIEW_DESCS,
	VIEW_PAGES,
	VIEW_P50,
	VIEW_P99,
	VIEW_MAX,
	VIEW_RETRIES,
	VIEW_FAILED,
	VIEW_UNIT,
	VIEW_DEVICE,
	VIEW_DOMAIN,
	VIEW_SORTS
};

struct view {
	const struct tally *tally;
	const struct names *names;
	const struct source_ops *source;
	/* Since the beginning; the next two count only this interval: */
	struct source_counts counts;
	uint64_t lost, untimed; /* in this interval */
	struct live_pending pending[SOURCE_PENDING];
	unsigned pendings;
	uint64_t now; /* by the source's clock */
	struct pmu_count pmu[PMU_COUNTS];
	unsigned pmus;
	double seconds;

	enum view_sort sort;
	bool reverse;
	char filter[VIEW_FILTER]; /* a text that a row has to contain */
	unsigned order[TALLY_ROWS];
	unsigned rows;
};

const char *view_sort_name(enum view_sort sort);

/* Choose and sort the rows as `sort`, `reverse` and `filter` say. */
void view_arrange(struct view *v);

/* "IOTLB page", "device TLB", "drain", ... */
void view_type(const struct tally_row *r, char *buf, size_t size);

/* "12:1f.3", "-" for none. */
void view_device(uint32_t device, char buf[12]);

/* "4.1 us", at most 7 characters; "-" for LIVE_UNKNOWN. */
void view_time(uint64_t ns, char buf[12]);

/* A line without a newline, VIEW_LINE bytes at most. */
void view_summary(const struct view *v, char *buf);
void view_state(const struct view *v, char *buf); /* under way, retries, losses */
void view_head(char *buf);
void view_row(const struct view *v, const struct tally_row *r, char *buf);

/* A sampled stack and its calls. The most frequent stacks come first. */
struct view_caller {
	char *stack; /* for free() */
	uint64_t calls, took;
};

/*
 * @row: of the tally; only stacks of calls for its device count, or if it has none, for its domain.
 * TALLY_NONE: all. @most: functions of each stack. Returns how many of @to are filled in.
 */
unsigned view_callers(const struct view *v, unsigned row, unsigned most,
		      struct view_caller to[VIEW_CALLERS]);
void view_callers_free(struct view_caller *callers, unsigned n);

/*
 * Bar number @n of the histogram, as one line; the times double from line to line. Returns false if
 * there is no such bar.
 */
bool view_bar(const struct tally_sums *s, unsigned n, unsigned width, char *buf);

/*
 * Lines about the units' own counters: the heading, event v->pmu[@n], and all events of @unit that
 * have counted something.
 */
void view_pmu_head(char *buf);
void view_pmu(const struct view *v, unsigned n, char *buf);
void view_pmu_of(const struct view *v, const char *unit, char *buf);

/*
 * If the event counts the hits of a cache, as "iotlb_hit" does, the event that counts its lookups.
 * NULL if there is none, or it has counted nothing.
 */
const struct pmu_count *view_lookups(const struct view *v, const struct pmu_count *hits);

/* A submission under way. */
void view_pending(const struct view *v, const struct live_pending *p, char *buf);

#endif
