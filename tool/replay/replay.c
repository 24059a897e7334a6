/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* replay.c - the subcommand: options, what is wrong with them or with the trace, exit codes. */
#include "drive.h"
#include "tool/option.h"
#include "tool/progress.h"
#include "report.h"
#include "timeline_write.h"
#include "tool/tool.h"

#include <argp.h>
#include <describe/describe.h>
#include <errno.h>
#include <inttypes.h>
#include <qinval/regs.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Nothing in a replay takes long but a unit that has been told to fail, and a computer that has
 * better things to do. So the core may wait for long before it suspects a fault, unless there are
 * some. The host's wait loop sleeps in nearly every turn: 20 of them are about a millisecond.
 */
#define TIMEOUT_NS 30000000000ULL
#define POLL_BUDGET 40000
#define FAULTY_TIMEOUT_NS 1000000000ULL
#define FAULTY_POLL_BUDGET 2000
/* Leaves room for the core's own time-outs, retries included. */
#define WATCHDOG_NS 120000000000ULL

#define ERROR_SIZE 8192

/* A file to be written, opened before the work. */
struct output {
	const char *path; /* NULL: not wanted */
	FILE *to;
};

struct arguments {
	const char *path;
	struct output html, perfetto;
	const char *slots, *width, *profile, *fault_text;
	bool json;
	struct drive_config cfg;
	struct fault_list faults;
};

enum {
	OPT_DEVICE = 256,
	OPT_ENGINE,
	OPT_FAULTS,
	OPT_HTML,
	OPT_JSON,
	OPT_PERFETTO,
	OPT_PROFILE,
	OPT_REPEAT,
	OPT_SEED,
	OPT_SLOTS,
	OPT_THREADS,
	OPT_TIMING,
	OPT_WIDTH
};

static const struct argp_option options[] = {
	{ "threads", OPT_THREADS, "N", 0, "share the trace's CPUs out among N threads (one each)",
	  0 },
	{ "engine", OPT_ENGINE, "NAME", OPTION_HIDDEN, NULL, 0 },
	{ "slots", OPT_SLOTS, "N", 0, "slots of each unit's queue (256)", 0 },
	{ "width", OPT_WIDTH, "BITS", 0, "descriptors of 128 or 256 bits (128)", 0 },
	{ "device", OPT_DEVICE, "NAME", 0,
	  "submit to units in software, sim, or to QEMU's, qemu (sim)", 0 },
	{ "profile", OPT_PROFILE, "NAME", 0, "sim: behave as spec, qemu-7.2 or qemu-10.0 (spec)",
	  0 },
	{ "seed", OPT_SEED, "N", 0, "seed of the unit's choices and of the faults (1)", 0 },
	{ "faults", OPT_FAULTS, "LIST", 0, "inject these faults now and then, as in silent,stall",
	  0 },
	{ "repeat", OPT_REPEAT, "N", 0, "replay the trace N times (1)", 0 },
	{ "timing", OPT_TIMING, NULL, 0,
	  "submit each event when the trace did, and compare with the times that were recorded",
	  0 },
	{ "html", OPT_HTML, "FILE", 0, "write the time line, too, as one page", 0 },
#ifdef QINVAL_PERFETTO
	{ "perfetto", OPT_PERFETTO, "FILE", 0, "the same for Perfetto's viewer", 0 },
#endif
	{ "json", OPT_JSON, NULL, 0, "print one JSON object instead of the report", 0 },
	{ 0 }
};

static const struct option_place places[] = {
	{ OPT_THREADS, OPTION_UNSIGNED, offsetof(struct arguments, cfg.threads), 1, UINT16_MAX },
	{ OPT_SLOTS, OPTION_TEXT, offsetof(struct arguments, slots), 0, 0 },
	{ OPT_WIDTH, OPTION_TEXT, offsetof(struct arguments, width), 0, 0 },
	{ OPT_SEED, OPTION_NUMBER, offsetof(struct arguments, cfg.seed), 0, UINT64_MAX },
	{ OPT_FAULTS, OPTION_TEXT, offsetof(struct arguments, fault_text), 0, 0 },
	{ OPT_REPEAT, OPTION_UNSIGNED, offsetof(struct arguments, cfg.repeat), 1, 1000000 },
	{ OPT_TIMING, OPTION_FLAG, offsetof(struct arguments, cfg.timing), 0, 0 },
	{ OPT_HTML, OPTION_TEXT, offsetof(struct arguments, html.path), 0, 0 },
	{ OPT_PERFETTO, OPTION_TEXT, offsetof(struct arguments, perfetto.path), 0, 0 },
	{ OPT_JSON, OPTION_FLAG, offsetof(struct arguments, json), 0, 0 },
	{ 0 }
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case OPT_ENGINE:
		/* Scripts that name the one engine that is left go on working. */
		if (strcmp(text, "ticketed"))
			argp_failure(state, EXIT_UNUSABLE, 0,
				     "--engine %s: the core has one engine, ticketed; leave the "
				     "option out",
				     text);
		break;
	case OPT_PROFILE:
		if (!vtd_profile_find(text, &a->cfg.profile))
			argp_failure(state, EXIT_UNUSABLE, 0,
				     "--profile %s: there are spec, qemu-7.2 and qemu-10.0", text);
		a->profile = text;
		break;
	case OPT_DEVICE:
		a->cfg.device = device_find(text);
		if (!a->cfg.device)
			argp_failure(state, EXIT_UNUSABLE, 0, "--device %s: there are sim and qemu",
				     text);
		break;
	case ARGP_KEY_ARG:
		if (a->path)
			argp_failure(state, EXIT_UNUSABLE, 0, "%s: one trace at a time", text);
		a->path = text;
		break;
	case ARGP_KEY_NO_ARGS:
		argp_failure(state, EXIT_UNUSABLE, 0, "expected a trace, or - for standard input");
		break;
	default:
		return option_store(places, options, key, text, state);
	}
	return 0;
}

const struct argp replay_argp = {
	options,
	parse_option,
	"TRACE",
	"Submit the invalidations of a trace of intel_iommu:qi_submit through the queue to a unit, "
	"with one thread for each traced CPU, and see that none is lost, stale or "
	"falsely "
	"completed.\vTRACE is a trace.dat of trace-cmd, or text from tracefs, trace-cmd report or "
	"perf script, as it is or compressed with gzip, xz or zstd. Exit status: 0 all is well; 1 "
	"bad usage or unusable "
	"input; "
	"2 something was found that must not be; 3 interrupted, and nothing was found. The bundled "
	"traces take seconds.",
	NULL,
	NULL,
	NULL
};

/* ---- what cannot be replayed ---- */

/* The width may be given behind the slots, and decides how many there are. */
static bool check_ring(struct arguments *a, char *error, size_t size)
{
	unsigned least, most, n;
	uint64_t value;

	if (a->width && (!option_to_number(a->width, &value) || (value != 128 && value != 256))) {
		snprintf(error, size, "--width %s: expected 128 or 256", a->width);
		return false;
	}
	a->cfg.width = a->width ? value : 128;
	least = a->cfg.width == 256 ? 128 : 256;
	most = least << 7;
	if (!a->slots)
		return true;
	a->cfg.slots = n = option_to_number(a->slots, &value) && value <= most ? value : 0;
	if (!(n & (n - 1)) &&
	    (n >= least || (a->cfg.device == &device_sim && (n == 4 || n == 8 || n == 16))))
		return true;
	snprintf(error, size,
		 "--slots %s: with %u-bit descriptors expected %u, %u, %u, ... or %u, or 4, 8 or "
		 "16, "
		 "which only software units know",
		 a->slots, a->cfg.width, least, 2 * least, 4 * least, most);
	return false;
}

/* What only a unit in software can be told. */
static bool check_device(struct arguments *a, char *error, size_t size)
{
	if (a->cfg.device == &device_sim || (!a->profile && !a->fault_text))
		return true;
	snprintf(error, size, "%s: only units in software (--device sim) behave as they are told",
		 a->profile ? "--profile" : "--faults");
	return false;
}

/* The profile may be given behind the faults, and decides which there are. */
static bool check_faults(struct arguments *a, char *error, size_t size)
{
	char why[ERROR_SIZE / 2];

	if (!a->fault_text)
		return true;
	a->cfg.faults = &a->faults;
	if (fault_list_parse(&a->faults, a->fault_text, a->cfg.profile, why, sizeof(why)))
		return true;
	snprintf(error, size, "--faults: %s", why);
	return false;
}

static bool check_event(const struct trace *t, const struct trace_event *e,
			const struct qi_rules *rules, const char *unit, char *error, size_t size)
{
	struct qi_refusal why = qi_desc_refusal(rules, &e->desc);
	unsigned type = qi_desc_type(&e->desc);
	char text[200];

	if (!why.field)
		return true;
	if (type >= QI_TYPES || !qi_type_trace_name(type)) {
		snprintf(error, size,
			 "%s:%u: %s takes type 0x%x (qw0 0x%" PRIx64 "): there are 0x1 to 0x%x",
			 t->name, e->line, unit, type, e->desc.qw0, QI_TYPES - 1);
		return false;
	}
	qi_desc_text(&e->desc, text, sizeof(text));
	snprintf(error, size, "%s:%u: %s takes this descriptor: %s: %s: %s", t->name, e->line, unit,
		 text, why.field, why.reason);
	return false;
}

/* First as strictly as any unit would, then as the one that was asked for. */
static bool check_events(const struct trace *t, const struct drive_config *cfg, char *error,
			 size_t size)
{
	const struct device_config device = { .profile = cfg->profile };
	const uint64_t all_cap =
		VTD_CAP_PSI | VTD_CAP_DWD | VTD_CAP_DRD | 0x3fULL << VTD_CAP_MAMV_SHIFT;
	const uint64_t all_ecap = VTD_ECAP_QI | VTD_ECAP_DT | VTD_ECAP_IR | VTD_ECAP_SMTS |
				  VTD_ECAP_PASID | VTD_ECAP_PRS | VTD_ECAP_DIT | VTD_ECAP_PDS |
				  0xfULL << VTD_ECAP_MHMV_SHIFT | 19ULL << VTD_ECAP_PSS_SHIFT;
	struct qi_rules any, this;
	uint64_t cap, ecap;
	char unit[DEVICE_TEXT + 50], what[DEVICE_TEXT];

	if (!cfg->device->capabilities(&device, &cap, &ecap, error, size))
		return false;
	if (cfg->device == &device_sim)
		snprintf(what, sizeof(what), "\"%s\"", vtd_profile_name(cfg->profile));
	else
		cfg->device->describe(what, sizeof(what), &device);
	qi_rules_init(&any, all_cap, all_ecap, cfg->width);
	qi_rules_init(&this, cap, ecap, cfg->width);
	snprintf(unit, sizeof(unit), "no unit with the capabilities of %s", what);
	for (size_t i = 0; i < t->count; i++) {
		const struct trace_event *e = &t->event[i];

		if (!check_event(t, e, &any, "no unit", error, size) ||
		    !check_event(t, e, &this, unit, error, size))
			return false;
		if ((cfg->device == &device_qemu || vtd_profile_is_qemu(cfg->profile)) &&
		    qi_desc_type(&e->desc) == QI_IWD_TYPE && e->desc.qw0 & QI_IWD_IF) {
			snprintf(error, size,
				 "%s:%u: a wait with an interrupt: QEMU does not survive it",
				 t->name, e->line);
			return false;
		}
	}
	return true;
}

/* What does not keep it from going on. */
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

/* The report starts on a line of its own. */
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

static bool prepare(struct arguments *a, struct trace *t, uint8_t **site, char *error, size_t size)
{
	struct drive_config *cfg = &a->cfg;
	char why[ERROR_SIZE / 2];

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

static bool open_output(struct output *o, char *error, size_t size)
{
	o->to = o->path ? fopen(o->path, "w") : NULL;
	if (o->path && !o->to)
		snprintf(error, size, "%s: %s", o->path, strerror(errno));
	return !o->path || o->to;
}

static bool close_output(struct output *o, bool ok, char *error, size_t size)
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

static bool open_timeline(struct arguments *a, const struct trace *t, struct timeline *tl,
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

/* Where threads are still in the core, they may be writing it. */
static bool write_timeline(struct arguments *a, const struct trace *t, const struct drive_result *r,
			   char *error, size_t size)
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

static bool report(const struct arguments *a, const struct trace *t, const struct drive_result *r,
		   char *error, size_t size)
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
	struct arguments a = {
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
	char error[ERROR_SIZE] = "";
	struct trace t = { 0 };
	uint8_t *site = NULL;
	bool ok;

	argp_parse(&replay_argp, argc, argv, 0, NULL, &a);
	a.cfg.progress = show_progress;
	ok = check_ring(&a, error, sizeof(error)) && check_device(&a, error, sizeof(error)) &&
	     check_faults(&a, error, sizeof(error)) &&
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
