/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "conform_tables.h"
#include "conform_report.h"
#include "tool.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void show_progress(uint64_t done)
{
	fprintf(stderr, "\r%" PRIu64 " requests ", done);
}

static void print_text(const struct conform_tables *t, const struct tables_result *r,
		       double seconds)
{
	const char *how = NULL;
	unsigned ends = t->ends ? t->ends(t->dev, &how) : 0;
	char text[TABLES_TEXT];

	printf("%s against a model of %s, seed %" PRIu64 ": %" PRIu64 " requests and %" PRIu64
	       " interrupts through %" PRIu64 " sets of tables, %.1f s\n",
	       t->dev->name, t->profile, t->seed, r->requests, r->interrupts, r->rounds, seconds);
	printf("%" PRIu64 " arrived, %" PRIu64 " faults, %" PRIu64 " messages; %" PRIu64
	       " left out, which would have led outside of the suite's memory\n",
	       r->arrived, r->faults, r->messages, r->skipped);
	conform_report_ends(ends, how);
	if (!r->differs) {
		puts("no difference");
		return;
	}
	printf("DIFFERENT in %s mode, memory at 0x%" PRIx64 ", after:\n",
	       r->round.scalable ? "scalable" : "legacy", t->dev->memory);
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
	unsigned ends = t->ends ? t->ends(t->dev, &how) : 0;
	char text[TABLES_TEXT];

	for (unsigned i = 0; r->differs && i < r->round.ops; i++) {
		tables_op_text(&r->round.op[i], text);
		json_array_append_new(list, json_string(text));
	}
	json_object_set_new(o, "device", json_string(t->dev->name));
	json_object_set_new(o, "profile", json_string(t->profile));
	set(o, "seed", t->seed);
	json_object_set_new(o, "verdict", json_string(r->differs ? "different" : "no difference"));
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
		set(o, "memory", t->dev->memory);
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
	bool tell = isatty(STDERR_FILENO);
	enum vtd_profile profile;
	double start = now();
	int code = EXIT_UNUSABLE;

	if (!t->dev->dma) {
		fputs("qinval conform: the device has no dma() by which requests could be sent\n",
		      stderr);
	} else if (r && vtd_profile_find(t->profile, &profile) &&
		   tables_run(t->dev, profile, t->seed, t->requests, tell ? show_progress : NULL,
			      r)) {
		if (tell)
			fputs("\r\033[K", stderr);
		if (t->json)
			print_json(t, r, now() - start);
		else
			print_text(t, r, now() - start);
		code = r->differs ? EXIT_VIOLATION : EXIT_FINE;
	} else {
		fputs("qinval conform: the device cannot be reset, or out of memory\n", stderr);
	}
	free(r);
	return code;
}
