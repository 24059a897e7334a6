/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "report.h"
#include "timing.h"

#include <describe/describe.h>
#include <inttypes.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#define LABEL "  %-10s"
#define NAME_WIDTH 44

const char *problem_name(enum problem_kind kind)
{
	static const char *const names[] = {
		[PROBLEM_LOST] = "lost",
		[PROBLEM_STALE] = "stale",
		[PROBLEM_FALSE_COMPLETION] = "false completion",
		[PROBLEM_ERROR] = "error",
		[PROBLEM_MISBLAMED] = "misblamed",
	};

	return names[kind];
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* ---- the verdict ---- */

static void print_verdict(FILE *to, const struct drive_result *r)
{
	const struct {
		uint64_t n;
		const char *what;
	} found[] = {
		{ r->lost, "lost" },
		{ r->stale, "stale" },
		{ r->false_completions, "falsely completed" },
	};
	uint64_t unexpected = r->errors - r->errors_expected - r->misblamed;

	fprintf(to, "%" PRIu64 " submission%s:", r->submissions, plural(r->submissions));
	for (unsigned i = 0; i < 3; i++) {
		if (found[i].n)
			fprintf(to, " %" PRIu64 " %s,", found[i].n, found[i].what);
		else
			fprintf(to, " nothing %s,", found[i].what);
	}
	if (r->misblamed)
		fprintf(to, " %" PRIu64 " misblamed,", r->misblamed);
	if (unexpected)
		fprintf(to, " %" PRIu64 " error%s\n", unexpected, plural(unexpected));
	else if (r->errors_expected)
		fprintf(to, " no error that an injected fault does not explain\n");
	else
		fprintf(to, " no error\n");
}

static void print_problems(FILE *to, const struct trace *t, const struct drive_result *r)
{
	char text[200];

	for (unsigned i = 0; i < r->problems; i++) {
		const struct problem *p = &r->problem[i];
		const struct trace_event *e = t->event;

		if (!p->line) {
			fprintf(to, "  turning the queue off: %s\n", qi_strerror(p->error.code));
			continue;
		}
		while (e->line != p->line)
			e++;
		qi_desc_text(&e->desc, text, sizeof(text));
		fprintf(to, "  %s:%u: %s: %s", t->name, p->line, problem_name(p->kind), text);
		if (p->error.code)
			fprintf(to, ": %s", qi_strerror(p->error.code));
		if (p->error.code == -QI_ERR_DEVICE)
			fprintf(to, " (%02x:%02x.%x)", p->error.sid >> 8, p->error.sid >> 3 & 0x1f,
				p->error.sid & 7);
		fputc('\n', to);
	}
	if (r->stuck)
		fprintf(to, "  given up: nothing has moved for too long\n");
	else if (r->interrupted)
		fprintf(to, "  interrupted: the rest was not submitted\n");
	else if (r->halted)
		fprintf(to, "  given up early, the rest was not submitted\n");
}

/* ---- what was replayed ---- */

static void print_input(FILE *to, const struct trace *t)
{
	fprintf(to, LABEL "%s\n", "trace", t->name);
	fprintf(to, LABEL "%zu event%s on %u CPU%s", "", t->count, plural(t->count), t->cpus,
		plural(t->cpus));
	if (t->timed && t->last > t->first)
		fprintf(to, " in %.1f s", (t->last - t->first) / 1e9);
	for (unsigned i = 0; i < t->units; i++)
		fprintf(to, "%s %s", i ? "," : t->units > 1 ? ", units" : ", unit", t->unit[i]);
	fputc('\n', to);
	if (t->damaged)
		fprintf(to, LABEL "%" PRIu64 " damaged line%s left out\n", "", t->damaged,
			plural(t->damaged));
	if (t->lost)
		fprintf(to, LABEL "%" PRIu64 " event%s lost by the tracer\n", "", t->lost,
			plural(t->lost));
	if (t->foreign)
		fprintf(to, LABEL "%" PRIu64 " other event%s passed over\n", "", t->foreign,
			plural(t->foreign));
	if (t->unknown)
		fprintf(to, LABEL "%" PRIu64 " other line%s passed over\n", "", t->unknown,
			plural(t->unknown));
	if (t->unaligned)
		fprintf(to,
			LABEL "%" PRIu64
			      " event%s unaligned: ADDR is not a multiple of 2^AM pages; "
			      "submitted for the block around it, as units do\n",
			"", t->unaligned, plural(t->unaligned));
}

/* The number of CPUs that this process may use. */
static unsigned machine_cpus(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) ? sysconf(_SC_NPROCESSORS_ONLN)
						       : CPU_COUNT(&set);
}

static void print_setting(FILE *to, const struct drive_config *cfg, const struct drive_result *r)
{
	const struct device_config device = { .profile = cfg->profile };
	double seconds = r->seconds_ns / 1e9;
	unsigned cpus = machine_cpus();
	char unit[DEVICE_TEXT];

	cfg->device->describe(unit, sizeof(unit), &device);
	fprintf(to, LABEL "%s, %u slots of %u bits\n", "unit", unit, cfg->slots, cfg->width);
	fprintf(to, LABEL "%u thread%s on %u CPU%s, seed %" PRIu64, "run", cfg->threads,
		plural(cfg->threads), cpus, plural(cpus), cfg->seed);
	if (cfg->repeat > 1)
		fprintf(to, ", %u times", cfg->repeat);
	fprintf(to, ": %.2f s, %.0f submissions a second\n", seconds, r->submissions / seconds);
	if (cfg->timing)
		fprintf(to, LABEL "at the trace's own times, at most %.1f us late\n", "",
			r->latest_ns / 1e3);
	if (cfg->threads > cpus)
		fprintf(to,
			LABEL "threads wait for CPUs, and latencies show it: try --threads %u\n",
			"", cpus);
}

/* Nothing is printed if everything was checked. */
static void print_looks(FILE *to, const struct drive_result *r)
{
	if (r->looked + r->errors < r->submissions)
		fprintf(to,
			LABEL "%" PRIu64 " submissions looked at, %" PRIu64
			      " with a device that used the translation before and after\n",
			"oracle", r->looked, r->translations);
}

static void print_faults(FILE *to, const struct fault_list *faults, const struct drive_result *r)
{
	char text[FAULT_TEXT];

	if (!faults)
		return;
	for (unsigned i = 0; i < faults->count; i++) {
		fault_item_text(&faults->item[i], text);
		fprintf(to, LABEL "%s, %" PRIu64 " time%s\n", i ? "" : "faults", text, r->struck[i],
			plural(r->struck[i]));
	}
	fprintf(to,
		LABEL "%" PRIu64 " submission%s failed as they had to; %" PRIu64
		      " put into the ring "
		      "again, queue revived %" PRIu64 " time%s\n",
		"", r->errors_expected, plural(r->errors_expected), r->retries, r->resets,
		plural(r->resets));
}

/* ---- latencies ---- */

static const char *granularity(const struct qi_desc *d)
{
	struct qi_field field[QI_DESC_MAX_FIELDS];
	unsigned n = qi_desc_fields(d, field);

	for (unsigned i = 0; i < n; i++)
		if (!strcmp(field[i].name, "G"))
			return field[i].meaning;
	return NULL;
}

static void print_latency(FILE *to, const char *name, uint64_t events, const struct latency *l)
{
	static const unsigned num[] = { 500, 900, 990, 999 };

	fprintf(to, "  %-*s %8" PRIu64, NAME_WIDTH, name, events);
	for (unsigned i = 0; i < 4; i++)
		fprintf(to, " %8.1f", latency_quantile(l, num[i], 1000) / 1e3);
	fprintf(to, " %9.1f\n", l->max / 1e3);
}

/* Printed below the latencies that the replay has measured. */
static void print_recorded(FILE *to, const struct latency *l)
{
	if (l->count)
		print_latency(to, "  as recorded", l->count, l);
}

static void print_groups(FILE *to, const struct trace *t, const struct drive_config *cfg,
			 const struct drive_result *r)
{
	static struct latency recorded, recorded_group[GROUPS];
	const struct qi_desc *sample[GROUPS] = { NULL };
	uint64_t events[GROUPS] = { 0 };
	char name[80];

	if (cfg->timing)
		timing_recorded(t, &recorded, recorded_group);
	for (size_t i = 0; i < t->count; i++) {
		unsigned g = group_of(&t->event[i].desc);

		sample[g] = &t->event[i].desc;
		events[g]++;
	}
	fprintf(to, "  %-*s %8s %8s %8s %8s %8s %9s\n", NAME_WIDTH, "latency in us", "events",
		"p50", "p90", "p99", "p99.9", "max");
	for (unsigned g = 0; g < GROUPS; g++) {
		const char *granu = sample[g] ? granularity(sample[g]) : NULL;

		if (!sample[g])
			continue;
		snprintf(name, sizeof(name), "%s%s%s", qi_type_name(g / 4), granu ? ", " : "",
			 granu ? granu : "");
		print_latency(to, name, events[g], &r->latency[g]);
		print_recorded(to, &recorded_group[g]);
	}
	print_latency(to, "all", t->count, &r->all);
	print_recorded(to, &recorded);
}

void report_text(FILE *to, const struct trace *t, const struct drive_config *cfg,
		 const struct drive_result *r)
{
	print_verdict(to, r);
	print_problems(to, t, r);
	fputc('\n', to);
	print_input(to, t);
	print_setting(to, cfg, r);
	print_looks(to, r);
	print_faults(to, cfg->faults, r);
	fputc('\n', to);
	print_groups(to, t, cfg, r);
	fprintf(to, "\n  %.3f doorbells and %.3f register reads a submission\n",
		(double)r->doorbells / r->submissions, (double)r->mmio_reads / r->submissions);
}
