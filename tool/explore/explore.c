/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* explore.c - the subcommand: sets up a scenario, explores or replays it, reports the result. */
#include "tool/tool.h"

#include <errno.h>
#include <lab/crash.h>
#include <lab/engine.h>
#include <lab/explore.h>
#include <lab/load.h>
#include <lab/path.h>
#include <lab/setup.h>
#include <lab/space.h>
#include <lab/story.h>
#include <lab/walk.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "complain.h"
#include "counterexample.h"
#include "mpi.h"
#include "object.h"
#include "report.h"
#include "token.h"

static const char *why_not_explored(void)
{
	return errno == ENOMEM ? "256 GiB of addresses, not of memory, are needed; `ulimit -v` or "
				 "the sysctl vm.overcommit_memory forbid it"
			       : strerror(errno);
}

/* Returns NULL, or why it cannot be explored. */
static const char *explore_all(const struct explore_arguments *a, const struct explored *e,
			       struct rank_result *r)
{
	char path[PATH_MAX];
	const struct told_arguments told = { .object = realpath(e->object->path, path),
					     .scenario = e->scenario->name,
					     .engine = e->asked.engine,
					     .disk = a->limits.disk ? a->limits.disk : "",
					     .slots = e->asked.slots,
					     .width = e->asked.width,
					     .laps = e->asked.laps,
					     .max_states = a->limits.max_states,
					     .max_bytes = a->max_bytes,
					     .seconds = a->limits.seconds,
					     .tso = a->tso,
					     .no_reduction = a->limits.no_reduction };

	*r = (struct rank_result){ 0 };
	told_base = e->object->base;
	if (a->mpi.ranks)
		return mpi_explore(&a->mpi, &told, &a->limits, r);
	if (a->walks ? !walk_search(a->walks, a->seed, &a->limits, &r->all, &r->run)
		     : !explore(&a->limits, &r->all))
		return why_not_explored();
	return NULL;
}

static int run(const struct explore_arguments *a, const struct explored *e)
{
	static const int codes[] = { EXIT_FINE, EXIT_VIOLATION, EXIT_INCONCLUSIVE };
	const struct lab_scenario *s = e->scenario;
	struct rank_result found;
	struct explore_result *r = &found.all;
	struct story story = { 0 };
	const char *why;
	char *token = NULL;
	int code;

	if (a->limits.disk && !space_use_directory(a->limits.disk))
		return explore_no_disk(a->limits.disk);
	why = explore_all(a, e, &found);
	if (why)
		return explore_unusable(s->name, why);
	if (r->unseen)
		return explore_unseen(s->name, r);
	code = codes[r->verdict];
	if (r->verdict == VIOLATED) {
		if (!found.run.n && !path_find(r, &found.run))
			return explore_unusable(s->name, "the counterexample cannot be made again");
		if (!a->walks)
			counterexample_shorten(a, r, &found.run);
		token = token_of(a, &e->asked, &found.run);
		if (!token)
			return explore_unusable(s->name, strerror(errno));
		if (counterexample_show(a, e, &found.run, r, token, &story))
			code = EXIT_UNUSABLE;
		if (!a->json)
			putchar('\n');
	}
	if (a->json)
		explore_report_json(e, &found, token, r->verdict == VIOLATED ? &story : NULL);
	else
		explore_report(e, &found, token);
	if (a->html && r->verdict != VIOLATED)
		explore_unusable(a->html, "not written, as there is no counterexample");
	story_free(&story);
	free(token);
	free(found.run.step);
	return explore_flushed(code);
}

static int replay(const struct explore_arguments *a, const struct explored *e, const char *steps)
{
	struct script_run run;
	const char *why = script_parse(steps, &run);
	struct story story;
	int code;

	if (why) {
		free(run.step);
		return explore_unusable("--replay", why);
	}
	crash_expect();
	code = counterexample_show(a, e, &run, NULL, a->token, &story);
	if (!code && a->json)
		explore_replay_json(e, a->token, &story);
	story_free(&story);
	free(run.step);
	return code ? code : explore_flushed(EXIT_VIOLATION);
}

static int list(const struct explore_arguments *a, const struct loaded *object)
{
	if (a->json)
		explore_list_json(object);
	else
		explore_list(stdout, object);
	return explore_flushed(EXIT_FINE);
}

/* Set up what the options ask for. Returns an exit code; 0: continue. */
static int set_up(struct explore_arguments *a, struct explored *e)
{
	const struct loaded *object = e->object;
	const char *why;

	if (!memory_map(object->variables, object->nvariables))
		return explore_no_variables(a->name);
	if (!a->engine)
		a->engine = object->engines ? "ticketed" : "own";
	if (object->engines && !explore_has_engine(object, a->engine))
		return explore_unusable(a->engine, "no such engine; --list describes them");
	if (!a->slots)
		a->slots = e->scenario->slots ? e->scenario->slots : 4;
	e->asked = (struct lab_params){ a->engine, a->slots, a->width, a->laps };
	machine.tso = a->tso;
	if (object->assembly)
		explore_warn_of_assembly(a->name, object->assembly);
	why = setup_scenario(e->scenario, &e->asked);
	if (why)
		return explore_unusable(e->scenario->name, why);
	explore_look(e);
	return 0;
}

int explore_main(int argc, char **argv)
{
	struct explore_arguments a;
	struct loaded object;
	struct explored e = { .object = &object };
	const char *steps = NULL;
	int code;

	if (!explore_arguments(argc, argv, &a))
		return EXIT_UNUSABLE;
	if (a.token) {
		steps = token_take(&a);
		if (!steps)
			return EXIT_UNUSABLE;
	}
	if (!a.name && !a.list)
		return explore_unusable("no scenario", "name one; --list describes them");
	e.scenario = explore_open(&a, &object);
	if (!e.scenario)
		return EXIT_UNUSABLE;
	if (a.list)
		return list(&a, &object);
	code = set_up(&a, &e);
	if (!code)
		code = steps ? replay(&a, &e, steps) : run(&a, &e);
	free(a.copy);
	return code;
}
