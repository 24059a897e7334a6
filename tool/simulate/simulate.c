/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* simulate.c - the subcommand: its options and messages. */
#include "simulate.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <lab/engine.h>
#include <lab/timed/load.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/option.h"
#include "install/own.h"
#include "tool/tool.h"

/* The largest ring that fits into the lab's memory. */
#define MOST_RING_BYTES (256 << 10)

struct arguments {
	struct simulation s;
	char *engines; /* as given, cut into pieces; NULL: all */
	const char *svg;
	unsigned workers;
	bool json, list;
	const char *set[TIMED_PARAMS * 2]; /* applied after the preset, in any order of options */
	unsigned nset;
};

enum {
	OPT_COUNT = 256,
	OPT_CPUS,
	OPT_ENGINE,
	OPT_JSON,
	OPT_LIST,
	OPT_PRESET,
	OPT_PROFILE,
	OPT_SEED,
	OPT_SET,
	OPT_SLOTS,
	OPT_SUBMISSIONS,
	OPT_SVG,
	OPT_THINK,
	OPT_WIDTH,
	OPT_WORKERS,
};

static const struct argp_option options[] = {
	{ "list", OPT_LIST, NULL, 0, "show engines, presets and what everything costs in them", 0 },
	{ "preset", OPT_PRESET, "NAME", 0, "server, virtual or slow-device (server)", 0 },
	{ "set", OPT_SET, "NAME=VALUE", 0, "set one cost; may be repeated", 0 },
	{ "engine", OPT_ENGINE, "LIST", 0, "drivers, with commas (all)", 0 },
	{ "cpus", OPT_CPUS, "LIST", 0,
	  "numbers of CPUs, up to 1024, with commas; A-B is A, 2A, 4A ... B (1-64)", 0 },
	{ "count", OPT_COUNT, "N", 0, "descriptors of a submission, up to 32 (1)", 0 },
	{ "slots", OPT_SLOTS, "N", 0, "of the ring (256)", 0 },
	{ "width", OPT_WIDTH, "BITS", 0, "width of descriptors: 128 or 256 (128)", 0 },
	{ "think", OPT_THINK, "NS", 0, "mean time between two submissions of a CPU (0)", 0 },
	{ "submissions", OPT_SUBMISSIONS, "N", 0, "submissions of each CPU, on average (1000)", 0 },
	{ "seed", OPT_SEED, "N", 0, "seed of think times, and of when CPUs start (1)", 0 },
	{ "svg", OPT_SVG, "FILE", 0, "draw curves over the number of CPUs", 0 },
	{ "profile", OPT_PROFILE, NULL, 0,
	  "print the cache lines and locks that CPUs contend for most", 0 },
	{ "json", OPT_JSON, NULL, 0, "print one JSON object instead of the table", 0 },
	{ "workers", OPT_WORKERS, "N", 0, "runs at a time (one for each CPU of this machine)", 0 },
	{ 0 }
};

static void add_cpus(struct argp_state *state, struct simulation *s, uint64_t n)
{
	if (s->ncpus == SIMULATE_CPUS)
		argp_failure(state, EXIT_UNUSABLE, 0, "--cpus: at most %d numbers", SIMULATE_CPUS);
	s->cpus[s->ncpus++] = (unsigned)n;
}

static void parse_cpus(struct argp_state *state, struct simulation *s, char *text)
{
	char *piece, *to;
	uint64_t from, last;

	s->ncpus = 0;
	while ((piece = strsep(&text, ","))) {
		to = strchr(piece, '-');
		if (to)
			*to++ = 0;
		from = option_number(state, "cpus", piece, 1, TIMED_CPUS);
		last = to ? option_number(state, "cpus", to, from, TIMED_CPUS) : from;
		for (; from < last; from *= 2)
			add_cpus(state, s, from);
		add_cpus(state, s, last);
	}
}

static const struct option_place places[] = {
	{ OPT_COUNT, OPTION_UNSIGNED, offsetof(struct arguments, s.cfg.count), 0, TIMED_MOST },
	{ OPT_JSON, OPTION_FLAG, offsetof(struct arguments, json), 0, 0 },
	{ OPT_LIST, OPTION_FLAG, offsetof(struct arguments, list), 0, 0 },
	{ OPT_PRESET, OPTION_TEXT, offsetof(struct arguments, s.preset), 0, 0 },
	{ OPT_PROFILE, OPTION_FLAG, offsetof(struct arguments, s.profile), 0, 0 },
	{ OPT_SEED, OPTION_NUMBER, offsetof(struct arguments, s.cfg.seed), 0, UINT64_MAX },
	{ OPT_SUBMISSIONS, OPTION_NUMBER, offsetof(struct arguments, s.cfg.submissions), 1,
	  100000000 },
	{ OPT_SVG, OPTION_TEXT, offsetof(struct arguments, svg), 0, 0 },
	{ OPT_WORKERS, OPTION_UNSIGNED, offsetof(struct arguments, workers), 1, SIMULATE_WORKERS },
	{ 0 }
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;
	struct timed_config *c = &a->s.cfg;
	char *end;

	switch (key) {
	case OPT_ENGINE:
		a->engines = text;
		break;
	case OPT_CPUS:
		parse_cpus(state, &a->s, text);
		break;
	case OPT_SLOTS:
		c->slots = (unsigned)option_number(state, "slots", text, 4, 16384);
		if (c->slots & (c->slots - 1))
			argp_failure(state, EXIT_UNUSABLE, 0, "--slots %s: expected a power of two",
				     text);
		break;
	case OPT_WIDTH:
		c->width = option_width(state, text);
		break;
	case OPT_THINK:
		c->think = strtod(text, &end);
		if (end == text || *end || !(c->think >= 0) || c->think > 1e9)
			argp_failure(state, EXIT_UNUSABLE, 0,
				     "--think %s: expected nanoseconds from 0 to 1e9", text);
		break;
	case OPT_SET:
		if (a->nset == sizeof(a->set) / sizeof(*a->set))
			argp_failure(state, EXIT_UNUSABLE, 0, "--set %s: too many", text);
		a->set[a->nset++] = text;
		break;
	case ARGP_KEY_ARG:
		argp_failure(state, EXIT_UNUSABLE, 0, "%s: not an option; see --help", text);
		break;
	default:
		return option_store(places, options, key, text, state);
	}
	return 0;
}

const struct argp simulate_argp = {
	.options = options,
	.parser = parse_option,
	.doc = "Run drivers on any number of CPUs, in virtual time: what would they achieve, and "
	       "what limits them?\v"
	       "--cpus 1-64 takes some 5 seconds of a processor, --cpus 1-1024 --submissions 100 "
	       "some 50: the time grows with the square of the CPUs where they contend, and with "
	       "the submissions of each.\n\n"
	       "Exit status: 0 all is well, 1 bad usage, 2 a run did what must not be: a "
	       "submission "
	       "failed, was over before its descriptors had been executed, or never ended; 3 "
	       "interrupted.",
};

static int unusable(const char *name, const char *why)
{
	fprintf(stderr, "qinval simulate: %s: %s\n", name, why);
	return EXIT_UNUSABLE;
}

static const struct engine *find_engine(const struct loaded *object, const char *name)
{
	const struct engine *e = object->engines;

	while (e->name && (e->untimed || strcmp(e->name, name)))
		e++;
	return e->name ? e : NULL;
}

/* False: after a message. */
static bool take_engines(struct arguments *a, const struct loaded *object)
{
	struct simulation *s = &a->s;
	const struct engine *e;
	char *piece;

	for (e = object->engines; !a->engines && e->name; e++) {
		if (!e->untimed && s->nengines < SIMULATE_ENGINES)
			s->engine[s->nengines++] = e->name;
	}
	while ((piece = strsep(&a->engines, ","))) {
		if (!find_engine(object, piece)) {
			unusable(piece, "no such engine; --list shows them");
			return false;
		}
		if (s->nengines == SIMULATE_ENGINES) {
			unusable("--engine", "too many of them");
			return false;
		}
		s->engine[s->nengines++] = piece;
	}
	return true;
}

/* False: after a message. */
static bool take_costs(struct arguments *a)
{
	struct timed_costs *costs = &a->s.cfg.costs;
	const char *why;
	unsigned i;

	if (!timed_preset(costs, a->s.preset)) {
		unusable(a->s.preset, "no such preset; --list shows them");
		return false;
	}
	for (i = 0; i < a->nset; i++) {
		why = timed_set(costs, a->set[i]);
		if (why) {
			unusable(a->set[i], why);
			return false;
		}
	}
	return true;
}

static int draw(const struct simulation *s, const char *path, FILE *to)
{
	bool ok = simulate_plot(to, s);

	if (fclose(to))
		ok = false;
	return ok ? EXIT_FINE : unusable(path, strerror(errno));
}

static int verdict(const struct simulation *s)
{
	int code = *s->interrupt ? EXIT_INCONCLUSIVE : EXIT_FINE;
	unsigned e, i;

	for (e = 0; e < s->nengines; e++) {
		for (i = 0; i < s->ncpus; i++) {
			const struct cell *c = &s->cell[e][i];

			if (c->refused)
				return unusable(s->engine[e], c->result.problem);
			if (*c->result.problem)
				code = EXIT_VIOLATION;
		}
	}
	return code;
}

static int flushed(int code)
{
	if (fflush(stdout) || ferror(stdout))
		return unusable("standard output", strerror(errno));
	return code;
}

/* A run with the fewest CPUs that could not start: then nothing is printed. NULL: none. */
static const struct cell *refused(const struct simulation *s)
{
	unsigned e;

	for (e = 0; e < s->nengines; e++)
		if (s->cell[e][0].refused)
			return &s->cell[e][0];
	return NULL;
}

static bool print_row(struct simulation *s, unsigned row)
{
	unsigned e;

	if (row >= s->nengines)
		simulate_row(stdout, s, row);
	if (row + 1 != s->nengines)
		return true;
	if (refused(s))
		return false;
	simulate_head(stdout, s);
	for (e = 0; e < s->nengines; e++)
		simulate_row(stdout, s, e);
	return true;
}

static bool print_nothing(struct simulation *s, unsigned row)
{
	return row + 1 != s->nengines || !refused(s);
}

static int report(struct arguments *a, FILE *picture)
{
	int code = verdict(&a->s);

	if (refused(&a->s))
		return code;
	if (a->json)
		simulate_report_json(stdout, &a->s);
	else
		simulate_end(stdout, &a->s);
	code = flushed(code);
	if (picture && draw(&a->s, a->svg, picture))
		return EXIT_UNUSABLE;
	return code;
}

static int list(const struct arguments *a, const struct loaded *object)
{
	if (a->json)
		simulate_list_json(stdout, object);
	else
		simulate_list(stdout, object);
	return flushed(EXIT_FINE);
}

int simulate_main(int argc, char **argv)
{
	static struct arguments a = {
		.s = { .preset = "server",
		       .cfg = { .slots = 256,
				.width = 128,
				.count = 1,
				.submissions = 1000,
				.seed = 1 },
		       .ncpus = 7,
		       .cpus = { 1, 2, 4, 8, 16, 32, 64 } },
	};
	struct simulation *s = &a.s;
	struct loaded object;
	const char *why;
	FILE *picture;

	a.workers = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	argp_parse(&simulate_argp, argc, argv, 0, NULL, &a);
	why = load_object(own_scenarios(), &object);
	if (why)
		return unusable(own_scenarios(), why);
	if (a.list)
		return list(&a, &object);
	if (!take_engines(&a, &object) || !take_costs(&a))
		return EXIT_UNUSABLE;
	if (QI_RING_BYTES(s->cfg.slots, s->cfg.width) > MOST_RING_BYTES)
		return unusable("--slots", "at most 16384 of 128 bits, 8192 of 256");
	picture = a.svg ? fopen(a.svg, "w") : NULL;
	if (a.svg && !picture)
		return unusable(a.svg, strerror(errno));
	s->row = a.json ? print_nothing : print_row;
	if (!simulate_all(s, &object, a.workers))
		return unusable("cannot run", strerror(errno));
	return report(&a, picture);
}
