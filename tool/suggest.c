/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* suggest.c - find the word that a misspelt one probably means. */
#include "command.h"

#include <string.h>

#define LONGEST 40
/* Letters that may be wrong, missing, additional, or exchanged with the next one. */
#define SLIPS 2

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* The distance by optimal string alignment. */
static unsigned distance(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b);
	unsigned d[LONGEST + 1][LONGEST + 1];

	if (na > LONGEST || nb > LONGEST)
		return LONGEST;
	for (size_t i = 0; i <= na; i++)
		d[i][0] = (unsigned)i;
	for (size_t j = 0; j <= nb; j++)
		d[0][j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++)
		for (size_t j = 1; j <= nb; j++) {
			unsigned best = least(d[i - 1][j], d[i][j - 1]) + 1;

			best = least(best, d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				best = least(best, d[i - 2][j - 2] + 1);
			d[i][j] = best;
		}
	return d[na][nb];
}

/* Keep the nearest name, if it is near enough. */
static void consider(const char *typed, const char *name, const char **nearest, unsigned *slips)
{
	unsigned n = distance(typed, name);

	if (n > SLIPS || n >= strlen(typed) || n >= *slips)
		return;
	*slips = n;
	*nearest = name;
}

const char *suggest_command(const struct command *command, unsigned n, const char *name)
{
	const char *nearest = NULL;
	unsigned slips = LONGEST;

	for (unsigned i = 0; i < n; i++)
		consider(name, command[i].name, &nearest, &slips);
	return nearest;
}

/* argp accepts unambiguous abbreviations. */
static bool begins(const struct argp_option *o, const char *name, bool *wants_value)
{
	if (!o->name || strncmp(o->name, name, strlen(name)))
		return false;
	*wants_value = o->arg && !(o->flags & OPTION_ARG_OPTIONAL);
	return true;
}

static bool is_option(const struct argp *argp, const char *name, bool *wants_value)
{
	static const struct argp_option common[] = {
		{ "help", '?', NULL, 0, NULL, 0 },
		{ "usage", '?', NULL, 0, NULL, 0 },
		{ "version", 'V', NULL, 0, NULL, 0 },
		{ "program-name", '?', "NAME", OPTION_HIDDEN, NULL, 0 },
		{ "HANG", '?', "SECS", OPTION_HIDDEN | OPTION_ARG_OPTIONAL, NULL, 0 },
	};

	for (const struct argp_option *o = argp->options; o->name || o->key || o->doc; o++)
		if (begins(o, name, wants_value))
			return true;
	for (unsigned i = 0; i < sizeof(common) / sizeof(*common); i++)
		if (begins(&common[i], name, wants_value))
			return true;
	return false;
}

const char *suggest_option(const struct argp *argp, char **args, const char **meant)
{
	char name[LONGEST + 1];

	for (; *args && **args == '-' && strcmp(*args, "--"); args++) {
		unsigned slips = LONGEST;
		bool wants_value = false;
		size_t length;

		length = strcspn(*args, "=");
		if (strncmp(*args, "--", 2) || length > LONGEST)
			continue;
		memcpy(name, *args + 2, length - 2);
		name[length - 2] = 0;
		if (is_option(argp, name, &wants_value)) {
			if (wants_value && !(*args)[length] && args[1])
				args++;
			continue;
		}
		*meant = NULL;
		for (const struct argp_option *o = argp->options; o->name || o->key || o->doc; o++)
			if (o->name)
				consider(name, o->name, meant, &slips);
		if (*meant)
			return *args;
	}
	return NULL;
}
