/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * qinval conform with QEMU as users call it: QEMU ends by itself from time to time, and may not
 * exist.
 */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "../hosts/qemu.h"
#include "run.h"

static struct run r;

#define ARGUMENTS 12

static void conform(int code, const char *const *options)
{
	const char *args[ARGUMENTS] = { "conform", "--device", "qemu" };

	for (unsigned i = 0; options[i]; i++)
		args[i + 3] = options[i];
	run_qinval(&r, args, NULL);
	if (r.code != code)
		fail_msg("exit code %d in place of %d: %s%s", r.code, code, r.out, r.err);
}

#define CONFORM(code, ...) conform(code, (const char *const[]){ __VA_ARGS__, NULL })

/* How often QEMU has ended; -1: not reported. @how: the words agree with the number. */
static json_int_t ends(bool *how)
{
	json_t *o = json_loads(r.out, 0, NULL);
	const json_t *n, *end;
	json_int_t number;

	if (!o)
		fail_msg("%s", r.out);
	n = json_object_get(o, "ends");
	end = json_object_get(o, "end");
	number = json_is_integer(n) ? json_integer_value(n) : -1;
	*how = number ? json_is_string(end) && strstr(json_string_value(end), "Assertion") : !end;
	json_decref(o);
	return number;
}

/* It ends at a wait with SW and IF, and at nothing else. */
static void ends_are_said(void **state)
{
	bool how;

	(void)state;
	CONFORM(0, "--profile", "qemu-7.2", "--json", "wait.flags-if-sw/128");
	assert_int_equal(ends(&how), 1);
	assert_true(how);
	CONFORM(0, "--json", "wait.flags-sw/128");
	assert_int_equal(ends(&how), 0);
	assert_true(how);
	CONFORM(0, "--profile", "qemu-7.2", "wait.flags-if-sw/128");
	assert_non_null(strstr(r.out, "\nQEMU has ended once and was started again: "));
	CONFORM(0, "--profile", "qemu-7.2", "wait.");
	assert_non_null(strstr(r.out, "\nQEMU has ended 4 times and was started again; "));
	CONFORM(0, "wait.flags-sw/128");
	assert_null(strstr(r.out, "has ended"));
}

static void ends_are_said_of_random_descriptors(void **state)
{
	bool how;

	(void)state;
	CONFORM(0, "--profile", "qemu-7.2", "--fuzz", "5000", "--json");
	assert_true(ends(&how) > 0);
	assert_true(how);
	CONFORM(0, "--profile", "qemu-7.2", "--fuzz", "5000");
	assert_non_null(strstr(r.out, "\nQEMU has ended "));
}

/* Put this program first in PATH, with QEMU's name. */
static void with_program(const char *text)
{
	char path[600];

	snprintf(path, sizeof(path), "%s", run_file("qemu-system-x86_64", text, strlen(text)));
	assert_int_equal(chmod(path, 0700), 0);
	snprintf(path, sizeof(path), "%s:%s", run_directory(), getenv("PATH"));
	setenv("PATH", path, 1);
}

static void unusable(const char *words)
{
	assert_string_equal(r.out, "");
	if (!strstr(r.err, words))
		fail_msg("no \"%s\" in: %s", words, r.err);
}

static void no_qemu(void **state)
{
	char path[1000];

	(void)state;
	snprintf(path, sizeof(path), "%s", getenv("PATH"));
	setenv("PATH", "/nowhere", 1);
	CONFORM(1, "wait.");
	unusable("there is no qemu-system-x86_64 here; on Debian: apt install");
	setenv("PATH", path, 1);
	with_program("#!/bin/sh\necho 'no memory today' >&2\nexit 3\n");
	CONFORM(1, "--fuzz", "1000");
	unusable("qemu-system-x86_64 has ended with exit status 3: no memory today");
	setenv("PATH", path, 1);
	with_program("#!/bin/sh\necho 'QEMU emulator version 6.0.0'\n");
	CONFORM(1, "--profile", "qemu");
	unusable("no profile for this version: QEMU emulator version 6.0.0");
	setenv("PATH", path, 1);
	run_clean();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_are_said),
		cmocka_unit_test(ends_are_said_of_random_descriptors),
		cmocka_unit_test(no_qemu),
	};

	if (!qemu_is_here())
		return SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
