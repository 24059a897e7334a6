/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "calls.h"

#include "live/trace_probe.h"

#include <describe/describe.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE 1024 /* bytes of a line about a call; usual lines have 120 */

/* ---- sums ---- */

static void widen(struct calls *c)
{
	for (unsigned i = 0; i < c->lanes; i++) {
		struct calls_bin *bin = c->lane[i].bin;

		for (unsigned j = 0; j < CALLS_BINS; j += 2) {
			struct calls_bin a = bin[j], b = bin[j + 1];

			bin[j / 2] = (struct calls_bin){
				.longest = a.longest > b.longest ? a.longest : b.longest,
				.calls = a.calls + b.calls,
				.failed = a.failed + b.failed,
			};
		}
		memset(&bin[CALLS_BINS / 2], 0, CALLS_BINS / 2 * sizeof(*bin));
	}
	c->bin_ns *= 2;
}

static unsigned bin_of(struct calls *c, uint64_t at)
{
	at = at > c->origin ? at - c->origin : 0;
	while (at / c->bin_ns >= CALLS_BINS)
		widen(c);
	return (unsigned)(at / c->bin_ns);
}

static struct calls_lane *lane_of(struct calls *c, const char *unit, unsigned type, unsigned sid)
{
	struct calls_lane *lane;

	for (unsigned i = 0; i < c->lanes; i++) {
		lane = &c->lane[i];
		if (lane->type == CALLS_REST || (lane->type == type && lane->sid == sid &&
						 !strncmp(lane->unit, unit, LIVE_UNIT)))
			return lane;
	}
	lane = &c->lane[c->lanes++];
	lane->type = c->lanes < CALLS_LANES ? type : CALLS_REST;
	lane->sid = c->lanes < CALLS_LANES ? sid : NO_SID;
	snprintf(lane->unit, LIVE_UNIT, "%s", c->lanes < CALLS_LANES ? unit : "");
	return lane;
}

static void add(struct calls *c, struct calls_lane *lane, const struct live_call *call)
{
	struct calls_bin *bin = &lane->bin[bin_of(c, call->at)];

	lane->calls++;
	lane->failed += call->ret != 0;
	lane->repeated += call->retries != 0;
	lane->longest = call->took > lane->longest ? call->took : lane->longest;
	lane->latency.bucket[qi_hist_bucket(call->took)]++;
	bin->calls++;
	bin->failed += call->ret != 0;
	bin->longest = call->took > bin->longest ? call->took : bin->longest;
}

/*
 * Count the call once in each lane that has one of its descriptors, as all of them waited so long.
 */
static void take_call(void *ctx, const struct live_call *call, uint64_t tag)
{
	static const struct live_desc drain = { .qw0 = QI_IWD_TYPE };
	struct calls_lane *seen[LIVE_DESCS], *lane;
	struct calls *c = ctx;
	unsigned n = 0, j;

	(void)tag;
	if (call->took == LIVE_UNKNOWN)
		return;
	c->calls++;
	c->failed += call->ret != 0;
	c->repeated += call->retries != 0;
	c->longest = call->took > c->longest ? call->took : c->longest;
	c->latency.bucket[qi_hist_bucket(call->took)]++;
	for (unsigned i = 0; i < call->descs || (!i && !call->count); i++) {
		const struct live_desc *d = call->count ? &call->desc[i] : &drain;

		lane = lane_of(c, call->unit, d->qw0 & 0xf, calls_sid(d, 1));
		for (j = 0; j < n && seen[j] != lane; j++)
			;
		if (j < n)
			continue;
		seen[n++] = lane;
		add(c, lane, call);
	}
	calls_judge(c, call);
}

/* ---- lines ---- */

static struct calls *new_calls(struct decode *d, const struct line *l)
{
	struct calls *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->d = d;
	c->first_line = l->number;
	c->bin_ns = 1000;
	pairing_init(&c->pairing, take_call, c);
	return c;
}

static void note_time(struct calls *c, const struct line *l, uint64_t ns)
{
	c->line = l->number;
	c->origin = c->origin ? c->origin : ns;
	c->last = ns > c->last ? ns : c->last;
}

/* Copy the line to writable memory. False: it is too long to be about a call. */
static bool copy(const struct line *l, char text[LINE])
{
	if (l->own >= LINE)
		return false;
	memcpy(text, l->text, l->own);
	text[l->own] = '\0';
	return true;
}

bool calls_probe(struct decode *d, struct calls **calls, const struct line *l)
{
	struct trace_probe p;
	struct calls *c;
	char text[LINE];

	if (!l->ended || !copy(l, text) || !trace_probe_read(text, &p))
		return false;
	c = *calls = *calls ? *calls : new_calls(d, l);
	if (!c)
		return true;
	note_time(c, l, p.at.ns);
	if (p.leave)
		pairing_leave(&c->pairing, &p.at, p.ret, 0);
	else
		pairing_enter(&c->pairing, &p.at, p.iommu, p.count, p.options);
	return true;
}

void calls_insert(struct calls *c, const struct line *l, const char *event, const char *unit,
		  uint64_t qw0, uint64_t qw1)
{
	const struct live_desc d = { qw0, qw1 };
	struct pairing_at at;
	char text[LINE];

	if (!c || !copy(l, text) || !trace_probe_head(text, text + (event - l->text), &at))
		return;
	note_time(c, l, at.ns);
	pairing_insert(&c->pairing, &at, unit ? unit : "", &d, 0);
}

void calls_lost(struct calls *c)
{
	if (!c)
		return;
	c->lost++;
	pairing_lost(&c->pairing);
}

/* ---- the end of the trace ---- */

void calls_time(uint64_t ns, char text[CALLS_TIME])
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	double value = (double)ns;
	unsigned unit = 0;

	for (; value >= 999.5 && unit < 3; unit++)
		value /= 1000;
	snprintf(text, CALLS_TIME, unit && value < 9.95 ? "%.1f %s" : "%.0f %s",
		 value < 1e6 ? value : 1e6, units[unit]);
}

void calls_lane_name(const struct calls_lane *lane, char name[CALLS_NAME])
{
	char device[SID_TEXT] = "";

	if (lane->sid != NO_SID)
		sid_text(device, lane->sid);
	snprintf(name, CALLS_NAME, "%s%s%s%s%s", lane->unit, *lane->unit ? " " : "",
		 calls_type_name(lane->type), *device ? " " : "", device);
}

static void time_field(struct block *b, const char *name, uint64_t ns)
{
	char text[CALLS_TIME];

	calls_time(ns, text);
	block_number(b, name, ns, "%s", text);
}

/* Bounds of the histogram are not used beyond the longest call. */
static uint64_t quantile(const struct qi_histogram *h, unsigned percent, uint64_t longest)
{
	uint64_t ns = qi_hist_quantile(h, percent, 100);

	return ns < longest ? ns : longest;
}

static void lane_field(struct block *b, const struct calls_lane *lane)
{
	char name[CALLS_NAME], p50[CALLS_TIME], p99[CALLS_TIME], longest[CALLS_TIME], bad[60] = "";

	calls_lane_name(lane, name);
	calls_time(quantile(&lane->latency, 50, lane->longest), p50);
	calls_time(quantile(&lane->latency, 99, lane->longest), p99);
	calls_time(lane->longest, longest);
	if (lane->failed || lane->repeated)
		snprintf(bad, sizeof(bad), "; %" PRIu64 " failed, %" PRIu64 " repeated",
			 lane->failed, lane->repeated);
	block_number(b, name, lane->calls, "p50 %s, p99 %s, longest %s%s", p50, p99, longest, bad);
}

static int by_time(const void *a, const void *b)
{
	const struct live_pending *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

static void report(struct calls *c)
{
	struct block *b = block_new("calls", c->first_line, "calls of qi_submit_sync()");

	b->last = c->line;
	block_number(b, "calls", c->calls, "from entry to return");
	block_number(b, "failed", c->failed, NULL);
	block_number(b, "repeated", c->repeated, NULL);
	block_number(b, "not returned", c->pairing.count, NULL);
	if (c->calls) {
		time_field(b, "p50 ns", quantile(&c->latency, 50, c->longest));
		time_field(b, "p99 ns", quantile(&c->latency, 99, c->longest));
		time_field(b, "longest ns", c->longest);
	}
	for (unsigned i = 0; i < c->lanes; i++)
		lane_field(b, &c->lane[i]);
	/* The figure extends to the end of the trace, even if the last call began earlier. */
	bin_of(c, c->last);
	b->figure = calls_figure(c);
	decode_block(c->d, b);
}

void calls_end(struct calls *c)
{
	if (!c)
		return;
	c->opens = pairing_pending(&c->pairing, c->open, CALLS_LANES);
	qsort(c->open, c->opens, sizeof(c->open[0]), by_time);
	for (unsigned i = 0; i < c->opens; i++)
		calls_judge_open(c, &c->open[i]);
	report(c);
	pairing_free(&c->pairing);
	free(c);
}
