/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* conform.c - the subcommand: options, opening the device, exit codes. */
#include "campaign.h"
#include "device.h"
#include "report.h"
#include "tool/option.h"
#include "tool/progress.h"
#include "tool/tool.h"

#include <argp.h>
#include <conform/qemu.h>
#include <errno.h>
#include <string.h>

struct arguments {
	const char *device, *profile, *prefix;
	uint64_t seed, fuzz, translate, timeout;
	bool json, verbose;
};

enum {
	OPT_DEVICE = 256,
	OPT_FUZZ,
	OPT_JSON,
	OPT_PROFILE,
	OPT_SEED,
	OPT_TIMEOUT,
	OPT_TRANSLATE,
	OPT_VERBOSE
};

static const struct argp_option options[] = {
	{ "device", OPT_DEVICE, "DEVICE", 0,
	  "the unit: sim (ours), qemu (its intel-iommu; qemu,PROPERTY=VALUE,... for other than the "
	  "usual properties), ./FILE.so, one of your own, or a model that listens, unix:PATH or "
	  "tcp:HOST:PORT (sim)",
	  0 },
	{ "profile", OPT_PROFILE, "NAME", 0,
	  "expect exactly the deviations that are declared for spec, qemu-7.2, qemu-10.0, or "
	  "qemu: the version that is here; sim behaves so",
	  0 },
	{ "fuzz", OPT_FUZZ, "N", 0,
	  "in place of the cases: N random and mutated descriptors, on the device and on a model "
	  "of the profile (spec)",
	  0 },
	{ "translate", OPT_TRANSLATE, "N", 0,
	  "in place of the cases: N requests and interrupts of devices through random tables, on "
	  "the device and on a model of the profile",
	  0 },
	{ "seed", OPT_SEED, "N", 0, "seed of sim's choices, of these descriptors and tables (1)",
	  0 },
	{ "timeout", OPT_TIMEOUT, "SECONDS", 0,
	  "how long a model behind a socket may take to answer (10)", 0 },
	{ "verbose", OPT_VERBOSE, NULL, 0, "print every case, and not only what deviates", 0 },
	{ "json", OPT_JSON, NULL, 0, "print one JSON object instead of the table", 0 },
	{ 0 }
};

/* The profile of the installed QEMU. */
static const char *ask_qemu(struct argp_state *state)
{
	static char said[200];
	const char *profile = conform_qemu_profile(said, sizeof(said));

	if (!profile)
		argp_failure(state, EXIT_UNUSABLE, 0,
			     "--profile qemu: there is no profile for this version: %s", said);
	return profile;
}

static const struct option_place places[] = {
	{ OPT_DEVICE, OPTION_TEXT, offsetof(struct arguments, device), 0, 0 },
	{ OPT_JSON, OPTION_FLAG, offsetof(struct arguments, json), 0, 0 },
	{ OPT_TIMEOUT, OPTION_NUMBER, offsetof(struct arguments, timeout), 1, 86400 },
	{ OPT_VERBOSE, OPTION_FLAG, offsetof(struct arguments, verbose), 0, 0 },
	{ OPT_SEED, OPTION_NUMBER, offsetof(struct arguments, seed), 0, UINT64_MAX },
	{ 0 }
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case OPT_FUZZ:
		a->fuzz = option_number(state, "fuzz", text, 0, UINT64_MAX);
		if (!a->fuzz)
			argp_failure(
				state, EXIT_UNUSABLE, 0,
				"--fuzz 0: expected a number of descriptors from 1 on; 1000000 "
				"take a minute");
		break;
	case OPT_TRANSLATE:
		a->translate = option_number(state, "translate", text, 0, UINT64_MAX);
		if (!a->translate)
			argp_failure(
				state, EXIT_UNUSABLE, 0,
				"--translate 0: expected a number of requests from 1 on; 20000 "
				"take some seconds");
		break;
	case OPT_PROFILE:
		a->profile = text;
		if (!strcmp(text, "qemu"))
			a->profile = ask_qemu(state);
		else if (!conform_declared(text))
			argp_failure(state, EXIT_UNUSABLE, 0,
				     "--profile %s: expected spec, qemu-7.2, qemu-10.0, or qemu "
				     "for the version that is installed",
				     text);
		break;
	case ARGP_KEY_ARG:
		if (state->arg_num)
			argp_failure(state, EXIT_UNUSABLE, 0, "%s: only one prefix can be given",
				     text);
		if (!conform_cases(text))
			argp_failure(state, EXIT_UNUSABLE, 0,
				     "%s: no case has a name that begins so", text);
		a->prefix = text;
		break;
	case ARGP_KEY_END:
		if (a->fuzz && a->translate)
			argp_failure(state, EXIT_UNUSABLE, 0,
				     "--fuzz and --translate cannot be given together");
		if ((a->fuzz || a->translate) && *a->prefix)
			argp_failure(state, EXIT_UNUSABLE, 0,
				     "%s tries no cases, so it cannot be given with a PREFIX",
				     a->fuzz ? "--fuzz" : "--translate");
		break;
	default:
		return option_store(places, options, key, text, state);
	}
	return 0;
}

const struct argp conform_argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[PREFIX]",
	.doc = "Test a unit against each rule of the VT-d specification that software can observe: "
	       "the cases whose names begin with PREFIX, or all.\v"
	       "Exit status: 0 all pass, or with --profile exactly the declared ones deviate; "
	       "1 bad usage, or a device that cannot be reached, or goes away; 2 something "
	       "deviates that "
	       "is "
	       "not declared; 3 interrupted. A second or two, with qemu three; 1000000 "
	       "descriptors take half a minute.",
};

/* ---- Running ---- */

struct running {
	const struct device *d;
	const struct arguments *a;
	struct conform_report report;
	struct progress progress;
	unsigned cases;
	const volatile sig_atomic_t *interrupt;
};

static bool add_result(void *ctx, const struct conform_result *result)
{
	struct running *r = ctx;

	if (conform_failure(r->d)) /* the result does not count */
		return false;
	progress_clear(&r->progress);
	conform_report_add(&r->report, result);
	if (!r->a->json)
		conform_report_row(&r->report, result, r->a->verbose);
	progress_show(&r->progress, (double)r->report.results / r->cases, result->name);
	return !*r->interrupt;
}

static int verdict(struct running *r)
{
	const struct device *d = r->d;

	r->report.seconds = progress_seconds(&r->progress);
	r->report.interrupted = r->report.results < r->cases;
	r->report.ends = conform_ends(d, &r->report.how);
	if (r->a->json)
		conform_report_json(&r->report);
	else
		conform_report_summary(&r->report);
	if (r->report.unexpected)
		return EXIT_VIOLATION;
	return r->report.interrupted ? EXIT_INCONCLUSIVE : EXIT_FINE;
}

static int run_suite(const struct device *d, const struct arguments *a)
{
	struct running r = {
		.d = d,
		.a = a,
		.report = { .device = d->dev->name,
			    .profile = a->profile,
			    .declared = conform_declared(a->profile ? a->profile : "spec") },
		.cases = conform_cases(a->prefix),
		.interrupt = progress_interrupt(),
	};
	const char *error = NULL;
	int code;
	bool ok;

	progress_begin(&r.progress);
	ok = conform_run(d->dev, a->prefix, add_result, &r, &r.report.counts, &error);
	progress_clear(&r.progress);
	if (conform_failure(d))
		error = conform_failure(d);
	if (ok && !conform_failure(d))
		code = verdict(&r);
	else
		code = EXIT_UNUSABLE;
	if (code == EXIT_UNUSABLE)
		fprintf(stderr, "qinval conform: %s\n", error);
	conform_report_free(&r.report);
	return code;
}

static int run_campaign(const struct device *d, const struct arguments *a)
{
	const struct campaign c = {
		.device = d,
		.profile = a->profile ? a->profile : "spec",
		.seed = a->seed,
		.n = a->fuzz ? a->fuzz : a->translate,
		.json = a->json,
	};

	if (a->translate && !d->dev->dma) {
		fputs("qinval conform: the device has no dma() by which requests could be sent\n",
		      stderr);
		return EXIT_UNUSABLE;
	}
	return campaign_run(a->fuzz ? &campaign_fuzz : &campaign_tables, &c);
}

int conform_main(int argc, char **argv)
{
	struct arguments a = { .device = "sim", .prefix = "", .seed = 1, .timeout = 10 };
	struct device d;
	int code;

	if (argp_parse(&conform_argp, argc, argv, 0, NULL, &a))
		return EXIT_UNUSABLE;
	if (!conform_open(&d, a.device, a.profile, a.seed, (double)a.timeout))
		return EXIT_UNUSABLE;
	if (a.fuzz || a.translate)
		code = run_campaign(&d, &a);
	else
		code = run_suite(&d, &a);
	conform_close(&d);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "qinval conform: cannot write the report: %s\n", strerror(errno));
		return EXIT_UNUSABLE;
	}
	return code;
}
