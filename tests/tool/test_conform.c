/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* qinval conform as users call it: its output and exit codes. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "answer.h"

static struct run r;

#define ARGUMENTS 12

static void conform(int code, const char *const *options)
{
	const char *args[ARGUMENTS] = { "conform" };

	for (unsigned i = 0; options[i]; i++)
		args[i + 1] = options[i];
	run_qinval(&r, args, NULL);
	if (r.code != code)
		fail_msg("exit code %d in place of %d: %s%s", r.code, code, r.out, r.err);
}

#define CONFORM(code, ...) conform(code, (const char *const[]){ __VA_ARGS__, NULL })

static json_t *parse(void)
{
	json_error_t error;
	json_t *o = json_loads(r.out, 0, &error);

	if (!o)
		fail_msg("%s: %s", error.text, r.out);
	assert_string_equal(r.err, "");
	return o;
}

static const char *text(const json_t *o, const char *key)
{
	const char *value = json_string_value(json_object_get(o, key));

	if (!value)
		fail_msg("no text \"%s\"", key);
	return value;
}

static void test_conforms(void **state)
{
	json_t *o;

	(void)state;
	CONFORM(0, "--json");
	o = parse();
	assert_string_equal(text(o, "device"), "sim");
	assert_true(json_is_null(json_object_get(o, "profile")));
	assert_string_equal(text(o, "verdict"), "conforms");
	answer_has(o, "deviates 0, unexpected 0");
	assert_true(answer_integer(o, "pass") > 400);
	assert_int_equal(answer_integer(o, "cases"),
			 answer_integer(o, "pass") + answer_integer(o, "not_applicable"));
	assert_int_equal(json_array_size(json_object_get(o, "results")),
			 answer_integer(o, "cases"));
	json_decref(o);
}

static void test_declared(void **state)
{
	json_t *o, *result;
	size_t i;

	(void)state;
	CONFORM(0, "--profile", "qemu-7.2", "--json", "wait.flags-");
	o = parse();
	assert_string_equal(text(o, "profile"), "qemu-7.2");
	assert_string_equal(text(o, "verdict"), "as declared");
	answer_has(o, "cases 32, deviates 8, unexpected 0");
	json_array_foreach(json_object_get(o, "results"), i, result)
	{
		assert_memory_equal(text(result, "name"), "wait.flags-", 11);
		assert_true(*text(result, "rule"));
		assert_true(*text(result, "section"));
		if (!strcmp(text(result, "outcome"), "deviates"))
			assert_true(*text(result, "detail"));
	}
	json_decref(o);
}

static void test_text(void **state)
{
	(void)state;
	CONFORM(0, "--profile", "qemu-7.2", "wait.flags-none");
	assert_non_null(strstr(r.out, "deviates        wait.flags-none/128: "));
	assert_non_null(strstr(r.out, "is refused with IQE"));
	assert_non_null(strstr(r.out, "as the profile qemu-7.2 declares"));
	assert_null(strstr(r.out, "UNEXPECTED"));
	CONFORM(0, "queue.on/");
	assert_null(strstr(r.out, "queue.on/128"));
	assert_non_null(strstr(r.out, "2 cases"));
	CONFORM(0, "--verbose", "queue.on/");
	assert_non_null(strstr(r.out, "pass            queue.on/128: "));
	assert_non_null(strstr(r.out, "2 cases"));
}

static void test_fuzz(void **state)
{
	json_t *o;

	(void)state;
	CONFORM(0, "--fuzz", "5000", "--seed", "3", "--profile", "qemu-7.2", "--json");
	o = parse();
	assert_string_equal(text(o, "verdict"), "no difference");
	assert_int_equal(answer_integer(o, "seed"), 3);
	assert_true(answer_integer(o, "descriptors") >= 5000);
	assert_true(answer_integer(o, "executed") > 2000);
	assert_true(answer_integer(o, "refused") > 50);
	assert_null(json_object_get(o, "stream"));
	assert_in_range(json_array_size(json_object_get(o, "fatal_streams")),
			answer_integer(o, "fatal") != 0, answer_integer(o, "fatal"));
	json_decref(o);
}

static void unusable(const char *words)
{
	assert_string_equal(r.out, "");
	if (!strstr(r.err, words))
		fail_msg("no \"%s\" in: %s", words, r.err);
}

static void test_unusable(void **state)
{
	(void)state;
	CONFORM(1, "--device", "vax");
	unusable("there are sim and qemu");
	CONFORM(1, "--device", "./no-such-file.so");
	unusable("no-such-file.so");
	CONFORM(1, "--profile", "qemu-9");
	unusable("expected spec, qemu-7.2");
	CONFORM(1, "wait.nothing");
	unusable("no case has a name that begins so");
	CONFORM(1, "wait.", "queue.");
	unusable("only one prefix");
	CONFORM(1, "--fuzz", "many");
	unusable("expected a number");
	CONFORM(1, "--fuzz", "0");
	unusable("--fuzz 0: expected a number of descriptors");
	CONFORM(1, "--fuzz", "10", "wait.");
	unusable("--fuzz");
}

static void test_full_disk(void **state)
{
	char command[5000];

	(void)state;
	snprintf(command, sizeof(command), "%s conform --json > /dev/full 2> /dev/null",
		 getenv("QINVAL"));
	assert_int_equal(WEXITSTATUS(system(command)), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conforms), cmocka_unit_test(test_declared),
		cmocka_unit_test(test_text),	 cmocka_unit_test(test_fuzz),
		cmocka_unit_test(test_unusable), cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
