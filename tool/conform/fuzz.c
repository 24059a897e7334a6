/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* fuzz.c - qinval conform --fuzz: random descriptors. */
#include "campaign.h"

#include <conform/fuzz.h>
#include <inttypes.h>
#include <stdio.h>

static bool run(const struct campaign *c, enum vtd_profile profile,
		bool (*go_on)(uint64_t done, uint64_t all), void *result)
{
	return fuzz_run(c->device->dev, profile, c->seed, c->n, go_on, result);
}

static struct campaign_end end(const void *result)
{
	const struct fuzz_result *r = result;

	return (struct campaign_end){ r->differs, r->stopped, r->difference };
}

static void print_stream(const struct fuzz_stream *s)
{
	char text[FUZZ_TEXT];

	for (unsigned i = 0; i < s->ops; i++) {
		fuzz_op_text(&s->op[i], text);
		printf("    %s\n", text);
	}
}

static void say(const struct campaign *c, const void *result, double seconds)
{
	const struct fuzz_result *r = result;

	printf("%s against a model of %s, seed %" PRIu64 ": %" PRIu64 " descriptors in %" PRIu64
	       " streams, %" PRIu64 " looks, %.1f s\n",
	       c->device->dev->name, c->profile, c->seed, r->descriptors, r->streams, r->looks,
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
}

static void say_way(const struct campaign *c, const void *result)
{
	const struct fuzz_result *r = result;

	(void)c;
	puts("DIFFERENT after:");
	print_stream(&r->stream);
}

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

static void add(json_t *o, const void *result)
{
	const struct fuzz_result *r = result;
	json_t *fatals = json_array();

	for (unsigned i = 0; i < r->nfatals; i++)
		json_array_append_new(fatals, stream_json(&r->fatals[i]));
	campaign_set(o, "descriptors", r->descriptors);
	campaign_set(o, "streams", r->streams);
	campaign_set(o, "looks", r->looks);
	campaign_set(o, "executed", r->executed);
	campaign_set(o, "refused", r->refused);
	campaign_set(o, "interrupts", r->messages);
	campaign_set(o, "fatal", r->fatal);
	json_object_set_new(o, "fatal_streams", fatals);
}

static void add_way(json_t *o, const struct campaign *c, const void *result)
{
	const struct fuzz_result *r = result;

	(void)c;
	json_object_set_new(o, "stream", stream_json(&r->stream));
}

const struct campaign_kind campaign_fuzz = {
	.result = sizeof(struct fuzz_result),
	.run = run,
	.end = end,
	.say = say,
	.say_way = say_way,
	.add = add,
	.add_way = add_way,
};
