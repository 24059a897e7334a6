/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "arguments.h"
#include "tool/option.h"
#include "tool/tool.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DESC_MOST 64
#define COST_MOST 10000000

enum {
	OPT_CLOCK = 256,
	OPT_COUNT,
	OPT_DEVICE,
	OPT_ENGINE,
	OPT_JSON,
	OPT_REALTIME,
	OPT_REGISTERS,
	OPT_ROUNDS,
	OPT_SLOTS,
	OPT_SVG,
	OPT_THREADS,
	OPT_TIME,
};

static const struct argp_option options[] = {
	{ "engine", OPT_ENGINE, "LIST", 0, "drivers, as in ticketed,linux-2024 (all)", 0 },
	{ "threads", OPT_THREADS, "LIST", 0,
	  "submitting threads (from 1 to one less than there are processors)", 0 },
	{ "clock", OPT_CLOCK, "CLOCK", 0,
	  "tsc: cycles of the processors' time stamp counters; system: nanoseconds of the system's "
	  "clock (tsc, where the kernel trusts it)",
	  0 },
	{ "device", OPT_DEVICE, "LIST", 0, "cycles of the unit for a descriptor (200)", 0 },
	{ "registers", OPT_REGISTERS, "LIST", 0,
	  "cycles of the processor for a register read, and behind a colon for a write (1000:250)",
	  0 },
	{ "count", OPT_COUNT, "LIST", 0, "descriptors in a submission (1)", 0 },
	{ "slots", OPT_SLOTS, "N", 0, "slots of the queue (256)", 0 },
	{ "rounds", OPT_ROUNDS, "N", 0, "measure all of it N times (5)", 0 },
	{ "time", OPT_TIME, "MS", 0, "milliseconds of each measurement (20)", 0 },
	{ "realtime", OPT_REALTIME, NULL, 0,
	  "let no other program run meanwhile (needs root); without, figures are worth nothing on "
	  "a "
	  "busy machine",
	  0 },
	{ "svg", OPT_SVG, "FILE", 0, "draw throughput over threads", 0 },
	{ "json", OPT_JSON, NULL, 0, "print one JSON object instead of the report", 0 },
	{ 0 }
};

/* Parse the number at *text, which then points behind it. */
static uint32_t number(struct argp_state *state, const char *name, char **text, uint32_t least,
		       uint32_t most)
{
	char *from = *text;
	uint64_t n;

	errno = 0;
	n = strtoull(from, text, 0);
	if (*from < '0' || *from > '9' || errno || n < least || n > most)
		argp_failure(state, EXIT_UNUSABLE, 0,
			     "--%s: \"%s\" does not begin with a number from %" PRIu32
			     " to %" PRIu32,
			     name, from, least, most);
	return (uint32_t)n;
}

static void append(struct argp_state *state, const char *name, struct bench_list *l, uint32_t n)
{
	if (l->n == BENCH_LIST)
		argp_failure(state, EXIT_UNUSABLE, 0, "--%s: at most %d values", name, BENCH_LIST);
	l->value[l->n++] = n;
}

/* False at the end of the text; otherwise *text points behind a comma. */
static bool another(struct argp_state *state, const char *name, char **text)
{
	if (!**text)
		return false;
	if (**text != ',')
		argp_failure(state, EXIT_UNUSABLE, 0, "--%s: what is \"%s\"?", name, *text);
	++*text;
	return true;
}

/* Parse a list: "1,2,8" or "1-3,8". */
static void list(struct argp_state *state, const char *name, char *text, struct bench_list *l,
		 uint32_t least, uint32_t most)
{
	uint32_t n, last;

	l->n = 0;
	do {
		n = last = number(state, name, &text, least, most);
		if (*text == '-') {
			text++;
			last = number(state, name, &text, n, most);
		}
		for (; n <= last; n++)
			append(state, name, l, n);
	} while (another(state, name, &text));
}

/*
 * Parse "1000,4000:4000": costs of a read and, after a colon, of a write. A posted write is cheaper
 * than a read, unless it is trapped.
 */
static void registers(struct argp_state *state, char *text, struct bench_plan *p)
{
	uint32_t n;

	p->read.n = p->write.n = 0;
	do {
		n = number(state, "registers", &text, 0, COST_MOST);
		append(state, "registers", &p->read, n);
		n /= 4;
		if (*text == ':') {
			text++;
			n = number(state, "registers", &text, 0, COST_MOST);
		}
		append(state, "registers", &p->write, n);
	} while (another(state, "registers", &text));
}

static void engines(struct argp_state *state, char *text, struct bench_plan *p)
{
	char *name;

	p->engines = 0;
	while ((name = strsep(&text, ","))) {
		const struct bench_engine *e = bench_engine_find(name);

		if (!e)
			argp_failure(state, EXIT_UNUSABLE, 0,
				     "--engine: there is no \"%s\"; see qinval bench --help", name);
		if (p->engines == BENCH_LIST)
			argp_failure(state, EXIT_UNUSABLE, 0, "--engine: at most %d", BENCH_LIST);
		p->engine[p->engines++] = e;
	}
}

static const struct option_place places[] = {
	{ OPT_ROUNDS, OPTION_UNSIGNED, offsetof(struct bench_arguments, plan.rounds), 1, 10000 },
	{ OPT_REALTIME, OPTION_FLAG, offsetof(struct bench_arguments, realtime), 0, 0 },
	{ OPT_SVG, OPTION_TEXT, offsetof(struct bench_arguments, svg), 0, 0 },
	{ OPT_JSON, OPTION_FLAG, offsetof(struct bench_arguments, json), 0, 0 },
	{ 0 }
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct bench_arguments *a = state->input;
	struct bench_plan *p = &a->plan;

	switch (key) {
	case OPT_CLOCK:
		if (strcmp(text, "tsc") && strcmp(text, "system"))
			argp_failure(state, EXIT_UNUSABLE, 0, "--clock %s: tsc or system", text);
		a->clock = text;
		break;
	case OPT_ENGINE:
		engines(state, text, p);
		break;
	case OPT_THREADS:
		list(state, "threads", text, &p->threads, 1, CPU_SETSIZE);
		break;
	case OPT_DEVICE:
		list(state, "device", text, &p->device, 1, COST_MOST);
		break;
	case OPT_REGISTERS:
		registers(state, text, p);
		break;
	case OPT_COUNT:
		list(state, "count", text, &p->count, 0, DESC_MOST);
		break;
	case OPT_SLOTS:
		p->slots = (unsigned)option_number(state, "slots", text, 256, 32768);
		if (p->slots & (p->slots - 1))
			argp_failure(state, EXIT_UNUSABLE, 0, "--slots %s: not a power of two",
				     text);
		break;
	case OPT_TIME:
		p->seconds = (double)option_number(state, "time", text, 1, 1000) / 1e3;
		break;
	default:
		return option_store(places, options, key, text, state);
	}
	return 0;
}

/* Insert the list of engines from the table. */
static char *help_filter(int key, const char *text, void *input)
{
	char *help;
	size_t size;
	FILE *to;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC || !(to = open_memstream(&help, &size)))
		return (char *)text;
	fputs("Drivers:\n", to);
	for (const struct bench_engine *e = bench_engines; e->name; e++)
		fprintf(to, "  %-12s %s\n", e->name, e->summary);
	fprintf(to, "\n%s", text);
	return fclose(to) ? (char *)text : help;
}

const struct argp bench_argp = {
	.options = options,
	.parser = parse_option,
	.doc = "Measure the queue against other drivers' algorithms: real threads submit, each on "
	       "a "
	       "processor of its own, as fast as they can, and a thread on one more is the unit."
	       "\v"
	       "Lists are separated by commas; 1-3 means 1,2,3. Where there are no cycles to "
	       "count, "
	       "as --clock says, they are nanoseconds. Each completion is compared with what the "
	       "unit has executed. A tenth of a second for each driver and number of threads, five "
	       "times as long where other programs are in the way.\n\n"
	       "Exit status: 0 all completions were true; 1 bad usage, or it cannot be measured "
	       "here; 2 a submission was lost, falsely completed, damaged or failed; 3 "
	       "interrupted: "
	       "figures are of what was measured until then.",
	.help_filter = help_filter,
};
