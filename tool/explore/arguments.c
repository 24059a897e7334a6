/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "arguments.h"

#include <argp.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "tool/option.h"
#include "tool/progress.h"
#include "tool/tool.h"

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
	{ "max-states", OPT_MAX_STATES, "N", 0, "stop after N states (0: no limit)", 0 },
	{ "max-memory", OPT_MAX_MEMORY, "GIB", 0, "stop at GIB of memory (half the machine's)", 0 },
	{ "disk", OPT_DISK, "DIR", 0,
	  "keep what is rarely read in unnamed files in DIR, not in memory", 0 },
	{ "time", OPT_TIME, "S", 0, "stop after S seconds (0: no limit)", 0 },
	{ "no-reduction", OPT_NO_REDUCTION, NULL, 0,
	  "make every move of every state: many times the states, the same answer", 0 },
	{ "walk", OPT_WALK, "N", 0, "try N random schedules instead of all", 0 },
	{ "seed", OPT_SEED, "N", 0, "seed of the random schedules (1)", 0 },
	{ "workers", OPT_WORKERS, "N", 0, "processes (one for each CPU)", 0 },
	{ "mpi", OPT_MPI, "N", 0,
	  "N processes that share no memory, on this machine, Slurm's, or those of --hosts", 0 },
	{ "hosts", OPT_HOSTS, "FILE", 0, "hosts for --mpi: lines as in \"node1 slots=8\"", 0 },
	{ "html", OPT_HTML, "FILE", 0, "write the counterexample there, as one page", 0 },
	{ "replay", OPT_REPLAY, "TOKEN", 0, "show the counterexample of this token again", 0 },
	{ "json", OPT_JSON, NULL, 0, "print one JSON object instead of the report", 0 },
	{ 0 }
};

static const struct option_place places[] = {
	{ OPT_DISK, OPTION_TEXT, offsetof(struct explore_arguments, limits.disk), 0, 0 },
	{ OPT_ENGINE, OPTION_TEXT, offsetof(struct explore_arguments, engine), 0, 0 },
	{ OPT_HOSTS, OPTION_TEXT, offsetof(struct explore_arguments, mpi.hosts), 0, 0 },
	{ OPT_HTML, OPTION_TEXT, offsetof(struct explore_arguments, html), 0, 0 },
	{ OPT_JSON, OPTION_FLAG, offsetof(struct explore_arguments, json), 0, 0 },
	{ OPT_LAPS, OPTION_NUMBER, offsetof(struct explore_arguments, laps), 0, UINT64_MAX >> 16 },
	{ OPT_LIST, OPTION_FLAG, offsetof(struct explore_arguments, list), 0, 0 },
	{ OPT_MAX_STATES, OPTION_NUMBER, offsetof(struct explore_arguments, limits.max_states), 0,
	  UINT32_MAX },
	{ OPT_MPI, OPTION_UNSIGNED, offsetof(struct explore_arguments, mpi.ranks), 1, 65536 },
	{ OPT_NO_REDUCTION, OPTION_FLAG, offsetof(struct explore_arguments, limits.no_reduction), 0,
	  0 },
	{ OPT_REPLAY, OPTION_TEXT, offsetof(struct explore_arguments, token), 0, 0 },
	{ OPT_SEED, OPTION_NUMBER, offsetof(struct explore_arguments, seed), 0, UINT64_MAX },
	{ OPT_WALK, OPTION_NUMBER, offsetof(struct explore_arguments, walks), 0, UINT64_MAX },
	{ OPT_WORKERS, OPTION_UNSIGNED, offsetof(struct explore_arguments, limits.workers), 0, 64 },
	{ 0 }
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct explore_arguments *a = state->input;

	switch (key) {
	case OPT_SLOTS:
		a->slots = option_one_of(state, "slots", text, (const unsigned[]){ 4, 8, 16, 0 },
					 "4, 8 or 16");
		break;
	case OPT_WIDTH:
		a->width = option_width(state, text);
		break;
	case OPT_MEMORY:
		if (strcmp(text, "sc") && strcmp(text, "tso"))
			argp_failure(state, EXIT_UNUSABLE, 0, "--memory %s: expected sc or tso",
				     text);
		a->tso = !strcmp(text, "tso");
		break;
	case OPT_MAX_MEMORY:
		a->limits.max_bytes = option_number(state, "max-memory", text, 0, 1 << 20) << 30;
		break;
	case OPT_TIME:
		a->limits.seconds = (double)option_number(state, "time", text, 0, UINT32_MAX);
		break;
	case ARGP_KEY_ARG:
		if (a->name)
			argp_failure(state, EXIT_UNUSABLE, 0, "%s: one scenario at a time", text);
		a->name = text;
		break;
	default:
		return option_store(places, options, key, text, state);
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
	       "Moves that make no difference are left out. This loses nothing: a state that is "
	       "kept is stuck for ever if and only if it is stuck when all moves are made. To "
	       "check this for a driver of your own, compare with --no-reduction, if that ends.\n\n"
	       "Most scenarios take seconds, some take hours. --time or ctrl-C ends a run, which "
	       "reports what was explored until then.\n\n"
	       "Exit status: 0 it holds in every interleaving, 1 bad usage, 2 violated, "
	       "3 inconclusive: a bound was hit.",
};

static uint64_t half_of_memory(void)
{
	return (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) / 2;
}

static void set_defaults(struct explore_arguments *a)
{
	a->max_bytes = a->limits.max_bytes;
	if (!a->limits.max_bytes)
		a->limits.max_bytes = half_of_memory();
	if (!a->limits.workers)
		a->limits.workers = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	a->limits.progress = isatty(STDERR_FILENO);
	a->limits.interrupt = progress_interrupt();
}

static const char *why_not_mpi(const struct explore_arguments *a)
{
	if (a->mpi.hosts && !a->mpi.ranks)
		return "say how many processes there are to be on --hosts";
	if (a->mpi.ranks && (a->walks || a->token || a->limits.workers))
		return "not with --walk, --replay or --workers, which are for one machine";
	return NULL;
}

bool explore_arguments(int argc, char **argv, struct explore_arguments *a)
{
	const char *why;

	*a = (struct explore_arguments){ .width = 128, .seed = 1 };
	argp_parse(&explore_argp, argc, argv, 0, NULL, a);
	why = why_not_mpi(a);
	if (why) {
		explore_unusable("--mpi", why);
		return false;
	}
	set_defaults(a);
	return true;
}
