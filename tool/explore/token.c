/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "token.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"

/* The steps, after the words that say what is replayed. */
char *token_of(const struct explore_arguments *a, const struct lab_params *p,
	       const struct script_run *run)
{
	char *text;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return NULL;
	fprintf(to, "%s,%s,%u", a->name, p->engine, p->slots);
	if (p->laps)
		fprintf(to, "@%" PRIu64, p->laps);
	fprintf(to, ",%u,%s,", p->width, machine.tso ? "tso" : "sc");
	script_print(run, to);
	return fclose(to) ? NULL : text;
}

/*
 * Split "seed,linux-2023,4,128,sc,STEPS" and set its parts like options. Returns the steps; NULL:
 * it is malformed.
 */
static const char *cut(struct explore_arguments *a)
{
	char *part[5], *rest = a->copy, *end;
	unsigned i;

	for (i = 0; i < 5; i++) {
		part[i] = strsep(&rest, ",");
		if (!rest)
			return NULL;
	}
	a->name = part[0];
	a->engine = part[1];
	a->slots = (unsigned)strtoul(part[2], &end, 10);
	a->laps = *end == '@' ? strtoull(end + 1, &end, 10) : 0;
	a->width = (unsigned)strtoul(part[3], NULL, 10);
	a->tso = !strcmp(part[4], "tso");
	if (*end || (a->slots != 4 && a->slots != 8 && a->slots != 16) ||
	    (a->width != 128 && a->width != 256) || (!a->tso && strcmp(part[4], "sc")))
		return NULL;
	return rest;
}

const char *token_take(struct explore_arguments *a)
{
	const char *steps;

	/* Options must not repeat what the token says. */
	if (a->name || a->engine) {
		explore_unusable("--replay", "the token says which scenario, engine and memory");
		return NULL;
	}
	a->copy = strdup(a->token);
	steps = a->copy ? cut(a) : NULL;
	if (!steps)
		explore_unusable("--replay", "that is no token of qinval explore");
	return steps;
}
