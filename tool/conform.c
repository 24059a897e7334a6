/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* conform.c - the subcommand: options, opening the device, exit codes. */
#include "conform_fuzz.h"
#include "conform_report.h"
#include "conform_tables.h"
#include "option.h"
#include "tool.h"

#include <argp.h>
#include <conform/qemu.h>
#include <conform/sim.h>
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct arguments {
	const char *device, *profile, *prefix;
	uint64_t seed, fuzz, translate;
	bool json;
};

enum { OPT_DEVICE = 256, OPT_FUZZ, OPT_JSON, OPT_PROFILE, OPT_SEED, OPT_TRANSLATE };

static const struct argp_option options[] = {
	{ "device", OPT_DEVICE, "DEVICE", 0,
	  "the unit: sim (ours), qemu (its intel-iommu), or ./FILE.so, one of your own (sim)", 0 },
	{ "profile", OPT_PROFILE, "NAME", 0,
	  "expect exactly the deviations that are declared for spec or qemu-7.2; sim behaves so",
	  0 },
	{ "fuzz", OPT_FUZZ, "N", 0,
	  "in place of the cases N random and mutated descriptors, on the device and on a model of "
	  "the profile (spec)",
	  0 },
	{ "translate", OPT_TRANSLATE, "N", 0,
	  "in place of the cases N requests and interrupts of devices through random tables, on "
	  "the "
	  "device and on a model of the profile",
	  0 },
	{ "seed", OPT_SEED, "N", 0, "seed of sim's choices, of these descriptors and tables (1)",
	  0 },
	{ "json", OPT_JSON, NULL, 0, "print one JSON object instead of the table", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case OPT_DEVICE:
		a->device = text;
		break;
	case OPT_FUZZ:
		a->fuzz = option_number(state, "fuzz", text, 0, UINT64_MAX);
		if (!a->fuzz)
			argp_failure(state, EXIT_UNUSABLE, 0,
				     "--fuzz 0: how many descriptors? 1000000 take a minute");
		break;
	case OPT_TRANSLATE:
		a->translate = option_number(state, "translate", text, 0, UINT64_MAX);
		if (!a->translate)
			argp_failure(state, EXIT_UNUSABLE, 0,
				     "--translate 0: how many requests? 20000 take some seconds");
		break;
	case OPT_JSON:
		a->json = true;
		break;
	case OPT_PROFILE:
		a->profile = text;
		if (!conform_declared(text))
			argp_failure(state, EXIT_UNUSABLE, 0,
				     "--profile %s: there are spec and qemu-7.2", text);
		break;
	case OPT_SEED:
		a->seed = option_number(state, "seed", text, 0, UINT64_MAX);
		break;
	case ARGP_KEY_ARG:
		if (state->arg_num)
			argp_failure(state, EXIT_UNUSABLE, 0, "%s: one prefix at a time", text);
		if (!conform_cases(text))
			argp_failure(state, EXIT_UNUSABLE, 0, "%s: no case's name begins so", text);
		a->prefix = text;
		break;
	case ARGP_KEY_END:
		if (a->fuzz && a->translate)
			argp_failure(state, EXIT_UNUSABLE, 0,
				     "--fuzz or --translate: one at a time");
		if ((a->fuzz || a->translate) && *a->prefix)
			argp_failure(state, EXIT_UNUSABLE, 0, "%s tries no cases: without PREFIX",
				     a->fuzz ? "--fuzz" : "--translate");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

const struct argp conform_argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[PREFIX]",
	.doc = "Try each rule of the VT-d specification that software can observe of an "
	       "invalidation queue on a unit: those cases whose names begin with PREFIX, or all.\v"
	       "Exit status: 0 all pass, or with --profile exactly the declared ones deviate; "
	       "1 usage, or a device that cannot be had; 2 something deviates that is not "
	       "declared.",
};

/* ---- The device ---- */

struct device {
	const struct conform_device *dev;
	void (*stop)(const struct conform_device *dev);
	unsigned (*ends)(const struct conform_device *dev, const char **how); /* or NULL */
};

static bool open_sim(struct device *d, const struct arguments *a)
{
	struct conform_sim_config cfg = { .seed = a->seed };

	if (a->profile && !vtd_profile_find(a->profile, &cfg.profile))
		return false;
	d->dev = conform_sim_start(&cfg);
	d->stop = conform_sim_stop;
	if (!d->dev)
		fputs("qinval conform: out of memory\n", stderr);
	return d->dev;
}

static bool open_qemu(struct device *d)
{
	char error[500];

	d->dev = conform_qemu_start(NULL, error, sizeof(error));
	d->stop = conform_qemu_stop;
	d->ends = conform_qemu_ends;
	if (!d->dev)
		fprintf(stderr, "qinval conform: %s\n", error);
	return d->dev;
}

static bool open_object(struct device *d, const char *path)
{
	void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	conform_device_fn *get;
	const char *wrong;

	if (!object) {
		fprintf(stderr, "qinval conform: %s\n", dlerror());
		return false;
	}
	*(void **)&get = dlsym(object, "conform_device");
	if (!get) {
		fprintf(stderr, "qinval conform: %s has no function conform_device()\n", path);
		return false;
	}
	d->dev = get();
	wrong = d->dev ? conform_device_wrong(d->dev) : "it gives no device";
	if (wrong)
		fprintf(stderr, "qinval conform: %s: %s\n", path, wrong);
	return !wrong;
}

static bool open_device(struct device *d, const struct arguments *a)
{
	if (!strcmp(a->device, "sim"))
		return open_sim(d, a);
	if (!strcmp(a->device, "qemu"))
		return open_qemu(d);
	if (strchr(a->device, '/'))
		return open_object(d, a->device);
	fprintf(stderr,
		"qinval conform: --device %s: there are sim and qemu; a file of your own has a / "
		"in its name\n",
		a->device);
	return false;
}

/* ---- Running ---- */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* For devices that take their time. */
#define PROGRESS_AFTER 2.0

struct progress {
	struct conform_report report;
	double start;
	bool tell;
};

static void add_result(void *ctx, const struct conform_result *result)
{
	struct progress *p = ctx;

	conform_report_add(&p->report, result);
	if (p->tell && now() - p->start > PROGRESS_AFTER)
		fprintf(stderr, "\r\033[K%u cases, %s", p->report.results, result->name);
}

static int run_suite(const struct device *d, const struct arguments *a)
{
	struct progress p = {
		.report = { .device = d->dev->name,
			    .profile = a->profile,
			    .declared = conform_declared(a->profile ? a->profile : "spec") },
		.start = now(),
		.tell = isatty(STDERR_FILENO),
	};
	const char *error;
	int code = EXIT_FINE;
	bool ok = conform_run(d->dev, a->prefix, add_result, &p, &p.report.counts, &error);

	p.report.seconds = now() - p.start;
	if (d->ends)
		p.report.ends = d->ends(d->dev, &p.report.how);
	if (p.tell && p.report.seconds > PROGRESS_AFTER)
		fputs("\r\033[K", stderr);
	if (!ok) {
		fprintf(stderr, "qinval conform: %s\n", error);
		code = EXIT_UNUSABLE;
	} else if (a->json) {
		conform_report_json(&p.report);
	} else {
		conform_report_text(&p.report);
	}
	if (ok && p.report.unexpected)
		code = EXIT_VIOLATION;
	conform_report_free(&p.report);
	return code;
}

static int run_fuzz(const struct device *d, const struct arguments *a)
{
	const struct conform_fuzz f = {
		.dev = d->dev,
		.ends = d->ends,
		.profile = a->profile ? a->profile : "spec",
		.seed = a->seed,
		.descriptors = a->fuzz,
		.json = a->json,
	};

	return conform_fuzz(&f);
}

static int run_tables(const struct device *d, const struct arguments *a)
{
	const struct conform_tables t = {
		.dev = d->dev,
		.ends = d->ends,
		.profile = a->profile ? a->profile : "spec",
		.seed = a->seed,
		.requests = a->translate,
		.json = a->json,
	};

	return conform_tables(&t);
}

int conform_main(int argc, char **argv)
{
	struct arguments a = { .device = "sim", .prefix = "", .seed = 1 };
	struct device d = { 0 };
	int code;

	if (argp_parse(&conform_argp, argc, argv, 0, NULL, &a))
		return EXIT_UNUSABLE;
	if (!open_device(&d, &a))
		return EXIT_UNUSABLE;
	if (a.fuzz)
		code = run_fuzz(&d, &a);
	else if (a.translate)
		code = run_tables(&d, &a);
	else
		code = run_suite(&d, &a);
	if (d.stop)
		d.stop(d.dev);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "qinval conform: cannot write the report: %s\n", strerror(errno));
		return EXIT_UNUSABLE;
	}
	return code;
}
