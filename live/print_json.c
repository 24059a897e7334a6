/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "print.h"

#include <jansson.h>
#include <string.h>

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *time_or_null(uint64_t ns)
{
	return ns == LIVE_UNKNOWN ? json_null() : number(ns);
}

static json_t *id_or_null(uint32_t id)
{
	return id == TALLY_NONE ? json_null() : number(id);
}

/* The buckets that are not empty: their bounds in nanoseconds, and their counts. */
static json_t *histogram_json(const struct qi_histogram *h)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < QI_HIST_BUCKETS; i++)
		if (h->bucket[i])
			json_array_append_new(all, json_pack("[o,o]", number(qi_hist_bound(i)),
							     number(h->bucket[i])));
	return all;
}

static json_t *latency_json(const struct tally_sums *s)
{
	if (!s->timed)
		return json_null();
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o}", "count", number(s->timed), "sum",
			 number(s->took), "p50", number(tally_quantile(s, 1, 2)), "p99",
			 number(tally_quantile(s, 99, 100)), "max", number(s->longest), "histogram",
			 histogram_json(&s->latency));
}

static json_t *sums_json(const struct tally_sums *s)
{
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "submissions", number(s->calls),
			 "descriptors", number(s->descs), "pages", number(s->pages),
			 "page_descriptors", number(s->ranged), "retries", number(s->retries),
			 "failed", number(s->failed), "timed_out", number(s->timed_out), "refused",
			 number(s->refused), "latency_ns", latency_json(s));
}

static const char *type_name(const struct tally_row *r)
{
	const char *name = qi_type_trace_name(r->key.type);

	return name ? name : r->key.type ? "unknown" : "others";
}

static json_t *row_json(const struct tally_row *r)
{
	json_t *o = sums_json(&r->sums);
	char device[12], text[40];

	view_device(r->key.device, device);
	view_type(r, text, sizeof(text));
	json_object_set_new(o, "unit", *r->key.unit ? json_string(r->key.unit) : json_null());
	json_object_set_new(o, "device",
			    r->key.device == TALLY_NONE ? json_null() : json_string(device));
	json_object_set_new(o, "domain", id_or_null(r->key.domain));
	json_object_set_new(o, "type", json_string(type_name(r)));
	json_object_set_new(o, "text", json_string(text));
	return o;
}

static json_t *rows_json(const struct view *v)
{
	unsigned rows;
	const struct tally_row *row = tally_rows(v->tally, &rows);
	json_t *all = json_array();

	for (unsigned i = 0; i < v->rows; i++)
		json_array_append_new(all, row_json(&row[v->order[i]]));
	return all;
}

static json_t *callers_json(const struct view *v)
{
	struct view_caller caller[VIEW_CALLERS];
	unsigned n = view_callers(v, TALLY_NONE, LIVE_FRAMES, caller);
	json_t *all = json_array();

	for (unsigned i = 0; i < n; i++)
		json_array_append_new(all, json_pack("{s:s,s:o,s:o}", "stack", caller[i].stack,
						     "submissions", number(caller[i].calls), "ns",
						     number(caller[i].took)));
	view_callers_free(caller, n);
	return all;
}

static json_t *pending_json(const struct view *v)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < v->pendings; i++) {
		const struct live_pending *p = &v->pending[i];

		json_array_append_new(
			all, json_pack("{s:s,s:o,s:o,s:o,s:o,s:o}", "unit", p->unit, "ns",
				       number(v->now > p->at ? v->now - p->at : 0), "task",
				       number(p->pid), "descriptors", number(p->count), "qw0",
				       number(p->first.qw0), "qw1", number(p->first.qw1)));
	}
	return all;
}

static json_t *pmu_json(const struct view *v)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < v->pmus; i++)
		json_array_append_new(all,
				      json_pack("{s:s,s:s,s:o,s:f}", "unit", v->pmu[i].unit,
						"event", v->pmu[i].event, "count",
						number(v->pmu[i].count), "share", v->pmu[i].share));
	return all;
}

bool print_json(FILE *to, const struct view *v)
{
	json_t *o = sums_json(tally_all(v->tally));
	int failed;

	json_object_set_new(o, "seconds", json_real(v->seconds));
	json_object_set_new(o, "source", json_string(v->source->name));
	json_object_set_new(o, "lacks", json_string(v->source->lacks));
	json_object_set_new(o, "lost", number(v->lost));
	json_object_set_new(o, "untimed", number(v->untimed));
	json_object_set_new(o, "under_way", number(v->pendings));
	json_object_set_new(o, "oldest_ns",
			    time_or_null(!v->pendings		     ? LIVE_UNKNOWN
					 : v->now > v->pending[0].at ? v->now - v->pending[0].at
								     : 0));
	json_object_set_new(o, "rows", rows_json(v));
	json_object_set_new(o, "callers", callers_json(v));
	json_object_set_new(o, "pending", pending_json(v));
	json_object_set_new(o, "pmu", pmu_json(v));
	failed = json_dumpf(o, to, JSON_COMPACT);
	json_decref(o);
	fputc('\n', to);
	fflush(to);
	return !failed;
}
