/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "report.h"
#include "timing.h"

#include <describe/describe.h>
#include <jansson.h>

static json_t *latency(const struct latency *l)
{
	return json_pack("{sIsIsIsIsI}", "p50", (json_int_t)latency_quantile(l, 50, 100), "p90",
			 (json_int_t)latency_quantile(l, 90, 100), "p99",
			 (json_int_t)latency_quantile(l, 99, 100), "p999",
			 (json_int_t)latency_quantile(l, 999, 1000), "max", (json_int_t)l->max);
}

static void set(json_t *o, const char *key, uint64_t value)
{
	json_object_set_new(o, key, json_integer(value));
}

static void add_input(json_t *o, const struct trace *t)
{
	json_t *names = json_array();

	json_object_set_new(o, "trace", json_string(t->name));
	set(o, "events", t->count);
	set(o, "cpus", t->cpus);
	set(o, "units", t->units);
	for (unsigned i = 0; i < t->units; i++)
		json_array_append_new(names, json_string(t->unit[i]));
	json_object_set_new(o, "unit_names", names);
	if (t->timed)
		json_object_set_new(o, "trace_seconds", json_real((t->last - t->first) / 1e9));
	set(o, "damaged_lines", t->damaged);
	set(o, "lost_events", t->lost);
	set(o, "foreign_events", t->foreign);
	set(o, "unknown_lines", t->unknown);
	set(o, "unaligned", t->unaligned);
}

static void add_setting(json_t *o, const struct drive_config *cfg)
{
	json_object_set_new(o, "engine", json_string("ticketed"));
	json_object_set_new(o, "device",
			    json_string(cfg->device == &device_sim ? vtd_profile_name(cfg->profile)
								   : cfg->device->name));
	set(o, "threads", cfg->threads);
	set(o, "slots", cfg->slots);
	set(o, "width", cfg->width);
	set(o, "repeat", cfg->repeat);
	set(o, "seed", cfg->seed);
}

static const char *verdict(const struct drive_result *r)
{
	if (drive_failed(r))
		return "violated";
	return r->interrupted ? "interrupted" : "clean";
}

static void add_findings(json_t *o, const struct drive_result *r)
{
	json_t *list = json_array();

	json_object_set_new(o, "verdict", json_string(verdict(r)));
	set(o, "submissions", r->submissions);
	set(o, "descriptors", r->descriptors);
	set(o, "looked", r->looked);
	set(o, "translations", r->translations);
	set(o, "lost", r->lost);
	set(o, "stale", r->stale);
	set(o, "false_completions", r->false_completions);
	set(o, "errors", r->errors);
	set(o, "errors_expected", r->errors_expected);
	set(o, "misblamed", r->misblamed);
	for (unsigned i = 0; i < r->problems; i++)
		json_array_append_new(list, json_pack("{sssIss}", "kind",
						      problem_name(r->problem[i].kind), "line",
						      (json_int_t)r->problem[i].line, "result",
						      qi_strerror(r->problem[i].error.code)));
	json_object_set_new(o, "problems", list);
}

/* By name: faults of several devices are added up. */
static void add_faults(json_t *o, const struct fault_list *faults, const struct drive_result *r)
{
	json_t *injected = json_object();

	for (unsigned i = 0; faults && i < faults->count; i++) {
		const char *name = vtd_fault_name(faults->item[i].kind);

		set(injected, name,
		    json_integer_value(json_object_get(injected, name)) + r->struck[i]);
	}
	json_object_set_new(o, "injected", injected);
	set(o, "resets", r->resets);
	set(o, "retries", r->retries);
	set(o, "iqe", r->iqe);
	set(o, "ite", r->ite);
	set(o, "ice", r->ice);
}

static void add_figures(json_t *o, const struct drive_result *r)
{
	json_t *types = json_object();
	double seconds = r->seconds_ns / 1e9;

	set(o, "doorbells", r->doorbells);
	set(o, "mmio_reads", r->mmio_reads);
	set(o, "executed", r->executed);
	set(o, "interrupts", r->interrupts);
	json_object_set_new(o, "seconds", json_real(seconds));
	json_object_set_new(o, "submissions_per_second", json_real(r->submissions / seconds));
	json_object_set_new(o, "latency_ns", latency(&r->all));
	for (unsigned type = 0; type < QI_TYPES; type++) {
		struct latency l = { 0 };

		for (unsigned granu = 0; granu < 4; granu++)
			latency_add(&l, &r->latency[type * 4 + granu]);
		if (l.count)
			json_object_set_new(types, qi_type_trace_name(type), latency(&l));
	}
	json_object_set_new(o, "latency_ns_by_type", types);
}

/* With the trace's timing: the greatest delay, and the recorded latencies. */
static void add_timing(json_t *o, const struct trace *t, const struct drive_result *r)
{
	static struct latency all, group[GROUPS];
	json_t *recorded;

	timing_recorded(t, &all, group);
	set(o, "latest_ns", r->latest_ns);
	set(o, "recorded", all.count);
	recorded = all.count ? latency(&all) : json_null();
	json_object_set_new(o, "recorded_latency_ns", recorded);
}

bool report_json(FILE *to, const struct trace *t, const struct drive_config *cfg,
		 const struct drive_result *r)
{
	json_t *o = json_object();
	bool ok;

	add_input(o, t);
	add_setting(o, cfg);
	add_findings(o, r);
	add_faults(o, cfg->faults, r);
	add_figures(o, r);
	if (cfg->timing)
		add_timing(o, t, r);
	ok = o && !json_dumpf(o, to, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) &&
	     fputc('\n', to) > 0;
	json_decref(o);
	return ok;
}
