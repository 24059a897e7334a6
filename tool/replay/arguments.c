/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "arguments.h"
#include "tool/option.h"
#include "tool/tool.h"

#include <argp.h>
#include <string.h>

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
	{ OPT_THREADS, OPTION_UNSIGNED, offsetof(struct replay_arguments, cfg.threads), 1,
	  UINT16_MAX },
	{ OPT_SLOTS, OPTION_TEXT, offsetof(struct replay_arguments, slots), 0, 0 },
	{ OPT_WIDTH, OPTION_TEXT, offsetof(struct replay_arguments, width), 0, 0 },
	{ OPT_SEED, OPTION_NUMBER, offsetof(struct replay_arguments, cfg.seed), 0, UINT64_MAX },
	{ OPT_FAULTS, OPTION_TEXT, offsetof(struct replay_arguments, fault_text), 0, 0 },
	{ OPT_REPEAT, OPTION_UNSIGNED, offsetof(struct replay_arguments, cfg.repeat), 1, 1000000 },
	{ OPT_TIMING, OPTION_FLAG, offsetof(struct replay_arguments, cfg.timing), 0, 0 },
	{ OPT_HTML, OPTION_TEXT, offsetof(struct replay_arguments, html.path), 0, 0 },
	{ OPT_PERFETTO, OPTION_TEXT, offsetof(struct replay_arguments, perfetto.path), 0, 0 },
	{ OPT_JSON, OPTION_FLAG, offsetof(struct replay_arguments, json), 0, 0 },
	{ 0 }
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct replay_arguments *a = state->input;

	switch (key) {
	case OPT_ENGINE:
		/* Accept the name of the only engine that is left, for old scripts. */
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

/* ---- options that exclude each other ---- */

/* The number of slots depends on the width, which may be given later. */
static bool check_ring(struct replay_arguments *a, char *error, size_t size)
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

/* Options that only a software unit has. */
static bool check_device(struct replay_arguments *a, char *error, size_t size)
{
	if (a->cfg.device == &device_sim || (!a->profile && !a->fault_text))
		return true;
	snprintf(error, size, "%s: only units in software (--device sim) behave as they are told",
		 a->profile ? "--profile" : "--faults");
	return false;
}

/* The possible faults depend on the profile, which may be given later. */
static bool check_faults(struct replay_arguments *a, char *error, size_t size)
{
	char why[REPLAY_ERROR / 2];

	if (!a->fault_text)
		return true;
	a->cfg.faults = &a->faults;
	if (fault_list_parse(&a->faults, a->fault_text, a->cfg.profile, why, sizeof(why)))
		return true;
	snprintf(error, size, "--faults: %s", why);
	return false;
}

bool replay_arguments_fit(struct replay_arguments *a, char *error, size_t size)
{
	return check_ring(a, error, size) && check_device(a, error, size) &&
	       check_faults(a, error, size);
}
