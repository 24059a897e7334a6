/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- words ---- */

void view_type(const struct tally_row *r, char *buf, size_t size)
{
	static const char *const names[QI_TYPES] = {
		"(others)", "context",	   "IOTLB",	  "device TLB",	   "interrupts",
		"drain",    "PASID IOTLB", "PASID cache", "PASID dev TLB", "page response",
	};
	const struct qi_desc d = { r->key.type | (uint64_t)r->key.granu << 4, 0, 0, 0 };
	struct qi_field field[QI_DESC_MAX_FIELDS];
	unsigned n = r->key.type && r->key.type < QI_TYPES ? qi_desc_fields(&d, field) : 0;
	const char *granu = n && !strcmp(field[0].name, "G") ? field[0].meaning : NULL;

	if (r->key.type >= QI_TYPES)
		snprintf(buf, size, "type 0x%x", r->key.type);
	else
		snprintf(buf, size, "%s%s%s", names[r->key.type], granu ? " " : "",
			 granu ? granu : "");
}

void view_device(uint32_t device, char buf[12])
{
	if (device == TALLY_NONE)
		strcpy(buf, "-");
	else
		snprintf(buf, 12, "%02x:%02x.%x", device >> 8 & 0xff, device >> 3 & 0x1f,
			 device & 7);
}

void view_time(uint64_t ns, char buf[12])
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	double value = ns;
	unsigned unit = 0;

	if (ns == LIVE_UNKNOWN) {
		strcpy(buf, "-");
		return;
	}
	for (; value >= 999.5 && unit < 3; unit++)
		value /= 1000;
	if (value > 99999)
		value = 99999;
	snprintf(buf, 12, unit && value < 9.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* ---- selection and order of the rows ---- */

static const struct {
	const char *name;
	bool ascends;
} sorts[VIEW_SORTS] = {
	[VIEW_RATE] = { "rate", false },       [VIEW_DESCS] = { "descriptors", false },
	[VIEW_PAGES] = { "pages", false },     [VIEW_P50] = { "p50", false },
	[VIEW_P99] = { "p99", false },	       [VIEW_MAX] = { "max", false },
	[VIEW_RETRIES] = { "retries", false }, [VIEW_FAILED] = { "failed", false },
	[VIEW_UNIT] = { "unit", true },	       [VIEW_DEVICE] = { "device", true },
	[VIEW_DOMAIN] = { "domain", true },
};

const char *view_sort_name(enum view_sort sort)
{
	return sorts[sort].name;
}

static uint64_t value_of(const struct tally_row *r, enum view_sort sort)
{
	const struct tally_sums *s = &r->sums;

	switch (sort) {
	case VIEW_RATE:
		return s->calls;
	case VIEW_DESCS:
		return s->descs;
	case VIEW_PAGES:
		return s->pages;
	case VIEW_P50:
		return tally_quantile(s, 1, 2);
	case VIEW_P99:
		return tally_quantile(s, 99, 100);
	case VIEW_MAX:
		return s->longest;
	case VIEW_RETRIES:
		return s->retries;
	case VIEW_FAILED:
		return s->failed;
	case VIEW_DEVICE:
		return r->key.device;
	case VIEW_DOMAIN:
		return r->key.domain;
	default:
		return 0;
	}
}

/* Rows with equal values are sorted by key, so that they keep their places. */
static int by_key(const struct tally_row *x, const struct tally_row *y)
{
	int order = strcmp(x->key.unit, y->key.unit);

	if (!order)
		order = (x->key.device > y->key.device) - (x->key.device < y->key.device);
	if (!order)
		order = (x->key.domain > y->key.domain) - (x->key.domain < y->key.domain);
	if (!order)
		order = x->key.type - y->key.type;
	return order ? order : x->key.granu - y->key.granu;
}

static int compare(const void *a, const void *b, void *ctx)
{
	const struct view *v = ctx;
	const struct tally_row *row = tally_rows(v->tally, &(unsigned){ 0 });
	const struct tally_row *x = &row[*(const unsigned *)a], *y = &row[*(const unsigned *)b];
	uint64_t left = value_of(x, v->sort), right = value_of(y, v->sort);
	int order = (left > right) - (left < right);

	if (!sorts[v->sort].ascends)
		order = -order;
	if (!order)
		order = by_key(x, y);
	return v->reverse ? -order : order;
}

static bool is_wanted(const struct view *v, const struct tally_row *r)
{
	char line[VIEW_LINE];

	if (!*v->filter)
		return true;
	view_row(v, r, line);
	return strcasestr(line, v->filter);
}

void view_arrange(struct view *v)
{
	unsigned rows;
	const struct tally_row *row = tally_rows(v->tally, &rows);

	v->rows = 0;
	for (unsigned i = 0; i < rows; i++)
		if (is_wanted(v, &row[i]))
			v->order[v->rows++] = i;
	qsort_r(v->order, v->rows, sizeof(v->order[0]), compare, v);
}

/* ---- lines ---- */

static double rate(const struct view *v, uint64_t n)
{
	return v->seconds > 0 ? n / v->seconds : 0;
}

static double share(uint64_t n, uint64_t of)
{
	return of ? (double)n / of : 0;
}

static void quantiles(const struct tally_sums *s, char p50[12], char p99[12], char max[12])
{
	view_time(s->timed ? tally_quantile(s, 1, 2) : LIVE_UNKNOWN, p50);
	view_time(s->timed ? tally_quantile(s, 99, 100) : LIVE_UNKNOWN, p99);
	view_time(s->timed ? s->longest : LIVE_UNKNOWN, max);
}

void view_summary(const struct view *v, char *buf)
{
	const struct tally_sums *s = tally_all(v->tally);
	char p50[12], p99[12], max[12];

	quantiles(s, p50, p99, max);
	snprintf(buf, VIEW_LINE,
		 "%" PRIu64 " submission%s in %.1f s, %.0f a second; %.2f descriptors, %.1f pages "
		 "each; p50 %s, p99 %s, max %s",
		 s->calls, plural(s->calls), v->seconds, rate(v, s->calls),
		 share(s->descs, s->calls), share(s->pages, s->ranged), p50, p99, max);
}

void view_state(const struct view *v, char *buf)
{
	const struct tally_sums *s = tally_all(v->tally);
	char oldest[12];
	int n;

	n = snprintf(buf, VIEW_LINE, "%u under way", v->pendings);
	if (v->pendings) {
		view_time(v->now > v->pending[0].at ? v->now - v->pending[0].at : 0, oldest);
		n += snprintf(buf + n, VIEW_LINE - n, " (oldest %s)", oldest);
	}
	n += snprintf(buf + n, VIEW_LINE - n, "; %" PRIu64 " retr%s, %" PRIu64 " failed",
		      s->retries, s->retries == 1 ? "y" : "ies", s->failed);
	if (s->failed)
		n += snprintf(buf + n, VIEW_LINE - n,
			      " (%" PRIu64 " timed out, %" PRIu64 " refused)", s->timed_out,
			      s->refused);
	n += snprintf(buf + n, VIEW_LINE - n, "; %" PRIu64 " event%s lost", v->lost,
		      plural(v->lost));
	if (v->untimed)
		snprintf(buf + n, VIEW_LINE - n, ", %" PRIu64 " without a time", v->untimed);
}

void view_head(char *buf)
{
	snprintf(buf, VIEW_LINE, "%-7s %-8s %6s %-16s %9s %5s %7s %7s %7s %7s %6s %6s", "UNIT",
		 "DEVICE", "DOMAIN", "TYPE", "RATE/s", "DESC", "PAGES", "P50", "P99", "MAX",
		 "RETRY", "FAIL");
}

void view_row(const struct view *v, const struct tally_row *r, char *buf)
{
	const struct tally_sums *s = &r->sums;
	char device[12], domain[12], type[40], pages[12], p50[12], p99[12], max[12];

	view_device(r->key.device, device);
	view_type(r, type, sizeof(type));
	if (r->key.domain == TALLY_NONE)
		strcpy(domain, "-");
	else
		snprintf(domain, sizeof(domain), "%" PRIu32, r->key.domain);
	if (s->ranged)
		snprintf(pages, sizeof(pages), share(s->pages, s->ranged) < 99999 ? "%.1f" : "%.2g",
			 share(s->pages, s->ranged));
	else
		strcpy(pages, "-");
	quantiles(s, p50, p99, max);
	snprintf(buf, VIEW_LINE,
		 "%-7s %-8s %6s %-16s %9.*f %5.2f %7s %7s %7s %7s %6" PRIu64 " %6" PRIu64,
		 *r->key.unit ? r->key.unit : "?", device, domain, type, rate(v, s->calls) < 9.95,
		 rate(v, s->calls), share(s->descs, s->calls), pages, p50, p99, max, s->retries,
		 s->failed);
}

void view_pending(const struct view *v, const struct live_pending *p, char *buf)
{
	const struct qi_desc d = { p->first.qw0, p->first.qw1, 0, 0 };
	char age[12], text[200];

	view_time(v->now > p->at ? v->now - p->at : 0, age);
	if (!p->count)
		strcpy(text, "drain");
	else if (!d.qw0)
		strcpy(text, "not yet inserted");
	else
		qi_desc_text(&d, text, sizeof(text));
	snprintf(buf, VIEW_LINE, "%7s  %s, task %" PRIu32 ", %" PRIu32 " descriptor%s: %s", age,
		 *p->unit ? p->unit : "?", p->pid, p->count, plural(p->count), text);
}

/* ---- histogram ---- */

/* Eight of the histogram's buckets make a power of two, except for times below 8 ns. */
static uint64_t octave(const struct qi_histogram *h, unsigned n)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < QI_HIST_SUB; i++)
		sum += h->bucket[n * QI_HIST_SUB + i];
	return sum;
}

bool view_bar(const struct tally_sums *s, unsigned n, unsigned width, char *buf)
{
	const unsigned octaves = QI_HIST_BUCKETS / QI_HIST_SUB;
	unsigned first = octaves, last = 0, length;
	uint64_t most = 0, count;
	char from[12];

	for (unsigned i = 0; i < octaves; i++) {
		count = octave(&s->latency, i);
		if (!count)
			continue;
		first = i < first ? i : first;
		last = i;
		most = count > most ? count : most;
	}
	if (!most || first + n > last)
		return false;
	count = octave(&s->latency, first + n);
	length = (count * width + most - 1) / most;
	view_time(qi_hist_bound((first + n) * QI_HIST_SUB), from);
	n = snprintf(buf, VIEW_LINE, "%9s %9" PRIu64 " ", from, count);
	while (length-- && n < VIEW_LINE - 1)
		buf[n++] = '#';
	buf[n] = '\0';
	return true;
}

/* ---- callers ---- */

/* True if the other row has the same device or domain as the opened row. */
static bool belongs(const struct view *v, unsigned opened, unsigned other)
{
	const struct tally_row *row = tally_rows(v->tally, &(unsigned){ 0 });
	const struct tally_row *a = &row[opened], *b = &row[other];

	if (opened == other)
		return true;
	if (strcmp(a->key.unit, b->key.unit))
		return false;
	if (a->key.device != TALLY_NONE)
		return a->key.device == b->key.device;
	return a->key.domain != TALLY_NONE && a->key.domain == b->key.domain;
}

static int by_calls(const void *a, const void *b)
{
	const struct view_caller *x = a, *y = b;

	return (x->calls < y->calls) - (x->calls > y->calls);
}

static void add_stack(struct view_caller *to, unsigned *n, const char *stack,
		      const struct tally_caller *c)
{
	unsigned i = 0;

	while (i < *n && strcmp(to[i].stack, stack))
		i++;
	if (i == VIEW_CALLERS)
		return;
	if (i == *n) {
		to[i] = (struct view_caller){ .stack = strdup(stack) };
		if (!to[i].stack)
			return;
		++*n;
	}
	to[i].calls += c->calls;
	to[i].took += c->took;
}

unsigned view_callers(const struct view *v, unsigned row, unsigned most,
		      struct view_caller to[VIEW_CALLERS])
{
	unsigned callers, n = 0;
	const struct tally_caller *c = tally_callers(v->tally, &callers);
	char stack[LIVE_FRAMES * NAMES_NAME];

	for (unsigned i = 0; i < callers; i++) {
		if (row != TALLY_NONE && !belongs(v, row, c[i].row) &&
		    (c[i].device_row == TALLY_NONE || !belongs(v, row, c[i].device_row)))
			continue;
		if (c[i].frames)
			names_fold(v->names, c[i].frame, c[i].frames, most, stack, sizeof(stack));
		else
			strcpy(stack, "(others)");
		add_stack(to, &n, stack, &c[i]);
	}
	qsort(to, n, sizeof(*to), by_calls);
	return n;
}

void view_callers_free(struct view_caller *callers, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		free(callers[i].stack);
}
