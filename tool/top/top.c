/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* top.c - the subcommand: shows the queue's activity, interval by interval. */
#include "live/print.h"
#include "live/recording.h"
#include "live/screen.h"
#include "live/stop.h"

#include "tool/option.h"
#include "tool/tool.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/*
 * The interval at which the kernel's buffers are emptied, which hold many times what accumulates.
 */
#define POLL_MS 50
#define LEAST_MS 100
#define MOST_MS 3600000

struct arguments {
	const char *by, *input;
	unsigned interval_ms; /* 0: not given */
	bool once, json;
};

/* Two tallies: one is filled while the other one is shown. */
struct top {
	const struct arguments *arg;
	struct source source;
	struct tally *filling, *showing;
	struct names *names;
	struct pmu *pmu;
	struct view view;
	struct screen *screen;
	unsigned interval_ms;
	struct source_counts before; /* as of the previous interval */
	char error[SOURCE_ERROR];
};

/* ---- command line ---- */

enum { OPT_BY = 256, OPT_ONCE, OPT_JSON };

static const struct argp_option options[] = {
	{ "interval", 'i', "SECONDS", 0, "length of an interval (1)", 0 },
	{ "once", OPT_ONCE, NULL, 0, "one interval, as tables, and end", 0 },
	{ "json", OPT_JSON, NULL, 0, "one line of JSON an interval", 0 },
	{ "by", OPT_BY, "SOURCE", 0,
	  "ask the kernel by bpf, kprobes or tracepoint (the first of them that it allows)", 0 },
	{ "input", 'f', "FILE", 0,
	  "look at a recording of qinval record or trace-cmd, or - for standard input; without "
	  "--interval it is one interval",
	  0 },
	{ 0 }
};

static unsigned milliseconds(struct argp_state *state, const char *text)
{
	char *end;
	double s = strtod(text, &end);

	if (end == text || *end || !(s >= LEAST_MS / 1000.0 && s <= MOST_MS / 1000.0))
		argp_failure(state, EXIT_UNUSABLE, 0,
			     "--interval %s: expected seconds, from 0.1 to 3600", text);
	return s * 1000 + 0.5;
}

static const struct option_place places[] = {
	{ 'f', OPTION_TEXT, offsetof(struct arguments, input), 0, 0 },
	{ OPT_BY, OPTION_TEXT, offsetof(struct arguments, by), 0, 0 },
	{ OPT_ONCE, OPTION_FLAG, offsetof(struct arguments, once), 0, 0 },
	{ OPT_JSON, OPTION_FLAG, offsetof(struct arguments, json), 0, 0 },
	{ 0 }
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'i':
		a->interval_ms = milliseconds(state, text);
		break;
	case ARGP_KEY_ARG:
		argp_failure(state, EXIT_UNUSABLE, 0, "%s: a recording is given by --input", text);
		break;
	case ARGP_KEY_END:
		if (a->by && a->input)
			argp_failure(state, EXIT_UNUSABLE, 0,
				     "--by asks the kernel, --input a file: one of the two");
		break;
	default:
		return option_store(places, options, key, text, state);
	}
	return 0;
}

const struct argp top_argp = {
	options,
	parse_option,
	NULL,
	"Show the invalidation queues of this machine at work: which callers flood them, which "
	"device is slow, how long calls of qi_submit_sync() take.\vFull screen on a terminal, "
	"where h says "
	"which keys there are, and tables elsewhere. This takes root, and a kernel with "
	"CONFIG_INTEL_IOMMU. Exit status: 0 all is well; 1 bad usage, or the kernel allows no "
	"source.",
	NULL,
	NULL,
	NULL
};

/* ---- intervals ---- */

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ULL + ts.tv_nsec / 1000000;
}

static void show(struct top *t)
{
	struct view *v = &t->view;

	if (t->screen) {
		screen_draw(t->screen, v, t->interval_ms / 1000.0);
		return;
	}
	view_arrange(v);
	if (!t->arg->json)
		print_tables(stdout, v);
	else if (!print_json(stdout, v))
		snprintf(t->error, sizeof(t->error), "out of memory");
	if (ferror(stdout) && !*t->error)
		snprintf(t->error, sizeof(t->error), "standard output: %s", strerror(errno));
}

static void swap(struct top *t, double seconds)
{
	struct tally *filled = t->filling;

	t->filling = t->showing;
	t->showing = filled;
	t->view.tally = filled;
	t->view.seconds = seconds;
	tally_clear(t->filling);
}

/* From now on show the interval that has ended, unless the user looks at an earlier one. */
static void end_interval(struct top *t, uint64_t began)
{
	const struct source_ops *ops = t->source.ops;
	const struct source_counts before = t->before;
	struct view *v = &t->view;

	t->before = v->counts = ops->counts(&t->source);
	if (t->screen && screen_is_paused(t->screen)) {
		tally_clear(t->filling);
		pmu_read(t->pmu, NULL);
		return;
	}
	v->lost = v->counts.lost - before.lost;
	v->untimed = v->counts.untimed - before.untimed;
	v->pendings = ops->pending(&t->source, v->pending, &v->now);
	v->pmus = pmu_read(t->pmu, v->pmu);
	swap(t, (now_ms() - began) / 1000.0);
}

static void sleep_ms(unsigned ms)
{
	const struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&ts, NULL);
}

/* False: the user wants to quit. */
static bool wait_ms(struct top *t, unsigned ms)
{
	enum screen_wish wish;

	if (!t->screen) {
		sleep_ms(ms);
		return !stop_wanted();
	}
	wish = screen_keys(t->screen, &t->view, ms);
	if (wish == SCREEN_SLOWER && t->interval_ms * 2 <= MOST_MS)
		t->interval_ms *= 2;
	if (wish == SCREEN_FASTER && t->interval_ms / 2 >= LEAST_MS)
		t->interval_ms /= 2;
	return wish != SCREEN_QUIT && !stop_wanted();
}

static bool poll(struct top *t)
{
	return t->source.ops->poll(&t->source, tally_call, t->filling, t->error);
}

static void run_live(struct top *t)
{
	uint64_t began = now_ms();
	bool going = poll(t), on = true;

	if (t->screen)
		show(t);
	while (going && on && !*t->error) {
		on = wait_ms(t, POLL_MS);
		going = poll(t);
		if (t->screen)
			show(t);
		/* Show what has been collected, even if ctrl-C has ended the interval early. */
		if (now_ms() - began < t->interval_ms && (on || t->screen))
			continue;
		end_interval(t, began);
		began = now_ms();
		show(t);
		on = on && !t->arg->once;
	}
}

/* ---- reading a recording ---- */

static void show_recorded(struct top *t, const struct recording *r, uint64_t from, uint64_t to)
{
	recording_give(r, from, to, tally_call, t->filling);
	t->view.pendings = 0;
	t->view.lost = from ? 0 : r->lost;
	t->view.untimed = from ? 0 : r->untimed;
	swap(t, (to - from) / 1e9);
	show(t);
}

static void run_recorded(struct top *t, const struct recording *r)
{
	uint64_t from = 0, step, to;
	bool on = true;

	step = t->arg->interval_ms ? t->arg->interval_ms * 1000000ULL : r->length;
	do {
		to = r->length - from < step ? r->length : from + step;
		show_recorded(t, r, from, to);
		for (uint64_t began = now_ms(); on && t->screen &&
						(to == r->length || screen_is_paused(t->screen) ||
						 now_ms() - began < t->interval_ms);
		     show(t))
			on = wait_ms(t, POLL_MS);
		from = to;
	} while (on && !stop_wanted() && from < r->length && !*t->error && !t->arg->once);
}

/* ---- the whole subcommand ---- */

static bool start(struct top *t)
{
	t->filling = tally_new();
	t->showing = tally_new();
	if (!t->filling || !t->showing) {
		snprintf(t->error, sizeof(t->error), "out of memory");
		return false;
	}
	t->view.tally = t->showing;
	t->view.source = t->source.ops;
	t->view.names = t->names;
	t->interval_ms = t->arg->interval_ms ? t->arg->interval_ms : 1000;
	if (!t->arg->once && !t->arg->json && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		t->screen = screen_open();
	return true;
}

static void finish(struct top *t)
{
	if (t->screen)
		screen_close(t->screen);
	names_free(t->names);
	tally_free(t->filling);
	tally_free(t->showing);
}

static void watch_kernel(struct top *t)
{
	char note[SOURCE_ERROR];

	if (!source_open(&t->source, t->arg->by, note, t->error))
		return;
	*t->error = '\0';
	if (*note)
		fprintf(stderr, "qinval top: %s\n", note);
	fprintf(stderr, "qinval top: by %s%s%s\n", t->source.ops->does,
		*t->source.ops->lacks ? "; not known: " : "", t->source.ops->lacks);
	t->names = names_load("/proc/kallsyms");
	t->pmu = pmu_open(NULL, note);
	if (*note)
		fprintf(stderr, "qinval top: %s\n", note);
	if (start(t))
		run_live(t);
	pmu_close(t->pmu);
	t->source.ops->close(&t->source);
}

static void watch_recording(struct top *t)
{
	struct recording r;

	t->names = names_new();
	t->source.ops = &recording_ops;
	if (recording_read(&r, t->arg->input, t->names, t->error) && start(t))
		run_recorded(t, &r);
	recording_free(&r);
}

int top_main(int argc, char **argv)
{
	struct arguments a = { 0 };
	static struct top t;

	argp_parse(&top_argp, argc, argv, 0, NULL, &a);
	t.arg = &a;
	stop_on_signals();
	if (a.input)
		watch_recording(&t);
	else
		watch_kernel(&t);
	finish(&t);
	if (!*t.error)
		return EXIT_FINE;
	fprintf(stderr, "%s: %s\n", argv[0], t.error);
	return EXIT_UNUSABLE;
}
