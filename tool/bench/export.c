/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* export.c - the figures as JSON and as a picture. */
#include "plan.h"
#include "tool/plot.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

/* ---- JSON ---- */

static json_t *spread(const struct bench_spread *s, double factor)
{
	return json_pack("{sfsfsf}", "median", s->median * factor, "least", s->least * factor,
			 "most", s->most * factor);
}

static json_t *latency(const struct bench_figures *f)
{
	return json_pack("{sosososo}", "p50", spread(&f->latency[0], 1e9), "p99",
			 spread(&f->latency[1], 1e9), "p999", spread(&f->latency[2], 1e9), "max",
			 spread(&f->latency[3], 1e9));
}

static json_t *circumstances(const struct bench_cell *c)
{
	return json_pack("{sIsIsIsIsI}", "threads", (json_int_t)c->threads, "count",
			 (json_int_t)c->count, "device", (json_int_t)c->costs.desc, "register_read",
			 (json_int_t)c->costs.read, "register_write", (json_int_t)c->costs.write);
}

static json_t *figures(const struct bench_cell *c, const struct bench_figures *f)
{
	json_t *o = circumstances(c);
	json_t *own =
		json_pack("{ss so so so so sf sf so sI sI}", "engine", f->engine->name,
			  "submissions_per_second", spread(&f->per_second, 1), "ratio",
			  f->has_ratio ? spread(&f->ratio, 1) : json_null(), "of_limit",
			  spread(&f->of_limit, 1), "latency_ns", latency(f),
			  "doorbells_per_submission", f->doorbells, "register_reads_per_submission",
			  f->reads, "fairness", spread(&f->fairness, 1), "submissions",
			  (json_int_t)f->submissions, "disturbed", (json_int_t)f->disturbed);

	json_object_update_new(o, own);
	return o;
}

static json_t *failure(const struct bench_result *r)
{
	const struct bench_slice *s = &r->failed_slice;
	json_t *o = circumstances(&r->failed_cell);

	json_object_update_new(o, json_pack("{sssbsssIsI}", "engine", r->failed_engine->name,
					    "lost", (int)s->lost, "error", qi_strerror(s->error),
					    "false_completions", (json_int_t)s->false_completions,
					    "strange_descriptors", (json_int_t)s->strange));
	return o;
}

static json_t *cells(const struct bench_plan *p, const struct bench_result *r)
{
	json_t *list = json_array();

	for (unsigned i = 0; !r->failed && i < r->cells * p->engines; i++)
		json_array_append_new(list, figures(&r->cell[i / p->engines], &r->figures[i]));
	return list;
}

static json_t *setting(const struct bench_plan *p, const struct bench_result *r)
{
	return json_pack("{ss sI ss sf so sI sf sI}", "baseline", BENCH_BASELINE, "processors",
			 (json_int_t)p->cpus, "clock", r->cycles ? "tsc" : "system",
			 "cycles_per_second", r->ticks_per_second, "line_transfer_ns",
			 spread(&r->line, 1e9 / r->ticks_per_second), "rounds",
			 (json_int_t)r->rounds, "milliseconds", p->seconds * 1e3, "slots",
			 (json_int_t)p->slots);
}

static const char *verdict(const struct bench_result *r)
{
	return r->failed ? "violated" : r->interrupted ? "interrupted" : "clean";
}

bool bench_json(FILE *to, const struct bench_plan *p, const struct bench_result *r)
{
	json_t *o = setting(p, r);
	json_t *found =
		json_pack("{ss sI sI so so}", "verdict", verdict(r), "submissions",
			  (json_int_t)r->submissions, "disturbed", (json_int_t)r->disturbed,
			  "cells", cells(p, r), "violation", r->failed ? failure(r) : json_null());
	bool ok = !json_object_update_new(o, found) &&
		  !json_dumpf(o, to, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) &&
		  fputc('\n', to) > 0;

	json_decref(o);
	return ok;
}

/* ---- the picture ---- */

/*
 * One panel: throughput of the engines over the number of threads, with its spread, and the unit's
 * limit as the last curve.
 */
struct curves {
	char title[120];
	double x[BENCH_LIST];
	double y[BENCH_LIST + 1][BENCH_LIST];
	double low[BENCH_LIST][BENCH_LIST], high[BENCH_LIST][BENCH_LIST];
	struct plot_series series[BENCH_LIST + 1];
};

static void fill(const struct bench_plan *p, const struct bench_result *r, unsigned first,
		 struct curves *c)
{
	const struct bench_cell *cell = &r->cell[first];
	double limit = r->ticks_per_second / cell->costs.desc / (cell->count + 1);
	unsigned left = r->cells - first, n = left < p->threads.n ? left : p->threads.n, e;

	bench_circumstances(c->title, sizeof(c->title), cell);
	for (unsigned t = 0; t < n; t++) {
		c->x[t] = cell[t].threads;
		for (e = 0; e < p->engines; e++) {
			const struct bench_figures *f = &r->figures[(first + t) * p->engines + e];

			c->y[e][t] = f->per_second.median;
			c->low[e][t] = f->per_second.least;
			c->high[e][t] = f->per_second.most;
		}
		c->y[e][t] = limit;
	}
	for (e = 0; e < p->engines; e++)
		c->series[e] = (struct plot_series){ .name = p->engine[e]->name,
						     .style = PLOT_CURVE,
						     .n = n,
						     .x = c->x,
						     .y = c->y[e],
						     .low = c->low[e],
						     .high = c->high[e] };
	c->series[e] = (struct plot_series){
		.name = "the unit's limit", .style = PLOT_LIMIT, .n = n, .x = c->x, .y = c->y[e]
	};
}

bool bench_svg(FILE *to, const struct bench_plan *p, const struct bench_result *r)
{
	unsigned n = (r->cells + p->threads.n - 1) / p->threads.n;
	struct curves *c = calloc(n, sizeof(*c));
	struct plot_panel *panel = calloc(n, sizeof(*panel));
	bool ok = c && panel;
	char title[160];

	snprintf(title, sizeof(title),
		 "qinval bench: threads of this machine, %u slots, %u rounds of %g ms, median and "
		 "extremes",
		 p->slots, r->rounds, 1000 * p->seconds);
	for (unsigned i = 0; ok && i < n; i++) {
		fill(p, r, i * p->threads.n, &c[i]);
		panel[i] = (struct plot_panel){
			.title = c[i].title,
			.x = { "submitting threads", "", PLOT_LOG2 },
			.y = { "submissions per second", "", PLOT_LINEAR },
			.series = c[i].series,
			.nseries = p->engines + 1,
		};
	}
	if (ok)
		ok = plot_svg(to, title, panel, n);
	free(panel);
	free(c);
	return ok;
}
