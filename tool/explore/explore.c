/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* explore.c - the subcommand: options, which scenario, how the verdict is said. */
#include "tool/tool.h"

#include <argp.h>
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <lab/crash.h>
#include <lab/engine.h>
#include <lab/explore.h>
#include <lab/load.h>
#include <lab/setup.h>
#include <lab/space.h>
#include <lab/story.h>
#include <lab/symbol.h>
#include <lab/walk.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "mpi.h"
#include "report.h"
#include "tool/option.h"
#include "tool/progress.h"
#include "install/own.h"

#define LARGE_VARIABLES                                                                       \
	"its variables take more than the 64 KiB that there are for them; take large memory " \
	"from lab_alloc()"
static_assert(LAB_VARIABLES == 64 * 1024, "says LARGE_VARIABLES");

struct arguments {
	const char *name;
	const char *engine;
	const char *html;
	const char *token;
	char *copy; /* of it, cut into pieces */
	unsigned slots, width;
	uint64_t laps;
	bool tso, json, list;
	struct mpi_job mpi; /* ranks 0: this process, with workers */
	uint64_t walks, seed;
	uint64_t max_bytes; /* as asked for; 0: half of a machine's */
	struct explore_limits limits;
};

enum {
	OPT_DISK = 256,
	OPT_ENGINE,
	OPT_HOSTS,
	OPT_HTML,
	OPT_JSON,
	OPT_LAPS,
	OPT_LIST,
	OPT_MAX_MEMORY,
	OPT_MAX_STATES,
	OPT_MEMORY,
	OPT_MPI,
	OPT_NO_REDUCTION,
	OPT_REPLAY,
	OPT_SEED,
	OPT_SLOTS,
	OPT_TIME,
	OPT_WALK,
	OPT_WIDTH,
	OPT_WORKERS,
};

static const struct argp_option options[] = {
	{ "list", OPT_LIST, NULL, 0, "describe every scenario and engine", 0 },
	{ "engine", OPT_ENGINE, "NAME", 0, "the driver to try (ticketed)", 0 },
	{ "slots", OPT_SLOTS, "N", 0, "slots of the ring: 4, 8 or 16 (the scenario's)", 0 },
	{ "laps", OPT_LAPS, "N", 0, "how often the ring has been round before (0)", 0 },
	{ "memory", OPT_MEMORY, "MODEL", 0,
	  "sc: sequentially consistent; tso: x86, with store buffers (sc)", 0 },
	{ "width", OPT_WIDTH, "BITS", 0, "descriptors of 128 or 256 bits (128)", 0 },
	{ "max-states", OPT_MAX_STATES, "N", 0, "give up after so many (0: no limit)", 0 },
	{ "max-memory", OPT_MAX_MEMORY, "GIB", 0, "give up after so much (half the machine's)", 0 },
	{ "disk", OPT_DISK, "DIR", 0,
	  "keep what is seldom looked at in unnamed files there, not in memory", 0 },
	{ "time", OPT_TIME, "S", 0, "give up after so many seconds (0: no limit)", 0 },
	{ "no-reduction", OPT_NO_REDUCTION, NULL, 0,
	  "make every move of every state: many times the states, the same answer", 0 },
	{ "walk", OPT_WALK, "N", 0, "try N random schedules instead of all", 0 },
	{ "seed", OPT_SEED, "N", 0, "of the random schedules (1)", 0 },
	{ "workers", OPT_WORKERS, "N", 0, "processes (one for each CPU)", 0 },
	{ "mpi", OPT_MPI, "N", 0,
	  "N processes that share no memory, on this machine, Slurm's, or those of --hosts", 0 },
	{ "hosts", OPT_HOSTS, "FILE", 0, "of --mpi: lines as in \"node1 slots=8\"", 0 },
	{ "html", OPT_HTML, "FILE", 0, "write the counterexample there, as one page", 0 },
	{ "replay", OPT_REPLAY, "TOKEN", 0, "show the counterexample of this token again", 0 },
	{ "json", OPT_JSON, NULL, 0, "print one JSON object instead of the report", 0 },
	{ 0 }
};

static unsigned one_of(struct argp_state *state, const char *name, const char *text,
		       const unsigned *values, const char *what)
{
	uint64_t n = option_number(state, name, text, 0, UINT32_MAX);

	for (; *values; values++) {
		if (n == *values)
			return *values;
	}
	argp_failure(state, EXIT_UNUSABLE, 0, "--%s %s: expected %s", name, text, what);
	return 0;
}

static error_t parse_limit(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case OPT_MAX_STATES:
		a->limits.max_states = option_number(state, "max-states", text, 0, UINT32_MAX);
		break;
	case OPT_MAX_MEMORY:
		a->limits.max_bytes = option_number(state, "max-memory", text, 0, 1 << 20) << 30;
		break;
	case OPT_DISK:
		a->limits.disk = text;
		break;
	case OPT_TIME:
		a->limits.seconds = (double)option_number(state, "time", text, 0, UINT32_MAX);
		break;
	case OPT_NO_REDUCTION:
		a->limits.no_reduction = true;
		break;
	case OPT_WALK:
		a->walks = option_number(state, "walk", text, 0, UINT64_MAX);
		break;
	case OPT_SEED:
		a->seed = option_number(state, "seed", text, 0, UINT64_MAX);
		break;
	case OPT_MPI:
		a->mpi.ranks = (unsigned)option_number(state, "mpi", text, 1, 65536);
		break;
	case OPT_HOSTS:
		a->mpi.hosts = text;
		break;
	case OPT_WORKERS:
		a->limits.workers = (unsigned)option_number(state, "workers", text, 0, 64);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case OPT_LIST:
		a->list = true;
		break;
	case OPT_ENGINE:
		a->engine = text;
		break;
	case OPT_SLOTS:
		a->slots = one_of(state, "slots", text, (const unsigned[]){ 4, 8, 16, 0 },
				  "4, 8 or 16");
		break;
	case OPT_MEMORY:
		if (strcmp(text, "sc") && strcmp(text, "tso"))
			argp_failure(state, EXIT_UNUSABLE, 0, "--memory %s: expected sc or tso",
				     text);
		a->tso = !strcmp(text, "tso");
		break;
	case OPT_WIDTH:
		a->width = one_of(state, "width", text, (const unsigned[]){ 128, 256, 0 },
				  "128 or 256");
		break;
	case OPT_LAPS:
		a->laps = option_number(state, "laps", text, 0, UINT64_MAX >> 16);
		break;
	case OPT_HTML:
		a->html = text;
		break;
	case OPT_REPLAY:
		a->token = text;
		break;
	case OPT_JSON:
		a->json = true;
		break;
	case ARGP_KEY_ARG:
		if (a->name)
			argp_failure(state, EXIT_UNUSABLE, 0, "%s: one scenario at a time", text);
		a->name = text;
		break;
	default:
		return parse_limit(key, text, state);
	}
	return 0;
}

const struct argp explore_argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "SCENARIO",
	.doc = "Run a scenario through every interleaving of its actors and the hardware, and say "
	       "whether one of them fails a check or gets stuck for ever.\v"
	       "SCENARIO is a name from --list, or a shared object of your own, as in "
	       "./mine.so or ./mine.so:NAME; see qinval-explore(1).\n\n"
	       "Moves that make no difference are left out, without loss: each state that is kept "
	       "is stuck for ever if and only if it is with all of them. To see that for a driver "
	       "or scenario of your own, compare with --no-reduction where that ends.\n\n"
	       "Most scenarios take seconds, some hours: --time, or ctrl-C, ends one with what has "
	       "been seen until then.\n\n"
	       "Exit status: 0 it holds in every interleaving, 1 bad usage, 2 violated, "
	       "3 inconclusive: a bound was hit.",
};

static bool is_path(const char *name)
{
	return strchr(name, '/') || strstr(name, ".so");
}

/* Split "./mine.so:NAME"; *scenario NULL: there is only one. */
static const char *object_of(char *name, const char **scenario)
{
	char *colon;

	if (!is_path(name)) {
		*scenario = name;
		return own_scenarios();
	}
	colon = strrchr(name, ':');
	*scenario = colon ? colon + 1 : NULL;
	if (colon)
		*colon = 0;
	return name;
}

static const struct lab_scenario *find(const struct loaded *object, const char *name)
{
	const struct lab_scenario *s = object->scenarios;

	if (!name)
		return s->name && !s[1].name ? s : NULL;
	while (s->name && strcmp(s->name, name))
		s++;
	return s->name ? s : NULL;
}

static bool is_engine(const struct loaded *object, const char *name)
{
	const struct engine *e = object->engines;

	while (e->name && strcmp(e->name, name))
		e++;
	return e->name;
}

static int unusable(const char *name, const char *why)
{
	fprintf(stderr, "qinval explore: %s: %s\n", name, why);
	return EXIT_UNUSABLE;
}

static uint64_t half_of_memory(void)
{
	return (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) / 2;
}

static void set_defaults(struct arguments *a)
{
	a->max_bytes = a->limits.max_bytes;
	if (!a->limits.max_bytes)
		a->limits.max_bytes = half_of_memory();
	if (!a->limits.workers)
		a->limits.workers = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	a->limits.progress = isatty(STDERR_FILENO);
	a->limits.interrupt = progress_interrupt();
}

static unsigned columns(void)
{
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return 130;
}

/* The steps of a token, behind what says what they are steps of: see SPEC.md. */
static char *token_of(const struct arguments *a, const struct lab_params *p,
		      const struct script_run *run)
{
	char *text;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return NULL;
	fprintf(to, "%s,%s,%u", a->name, p->engine, p->slots);
	if (p->laps)
		fprintf(to, "@%" PRIu64, p->laps);
	fprintf(to, ",%u,%s,", p->width, machine.tso ? "tso" : "sc");
	script_print(run, to);
	return fclose(to) ? NULL : text;
}

static const char *why_not_explored(void)
{
	return errno == ENOMEM ? "256 GiB of addresses, not of memory, are needed; `ulimit -v` or "
				 "the sysctl vm.overcommit_memory forbid it"
			       : strerror(errno);
}

static int write_page(const struct arguments *a, const struct story *story,
		      const struct story_facts *facts)
{
	FILE *page = fopen(a->html, "w");

	if (page)
		story_print_html(story, facts, page);
	return !page || fclose(page) ? unusable(a->html, strerror(errno)) : 0;
}

/* @r: NULL in a replay. */
static int show_story(const struct arguments *a, const struct explored *e,
		      const struct script_run *run, const struct explore_result *r,
		      const char *token, struct story *story)
{
	struct story_facts facts = { .title = a->name, .token = token, .root = own_source() };
	char text[256], verdict[sizeof(r->what)] = "", states[100] = "";

	story_tell(run, story);
	if (story->outcome == MOVE_NOTHING)
		return unusable("--replay", "the token is of another build, or damaged");
	if (!a->json)
		story_print_text(story, columns(), stdout);
	if (!a->html)
		return 0;
	explore_facts(e, text, sizeof(text));
	if (r) {
		explore_sentence(r, verdict, sizeof(verdict));
		snprintf(states, sizeof(states),
			 r->walks ? "schedule %" PRIu64 " of random ones" : "%" PRIu64 " states",
			 r->walks ? r->walks : r->states);
	}
	facts.facts = text;
	facts.verdict = verdict;
	facts.states = states;
	return write_page(a, story, &facts);
}

static int flushed(int code)
{
	if (fflush(stdout) || ferror(stdout))
		return unusable("standard output", strerror(errno));
	return code;
}

static int complain_of_unseen(const char *scenario, const struct explore_result *r)
{
	const struct named *named = setup_name_of(r->unseen);
	char name[128], why[512];

	if (!named && !symbol_variable(r->unseen, name, sizeof(name)))
		snprintf(name, sizeof(name), "memory at %#" PRIxPTR, r->unseen);
	snprintf(why, sizeof(why),
		 "%s changes %s without the lab's seeing it: assembly, or code that was compiled "
		 "without -fsanitize=thread? Nothing can be said. Write __atomic_...() in place of "
		 "the assembly, and compile all of it with qinval cc",
		 r->unseen_by < machine.nactors ? machine.info[r->unseen_by].name : "the unit",
		 named ? named->name : name);
	return unusable(scenario, why);
}

static int complain_of_disk(const char *directory)
{
	return unusable(directory, errno == EOPNOTSUPP
					   ? "its file system has no files without a name, which "
					     "--disk needs"
					   : strerror(errno));
}

/* What ranks have found only begins with a state from which no schedule ends: how that goes on. */
static void go_on_to_the_end(const struct explore_limits *l, struct script_run *run)
{
	const struct explore_limits alone = { .max_bytes = l->max_bytes,
					      .workers = 1,
					      .no_reduction = l->no_reduction,
					      .progress = l->progress,
					      .interrupt = l->interrupt };
	const struct script_run way = *run;
	struct explore_result found;

	if (explore_from(&way, &alone, &found) && found.verdict == VIOLATED)
		script_find(&found, run);
}

/* The counterexample: that of one process where it is near. */
static void shorten(const struct arguments *a, struct explore_result *r, struct script_run *run)
{
	struct explore_limits near = a->limits;

	/* Ranks number states in no order that one process would. */
	near.no_reduction &= !a->mpi.ranks;
	if (!script_shorten(&near, r, run) && a->mpi.ranks && r->stuck)
		go_on_to_the_end(&a->limits, run);
}

/* NULL, or why it cannot be explored. */
static const char *explore_all(const struct arguments *a, const struct explored *e,
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

static int run(const struct arguments *a, const struct explored *e)
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
		return complain_of_disk(a->limits.disk);
	why = explore_all(a, e, &found);
	if (why)
		return unusable(s->name, why);
	if (r->unseen)
		return complain_of_unseen(s->name, r);
	code = codes[r->verdict];
	if (r->verdict == VIOLATED) {
		if (!found.run.n && !script_find(r, &found.run))
			return unusable(s->name, "the counterexample cannot be made again");
		if (!a->walks)
			shorten(a, r, &found.run);
		token = token_of(a, &e->asked, &found.run);
		if (!token)
			return unusable(s->name, strerror(errno));
		if (show_story(a, e, &found.run, r, token, &story))
			code = EXIT_UNUSABLE;
		if (!a->json)
			putchar('\n');
	}
	if (a->json)
		explore_report_json(e, &found, token, r->verdict == VIOLATED ? &story : NULL);
	else
		explore_report(e, &found, token);
	if (a->html && r->verdict != VIOLATED)
		unusable(a->html, "not written, as there is no counterexample");
	story_free(&story);
	free(token);
	free(found.run.step);
	return flushed(code);
}

static int replay(const struct arguments *a, const struct explored *e, const char *steps)
{
	struct script_run run;
	const char *why = script_parse(steps, &run);
	struct story story;
	int code;

	if (why) {
		free(run.step);
		return unusable("--replay", why);
	}
	crash_expect();
	code = show_story(a, e, &run, NULL, a->token, &story);
	if (!code && a->json)
		explore_replay_json(e, a->token, &story);
	story_free(&story);
	free(run.step);
	return code ? code : flushed(EXIT_VIOLATION);
}

/* "seed,linux-2023,4,128,sc,STEPS", as if its parts had been options. NULL: it is none. */
static const char *take_token(struct arguments *a)
{
	char *part[5], *rest = a->copy, *end;
	unsigned i;

	for (i = 0; i < 5; i++) {
		part[i] = strsep(&rest, ",");
		if (!rest)
			return NULL;
	}
	a->name = part[0];
	a->engine = part[1];
	a->slots = (unsigned)strtoul(part[2], &end, 10);
	a->laps = *end == '@' ? strtoull(end + 1, &end, 10) : 0;
	a->width = (unsigned)strtoul(part[3], NULL, 10);
	a->tso = !strcmp(part[4], "tso");
	if (*end || (a->slots != 4 && a->slots != 8 && a->slots != 16) ||
	    (a->width != 128 && a->width != 256) || (!a->tso && strcmp(part[4], "sc")))
		return NULL;
	return rest;
}

static const struct lab_scenario *find_or_complain(const struct arguments *a, struct loaded *object)
{
	const struct lab_scenario *s;
	static char name[PATH_MAX + 256]; /* `object` keeps a pointer to it */
	const char *scenario, *path, *why;

	/* In the present directory, not where libraries are. */
	snprintf(name, sizeof(name), "%s%s",
		 a->name && is_path(a->name) && !strchr(a->name, '/') ? "./" : "",
		 a->name ? a->name : "");
	path = object_of(name, &scenario);
	why = load_object(path, object);
	if (why) {
		unusable(path, why);
		return NULL;
	}
	s = a->list ? object->scenarios : find(object, scenario);
	if (s)
		return s;
	unusable(a->name, scenario ? "no such scenario; there are" : "say which, as in FILE:NAME");
	explore_list(stderr, object);
	return NULL;
}

/* What a token says, options need not. */
static const char *why_no_replay(struct arguments *a, const char **steps)
{
	if (a->name || a->engine)
		return "the token says which scenario, engine and memory";
	a->copy = strdup(a->token);
	*steps = a->copy ? take_token(a) : NULL;
	return *steps ? NULL : "that is no token of qinval explore";
}

static const char *why_not_mpi(const struct arguments *a)
{
	if (a->mpi.hosts && !a->mpi.ranks)
		return "say how many processes there are to be on --hosts";
	if (a->mpi.ranks && (a->walks || a->token || a->limits.workers))
		return "not with --walk, --replay or --workers, which are for one machine";
	return NULL;
}

static void warn_of_assembly(const char *name, const uint8_t *at)
{
	struct symbol_place p = symbol_place((uintptr_t)at + 1);

	fprintf(stderr,
		"qinval explore: %s: at %s:%d there is a fence or a locked instruction in "
		"assembly, "
		"which the lab does not see, so that it may say what is not so; write "
		"__atomic_thread_fence(__ATOMIC_SEQ_CST), __atomic_fetch_add() and so on\n",
		name, p.file ? p.file : "?", p.line);
}

int explore_main(int argc, char **argv)
{
	struct arguments a = { .width = 128, .seed = 1 };
	struct explored e = { 0 };
	struct loaded object;
	const char *steps = NULL, *why;
	int code;

	argp_parse(&explore_argp, argc, argv, 0, NULL, &a);
	why = why_not_mpi(&a);
	if (why)
		return unusable("--mpi", why);
	set_defaults(&a);
	why = a.token ? why_no_replay(&a, &steps) : NULL;
	if (why)
		return unusable("--replay", why);
	if (!a.name && !a.list)
		return unusable("no scenario", "name one; --list describes them");
	e.scenario = find_or_complain(&a, &object);
	if (!e.scenario)
		return EXIT_UNUSABLE;
	if (a.list) {
		if (a.json)
			explore_list_json(&object);
		else
			explore_list(stdout, &object);
		return flushed(EXIT_FINE);
	}
	if (!memory_map(object.variables, object.nvariables))
		return unusable(a.name, errno == E2BIG ? LARGE_VARIABLES : strerror(errno));
	if (!a.engine)
		a.engine = object.engines ? "ticketed" : "own";
	if (object.engines && !is_engine(&object, a.engine))
		return unusable(a.engine, "no such engine; --list describes them");
	e.asked = (struct lab_params){ a.engine,
				       a.slots		   ? a.slots
				       : e.scenario->slots ? e.scenario->slots
							   : 4,
				       a.width, a.laps };
	machine.tso = a.tso;
	if (object.assembly)
		warn_of_assembly(a.name, object.assembly);
	why = setup_scenario(e.scenario, &e.asked);
	if (why)
		return unusable(e.scenario->name, why);
	explore_look(&e);
	e.object = &object;
	code = steps ? replay(&a, &e, steps) : run(&a, &e);
	free(a.copy);
	return code;
}
