/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "report.h"

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
	return r->last_seconds > 0 ? (double)r->states / r->last_seconds : 0;
}

/*
 * Code whose accesses may be split by the compiler: "mine.c:12 copy"; NULL: none. A verdict is not
 * the whole truth then.
 */
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
		printf("%" PRIu64 " schedules at random, which prove nothing; in %" PRIu64
		       " an actor had not returned when the schedule got too long.\n",
		       r->walks, r->unreturned);
}

void explore_sentence(const struct explore_result *r, char *text, size_t room)
{
	if (r->violations)
		snprintf(text, room, "%s", r->what);
	else
		snprintf(text, room, "Stuck for ever: from %" PRIu64 " states no schedule ends.",
			 r->doomed);
}

static void explain(const struct explore_result *r)
{
	char text[sizeof(r->what)];

	if (r->verdict == HOLDS)
		printf("From every state that can be reached all actors can still return, and no "
		       "check fails.\n");
	if (r->walks)
		explain_walks(r);
	else if (r->bound && !strcmp(r->bound, "interrupt"))
		printf("Interrupted, with %" PRIu64 " states still to be looked at.\n",
		       r->frontier);
	else if (r->bound && !strcmp(r->bound, "lost ranks"))
		printf("Not all ranks came to the end: see above. When they were last heard of, "
		       "%" PRIu64 " states were still to be looked at.\n",
		       r->frontier);
	else if (r->bound && !strcmp(r->bound, "lost messages"))
		printf("A message from one rank to another was lost, with %" PRIu64
		       " states still to be looked at.\n",
		       r->frontier);
	else if (r->bound)
		printf("The limit of %s was hit with %" PRIu64 " states still to be looked at.\n",
		       r->bound, r->frontier);
	if (r->bound && r->far)
		printf("If an actor counts the turns of a loop, each turn is a state of its own: "
		       "let it count to three in the lab, or wait without counting.\n");
	if (r->violations || r->doomed) {
		explore_sentence(r, text, sizeof(text));
		printf("%s\n", text);
	}
}

/* ---- what is explored ---- */

void explore_look(struct explored *e)
{
	e->slots = e->asked.slots;
	e->width = e->asked.width;
	if (!machine.nunits)
		e->slots = 0;
	else if (!story_ring_shape(0, &e->slots, &e->width) && machine.unit[0]->cfg.slots)
		e->slots = machine.unit[0]->cfg.slots;
	e->own_ring = e->slots && (e->slots != e->asked.slots || e->width != e->asked.width);
}

void explore_facts(const struct explored *e, char *text, size_t room)
{
	char ring[100] = "";

	if (e->slots)
		snprintf(ring, sizeof(ring), " %u slots, %u bits%s,", e->slots, e->width,
			 e->own_ring ? " (the scenario's own)" : "");
	snprintf(text, room, "engine %s,%s %s", e->asked.engine, ring, machine.tso ? "tso" : "sc");
}

/* ---- as text ---- */

static void count_walks(const struct explore_result *r)
{
	printf("%" PRIu64 " moves; %.3f s\n", r->transitions, r->seconds);
}

static void count_states(const struct explore_result *r)
{
	char starts[100] = "";

	if (r->restarts)
		snprintf(starts, sizeof(starts), " in all, %u starts, the last one %.3f s",
			 r->restarts + 1, r->last_seconds);
	printf("%" PRIu64 " states, %" PRIu64 " transitions, depth %u; %.3f s%s, %.0f states/s, "
	       "%.0f bytes each\n",
	       r->states, r->transitions, r->depth, r->seconds, starts, rate(r),
	       r->states ? (double)r->bytes / (double)r->states : 0);
}

static void count_messages(const struct rank_result *found)
{
	const double states = (double)found->all.states;

	printf("%u ranks; %" PRIu64 " messages, %.1f bytes a state sent; %" PRIu64
	       " times all waited for each other\n",
	       found->ranks, found->messages, states > 0 ? (double)found->bytes / states : 0,
	       found->waits);
}

void explore_report(const struct explored *e, const struct rank_result *found, const char *token)
{
	const struct explore_result *r = &found->all;
	char facts[256];

	explore_facts(e, facts, sizeof(facts));
	printf("%s, %s: %s\n", e->scenario->name, facts, verdict_name(r->verdict));
	explain(r);
	if (one_step())
		printf("A structure in shared memory is read or written in one step at %s; clang's "
		       "code "
		       "(CC=clang qinval cc) does it word by word.\n",
		       one_step());
	if (r->walks)
		count_walks(r);
	else
		count_states(r);
	if (found->ranks)
		count_messages(found);
	if (r->on_disk)
		printf("%" PRIu64 " MiB of memory, and %" PRIu64 " MiB on disk\n", r->bytes >> 20,
		       r->on_disk >> 20);
	if (token)
		printf("\nTo see this again, under gdb too:\n    qinval explore --replay %s\n",
		       token);
}

/* ---- as JSON ---- */

static void set(json_t *o, const char *key, uint64_t value)
{
	json_object_set_new(o, key, json_integer((json_int_t)value));
}

static json_t *text_or_null(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

static json_t *events_of(const struct story *s)
{
	static const char *const chapters[] = {
		[CHAPTER_STORY] = "story", [CHAPTER_DOOMED] = "doomed", [CHAPTER_SPIN] = "for ever"
	};
	json_t *list = json_array(), *o;
	unsigned i;

	for (i = 0; i < s->nevents; i++) {
		const struct story_event *e = &s->event[i];

		o = json_pack("{ss ss si ss}", "lane", story_lane(e->lane), "chapter",
			      chapters[e->chapter], "step", (int)e->step, "text", e->what);
		json_object_set_new(o, "file", text_or_null(e->place.file));
		json_object_set_new(o, "line",
				    e->place.file ? json_integer(e->place.line) : json_null());
		json_object_set_new(o, "function", text_or_null(e->place.function));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *words_of(const struct story *s, unsigned actor)
{
	json_t *list = json_array();
	unsigned i;

	for (i = 0; i < s->nwords; i++) {
		const struct story_word *w = &s->word[i];
		char writer[4 * STORY_TEXT];

		if (w->actor != actor || !story_word_matters(s, w))
			continue;
		story_word_writer(w, writer, sizeof(writer));
		json_array_append_new(list, json_pack("{ss ss sb so}", "text", w->what, "where",
						      w->where, "register", w->reg, "written",
						      text_or_null(w->reg ? NULL : writer)));
	}
	return list;
}

static json_t *stuck_of(const struct story *s)
{
	json_t *list = json_array(), *reads;
	unsigned i;

	for (i = 0; i < machine.nactors; i++) {
		reads = words_of(s, i);
		if (s->waits[i] || json_array_size(reads))
			json_array_append_new(list, json_pack("{ss so so}", "actor", story_lane(i),
							      "waits", text_or_null(s->waits[i]),
							      "reads", json_incref(reads)));
		json_decref(reads);
	}
	return list;
}

static json_t *object_of(const struct explored *e)
{
	json_t *o = json_object();

	json_object_set_new(o, "scenario", json_string(e->scenario->name));
	json_object_set_new(o, "engine", json_string(e->asked.engine));
	json_object_set_new(o, "memory", json_string(machine.tso ? "tso" : "sc"));
	json_object_set_new(o, "slots", e->slots ? json_integer(e->slots) : json_null());
	json_object_set_new(o, "width", e->slots ? json_integer(e->width) : json_null());
	json_object_set_new(o, "own_ring", json_boolean(e->own_ring));
	set(o, "laps", e->asked.laps);
	return o;
}

static void add_story(json_t *o, const char *token, const struct story *story)
{
	json_object_set_new(o, "replay", text_or_null(token));
	if (!story)
		return;
	json_object_set_new(o, "events", events_of(story));
	json_object_set_new(o, "stuck", stuck_of(story));
}

static void print_json(json_t *o)
{
	json_dumpf(o, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(o);
}

void explore_report_json(const struct explored *e, const struct rank_result *found,
			 const char *token, const struct story *story)
{
	const struct explore_result *r = &found->all;
	json_t *o = object_of(e);

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
	set(o, "restarts", r->restarts);
	json_object_set_new(o, "seconds", json_real(r->seconds));
	json_object_set_new(o, "last_seconds", json_real(r->last_seconds));
	json_object_set_new(o, "states_per_second", json_real(rate(r)));
	set(o, "bytes", r->bytes);
	set(o, "bytes_on_disk", r->on_disk);
	set(o, "scouted", r->scouts);
	set(o, "reduced", r->reduced);
	set(o, "in_vain", r->in_vain);
	if (found->ranks) {
		set(o, "ranks", found->ranks);
		set(o, "messages", found->messages);
		set(o, "bytes_sent", found->bytes);
		set(o, "synchronisations", found->waits);
		json_object_set_new(o, "busy_seconds", json_real(found->busy));
	}
	add_story(o, token, story);
	print_json(o);
}

void explore_replay_json(const struct explored *e, const char *token, const struct story *story)
{
	json_t *o = object_of(e);

	if (story->outcome == MOVE_VIOLATION)
		json_object_set_new(o, "violation", json_string(story->what));
	add_story(o, token, story);
	print_json(o);
}

/* ---- --list ---- */

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
	print_json(o);
}
