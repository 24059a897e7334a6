/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* plot.c - results of runs as curves over the number of CPUs. */
#include <inttypes.h>
#include <math.h>
#include <stddef.h>

#include "tool/plot.h"
#include "simulate.h"

#define CURVES (2 * SIMULATE_ENGINES + 1)

struct picture {
	const struct simulation *s;
	double x[SIMULATE_CPUS];
	double y[CURVES][SIMULATE_CPUS];
	struct plot_series series[CURVES];
	unsigned n;
};

static struct plot_series *add(struct picture *p, const char *name, enum plot_style style)
{
	struct plot_series *c = &p->series[p->n];

	*c = (struct plot_series){
		.name = name, .style = style, .n = p->s->ncpus, .x = p->x, .y = p->y[p->n]
	};
	p->n++;
	return c;
}

/* Plot a member of struct timed_result. A run with a problem has no point. */
static void add_member(struct picture *p, unsigned engine, size_t member, double scale,
		       enum plot_style style)
{
	unsigned i, at = p->n;

	add(p, style == PLOT_CURVE ? p->s->engine[engine] : NULL, style);
	for (i = 0; i < p->s->ncpus; i++) {
		const struct timed_result *r = &p->s->cell[engine][i].result;

		p->y[at][i] = *r->problem || !p->s->cell[engine][i].done
				      ? NAN
				      : scale * *(const double *)((const char *)r + member);
	}
}

static void add_members(struct picture *p, size_t member, double scale)
{
	unsigned e;

	for (e = 0; e < p->s->nengines; e++)
		add_member(p, e, member, scale, PLOT_CURVE);
}

static void add_limit(struct picture *p, const char *name, double value)
{
	unsigned i, at = p->n;

	add(p, name, PLOT_LIMIT);
	for (i = 0; i < p->s->ncpus; i++)
		p->y[at][i] = value;
}

static void start(struct picture *p, const struct simulation *s)
{
	unsigned i;

	p->s = s;
	p->n = 0;
	for (i = 0; i < s->ncpus; i++)
		p->x[i] = s->cpus[i];
}

#define MEMBER(name) offsetof(struct timed_result, name)

enum { THROUGHPUT, UTILISATION, LATENCY, DOORBELLS, READS, PICTURES };

bool simulate_plot(FILE *to, const struct simulation *s)
{
	static struct picture p[PICTURES];
	struct plot_panel panel[PICTURES] = {
		[THROUGHPUT] = { .title = "Submissions a second", .y = { "", "/s", PLOT_LINEAR } },
		[UTILISATION] = { .title = "The unit's utilisation", .y = { "", "", PLOT_LINEAR } },
		[LATENCY] = { .title = "Latency: median, and 99.9 % (dashed)",
			      .y = { "", "s", PLOT_LOG10 } },
		[DOORBELLS] = { .title = "Doorbells a submission", .y = { "", "", PLOT_LINEAR } },
		[READS] = { .title = "Register reads a submission", .y = { "", "", PLOT_LINEAR } },
	};
	char title[200];
	unsigned i;

	for (i = 0; i < PICTURES; i++)
		start(&p[i], s);
	add_members(&p[THROUGHPUT], MEMBER(throughput), 1);
	add_limit(&p[THROUGHPUT], "unit, one wait each", timed_limit(&s->cfg.costs, s->cfg.count));
	add_members(&p[UTILISATION], MEMBER(utilisation), 1);
	add_limit(&p[UTILISATION], NULL, 1);
	for (i = 0; i < s->nengines; i++) {
		add_member(&p[LATENCY], i, MEMBER(p50), 1e-9, PLOT_CURVE);
		add_member(&p[LATENCY], i, MEMBER(p999), 1e-9, PLOT_DASHED);
	}
	add_members(&p[DOORBELLS], MEMBER(doorbells), 1);
	add_members(&p[READS], MEMBER(register_reads), 1);
	for (i = 0; i < PICTURES; i++) {
		panel[i].x = (struct plot_axis){ "CPUs", "", PLOT_LOG2 };
		panel[i].series = p[i].series;
		panel[i].nseries = p[i].n;
	}
	snprintf(title, sizeof(title),
		 "qinval simulate: %s, %u descriptor%s, %u slots of %u bits, think %g ns, %" PRIu64
		 " submissions a CPU, seed %" PRIu64,
		 s->preset, s->cfg.count, s->cfg.count == 1 ? "" : "s", s->cfg.slots, s->cfg.width,
		 s->cfg.think, s->cfg.submissions, s->cfg.seed);
	return plot_svg(to, title, panel, PICTURES);
}
