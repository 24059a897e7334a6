/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* run.c - measures all slices, round by round, so that disturbances affect all engines alike. */
#include "plan.h"

#include "clock.h"
#include "line.h"

#include <hosts/waiting.h>
#include <stdlib.h>
#include <string.h>

/* Far longer than the core's own time-outs. */
#define PATIENCE 10.0

/* A slice is repeated up to so many times until no other program has disturbed it. */
#define TRIES 5

static void make_cells(const struct bench_plan *p, struct bench_result *r)
{
	struct bench_cell *c = r->cell;

	for (unsigned reg = 0; reg < p->read.n; reg++)
		for (unsigned d = 0; d < p->device.n; d++)
			for (unsigned n = 0; n < p->count.n; n++)
				for (unsigned t = 0; t < p->threads.n; t++)
					*c++ = (struct bench_cell){
						.threads = p->threads.value[t],
						.count = p->count.value[n],
						.costs = { p->device.value[d], p->read.value[reg],
							   p->write.value[reg] },
					};
	r->cells = c - r->cell;
}

/* ---- figures ---- */

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static struct bench_spread spread(double *value, unsigned n)
{
	qsort(value, n, sizeof(*value), compare);
	return (struct bench_spread){ (value[(n - 1) / 2] + value[n / 2]) / 2, value[0],
				      value[n - 1] };
}

/* The spread of one member, at `offset`, over all rounds of a slice. */
static struct bench_spread spread_of(const struct bench_slice *slice, unsigned rounds,
				     size_t offset, double *value)
{
	for (unsigned i = 0; i < rounds; i++)
		memcpy(&value[i], (const char *)&slice[i] + offset, sizeof(*value));
	return spread(value, rounds);
}

#define SPREAD(member) spread_of(slice, rounds, offsetof(struct bench_slice, member), value)

static void take(const struct bench_slice *slice, const struct bench_slice *base, unsigned rounds,
		 double limit, double *value, struct bench_figures *f)
{
	uint64_t doorbells = 0, reads = 0;

	f->per_second = SPREAD(per_second);
	f->fairness = SPREAD(fairness);
	for (unsigned i = 0; i < BENCH_PERCENTILES; i++)
		f->latency[i] = SPREAD(latency[i]);
	f->of_limit =
		(struct bench_spread){ f->per_second.median / limit, f->per_second.least / limit,
				       f->per_second.most / limit };
	f->has_ratio = base;
	for (unsigned i = 0; base && i < rounds; i++)
		value[i] = slice[i].per_second / base[i].per_second;
	if (base)
		f->ratio = spread(value, rounds);
	for (unsigned i = 0; i < rounds; i++) {
		f->submissions += slice[i].submissions;
		f->disturbed += slice[i].preempted > 0;
		doorbells += slice[i].doorbells;
		reads += slice[i].reads;
	}
	f->doorbells = (double)doorbells / f->submissions;
	f->reads = (double)reads / f->submissions;
}

static void take_all(const struct bench_plan *p, const struct bench_slice *slice, double *value,
		     struct bench_result *r)
{
	unsigned base = 0;

	while (base < p->engines && strcmp(p->engine[base]->name, BENCH_BASELINE))
		base++;
	for (unsigned c = 0; c < r->cells; c++) {
		const struct bench_cell *cell = &r->cell[c];
		double limit = r->ticks_per_second / cell->costs.desc / (cell->count + 1);
		const struct bench_slice *first = slice + (size_t)c * p->engines * p->rounds;

		for (unsigned e = 0; e < p->engines; e++) {
			struct bench_figures *f = &r->figures[c * p->engines + e];

			f->engine = p->engine[e];
			take(first + (size_t)e * p->rounds,
			     base < p->engines ? first + (size_t)base * p->rounds : NULL, r->rounds,
			     limit, value, f);
			r->disturbed += f->disturbed;
		}
	}
}

/* ---- measuring ---- */

/*
 * Measure a slice, and keep the least disturbed of some tries: a thread that has lost its processor
 * for a while says nothing about the driver. An error of the driver counts in any try.
 */
static const char *try(const struct bench_slice_config *cfg, struct bench_result *r,
		       struct bench_slice *out)
{
	struct bench_slice s;
	const char *why;

	for (unsigned i = 0; i < TRIES; i++) {
		why = bench_slice(cfg, &s);
		if (why)
			return why;
		r->submissions += s.submissions;
		if (!i || out->per_second == 0 || bench_slice_failed(&s) ||
		    (s.preempted < out->preempted && s.per_second > 0))
			*out = s;
		if ((!s.preempted && s.per_second > 0) || bench_slice_failed(&s))
			break;
	}
	if (out->per_second == 0 && !bench_slice_failed(out))
		return "the machine is too busy to complete anything; try --realtime or --time";
	return NULL;
}

/* The unit's processor is the last one for any number of threads. */
static const char *measure(const struct bench_plan *p, struct bench_result *r,
			   const struct bench_cell *cell, const struct bench_engine *engine,
			   struct bench_slice *out)
{
	struct bench_slice_config cfg = {
		.engine = engine,
		.cpu = p->cpu,
		.unit_cpu = p->cpu[p->cpus - 1],
		.threads = cell->threads,
		.slots = p->slots,
		.count = cell->count,
		.costs = cell->costs,
		.ticks_per_second = r->ticks_per_second,
		.seconds = p->seconds,
		.patience = PATIENCE,
	};

	return try(&cfg, r, out);
}

/*
 * The number of pairs: each submitter's processor with the unit's, and with the next submitter's.
 */
static unsigned lines_of(const struct bench_plan *p)
{
	return 2 * p->cpus - 3;
}

static const char *measure_lines(const struct bench_plan *p, double *line)
{
	unsigned unit = p->cpus - 1;

	for (unsigned i = 0; i < unit; i++)
		if (!bench_line(p->cpu[i], p->cpu[unit], line++) ||
		    (i + 1 < unit && !bench_line(p->cpu[i], p->cpu[i + 1], line++)))
			return "cannot bind threads to processors";
	return NULL;
}

/* True if an error of the driver was found. */
static bool note_failure(struct bench_result *r, const struct bench_cell *cell,
			 const struct bench_engine *engine, const struct bench_slice *s)
{
	if (!bench_slice_failed(s))
		return false;
	r->failed = true;
	r->failed_engine = engine;
	r->failed_cell = *cell;
	r->failed_slice = *s;
	return true;
}

static bool is_interrupted(const struct bench_plan *p)
{
	return p->interrupt && *p->interrupt;
}

/* A round was cut short: drop it. If it is the first one, keep the cells that are complete. */
static void cut(const struct bench_plan *p, unsigned round, unsigned slices, struct bench_result *r)
{
	r->interrupted = true;
	if (!round)
		r->cells = slices / p->engines;
	r->rounds = round ? round : r->cells > 0;
}

static const char *measure_round(const struct bench_plan *p, unsigned round,
				 struct bench_slice *slice, struct bench_result *r)
{
	unsigned n = r->cells * p->engines;

	for (unsigned i = 0; i < n; i++) {
		/* Each round begins with another engine. */
		unsigned c = i / p->engines, e = (i + round) % p->engines;
		struct bench_slice *s = &slice[(c * p->engines + e) * p->rounds + round];
		const char *why;

		if (is_interrupted(p)) {
			cut(p, round, i, r);
			return NULL;
		}
		why = measure(p, r, &r->cell[c], p->engine[e], s);
		if (why || note_failure(r, &r->cell[c], p->engine[e], s))
			return why;
		if (p->progress)
			p->progress((round + (i + 1.0) / n) / p->rounds);
	}
	r->rounds = round + 1;
	return NULL;
}

static const char *measure_all(const struct bench_plan *p, struct bench_slice *slice, double *line,
			       struct bench_result *r)
{
	const char *why = NULL;
	unsigned round;

	for (round = 0; round < p->rounds && !why && !r->failed && !r->interrupted; round++) {
		why = measure_lines(p, line + round * lines_of(p));
		if (!why)
			why = measure_round(p, round, slice, r);
	}
	r->line = spread(line, round * lines_of(p));
	return why;
}

const char *bench_run(const struct bench_plan *p, struct bench_result *r)
{
	size_t cells = (size_t)p->read.n * p->device.n * p->count.n * p->threads.n;
	struct bench_slice *slice = calloc(cells * p->engines * p->rounds, sizeof(*slice));
	double *value = calloc(p->rounds, sizeof(*value));
	double *line = calloc(p->rounds * lines_of(p), sizeof(*line));
	const char *why = "out of memory";

	*r = (struct bench_result){ .cycles = ticks_are_cycles,
				    .ticks_per_second = ticks_per_second() };
	r->cell = calloc(cells, sizeof(*r->cell));
	r->figures = calloc(cells * p->engines, sizeof(*r->figures));
	if (slice && value && line && r->cell && r->figures) {
		make_cells(p, r);
		why = measure_all(p, slice, line, r);
		if (!why && !r->failed)
			take_all(p, slice, value, r);
	}
	free(slice);
	free(value);
	free(line);
	return why;
}

void bench_result_free(struct bench_result *r)
{
	free(r->cell);
	free(r->figures);
}
