/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command.h"
#include "messages.h"
#include "tool.h"

#include <argp.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *argp_program_version = "qinval " QINVAL_VERSION;

static const struct command commands[] = {
	{ "replay", (char[]){ "qinval replay" }, "submit the invalidations of a real trace",
	  replay_main, &replay_argp },
	{ "bench", (char[]){ "qinval bench" },
	  "measure the queue against other drivers' algorithms", bench_main, &bench_argp },
	{ "decode", (char[]){ "qinval decode" }, "say what is wrong from logs, dumps and traces",
	  decode_main, &decode_argp },
	{ "conform", (char[]){ "qinval conform" }, "try a unit's conformance to the specification",
	  conform_main, &conform_argp },
	{ "guest", (char[]){ "qinval guest" }, "boot a real kernel on our unit, in QEMU",
	  guest_main, &guest_argp },
	{ "top", (char[]){ "qinval top" }, "watch this machine's queues at work", top_main,
	  &top_argp },
	{ "record", (char[]){ "qinval record" }, "record what is submitted to them", record_main,
	  &record_argp },
#ifdef QINVAL_LAB
	{ "explore", (char[]){ "qinval explore" }, "try every interleaving of a scenario",
	  explore_main, &explore_argp },
	{ "simulate", (char[]){ "qinval simulate" }, "many CPUs, in virtual time", simulate_main,
	  &simulate_argp },
	{ "cc", (char[]){ "qinval cc" }, "compile a scenario of your own for explore", cc_main,
	  NULL },
#endif
};

#define COMMANDS (sizeof(commands) / sizeof(*commands))

static void usage(FILE *to)
{
	fputs("Usage: qinval SUBCOMMAND [OPTION...] ...\n\n", to);
	for (unsigned i = 0; i < COMMANDS; i++)
		fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].does);
	fputs("\nqinval help SUBCOMMAND says more, and so does the manual page qinval(1).\n"
	      "qinval --completion bash, or zsh, prints what these shells complete by.\n",
	      to);
}

/* The subcommand's exit code. The subcommand has printed its own messages. */
static int code = EXIT_FINE;

/* Called at exit, as argp calls exit(): output that could not be written is an error. */
static void check_stdout(void)
{
	bool failed = ferror(stdout);

	errno = 0;
	if ((!fflush(stdout) && !failed) || code == EXIT_UNUSABLE)
		return;
	fprintf(stderr, "qinval: standard output: %s\n", errno ? strerror(errno) : "write error");
	_exit(EXIT_UNUSABLE);
}

static const struct command *find(const char *name)
{
	for (unsigned i = 0; i < COMMANDS; i++)
		if (!strcmp(name, commands[i].name))
			return &commands[i];
	return NULL;
}

static int run(const struct command *c, int argc, char **argv)
{
	const char *option, *meant;

	argv[0] = c->title;
	option = c->argp ? suggest_option(c->argp, argv + 1, &meant) : NULL;
	if (option) {
		fprintf(stderr, "%s: there is no %s; did you mean --%s?\n", c->title, option,
			meant);
		return EXIT_UNUSABLE;
	}
	return c->main(argc, argv);
}

static int unknown(const char *name)
{
	const char *meant = suggest_command(commands, COMMANDS, name);

	if (meant)
		fprintf(stderr, "qinval: no subcommand \"%s\"; did you mean \"%s\"?\n", name,
			meant);
	else
		fprintf(stderr, "qinval: no subcommand \"%s\"; see qinval --help\n", name);
	return EXIT_UNUSABLE;
}

/* `qinval help SUBCOMMAND` is `qinval SUBCOMMAND --help`. */
static int help(const char *name)
{
	char *argv[] = { NULL, (char[]){ "--help" }, NULL };
	const struct command *c = name ? find(name) : NULL;

	if (c)
		return run(c, 2, argv);
	if (name)
		return unknown(name);
	usage(stdout);
	return EXIT_FINE;
}

static int complete_by(const char *shell)
{
	if (shell && completion(stdout, shell, commands, COMMANDS))
		return EXIT_FINE;
	fputs("qinval: --completion: expected bash or zsh\n", stderr);
	return EXIT_UNUSABLE;
}

static bool is_help(const char *arg)
{
	return !strcmp(arg, "--help") || !strcmp(arg, "-h") || !strcmp(arg, "-?");
}

int main(int argc, char **argv)
{
	const struct command *c;

	messages_guard();
	atexit(check_stdout);
	argp_err_exit_status = EXIT_UNUSABLE;
	if (argc < 2) {
		usage(stderr);
		return EXIT_UNUSABLE;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts(argp_program_version);
		return EXIT_FINE;
	}
	c = find(argv[1]);
	if (is_help(argv[1]) || !strcmp(argv[1], "help"))
		code = help(argc > 2 ? argv[2] : NULL);
	else if (!strcmp(argv[1], "--completion"))
		code = complete_by(argv[2]);
	else if (!c)
		code = unknown(argv[1]);
	else if (argc > 2 && !strcmp(argv[2], "-h"))
		code = help(argv[1]);
	else
		code = run(c, argc - 1, argv + 1);
	return code;
}
