/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* suite.c - tries all cases, each on a device that has just been reset. */
#include "trial.h"

#include <stdio.h>
#include <string.h>

static const struct conform_case *const themes[] = {
	conform_registers, conform_queue,	  conform_types,       conform_values,
	conform_reserved,  conform_waits,	  conform_errors,      conform_interrupts,
	conform_devices,   conform_removals,	  conform_arrivals,    conform_faults,
	conform_records,   conform_seen,	  conform_first_stage, conform_nested,
	conform_ats,	   conform_page_requests, conform_remapping,
};

#define THEMES (sizeof(themes) / sizeof(*themes))

const char *conform_outcome_name(enum conform_outcome o)
{
	static const char *const name[] = { "pass", "deviates", "not applicable" };

	return name[o];
}

/* ---- Iteration over the cases ---- */

typedef bool visit_fn(void *ctx, const struct conform_case *c, const char *name, unsigned width);

static bool visit_widths(const struct conform_case *c, const char *prefix, visit_fn *visit,
			 void *ctx)
{
	unsigned first = c->widths == WIDE_ONLY ? 256 : 128, last = c->widths ? 256 : 128;
	char name[CONFORM_NAME];

	for (unsigned width = first; width <= last; width += 128) {
		if (c->widths)
			snprintf(name, sizeof(name), "%s/%u", c->name, width);
		else
			snprintf(name, sizeof(name), "%s", c->name);
		if (!strncmp(name, prefix, strlen(prefix)) && !visit(ctx, c, name, width))
			return false;
	}
	return true;
}

static bool visit_all(const char *prefix, visit_fn *visit, void *ctx)
{
	for (unsigned i = 0; i < THEMES; i++)
		for (const struct conform_case *c = themes[i]; c->name; c++)
			if (!visit_widths(c, prefix, visit, ctx))
				return false;
	return true;
}

static bool count_case(void *ctx, const struct conform_case *c, const char *name, unsigned width)
{
	(void)c;
	(void)name;
	(void)width;
	++*(unsigned *)ctx;
	return true;
}

unsigned conform_cases(const char *prefix)
{
	unsigned n = 0;

	visit_all(prefix, count_case, &n);
	return n;
}

struct naming {
	conform_name_fn *fn;
	void *ctx;
};

static bool give_name(void *ctx, const struct conform_case *c, const char *name, unsigned width)
{
	const struct naming *n = ctx;

	(void)c;
	(void)width;
	n->fn(n->ctx, name);
	return true;
}

void conform_names(conform_name_fn *fn, void *ctx)
{
	struct naming n = { fn, ctx };

	visit_all("", give_name, &n);
}

/* ---- The device ---- */

const char *conform_device_wrong(const struct conform_device *dev)
{
	if (!dev->name)
		return "its name is NULL";
	if (!dev->reset || !dev->read || !dev->write || !dev->store || !dev->load || !dev->settle)
		return "of reset, read, write, store, load and settle one is NULL, and none is "
		       "optional";
	if (!dev->touch != !dev->cached)
		return "of touch and cached one is NULL and the other is not";
	if (dev->memory & 0xfff || dev->memory > (1ULL << 32) - CONFORM_MEMORY)
		return "its memory does not start at a multiple of 4096, or does not end below "
		       "2^32";
	if (dev->nowhere & 0xfff)
		return "nowhere is not the address of a page";
	return NULL;
}

/* ---- Running them ---- */

struct run {
	const struct conform_device *dev;
	conform_report_fn *report;
	void *ctx;
	struct conform_counts *counts;
	const char *error;
};

static bool run_case(void *ctx, const struct conform_case *c, const char *name, unsigned width)
{
	struct conform_result result = { .rule = c->rule, .section = c->section };
	struct run *run = ctx;
	struct trial t = { .dev = run->dev, .width = width, .result = &result };

	snprintf(result.name, sizeof(result.name), "%s", name);
	if (!run->dev->reset(run->dev->ctx)) {
		run->error = "the device cannot be reset";
		return false;
	}
	t.cap = trial_read(&t, DMAR_CAP_REG);
	t.ecap = trial_read(&t, DMAR_ECAP_REG);
	if (trial_read(&t, DMAR_VER_REG) == 0xffffffff) {
		run->error = "the device does not answer: all registers read as ones";
		return false;
	}
	if (!has_ecap(&t, VTD_ECAP_QI)) {
		run->error = "the device has no invalidation queue: ECAP.QI is 0";
		return false;
	}
	if (width == 128 || trial_needs(&t, has_ecap(&t, VTD_ECAP_SMTS),
					"no descriptors of 256 bits without ECAP.SMTS"))
		c->run(&t, c->arg);
	run->counts->outcome[result.outcome]++;
	return run->report(run->ctx, &result);
}

bool conform_run(const struct conform_device *dev, const char *prefix, conform_report_fn *report,
		 void *ctx, struct conform_counts *counts, const char **error)
{
	struct run run = { dev, report, ctx, counts, NULL };

	*counts = (struct conform_counts){ 0 };
	visit_all(prefix, run_case, &run);
	*error = run.error;
	return !run.error;
}

/* The first case whose name begins with a name may be another one. */
struct attempt {
	const char *name;
	struct run run;
};

static bool keep(void *ctx, const struct conform_result *r)
{
	*(struct conform_result *)ctx = *r;
	return false;
}

static bool try_case(void *ctx, const struct conform_case *c, const char *name, unsigned width)
{
	struct attempt *a = ctx;

	return strcmp(name, a->name) || run_case(&a->run, c, name, width);
}

bool conform_try(const struct conform_device *dev, const char *name, struct conform_result *result,
		 const char **error)
{
	struct conform_counts counts = { 0 };
	struct attempt a = { name, { dev, keep, result, &counts, NULL } };

	*result = (struct conform_result){ 0 };
	visit_all(name, try_case, &a);
	*error = a.run.error ? a.run.error : *result->name ? NULL : "there is no such case";
	return !*error;
}
