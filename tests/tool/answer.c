/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

json_t *answer(const struct run *r, int code)
{
	json_error_t error;
	json_t *o;

	if (r->code != code)
		fail_msg("exit code %d in place of %d: %s%s", r->code, code, r->out, r->err);
	o = json_loads(r->out, JSON_REJECT_DUPLICATES, &error);
	if (!o)
		fail_msg("%s: %s", error.text, r->out);
	return o;
}

json_int_t answer_integer(const json_t *o, const char *key)
{
	const json_t *value = json_object_get(o, key);

	if (!json_is_integer(value))
		fail_msg("no integer \"%s\"", key);
	return json_integer_value(value);
}

double answer_number(const json_t *o, const char *key)
{
	const json_t *value = json_object_get(o, key);

	if (!json_is_number(value))
		fail_msg("no number \"%s\"", key);
	return json_number_value(value);
}

void answer_has(const json_t *o, const char *integers)
{
	const char *at = integers;
	char key[64];
	long long is;
	int n;

	for (;;) {
		assert_int_equal(sscanf(at, " %63[a-z_] %lld%n", key, &is, &n), 2);
		if (answer_integer(o, key) != is)
			fail_msg("%s is %lld, not %lld", key, (long long)answer_integer(o, key),
				 is);
		at += n;
		if (!*at)
			return;
		assert_int_equal(*at++, ',');
	}
}
