/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* report.c - the figures as text. */
#include "plan.h"

#include <inttypes.h>
#include <string.h>

void bench_circumstances(char *text, size_t size, const struct bench_cell *c)
{
	snprintf(text, size, "device %" PRIu32 ", registers %" PRIu32 ":%" PRIu32 ", count %u",
		 c->costs.desc, c->costs.read, c->costs.write, c->count);
}

static void print_failure(FILE *to, const struct bench_result *r)
{
	const struct bench_slice *s = &r->failed_slice;
	char text[120];

	bench_circumstances(text, sizeof(text), &r->failed_cell);
	fprintf(to, "%s with %u thread%s, %s:\n", r->failed_engine->name, r->failed_cell.threads,
		r->failed_cell.threads == 1 ? "" : "s", text);
	if (s->lost)
		fprintf(to, "  a submission has not returned\n");
	if (s->error)
		fprintf(to, "  a submission failed: %s\n", qi_strerror(s->error));
	if (s->false_completions)
		fprintf(to, "  %" PRIu64 " of %" PRIu64 " submissions returned too early\n",
			s->false_completions, s->submissions);
	if (s->strange)
		fprintf(to,
			"  %" PRIu64 " descriptors were lost, repeated, out of order or damaged\n",
			s->strange);
}

static void print_setting(FILE *to, const struct bench_plan *p, const struct bench_result *r)
{
	fprintf(to, "%" PRIu64 " submissions: each was complete when it returned\n\n",
		r->submissions);
	fprintf(to, "  %u processors, ", p->cpus);
	if (r->cycles)
		fprintf(to, "cycles of %.2f GHz", r->ticks_per_second / 1e9);
	else
		fputs("nanoseconds for cycles", to);
	fprintf(to, ", %u round%s of %.0f ms, %u slots of 128 bits\n", r->rounds,
		r->rounds == 1 ? "" : "s", p->seconds * 1e3, p->slots);
	if (!r->cycles)
		fprintf(to, "  The clock is the system's%s, which is coarser\n",
			p->untrusted ? ", as the kernel trusts no time stamp counters here" : "");
	fprintf(to, "  A cache line gets from one processor to another in %.0f ns (%.0f to %.0f)\n",
		r->line.median / r->ticks_per_second * 1e9,
		r->line.least / r->ticks_per_second * 1e9,
		r->line.most / r->ticks_per_second * 1e9);
	if (r->disturbed)
		fprintf(to,
			"  Other programs kept processors busy: %u of %u measurements were "
			"disturbed, the "
			"figures are low\n",
			r->disturbed, r->cells * p->engines * r->rounds);
}

static void print_interrupted(FILE *to, const struct bench_plan *p, const struct bench_result *r)
{
	unsigned cells = p->read.n * p->device.n * p->count.n * p->threads.n;

	if (!r->cells)
		fputs("  interrupted before every driver had been measured once\n", to);
	else
		fprintf(to, "  interrupted: %u of %u rounds, %u of %u circumstances\n", r->rounds,
			p->rounds, r->cells, cells);
}

static void print_group(FILE *to, const struct bench_cell *c, const struct bench_result *r)
{
	char text[120];

	bench_circumstances(text, sizeof(text), c);
	fprintf(to, "\n  %s: the unit can do %.0f thousand submissions a second\n", text,
		r->ticks_per_second / c->costs.desc / (c->count + 1) / 1e3);
	fprintf(to, "  %7s %-10s %21s %8s %12s %6s %23s %16s %8s\n", "", "", "thousand/s", "of the",
		"times", "", "latency in us", "a submission", "");
	fprintf(to, "  %7s %-10s %7s %6s %6s %8s %12s %6s %7s %7s %7s %9s %6s %8s\n", "threads",
		"engine", "median", "least", "most", "unit's", BENCH_BASELINE, "", "p50", "p99",
		"p99.9", "doorbells", "reads", "fairness");
}

static void print_figures(FILE *to, unsigned threads, const struct bench_figures *f)
{
	fprintf(to, "  %7u %-10s %7.0f %6.0f %6.0f %6.0f %% ", threads, f->engine->name,
		f->per_second.median / 1e3, f->per_second.least / 1e3, f->per_second.most / 1e3,
		100 * f->of_limit.median);
	if (f->has_ratio)
		fprintf(to, "%12.2f %6s ", f->ratio.median, "");
	else
		fprintf(to, "%12s %6s ", "", "");
	for (unsigned i = 0; i < 3; i++)
		fprintf(to, "%7.2f ", f->latency[i].median * 1e6);
	fprintf(to, "%9.3f %6.2f %8.2f\n", f->doorbells, f->reads, f->fairness.median);
}

static bool same_circumstances(const struct bench_cell *a, const struct bench_cell *b)
{
	return a->count == b->count && !memcmp(&a->costs, &b->costs, sizeof(a->costs));
}

/* The range of the medians over all conditions: "at least 1.02 (3 threads, ...)". */
static void print_range(FILE *to, const struct bench_plan *p, const struct bench_result *r,
			unsigned engine)
{
	const struct bench_figures *f = &r->figures[engine];
	unsigned least = 0, most = 0;
	char text[120];

	for (unsigned c = 0; c < r->cells; c++) {
		double ratio = f[c * p->engines].ratio.median;

		if (ratio < f[least * p->engines].ratio.median)
			least = c;
		if (ratio > f[most * p->engines].ratio.median)
			most = c;
	}
	bench_circumstances(text, sizeof(text), &r->cell[least]);
	fprintf(to, "  %-10s from %.2f (threads %u, %s)\n", f->engine->name,
		f[least * p->engines].ratio.median, r->cell[least].threads, text);
	bench_circumstances(text, sizeof(text), &r->cell[most]);
	fprintf(to, "  %-10s   to %.2f (threads %u, %s)\n", "", f[most * p->engines].ratio.median,
		r->cell[most].threads, text);
}

static void print_ranges(FILE *to, const struct bench_plan *p, const struct bench_result *r)
{
	if (r->cells < 2 || !r->figures->has_ratio)
		return;
	fprintf(to, "\n  Times %s over all of these:\n", BENCH_BASELINE);
	for (unsigned e = 0; e < p->engines; e++)
		if (strcmp(p->engine[e]->name, BENCH_BASELINE))
			print_range(to, p, r, e);
}

void bench_report(FILE *to, const struct bench_plan *p, const struct bench_result *r)
{
	if (r->failed) {
		print_failure(to, r);
		return;
	}
	print_setting(to, p, r);
	if (r->interrupted)
		print_interrupted(to, p, r);
	for (unsigned c = 0; c < r->cells; c++) {
		if (!c || !same_circumstances(&r->cell[c - 1], &r->cell[c]))
			print_group(to, &r->cell[c], r);
		for (unsigned e = 0; e < p->engines; e++)
			print_figures(to, r->cell[c].threads, &r->figures[c * p->engines + e]);
	}
	print_ranges(to, p, r);
}
