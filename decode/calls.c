/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "calls.h"

#include "live/trace_probe.h"

#include <describe/describe.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE 1024	   /* bytes of a line that tells of a call; it has some 120 */
#define SLOW 1000000000ULL /* of a call that takes microseconds: a device, or the unit, hangs */
#define STUCK (10 * SLOW)

/* ---- findings ---- */

#define LOOK_IN_DMESG                                                                            \
	"`dmesg | qinval decode -` says which error it was, and of which device, if the kernel " \
	"has "                                                                                   \
	"printed one."

static const struct finding failed = {
	.id = "call-failed",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = LOOK_IN_DMESG,
};

static const struct finding repeated = {
	.id = "call-repeated",
	.weight = SUSPECT,
	.certainty = CERTAIN,
	.next = LOOK_IN_DMESG
	" A device that does not answer aborts what others have submitted, too.",
};

static const struct finding slow = {
	.id = "call-slow",
	.weight = SUSPECT,
	.certainty = CERTAIN,
	.next = "Everybody who submits to the same unit waits for it. Look at that device's link "
		"and "
		"firmware; `qinval top` shows whether it goes on.",
};

static const struct finding unfinished = {
	.id = "call-unfinished",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "It hangs. Read /sys/kernel/debug/iommu/intel/invalidation_queue twice, and give "
		"both "
		"to `qinval decode`, with dmesg.",
};

/* What a call was for: its only device's TLB; or its first descriptor. */
static unsigned sid_of(const struct live_desc *desc, unsigned n)
{
	struct qi_field field[QI_DESC_MAX_FIELDS];
	unsigned sid = NO_SID, fields;

	for (unsigned i = 0; i < n; i++) {
		const struct qi_desc d = { desc[i].qw0, desc[i].qw1, 0, 0 };

		if (qi_desc_type(&d) != QI_DIOTLB_TYPE && qi_desc_type(&d) != QI_DEIOTLB_TYPE)
			continue;
		fields = qi_desc_fields(&d, field);
		for (unsigned j = 0; j < fields; j++) {
			if (strcmp(field[j].name, "SID"))
				continue;
			if (sid != NO_SID && sid != field[j].value)
				return NO_SID;
			sid = (unsigned)field[j].value;
		}
	}
	return sid;
}

static const char *type_name(unsigned type)
{
	static const char *const names[QI_TYPES] = {
		"type 0", "context cache", "IOTLB",	  "device TLB",	      "interrupt entries",
		"drain",  "PASID IOTLB",   "PASID cache", "PASID device TLB", "page response",
	};

	return type < QI_TYPES ? names[type] : type == CALLS_REST ? "others" : "unknown type";
}

static const char *what_of(unsigned type, unsigned sid, char text[CALLS_NAME])
{
	char device[SID_TEXT];

	if (sid == NO_SID)
		snprintf(text, CALLS_NAME, "%s", type_name(type));
	else
		snprintf(text, CALLS_NAME, "the device TLB of %s", sid_text(device, sid));
	return text;
}

static const char *errno_text(int ret)
{
	return ret == -110  ? " (ETIMEDOUT: a device has not answered in time)"
	       : ret == -22 ? " (EINVAL: the unit has refused a descriptor)"
	       : ret == -11 ? " (EAGAIN: a time-out error has aborted it)"
			    : "";
}

static void judge(struct calls *c, const struct live_call *call)
{
	unsigned type = call->descs ? call->desc[0].qw0 & 0xf : QI_IWD_TYPE;
	unsigned sid = sid_of(call->desc, call->descs);
	char what[CALLS_NAME];

	what_of(type, sid, what);
	if (call->ret)
		decode_find_of(c->d, &failed, c->line, sid,
			       "qi_submit_sync() has returned %d%s: %s.", call->ret,
			       errno_text(call->ret), what);
	if (call->retries)
		decode_find_of(
			c->d, &repeated, c->line, sid,
			"A time-out error (ITE) has struck, and the kernel has submitted again: "
			"%s.",
			what);
	if (call->took >= SLOW && !call->ret)
		decode_find_of(c->d, &slow, c->line, sid,
			       "qi_submit_sync() has taken more than a second: %s.", what);
}

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

/* Once in each lane that it has a descriptor for, as each of these has waited that long. */
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

		lane = lane_of(c, call->unit, d->qw0 & 0xf, sid_of(d, 1));
		for (j = 0; j < n && seen[j] != lane; j++)
			;
		if (j < n)
			continue;
		seen[n++] = lane;
		add(c, lane, call);
	}
	judge(c, call);
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

/* The line itself, where it can be written to. False: it is too long for one of these. */
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

/* ---- the end ---- */

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
		 type_name(lane->type), *device ? " " : "", device);
}

static void time_field(struct block *b, const char *name, uint64_t ns)
{
	char text[CALLS_TIME];

	calls_time(ns, text);
	block_number(b, name, ns, "%s", text);
}

/* No bound of the histogram is above what was really the longest. */
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

static void judge_open(struct calls *c, const struct live_pending *p)
{
	unsigned sid = p->count ? sid_of(&p->first, 1) : NO_SID;
	uint64_t age = c->last > p->at ? c->last - p->at : 0;
	struct finding f = unfinished;
	char what[CALLS_NAME];

	if (age < SLOW)
		return;
	f.weight = age < STUCK ? SUSPECT : ERROR;
	what_of(p->count ? p->first.qw0 & 0xf : QI_IWD_TYPE, sid, what);
	decode_find_of(c->d, &f, c->line, sid,
		       "qi_submit_sync() had not returned when the trace ended, more than %s after "
		       "it was called: %s.",
		       age < STUCK ? "a second" : "ten seconds", what);
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
	bin_of(c, c->last); /* the figure goes to the end, whenever the last call began */
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
		judge_open(c, &c->open[i]);
	report(c);
	pairing_free(&c->pairing);
	free(c);
}
