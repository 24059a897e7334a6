/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* columns.c - the results of two runs side by side: without a module, and with it. */
#include "faults.h"
#include "report.h"

#include <inttypes.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define RUNS 2

struct cell {
	char text[RUNS][80];
};

static void print(const char *name, const struct cell *c)
{
	printf("%-22s %-28s %s\n", name, c->text[0], c->text[1]);
}

__attribute__((format(printf, 3, 4))) static void set(struct cell *c, unsigned run,
						      const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(c->text[run], sizeof(c->text[run]), format, ap);
	va_end(ap);
}

static void print_numbers(const char *name, const struct session *const s[RUNS], size_t offset)
{
	struct cell c;

	for (unsigned i = 0; i < RUNS; i++)
		set(&c, i, "%" PRIu64, *(const uint64_t *)((const char *)s[i]->vm.share + offset));
	print(name, &c);
}

static void print_counts(const struct session *const s[RUNS])
{
	static const struct {
		const char *name;
		size_t offset;
	} counts[] = {
#define COUNT(name, member) { name, offsetof(struct guest_share, member) }
		COUNT("submissions", submissions),   COUNT("doorbells", doorbells),
		COUNT("translations", translations), COUNT("of the cache", hits),
		COUNT("stale uses", stale),	     COUNT("in the legal window", window),
		COUNT("blocked", blocked),	     COUNT("false completions", false_completions),
		COUNT("of them repeated", repeated), COUNT("interrupts remapped", remapped),
		COUNT("of the unit", interrupts),    COUNT("refused", refused),
		COUNT("timed out", timed_out),	     COUNT("plants", planted),
		COUNT("plants found", found),
#undef COUNT
	};

	for (unsigned i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		print_numbers(counts[i].name, s, counts[i].offset);
}

static void print_faults(const struct session *const s[RUNS])
{
	char name[40];

	for (unsigned i = 0; i < GUEST_FAULT_KINDS; i++) {
		enum guest_fault_kind kind = (enum guest_fault_kind)i;

		if (guest_fault_is_plant(kind) ||
		    (!s[0]->vm.share->fault[i] && !s[1]->vm.share->fault[i]))
			continue;
		snprintf(name, sizeof(name), "fault %s", guest_fault_name(kind));
		print_numbers(name, s, offsetof(struct guest_share, fault[i]));
	}
}

static void print_times(const struct session *const s[RUNS])
{
	struct cell work, descriptors, latency, data;

	for (unsigned i = 0; i < RUNS; i++) {
		const struct guest_share *share = s[i]->vm.share;

		set(&work, i, s[i]->at_work > 0 ? "%.1f s" : "not done", s[i]->at_work);
		set(&descriptors, i, "%" PRIu64, guest_report_descriptors(share));
		set(&latency, i, "%.1f us, 99%% %.1f us",
		    (double)guest_report_latency(share, 50) / 1e3,
		    (double)guest_report_latency(share, 99) / 1e3);
		set(&data, i,
		    s[i]->damaged < 0 ? "not compared"
		    : s[i]->damaged   ? "%ld blocks damaged"
				      : "equal",
		    s[i]->damaged);
	}
	print("work", &work);
	print("descriptors", &descriptors);
	print("doorbell to status <", &latency);
	print("data at both ends", &data);
}

static void print_places(const char *name, const struct session *s)
{
	if (s->hang.found)
		printf("%s: %s\n", name, s->hang.says);
	else if (*s->why)
		printf("%s: %s\n", name, s->why);
}

void guest_report_columns(const struct session *without, const struct session *with)
{
	const struct session *const s[RUNS] = { without, with };
	char path[PATH_MAX];
	const char *name;
	struct cell c;
	enum guest_result result;

	snprintf(path, sizeof(path), "%s", with->cfg->module);
	name = basename(path);
	printf("kernel                 %s\n", with->kernel.release);
	set(&c, 0, "without");
	set(&c, 1, "with %s %s", name, with->cfg->parameters ? with->cfg->parameters : "");
	print("", &c);
	print_times(s);
	print_counts(s);
	print_faults(s);
	for (unsigned i = 0; i < RUNS; i++)
		set(&c, i, "%s, after %.0f s", guest_report_verdict(s[i], &result), s[i]->seconds);
	print("verdict", &c);
	print_places("without", without);
	print_places("with", with);
}
