/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "fuzz.h"
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
	unsigned ends = conform_ends(f->device, &how);

	printf("%s against a model of %s, seed %" PRIu64 ": %" PRIu64 " descriptors in %" PRIu64
	       " streams, %" PRIu64 " looks, %.1f s\n",
	       f->device->dev->name, f->profile, f->seed, r->descriptors, r->streams, r->looks,
	       seconds);
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
		puts(r->stopped ? "no difference so far: interrupted" : "no difference");
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

static const char *verdict(const struct fuzz_result *r)
{
	if (r->differs)
		return "different";
	return r->stopped ? "interrupted" : "no difference";
}

static void print_json(const struct conform_fuzz *f, const struct fuzz_result *r, double seconds)
{
	json_t *o = json_object(), *fatals = json_array();
	const char *how = NULL;
	unsigned ends = conform_ends(f->device, &how);

	for (unsigned i = 0; i < r->nfatals; i++)
		json_array_append_new(fatals, stream_json(&r->fatals[i]));
	json_object_set_new(o, "device", json_string(f->device->dev->name));
	json_object_set_new(o, "profile", json_string(f->profile));
	set(o, "seed", f->seed);
	json_object_set_new(o, "verdict", json_string(verdict(r)));
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
	const struct device *d = f->device;
	enum vtd_profile profile;
	int code = EXIT_UNUSABLE;
	bool ok;

	interrupt = progress_interrupt();
	progress_begin(&progress);
	ok = r && vtd_profile_find(f->profile, &profile) &&
	     fuzz_run(d->dev, profile, f->seed, f->descriptors, go_on, r);
	progress_clear(&progress);
	if (!ok || conform_failure(d)) {
		conform_say_failure(d);
	} else {
		if (f->json)
			print_json(f, r, progress_seconds(&progress));
		else
			print_text(f, r, progress_seconds(&progress));
		code = r->differs ? EXIT_VIOLATION : r->stopped ? EXIT_INCONCLUSIVE : EXIT_FINE;
	}
	free(r);
	return code;
}
