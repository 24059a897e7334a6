/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "explore_report.h"

#include <inttypes.h>
#include <jansson.h>
#include <lab/symbol.h>
#include <stdio.h>
#include <string.h>

static const char *verdict_name(enum verdict v)
{
	static const char *const names[] = { "holds", "violated", "inconclusive" };

	return names[v];
}

static double rate(const struct explore_result *r)
{
	return r->seconds > 0 ? (double)r->states / r->seconds : 0;
}

/* Where a verdict is not the whole truth: "mine.c:12 copy"; NULL: nowhere. */
static const char *one_step(void)
{
	static char text[256];
	struct symbol_place p = symbol_place(*lab_memory.wide);

	if (!*lab_memory.wide)
		return NULL;
	snprintf(text, sizeof(text), "%s:%d %s", p.file ? p.file : "?", p.line,
		 p.function ? p.function : "");
	return text;
}

static void explain_walks(const struct explore_result *r)
{
	if (r->verdict == VIOLATED)
		printf("Schedule %" PRIu64 " of those at random led to it.\n", r->walks);
	else
		printf("%" PRIu64 " schedules at random, which is no proof of anything; in %" PRIu64
		       " somebody had not returned when it got too long.\n",
		       r->walks, r->unreturned);
}

static void explain(const struct explore_result *r)
{
	if (r->verdict == HOLDS)
		printf("From every state that can be reached all actors can still return, and no "
		       "check fails.\n");
	if (r->walks)
		explain_walks(r);
	else if (r->bound && !strcmp(r->bound, "interrupt"))
		printf("Interrupted, with %" PRIu64 " states still to be looked at.\n",
		       r->frontier);
	else if (r->bound)
		printf("The limit of %s was hit with %" PRIu64 " states still to be looked at.\n",
		       r->bound, r->frontier);
	if (r->violations)
		printf("%s\n", r->what);
	else if (r->doomed)
		printf("Stuck for ever: from %" PRIu64 " states no schedule ends.\n", r->doomed);
}

void explore_report(const struct lab_scenario *s, const struct lab_params *p,
		    const struct explore_result *r, const char *token)
{
	printf("%s, engine %s, %u slots, %u bits, %s: %s\n", s->name, p->engine, p->slots, p->width,
	       machine.tso ? "tso" : "sc", verdict_name(r->verdict));
	explain(r);
	if (one_step())
		printf("A structure in shared memory is read or written in one step at %s; clang's "
		       "code "
		       "(CC=clang qinval cc) does it word by word.\n",
		       one_step());
	if (r->walks)
		printf("%" PRIu64 " moves; %.3f s\n", r->transitions, r->seconds);
	else
		printf("%" PRIu64 " states, %" PRIu64
		       " transitions, depth %u; %.3f s, %.0f states/s, "
		       "%.0f bytes each\n",
		       r->states, r->transitions, r->depth, r->seconds, rate(r),
		       r->states ? (double)r->bytes / (double)r->states : 0);
	if (token)
		printf("\nTo see this again, under gdb too:\n    qinval explore --replay %s\n",
		       token);
}

static void set(json_t *o, const char *key, uint64_t value)
{
	json_object_set_new(o, key, json_integer((json_int_t)value));
}

void explore_report_json(const struct lab_scenario *s, const struct lab_params *p,
			 const struct explore_result *r, const char *token)
{
	json_t *o = json_object();

	json_object_set_new(o, "scenario", json_string(s->name));
	json_object_set_new(o, "engine", json_string(p->engine));
	json_object_set_new(o, "memory", json_string(machine.tso ? "tso" : "sc"));
	set(o, "slots", p->slots);
	set(o, "width", p->width);
	set(o, "laps", p->laps);
	set(o, "states", r->states);
	set(o, "transitions", r->transitions);
	set(o, "doomed", r->doomed);
	set(o, "violations", r->violations);
	json_object_set_new(o, "verdict", json_string(verdict_name(r->verdict)));
	if (r->violations)
		json_object_set_new(o, "violation", json_string(r->what));
	if (r->bound)
		json_object_set_new(o, "bound", json_string(r->bound));
	if (one_step())
		json_object_set_new(o, "one_step", json_string(one_step()));
	set(o, "frontier", r->frontier);
	set(o, "depth", r->depth);
	if (r->walks) {
		set(o, "walks", r->walks);
		set(o, "unreturned", r->unreturned);
	}
	json_object_set_new(o, "seconds", json_real(r->seconds));
	json_object_set_new(o, "states_per_second", json_real(rate(r)));
	set(o, "bytes", r->bytes);
	json_object_set_new(o, "replay", token ? json_string(token) : json_null());
	json_dumpf(o, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(o);
}

/* ---- what there is ---- */

void explore_list(FILE *to, const struct loaded *object)
{
	const struct lab_scenario *s;
	const struct engine *e;

	for (s = object->scenarios; s->name; s++)
		fprintf(to, "  %-24s %s\n", s->name, s->summary);
	if (object->engines)
		fprintf(to, "\nEngines:\n");
	for (e = object->engines; e && e->name; e++)
		fprintf(to, "  %-24s %s\n", e->name, e->summary);
}

static void add(json_t *list, const char *name, const char *summary)
{
	json_array_append_new(list, json_pack("{ss ss*}", "name", name, "summary", summary));
}

void explore_list_json(const struct loaded *object)
{
	json_t *scenarios = json_array(), *drivers = json_array(), *o;
	const struct lab_scenario *s;
	const struct engine *e;

	for (s = object->scenarios; s->name; s++)
		add(scenarios, s->name, s->summary);
	for (e = object->engines; e && e->name; e++)
		add(drivers, e->name, e->summary);
	o = json_pack("{so so}", "scenarios", scenarios, "engines", drivers);
	json_dumpf(o, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(o);
}
