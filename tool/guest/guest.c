/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* guest.c - the subcommand: options, one or two runs, and the report. */
#include "tool/option.h"
#include "install/own.h"
#include "tool/tool.h"

#include <argp.h>
#include <guest/dmar.h>
#include <guest/faults.h>
#include <guest/ready.h>
#include <guest/report.h>
#include <guest/session.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct arguments {
	struct session_config cfg;
	const char *dmar_file;
	bool json;
	bool alone;
};

enum {
	OPT_ALONE = 256,
	OPT_APPEND,
	OPT_CPUS,
	OPT_DMAR,
	OPT_FAULTS,
	OPT_FIRMWARE,
	OPT_INITRD,
	OPT_JSON,
	OPT_LOG,
	OPT_MODULE,
	OPT_PARAMETERS,
	OPT_PLANT,
	OPT_QEMU,
	OPT_SEED,
	OPT_TIME,
	OPT_UNIT,
	OPT_UNITS,
	OPT_WORK,
};

static const struct argp_option options[] = {
	{ "alone", OPT_ALONE, NULL, 0, "only the run with the module", 0 },
	{ "append", OPT_APPEND, "ARGS", 0, "more for the kernel's command line", 0 },
	{ "cpus", OPT_CPUS, "N", 0, "the guest's processors (2)", 0 },
	{ "dmar", OPT_DMAR, "FILE", 0,
	  "boot nothing: write the DMAR table that KERNEL describes, for a QEMU of your own", 0 },
	{ "faults", OPT_FAULTS, "LIST", 0, "what the unit and the devices do wrongly", 0 },
	{ "firmware", OPT_FIRMWARE, "DIR", 0, "where QEMU finds its firmware", 0 },
	{ "initrd", OPT_INITRD, "FILE", 0, "an initrd of your own, in place of the one with WORK",
	  0 },
	{ "json", OPT_JSON, NULL, 0, "print one JSON object instead of the report", 0 },
	{ "log", OPT_LOG, "FILE", 0, "keep what the guest's console has printed", 0 },
	{ "module", OPT_MODULE, "FILE", 0,
	  "a kernel module of your own: the same is done twice, without it and with it, and both "
	  "are "
	  "shown side by side",
	  0 },
	{ "parameters", OPT_PARAMETERS, "ARGS", 0, "with which the module is loaded", 0 },
	{ "plant", OPT_PLANT, "KIND", 0,
	  "alter the guest's requests, to show that the judge finds it", 0 },
	{ "qemu", OPT_QEMU, "PROGRAM", 0, "(qemu-system-x86_64)", 0 },
	{ "seed", OPT_SEED, "N", 0, "seed of the unit's choices, of faults and of data (1)", 0 },
	{ "time", OPT_TIME, "S", 0, "stop after S seconds (300)", 0 },
	{ "unit", OPT_UNIT, "UNIT", 0,
	  "qinval, or qemu: its own intel-iommu, to compare with; nothing is injected or judged",
	  0 },
	{ "units", OPT_UNITS, "N", 0,
	  "use N of our units (1): the second has the disk with a TLB, the third has NVMe", 0 },
	{ "work", OPT_WORK, "NAME", 0, "what the guest does, or a script of your own (disk)", 0 },
	{ 0 }
};

static void check_list(struct argp_state *state, const char *option, const char *list, bool plants)
{
	struct guest_faults f = { .n = 0 };
	char error[600];

	if (!guest_faults_parse(&f, list, plants, error, sizeof(error)))
		argp_failure(state, EXIT_UNUSABLE, 0, "--%s: %s", option, error);
}

static const struct option_place places[] = {
	{ OPT_ALONE, OPTION_FLAG, offsetof(struct arguments, alone), 0, 0 },
	{ OPT_APPEND, OPTION_TEXT, offsetof(struct arguments, cfg.append), 0, 0 },
	{ OPT_CPUS, OPTION_UNSIGNED, offsetof(struct arguments, cfg.cpus), 1, SAMPLE_CPUS },
	{ OPT_DMAR, OPTION_TEXT, offsetof(struct arguments, dmar_file), 0, 0 },
	{ OPT_FIRMWARE, OPTION_TEXT, offsetof(struct arguments, cfg.firmware), 0, 0 },
	{ OPT_INITRD, OPTION_TEXT, offsetof(struct arguments, cfg.initrd), 0, 0 },
	{ OPT_JSON, OPTION_FLAG, offsetof(struct arguments, json), 0, 0 },
	{ OPT_LOG, OPTION_TEXT, offsetof(struct arguments, cfg.log), 0, 0 },
	{ OPT_MODULE, OPTION_TEXT, offsetof(struct arguments, cfg.module), 0, 0 },
	{ OPT_PARAMETERS, OPTION_TEXT, offsetof(struct arguments, cfg.parameters), 0, 0 },
	{ OPT_QEMU, OPTION_TEXT, offsetof(struct arguments, cfg.qemu), 0, 0 },
	{ OPT_SEED, OPTION_NUMBER, offsetof(struct arguments, cfg.seed), 0, UINT64_MAX },
	{ OPT_TIME, OPTION_UNSIGNED, offsetof(struct arguments, cfg.seconds), 1, 1000000 },
	{ OPT_UNITS, OPTION_UNSIGNED, offsetof(struct arguments, cfg.units), 1, READY_UNITS },
	{ OPT_WORK, OPTION_TEXT, offsetof(struct arguments, cfg.work), 0, 0 },
	{ 0 }
};

static error_t parse_option(int key, char *text, struct argp_state *state)
{
	struct arguments *a = state->input;
	struct session_config *c = &a->cfg;

	switch (key) {
	case OPT_FAULTS:
		check_list(state, "faults", text, false);
		c->faults = text;
		break;
	case OPT_PLANT:
		check_list(state, "plant", text, true);
		c->plants = text;
		break;
	case OPT_UNIT:
		c->qemus_own = !strcmp(text, "qemu");
		if (!c->qemus_own && strcmp(text, "qinval") != 0)
			argp_failure(state, EXIT_UNUSABLE, 0,
				     "--unit %s: there are qinval and qemu", text);
		break;
	case ARGP_KEY_ARG:
		/* Arguments after -- are for QEMU. */
		if (state->quoted && state->next > state->quoted) {
			c->more = state->argv + state->next - 1;
			state->next = state->argc;
		} else if (c->kernel) {
			argp_failure(state, EXIT_UNUSABLE, 0, "%s: one kernel at a time", text);
		} else {
			c->kernel = text;
		}
		break;
	case ARGP_KEY_END:
		if (c->qemus_own && (c->faults || c->plants || c->units > 1))
			argp_failure(state, EXIT_UNUSABLE, 0,
				     "--unit qemu: it is a single unit, without faults and plants");
		if (c->module && c->initrd)
			argp_failure(
				state, EXIT_UNUSABLE, 0,
				"--module cannot be given with --initrd: our own initrd loads it");
		if (c->module && c->qemus_own && !a->alone)
			argp_failure(
				state, EXIT_UNUSABLE, 0,
				"--module: QEMU's unit counts nothing to compare; see --alone");
		if ((c->parameters || a->alone) && !c->module)
			argp_failure(state, EXIT_UNUSABLE, 0, "--%s needs --module",
				     a->alone ? "alone" : "parameters");
		break;
	default:
		return option_store(places, options, key, text, state);
	}
	return 0;
}

static char *list_kinds(int key, const char *text, void *input)
{
	char *help;
	size_t size, n = 0;
	FILE *f;

	(void)input;
	(void)n;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	f = open_memstream(&help, &size);
	if (!f)
		return (char *)text;
	fputs("Faults:\n", f);
	for (unsigned i = 0; i < GUEST_FAULT_KINDS; i++) {
		enum guest_fault_kind kind = (enum guest_fault_kind)i;

		if (kind == GUEST_WRONG_DOMAIN)
			fputs("Plants:\n", f);
		fprintf(f, "  %-15s %s\n", guest_fault_name(kind), guest_fault_does(kind));
	}
	fprintf(f,
		"\nA LIST is KIND[:KEY=VALUE]...,... with the keys every (one in N), from (not "
		"before N submissions), times (at most N), position (first, later, last, wait), "
		"type, sid, nosid, code, steps; see qinval-guest(1).\n\n"
		"Without KVM a guest boots in some ten seconds, and its work takes as long or "
		"several times as long.\n\n%s",
		text);
	fclose(f);
	return help;
}

const struct argp guest_argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[KERNEL] [-- QEMU-ARGS]",
	.doc = "Boot a real kernel in QEMU on our unit, let it work, inject faults, and report "
	       "what happened. KERNEL is 6.1 or 6.12 (Debian's, fetched; 6.1), a .deb, or a "
	       "bzImage."
	       "\vExit status: 0 all is well; 1 bad usage, or the guest cannot be run; 2 a stale "
	       "use, damaged "
	       "data, a false completion or a hang; 3 not known within the time.",
	.help_filter = list_kinds,
};

static int write_dmar(const struct arguments *a)
{
	char error[600];

	if (dmar_write(a->dmar_file, a->cfg.kernel ? a->cfg.kernel : DMAR_PLAIN, error,
		       sizeof(error)))
		return EXIT_FINE;
	fprintf(stderr, "qinval guest: %s\n", error);
	return EXIT_UNUSABLE;
}

/* Let the decoder explain the kernel's log, if there is something to explain. */
static void decode_log(const struct session *s)
{
	char *argv[] = { (char[]){ "qinval decode" }, (char *)s->console, NULL };
	struct stat st;

	if (s->end == SESSION_UNUSABLE || stat(s->console, &st) || !st.st_size ||
	    (!s->vm.share->injected && s->end == SESSION_DONE))
		return;
	puts("\nThe kernel's log, by qinval decode:\n");
	decode_main(2, argv);
}

static int exit_code(enum guest_result result)
{
	static const int code[] = { [VERDICT_FINE] = EXIT_FINE,
				    [VERDICT_UNUSABLE] = EXIT_UNUSABLE,
				    [VERDICT_WRONG] = EXIT_VIOLATION,
				    [VERDICT_UNKNOWN] = EXIT_INCONCLUSIVE };

	return code[result];
}

static int run_once(const struct arguments *a)
{
	static struct session s;
	enum guest_result result;

	session_run(&s, &a->cfg);
	guest_report_verdict(&s, &result);
	if (a->json) {
		guest_report_json(&s, NULL);
	} else {
		guest_report_text(&s);
		decode_log(&s);
	}
	session_close(&s);
	return exit_code(result);
}

/*
 * Run with the module, and without it. The result is that with the module. This run comes first, as
 * loading the module may fail.
 */
static int compare(const struct arguments *a)
{
	static struct session with, without;
	struct session_config stock = a->cfg;
	enum guest_result result, other;
	bool both;

	stock.module = stock.parameters = stock.log = NULL;
	session_run(&with, &a->cfg);
	guest_report_verdict(&with, &result);
	both = with.end != SESSION_UNUSABLE && with.end != SESSION_INTERRUPTED;
	if (both) {
		session_run(&without, &stock);
		guest_report_verdict(&without, &other);
		if (without.end == SESSION_UNUSABLE || without.end == SESSION_INTERRUPTED)
			result = other;
	}
	if (a->json) {
		guest_report_json(&with, both ? &without : NULL);
	} else if (both && without.vm.share) {
		guest_report_columns(&without, &with);
		decode_log(&with);
	} else {
		fprintf(stderr, "qinval guest: %s\n",
			*with.why      ? with.why
			: *without.why ? without.why
				       : "interrupted");
	}
	if (both)
		session_close(&without);
	session_close(&with);
	return exit_code(result);
}

int guest_main(int argc, char **argv)
{
	struct arguments a = {
		.cfg = { .cpus = 2,
			 .units = 1,
			 .seconds = 300,
			 .seed = 1,
			 .qemu = "qemu-system-x86_64",
			 .work = "disk",
			 .progress = isatty(STDERR_FILENO) },
	};

	if (argp_parse(&guest_argp, argc, argv, ARGP_IN_ORDER, NULL, &a))
		return EXIT_UNUSABLE;
	if (a.dmar_file)
		return write_dmar(&a);
	if (!a.cfg.kernel)
		a.cfg.kernel = "6.1";
	return a.cfg.module && !a.alone ? compare(&a) : run_once(&a);
}
