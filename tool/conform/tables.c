/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "tables.h"
#include "report.h"
#include "tool/progress.h"
#include "tool/tool.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static struct progress progress;
static const volatile sig_atomic_t *interrupt;

static bool go_on(uint64_t done, uint64_t all)
{
	progress_show(&progress, (double)done / (double)all, "");
	return !*interrupt;
}

static const char *verdict(const struct tables_result *r)
{
	if (r->differs)
		return "different";
	return r->stopped ? "interrupted" : "no difference";
}

static void print_text(const struct conform_tables *t, const struct tables_result *r,
		       double seconds)
{
	const char *how = NULL;
	unsigned ends = conform_ends(t->device, &how);
	char text[TABLES_TEXT];

	printf("%s against a model of %s, seed %" PRIu64 ": %" PRIu64 " requests and %" PRIu64
	       " interrupts through %" PRIu64 " sets of tables, %.1f s\n",
	       t->device->dev->name, t->profile, t->seed, r->requests, r->interrupts, r->rounds,
	       seconds);
	printf("%" PRIu64 " arrived, %" PRIu64 " faults, %" PRIu64 " messages; %" PRIu64
	       " left out, which would have led outside of the suite's memory\n",
	       r->arrived, r->faults, r->messages, r->skipped);
	conform_report_ends(ends, how);
	if (!r->differs) {
		puts(r->stopped ? "no difference so far: interrupted" : "no difference");
		return;
	}
	printf("DIFFERENT in %s mode, memory at 0x%" PRIx64 ", after:\n",
	       r->round.scalable ? "scalable" : "legacy", t->device->dev->memory);
	for (unsigned i = 0; i < r->round.ops; i++) {
		tables_op_text(&r->round.op[i], text);
		printf("    %s\n", text);
	}
	printf("%s\n", r->difference);
}

static void set(json_t *o, const char *key, uint64_t value)
{
	json_object_set_new(o, key, json_integer((json_int_t)value));
}

static void print_json(const struct conform_tables *t, const struct tables_result *r,
		       double seconds)
{
	json_t *o = json_object(), *list = json_array();
	const char *how = NULL;
	unsigned ends = conform_ends(t->device, &how);
	char text[TABLES_TEXT];

	for (unsigned i = 0; r->differs && i < r->round.ops; i++) {
		tables_op_text(&r->round.op[i], text);
		json_array_append_new(list, json_string(text));
	}
	json_object_set_new(o, "device", json_string(t->device->dev->name));
	json_object_set_new(o, "profile", json_string(t->profile));
	set(o, "seed", t->seed);
	json_object_set_new(o, "verdict", json_string(verdict(r)));
	set(o, "requests", r->requests);
	set(o, "interrupts", r->interrupts);
	set(o, "tables", r->rounds);
	set(o, "arrived", r->arrived);
	set(o, "faults", r->faults);
	set(o, "messages", r->messages);
	set(o, "left_out", r->skipped);
	set(o, "ends", ends);
	if (ends)
		json_object_set_new(o, "end", json_string(how));
	if (r->differs) {
		json_object_set_new(o, "difference", json_string(r->difference));
		json_object_set_new(o, "scalable", json_boolean(r->round.scalable));
		set(o, "memory", t->device->dev->memory);
		json_object_set(o, "round", list);
	}
	json_decref(list);
	json_object_set_new(o, "seconds", json_real(seconds));
	json_dumpf(o, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(o);
}

int conform_tables(const struct conform_tables *t)
{
	struct tables_result *r = calloc(1, sizeof(*r));
	const struct device *d = t->device;
	enum vtd_profile profile;
	int code = EXIT_UNUSABLE;
	bool ok;

	if (!d->dev->dma) {
		fputs("qinval conform: the device has no dma() by which requests could be sent\n",
		      stderr);
		free(r);
		return code;
	}
	interrupt = progress_interrupt();
	progress_begin(&progress);
	ok = r && vtd_profile_find(t->profile, &profile) &&
	     tables_run(d->dev, profile, t->seed, t->requests, go_on, r);
	progress_clear(&progress);
	if (!ok || conform_failure(d)) {
		conform_say_failure(d);
	} else {
		if (t->json)
			print_json(t, r, progress_seconds(&progress));
		else
			print_text(t, r, progress_seconds(&progress));
		code = r->differs ? EXIT_VIOLATION : r->stopped ? EXIT_INCONCLUSIVE : EXIT_FINE;
	}
	free(r);
	return code;
}
