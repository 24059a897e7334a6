/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* command.h - the table of subcommands, for completion and for suggestions. */
#ifndef COMMAND_H
#define COMMAND_H

#include <argp.h>
#include <stdbool.h>
#include <stdio.h>

struct command {
	const char *name;
	char *title; /* argv[0] in the subcommand's own messages */
	const char *does;
	int (*main)(int argc, char **argv);
	const struct argp *argp; /* NULL: it parses its arguments itself */
};

/* Write the completion script for a shell, "bash" or "zsh". False: there is none for that shell. */
bool completion(FILE *to, const char *shell, const struct command *command, unsigned n);

/* The name of the subcommand that is similar to @name; NULL: none is. */
const char *suggest_command(const struct command *command, unsigned n, const char *name);

/*
 * Find the first long option at the beginning of @args that the command does not have. @meant: a
 * similar option that it has. NULL: there is none.
 */
const char *suggest_option(const struct argp *argp, char **args, const char **meant);

#endif
