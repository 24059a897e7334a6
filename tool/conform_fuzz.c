/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "conform_fuzz.h"
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
	fprintf(stderr, "\r%" PRIu64 " descriptors ", done);
}

/* ---- Text ---- */

static void print_stream(const struct fuzz_stream *s)
{
	char text[FUZZ_TEXT];

	for (unsigned i = 0; i < s->ops; i++) {
		fuzz_op_text(&s->op[i], text);
		printf("    %s\n", text);
	}
}

static void print_text(const struct conform_fuzz *f, const struct fuzz_result *r, double seconds)
{
	const char *how = NULL;
	unsigned ends = f->ends ? f->ends(f->dev, &how) : 0;

	printf("%s against a model of %s, seed %" PRIu64 ": %" PRIu64 " descriptors in %" PRIu64
	       " streams, %" PRIu64 " looks, %.1f s\n",
	       f->dev->name, f->profile, f->seed, r->descriptors, r->streams, r->looks, seconds);
	printf("executed %" PRIu64 ", refused %" PRIu64 ", interrupts %" PRIu64 "\n", r->executed,
	       r->refused, r->messages);
	if (r->fatal)
		printf("%" PRIu64
		       " streams would end the unit, and were not played to the end, but for "
		       "these; the device has really ended:\n",
		       r->fatal);
	for (unsigned i = 0; i < r->nfatals; i++) {
		print_stream(&r->fatals[i]);
		putchar('\n');
	}
	conform_report_ends(ends, how);
	if (!r->differs) {
		puts("no difference");
		return;
	}
	puts("DIFFERENT after:");
	print_stream(&r->stream);
	printf("%s\n", r->difference);
}

/* ---- JSON ---- */

static json_t *stream_json(const struct fuzz_stream *s)
{
	json_t *list = json_array();
	char text[FUZZ_TEXT];

	for (unsigned i = 0; i < s->ops; i++) {
		fuzz_op_text(&s->op[i], text);
		json_array_append_new(list, json_string(text));
	}
	return list;
}

static void set(json_t *o, const char *key, uint64_t value)
{
	json_object_set_new(o, key, json_integer((json_int_t)value));
}

static void print_json(const struct conform_fuzz *f, const struct fuzz_result *r, double seconds)
{
	json_t *o = json_object(), *fatals = json_array();
	const char *how = NULL;
	unsigned ends = f->ends ? f->ends(f->dev, &how) : 0;

	for (unsigned i = 0; i < r->nfatals; i++)
		json_array_append_new(fatals, stream_json(&r->fatals[i]));
	json_object_set_new(o, "device", json_string(f->dev->name));
	json_object_set_new(o, "profile", json_string(f->profile));
	set(o, "seed", f->seed);
	json_object_set_new(o, "verdict", json_string(r->differs ? "different" : "no difference"));
	set(o, "descriptors", r->descriptors);
	set(o, "streams", r->streams);
	set(o, "looks", r->looks);
	set(o, "executed", r->executed);
	set(o, "refused", r->refused);
	set(o, "interrupts", r->messages);
	set(o, "fatal", r->fatal);
	json_object_set_new(o, "fatal_streams", fatals);
	set(o, "ends", ends);
	if (ends)
		json_object_set_new(o, "end", json_string(how));
	if (r->differs) {
		json_object_set_new(o, "difference", json_string(r->difference));
		json_object_set_new(o, "stream", stream_json(&r->stream));
	}
	json_object_set_new(o, "seconds", json_real(seconds));
	json_dumpf(o, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(o);
}

int conform_fuzz(const struct conform_fuzz *f)
{
	struct fuzz_result *r = calloc(1, sizeof(*r));
	bool tell = isatty(STDERR_FILENO);
	enum vtd_profile profile;
	double start = now();
	int code = EXIT_UNUSABLE;

	if (r && vtd_profile_find(f->profile, &profile) &&
	    fuzz_run(f->dev, profile, f->seed, f->descriptors, tell ? show_progress : NULL, r)) {
		if (tell)
			fputs("\r\033[K", stderr);
		if (f->json)
			print_json(f, r, now() - start);
		else
			print_text(f, r, now() - start);
		code = r->differs ? EXIT_VIOLATION : EXIT_FINE;
	} else {
		fputs("qinval conform: the device cannot be reset, or out of memory\n", stderr);
	}
	free(r);
	return code;
}
