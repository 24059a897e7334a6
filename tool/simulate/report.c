/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* report.c - results of runs as a table, and as JSON. */
#include <inttypes.h>
#include <jansson.h>
#include <lab/engine.h>
#include <math.h>

#include "simulate.h"

void simulate_list(FILE *to, const struct loaded *object)
{
	const struct engine *e;
	unsigned i;

	fputs("Engines:\n", to);
	for (e = object->engines; e->name; e++)
		if (!e->untimed)
			fprintf(to, "  %-14s %s\n", e->name, e->summary);
	fputs("\nPresets:\n", to);
	for (i = 0; i < TIMED_PRESETS; i++)
		fprintf(to, "  %-14s %s\n", timed_presets[i].name, timed_presets[i].summary);
	fprintf(to, "\nCosts:%9s", "");
	for (i = 0; i < TIMED_PRESETS; i++)
		fprintf(to, " %11s", timed_presets[i].name);
	putc('\n', to);
	for (i = 0; i < TIMED_PARAMS; i++) {
		const struct timed_param_info *p = &timed_params[i];

		fprintf(to, "  %-14s%11g %11g %11g %-2s  %s\n", p->name, p->value[TIMED_SERVER],
			p->value[TIMED_VIRTUAL], p->value[TIMED_SLOW_DEVICE], p->unit, p->meaning);
	}
}

static void print_row(FILE *to, const char *name, unsigned cpus, const struct cell *c)
{
	const struct timed_result *r = &c->result;

	fprintf(to, "%-12s %5u ", name, cpus);
	if (*r->problem) {
		fprintf(to, " %s\n", r->problem);
		return;
	}
	fprintf(to, "%12.0f %6.1f%% %9.3f %9.3f %9.3f %9.3f %9.3f %10.3f %6.1f %8.2f\n",
		r->throughput, 100 * r->utilisation, r->p50 / 1000, r->p99 / 1000, r->p999 / 1000,
		r->max / 1000, r->doorbells, r->register_reads, r->lines, r->fairness);
}

static void print_hot(FILE *to, const struct timed_result *r)
{
	unsigned i;

	for (i = 0; i < TIMED_HOT && *r->hot[i].name && r->hot[i].use >= 0.01; i++)
		fprintf(to, "%19s%-26s %5.1f%% %9.2f transfers, waits of %9.0f ns\n", "",
			r->hot[i].name, 100 * r->hot[i].use, r->hot[i].transfers, r->hot[i].stall);
}

void simulate_head(FILE *to, const struct simulation *s)
{
	const struct timed_config *c = &s->cfg;

	fprintf(to,
		"%s: %u descriptor%s a submission, ring of %u slots of %u bits, think time %g ns, "
		"seed %" PRIu64 "\n",
		s->preset, c->count, c->count == 1 ? "" : "s", c->slots, c->width, c->think,
		c->seed);
	fprintf(to, "The unit's limit, at one wait each: %.0f submissions/s.\n\n",
		timed_limit(&c->costs, c->count));
	fprintf(to, "%33s %7s %39s %28s\n", "submissions", "unit's", "latency, us", "a submission");
	fprintf(to, "%-12s %5s %13s %7s %9s %9s %9s %9s %10s %10s %6s %8s\n", "engine", "CPUs",
		"/s", "use", "p50", "p99", "p99.9", "max", "doorbells", "reg. reads", "lines",
		"fairness");
}

void simulate_row(FILE *to, struct simulation *s, unsigned row)
{
	const struct cell *c = simulate_cell(s, row);

	if (s->nengines > 1 && row && !(row % s->nengines))
		putc('\n', to);
	print_row(to, s->engine[row % s->nengines], s->cpus[row / s->nengines], c);
	if (s->profile)
		print_hot(to, &c->result);
	fflush(to);
}

void simulate_end(FILE *to, const struct simulation *s)
{
	fprintf(to, "\n%.1f s%s\n", s->seconds,
		*s->interrupt ? "; interrupted: the other runs were not made" : "");
}

static void set(json_t *o, const char *key, double value)
{
	json_object_set_new(o, key, isfinite(value) ? json_real(value) : json_null());
}

static void set_count(json_t *o, const char *key, uint64_t value)
{
	json_object_set_new(o, key, json_integer((json_int_t)value));
}

static json_t *latency(const struct timed_result *r)
{
	json_t *o = json_object();

	set(o, "mean", r->mean);
	set(o, "p50", r->p50);
	set(o, "p90", r->p90);
	set(o, "p99", r->p99);
	set(o, "p999", r->p999);
	set(o, "max", r->max);
	return o;
}

static json_t *hot(const struct timed_result *r)
{
	json_t *a = json_array(), *o;
	unsigned i;

	for (i = 0; i < TIMED_HOT && *r->hot[i].name; i++) {
		o = json_object();
		json_object_set_new(o, "name", json_string(r->hot[i].name));
		set(o, "use", r->hot[i].use);
		set(o, "transfers_per_submission", r->hot[i].transfers);
		set(o, "wait_ns_per_submission", r->hot[i].stall);
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *row(const char *name, unsigned cpus, const struct timed_result *r)
{
	json_t *o = json_object();

	json_object_set_new(o, "engine", json_string(name));
	set_count(o, "cpus", cpus);
	json_object_set_new(o, "problem", *r->problem ? json_string(r->problem) : json_null());
	if (*r->problem)
		return o;
	set_count(o, "submissions", r->submissions);
	set_count(o, "measured", r->measured);
	set(o, "time_ns", r->time);
	set(o, "submissions_per_second", r->throughput);
	set(o, "utilisation", r->utilisation);
	json_object_set_new(o, "latency_ns", latency(r));
	set(o, "doorbells_per_submission", r->doorbells);
	set(o, "register_reads_per_submission", r->register_reads);
	set(o, "lines_per_submission", r->lines);
	set(o, "fairness", r->fairness);
	json_object_set_new(o, "contended", hot(r));
	set_count(o, "steps", r->steps);
	set_count(o, "skipped_turns", r->skipped_turns);
	set(o, "seconds", r->seconds);
	return o;
}

bool simulate_report_json(FILE *to, const struct simulation *s)
{
	const struct timed_config *c = &s->cfg;
	json_t *o = json_object(), *costs = json_object(), *runs = json_array();
	unsigned e, i;
	bool ok;

	for (i = 0; i < TIMED_PARAMS; i++)
		set(costs, timed_params[i].name, c->costs.value[i]);
	for (e = 0; e < s->nengines; e++) {
		for (i = 0; i < s->ncpus; i++)
			if (s->cell[e][i].done)
				json_array_append_new(runs, row(s->engine[e], s->cpus[i],
								&s->cell[e][i].result));
	}
	json_object_set_new(o, "preset", json_string(s->preset));
	json_object_set_new(o, "costs", costs);
	set_count(o, "slots", c->slots);
	set_count(o, "width", c->width);
	set_count(o, "count", c->count);
	set(o, "think_ns", c->think);
	set_count(o, "submissions_per_cpu", c->submissions);
	set_count(o, "seed", c->seed);
	set(o, "limit", timed_limit(&c->costs, c->count));
	json_object_set_new(o, "interrupted", json_boolean(*s->interrupt));
	json_object_set_new(o, "runs", runs);
	set(o, "seconds", s->seconds);
	ok = !json_dumpf(o, to, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
	fputc('\n', to);
	json_decref(o);
	return ok;
}

static json_t *costs_of(unsigned preset)
{
	json_t *o = json_object();
	unsigned i;

	for (i = 0; i < TIMED_PARAMS; i++)
		set(o, timed_params[i].name, timed_params[i].value[preset]);
	return o;
}

void simulate_list_json(FILE *to, const struct loaded *object)
{
	json_t *drivers = json_array(), *presets = json_array(), *o;
	const struct engine *e;
	unsigned i;

	for (e = object->engines; e->name; e++)
		if (!e->untimed)
			json_array_append_new(drivers, json_pack("{ss ss}", "name", e->name,
								 "summary", e->summary));
	for (i = 0; i < TIMED_PRESETS; i++)
		json_array_append_new(
			presets, json_pack("{ss ss so}", "name", timed_presets[i].name, "summary",
					   timed_presets[i].summary, "costs", costs_of(i)));
	o = json_pack("{so so}", "engines", drivers, "presets", presets);
	json_dumpf(o, to, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
	fputc('\n', to);
	json_decref(o);
}
