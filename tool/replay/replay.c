/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* replay.c - the subcommand: reads a trace, submits its events, prints the report; exit codes. */
#include "arguments.h"
#include "check.h"
#include "drive.h"
#include "tool/option.h"
#include "tool/progress.h"
#include "report.h"
#include "timeline_write.h"
#include "tool/tool.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * The only slow things in a replay are injected faults and a busy computer. So without faults the
 * core's time limits are long. The host's wait loop sleeps in nearly every turn: 20 turns take
 * about a millisecond.
 */
#define TIMEOUT_NS 30000000000ULL
#define POLL_BUDGET 40000
#define FAULTY_TIMEOUT_NS 1000000000ULL
#define FAULTY_POLL_BUDGET 2000
/* Longer than the core's own time limits, with retries. */
#define WATCHDOG_NS 120000000000ULL

/* Notes that do not end the replay. */
__attribute__((format(printf, 1, 2))) static void note(const char *format, ...)
{
	va_list ap;

	fputs("qinval replay: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
}

static void tell_damage(const struct trace *t)
{
	unsigned shown = t->damaged < TRACE_NOTES ? t->damaged : TRACE_NOTES;

	for (unsigned i = 0; i < shown; i++)
		note("%s:%u: damaged line left out: %s", t->name, t->note[i].line, t->note[i].what);
	if (t->damaged > shown)
		note("%s: %" PRIu64 " more damaged line%s left out", t->name, t->damaged - shown,
		     t->damaged - shown == 1 ? "" : "s");
}

/* ---- running ---- */

static struct progress progress;

static const volatile sig_atomic_t *interrupt;

static bool show_progress(double share)
{
	progress_show(&progress, share, "");
	return !*interrupt;
}

/* Begin the report on a new line. */
static bool drive_and_show(const struct trace *t, const struct drive_config *cfg,
			   struct drive_result *r, char *error, size_t size)
{
	bool ok;

	interrupt = progress_interrupt();
	progress_begin(&progress);
	ok = drive(t, cfg, r, error, size);
	progress_clear(&progress);
	return ok;
}

static bool check_timing(const struct trace *t, const struct drive_config *cfg, char *error,
			 size_t size)
{
	if (!cfg->timing)
		return true;
	if (!t->timed) {
		snprintf(error, size, "--timing: the times of %s are not in seconds", t->name);
		return false;
	}
	if (!t->calls)
		note("%s has no completions to compare with; qinval record records them", t->name);
	if (t->last - t->first > 10000000000ULL)
		note("--timing: this takes as long as the trace, %.0f s",
		     (t->last - t->first) / 1e9 * cfg->repeat);
	return true;
}

static bool prepare(struct replay_arguments *a, struct trace *t, uint8_t **site, char *error,
		    size_t size)
{
	struct drive_config *cfg = &a->cfg;
	char why[REPLAY_ERROR / 2];

	if (!trace_read(t, a->path, error, size))
		return false;
	tell_damage(t);
	trace_align(t);
	if (!check_timing(t, cfg, error, size))
		return false;
	if (!check_events(t, cfg, error, size))
		return false;
	if (cfg->threads > t->cpus)
		note("%u thread%s, as the trace has no more CPUs", t->cpus,
		     t->cpus == 1 ? "" : "s");
	if (!cfg->threads || cfg->threads > t->cpus)
		cfg->threads = t->cpus;
	if (!cfg->faults)
		return true;
	cfg->timeout_ns = (uint64_t)(option_patience() * FAULTY_TIMEOUT_NS);
	cfg->poll_budget = FAULTY_POLL_BUDGET;
	cfg->site = *site = calloc(t->count, 1);
	if (!*site) {
		snprintf(error, size, "out of memory");
		return false;
	}
	if (inject_plan(t, cfg->faults, cfg->seed, *site, why, sizeof(why)))
		return true;
	snprintf(error, size, "--faults: %s", why);
	return false;
}

/* ---- the time line ---- */

static bool open_output(struct replay_output *o, char *error, size_t size)
{
	o->to = o->path ? fopen(o->path, "w") : NULL;
	if (o->path && !o->to)
		snprintf(error, size, "%s: %s", o->path, strerror(errno));
	return !o->path || o->to;
}

static bool close_output(struct replay_output *o, bool ok, char *error, size_t size)
{
	if (!o->to)
		return true;
	if (fclose(o->to))
		ok = false;
	o->to = NULL;
	if (!ok)
		snprintf(error, size, "%s: %s", o->path, strerror(errno));
	return ok;
}

static bool open_timeline(struct replay_arguments *a, const struct trace *t, struct timeline *tl,
			  char *error, size_t size)
{
	if (!a->html.path && !a->perfetto.path)
		return true;
	if (!open_output(&a->html, error, size) || !open_output(&a->perfetto, error, size))
		return false;
	a->cfg.timeline = tl;
	if (timeline_init(tl, a->cfg.threads, t->units))
		return true;
	snprintf(error, size, "out of memory");
	return false;
}

/* Threads that are still in the core may be writing the time line. */
static bool write_timeline(struct replay_arguments *a, const struct trace *t,
			   const struct drive_result *r, char *error, size_t size)
{
	const struct timeline *tl = a->cfg.timeline;
	bool ok = true;

	if (r->stuck && tl)
		note("no time line: threads are still under way");
	if (!tl || r->stuck)
		return true;
	if (a->html.to)
		ok = close_output(&a->html, timeline_html(a->html.to, tl, t, &a->cfg, r), error,
				  size);
#ifdef QINVAL_PERFETTO
	if (ok && a->perfetto.to)
		ok = close_output(&a->perfetto, timeline_perfetto(a->perfetto.to, tl, t, &a->cfg),
				  error, size);
#endif
	return ok;
}

static bool report(const struct replay_arguments *a, const struct trace *t,
		   const struct drive_result *r, char *error, size_t size)
{
	bool ok = true;

	if (a->json)
		ok = report_json(stdout, t, &a->cfg, r);
	else
		report_text(stdout, t, &a->cfg, r);
	if (fflush(stdout) || ferror(stdout) || !ok)
		snprintf(error, size, "cannot write the report: %s", strerror(errno));
	return !*error;
}

int replay_main(int argc, char **argv)
{
	struct replay_arguments a = {
		.cfg = { .device = &device_sim,
			 .profile = VTD_SPEC,
			 .slots = 256,
			 .repeat = 1,
			 .seed = 1,
			 .timeout_ns = TIMEOUT_NS,
			 .poll_budget = POLL_BUDGET,
			 .watchdog_ns = WATCHDOG_NS },
	};
	static struct drive_result r;
	static struct timeline tl;
	char error[REPLAY_ERROR] = "";
	struct trace t = { 0 };
	uint8_t *site = NULL;
	bool ok;

	argp_parse(&replay_argp, argc, argv, 0, NULL, &a);
	a.cfg.progress = show_progress;
	ok = replay_arguments_fit(&a, error, sizeof(error)) &&
	     prepare(&a, &t, &site, error, sizeof(error)) &&
	     open_timeline(&a, &t, &tl, error, sizeof(error)) &&
	     drive_and_show(&t, &a.cfg, &r, error, sizeof(error)) &&
	     report(&a, &t, &r, error, sizeof(error)) &&
	     write_timeline(&a, &t, &r, error, sizeof(error));
	if (*error)
		fprintf(stderr, "%s: %s\n", argv[0], error);
	if (r.stuck)
		_exit(EXIT_VIOLATION);
	timeline_free(&tl);
	free(site);
	trace_free(&t);
	if (!ok)
		return EXIT_UNUSABLE;
	if (drive_failed(&r))
		return EXIT_VIOLATION;
	return r.interrupted ? EXIT_INCONCLUSIVE : EXIT_FINE;
}
