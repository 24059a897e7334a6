/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* command.h - the subcommands as main() has them, for what helps to type them. */
#ifndef COMMAND_H
#define COMMAND_H

#include <argp.h>
#include <stdbool.h>
#include <stdio.h>

struct command {
	const char *name;
	char *title; /* as argv[0], for the subcommand's own messages */
	const char *does;
	int (*main)(int argc, char **argv);
	const struct argp *argp; /* NULL: it reads its arguments by itself */
};

/* Scripts for a shell, "bash" or "zsh". False: there is none for that one. */
bool completion(FILE *to, const char *shell, const struct command *command, unsigned n);

/* The command that is meant by @name; NULL: none is like it. */
const char *suggest_command(const struct command *command, unsigned n, const char *name);

/*
 * The first long option at the beginning of @args, before anything else, that the command has not
 * got, but one like it, which is put into @meant; NULL: there is none.
 */
const char *suggest_option(const struct argp *argp, char **args, const char **meant);

#endif
