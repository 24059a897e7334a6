/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A real kernel on our unit: working, with a plant in its requests, and hanging with a known
 * defect. Packages that ./bootstrap check could not fetch are skipped with a message.
 */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../hosts/qemu.h"
#include "../tool/answer.h"

static struct run r;

#define ARGUMENTS 24

static json_t *guest(int code, const char *const *options)
{
	const char *args[ARGUMENTS] = { "guest", "--json", "--time", "3600" };

	for (unsigned i = 0; options[i]; i++)
		args[i + 4] = options[i];
	run_qinval(&r, args, NULL);
	return answer(&r, code);
}

#define GUEST(code, ...) guest(code, (const char *const[]){ __VA_ARGS__, NULL })

static void it_works(void **state)
{
	json_t *o = GUEST(0, "6.1");

	(void)state;
	assert_string_equal(json_string_value(json_object_get(o, "verdict")), "ok");
	assert_true(answer_integer(o, "submissions") > 5000);
	assert_true(answer_integer(o, "translations") > 10000);
	assert_true(answer_integer(o, "hits") > 0);
	answer_has(o, "stale 0, false_completions 0");
	assert_true(json_is_null(json_object_get(o, "hang")));
	json_decref(o);
}

static void a_plant_is_found(void **state)
{
	json_t *o = GUEST(2, "--plant", "wrong-domain"), *plants = json_object_get(o, "plants");

	(void)state;
	assert_string_equal(json_string_value(json_object_get(o, "verdict")), "stale");
	assert_true(answer_integer(o, "stale") > 0);
	assert_true(answer_integer(plants, "planted") > 0);
	assert_true(answer_integer(plants, "found") > 0);
	json_decref(o);
}

/* The console is not used. */
static void a_hang_has_a_name(void **state)
{
	json_t *o = GUEST(2, "--faults", "refuse:position=wait:every=1:times=1", "--append",
			  "loglevel=1");
	json_t *hang = json_object_get(o, "hang");

	(void)state;
	assert_string_equal(json_string_value(json_object_get(o, "verdict")), "hang");
	assert_int_equal(answer_integer(hang, "history"), 32);
	assert_true(answer_integer(hang, "cpus") >= 1);
	assert_non_null(
		strstr(json_string_value(json_object_get(hang, "where")), "qi_submit_sync"));
	assert_int_equal(answer_integer(json_object_get(o, "faults"), "refuse"), 1);
	json_decref(o);
}

/* Each refusal costs the kernel some slots for ever. */
static void a_ring_leaks_away(void **state)
{
	json_t *o = GUEST(2, "--work", "nvme", "--faults", "refuse:position=first:every=20");
	json_t *hang = json_object_get(o, "hang");

	(void)state;
	assert_string_equal(json_string_value(json_object_get(o, "verdict")), "hang");
	assert_int_equal(answer_integer(hang, "history"), 33);
	assert_non_null(
		strstr(json_string_value(json_object_get(hang, "where")), "in the wait for space"));
	json_decref(o);
}

/* True if the packages from which the guest is made are there. */
static bool packages_are_here(void)
{
	static const char *const names[] = { "6.1", "busybox" };
	char command[1000];

	for (unsigned i = 0; i < 2; i++) {
		snprintf(command, sizeof(command), "'%s' -n %s >/dev/null",
			 run_source("guest/data/fetch"), names[i]);
		if (system(command) != 0) {
			fputs("no guest is booted: ./bootstrap check fetches its packages\n",
			      stderr);
			return false;
		}
	}
	return true;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_works),
		cmocka_unit_test(a_plant_is_found),
		cmocka_unit_test(a_hang_has_a_name),
		cmocka_unit_test(a_ring_leaks_away),
	};

	if (!qemu_is_here() || !packages_are_here())
		return SKIPPED;
	return cmocka_run_group_tests(tests, NULL, run_end);
}
