/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "option.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "tool.h"

bool option_to_number(const char *text, uint64_t *n)
{
	char *end;

	errno = 0;
	*n = strtoull(text, &end, 0);
	return *text >= '0' && *text <= '9' && !*end && !errno;
}

uint64_t option_number(struct argp_state *state, const char *name, const char *text, uint64_t least,
		       uint64_t most)
{
	uint64_t n;

	if (!option_to_number(text, &n) || n < least || n > most)
		argp_failure(state, EXIT_UNUSABLE, 0,
			     "--%s %s: expected a number from %" PRIu64 " to %" PRIu64, name, text,
			     least, most);
	return n;
}

unsigned option_one_of(struct argp_state *state, const char *name, const char *text,
		       const unsigned *values, const char *expected)
{
	uint64_t n;

	if (option_to_number(text, &n)) {
		for (; *values; values++) {
			if (n == *values)
				return *values;
		}
	}
	argp_failure(state, EXIT_UNUSABLE, 0, "--%s %s: expected %s", name, text, expected);
	return 0;
}

unsigned option_width(struct argp_state *state, const char *text)
{
	return option_one_of(state, "width", text, (const unsigned[]){ 128, 256, 0 }, "128 or 256");
}

error_t option_store(const struct option_place *places, const struct argp_option *options, int key,
		     char *text, struct argp_state *state)
{
	const struct option_place *p = places;
	void *to;

	while (p->kind && p->key != key)
		p++;
	if (!p->kind)
		return ARGP_ERR_UNKNOWN;
	while (options->key != key)
		options++;
	to = (char *)state->input + p->at;
	switch (p->kind) {
	case OPTION_FLAG:
		*(bool *)to = true;
		break;
	case OPTION_TEXT:
		*(const char **)to = text;
		break;
	case OPTION_NUMBER:
		*(uint64_t *)to = option_number(state, options->name, text, p->least, p->most);
		break;
	case OPTION_UNSIGNED:
		*(unsigned *)to =
			(unsigned)option_number(state, options->name, text, p->least, p->most);
		break;
	}
	return 0;
}

double option_patience(void)
{
	const char *text = getenv("QINVAL_TIMEOUT_MULTIPLIER");
	double times = text ? atof(text) : 1;

	return times > 1 && times <= 1000 ? times : 1;
}
