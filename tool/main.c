/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "tool.h"

#include <argp.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *argp_program_version = "qinval " QINVAL_VERSION;

static const struct {
	const char *name;
	char *title; /* as argv[0], for the subcommand's own messages */
	const char *does;
	int (*main)(int argc, char **argv);
} commands[] = {
	{ "replay", (char[]){ "qinval replay" }, "submit the invalidations of a real trace",
	  replay_main },
	{ "bench", (char[]){ "qinval bench" },
	  "measure the queue against other drivers' algorithms", bench_main },
	{ "decode", (char[]){ "qinval decode" }, "say what is wrong from logs, dumps and traces",
	  decode_main },
	{ "conform", (char[]){ "qinval conform" }, "try a unit's conformance to the specification",
	  conform_main },
	{ "guest", (char[]){ "qinval guest" }, "boot a real kernel on our unit, in QEMU",
	  guest_main },
	{ "top", (char[]){ "qinval top" }, "watch this machine's queues at work", top_main },
	{ "record", (char[]){ "qinval record" }, "record what is submitted to them", record_main },
#ifdef QINVAL_LAB
	{ "explore", (char[]){ "qinval explore" }, "try every interleaving of a scenario",
	  explore_main },
	{ "simulate", (char[]){ "qinval simulate" }, "many CPUs, in virtual time", simulate_main },
	{ "cc", (char[]){ "qinval cc" }, "compile a scenario of your own for explore", cc_main },
#endif
};

#define COMMANDS (sizeof(commands) / sizeof(*commands))

static void usage(FILE *to)
{
	fputs("Usage: qinval SUBCOMMAND [OPTION...] ...\n\n", to);
	for (unsigned i = 0; i < COMMANDS; i++)
		fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].does);
	fputs("\nqinval SUBCOMMAND --help says more, and so does the manual page qinval(1).\n", to);
}

/* What the subcommand has returned; it says itself why it could not do its work. */
static int code = EXIT_FINE;

/* At the end, as argp leaves by exit(): help that did not arrive was not given. */
static void check_stdout(void)
{
	bool failed = ferror(stdout);

	errno = 0;
	if ((!fflush(stdout) && !failed) || code == EXIT_UNUSABLE)
		return;
	fprintf(stderr, "qinval: standard output: %s\n", errno ? strerror(errno) : "write error");
	_exit(EXIT_UNUSABLE);
}

int main(int argc, char **argv)
{
	atexit(check_stdout);
	if (argc < 2) {
		usage(stderr);
		return EXIT_UNUSABLE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-?")) {
		usage(stdout);
		return EXIT_FINE;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts(argp_program_version);
		return EXIT_FINE;
	}
	argp_err_exit_status = EXIT_UNUSABLE;
	for (unsigned i = 0; i < COMMANDS; i++) {
		if (strcmp(argv[1], commands[i].name))
			continue;
		argv[1] = commands[i].title;
		code = commands[i].main(argc - 1, argv + 1);
		return code;
	}
	fprintf(stderr, "qinval: no subcommand \"%s\"; see qinval --help\n", argv[1]);
	return EXIT_UNUSABLE;
}
