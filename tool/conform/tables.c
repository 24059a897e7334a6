/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tables.c - qinval conform --translate: requests and interrupts of devices through random tables.
 */
#include "campaign.h"

#include <conform/tables.h>
#include <inttypes.h>
#include <stdio.h>

static bool run(const struct campaign *c, enum vtd_profile profile,
		bool (*go_on)(uint64_t done, uint64_t all), void *result)
{
	return tables_run(c->device->dev, profile, c->seed, c->n, go_on, result);
}

static struct campaign_end end(const void *result)
{
	const struct tables_result *r = result;

	return (struct campaign_end){ r->differs, r->stopped, r->difference };
}

static void say(const struct campaign *c, const void *result, double seconds)
{
	const struct tables_result *r = result;

	printf("%s against a model of %s, seed %" PRIu64 ": %" PRIu64 " requests and %" PRIu64
	       " interrupts through %" PRIu64 " sets of tables, %.1f s\n",
	       c->device->dev->name, c->profile, c->seed, r->requests, r->interrupts, r->rounds,
	       seconds);
	printf("%" PRIu64 " arrived, %" PRIu64 " faults, %" PRIu64 " messages; %" PRIu64
	       " left out, which would have led outside of the suite's memory\n",
	       r->arrived, r->faults, r->messages, r->skipped);
}

static void say_way(const struct campaign *c, const void *result)
{
	const struct tables_result *r = result;
	char text[TABLES_TEXT];

	printf("DIFFERENT in %s mode, memory at 0x%" PRIx64 ", after:\n",
	       r->round.scalable ? "scalable" : "legacy", c->device->dev->memory);
	for (unsigned i = 0; i < r->round.ops; i++) {
		tables_op_text(&r->round.op[i], text);
		printf("    %s\n", text);
	}
}

static void add(json_t *o, const void *result)
{
	const struct tables_result *r = result;

	campaign_set(o, "requests", r->requests);
	campaign_set(o, "interrupts", r->interrupts);
	campaign_set(o, "tables", r->rounds);
	campaign_set(o, "arrived", r->arrived);
	campaign_set(o, "faults", r->faults);
	campaign_set(o, "messages", r->messages);
	campaign_set(o, "left_out", r->skipped);
}

static void add_way(json_t *o, const struct campaign *c, const void *result)
{
	const struct tables_result *r = result;
	json_t *list = json_array();
	char text[TABLES_TEXT];

	for (unsigned i = 0; i < r->round.ops; i++) {
		tables_op_text(&r->round.op[i], text);
		json_array_append_new(list, json_string(text));
	}
	json_object_set_new(o, "scalable", json_boolean(r->round.scalable));
	campaign_set(o, "memory", c->device->dev->memory);
	json_object_set_new(o, "round", list);
}

const struct campaign_kind campaign_tables = {
	.result = sizeof(struct tables_result),
	.run = run,
	.end = end,
	.say = say,
	.say_way = say_way,
	.add = add,
	.add_way = add_way,
};
