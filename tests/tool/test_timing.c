/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* qinval replay --timing: never too early, with a comparison to recorded times. */
#include "answer.h"

#include "tool/replay/timing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

static struct run r;

/*
 * The recording of two seconds has eight calls, including a drain; two of them cannot be compared.
 */
static void gaps_are_kept_and_times_compared(void **state)
{
	char path[4096];
	json_t *o;

	(void)state;
	snprintf(path, sizeof(path), "%s", run_source("tests/live/traces/made.txt"));
	run_qinval(&r, (const char *[]){ "replay", "--timing", "--json", path, NULL }, NULL);
	o = answer(&r, 0);
	/* It lasts at least until the last event's time; no machine is too slow for that. */
	assert_true(json_real_value(json_object_get(o, "seconds")) >= 2.000001);
	answer_has(o, "submissions 10, descriptors 9, recorded 5");
	assert_int_equal(answer_integer(json_object_get(o, "recorded_latency_ns"), "max"), 100000);
	json_decref(o);
	run_qinval(&r, (const char *[]){ "replay", "--json", path, NULL }, NULL);
	assert_null(strstr(r.out, "recorded"));
}

static void a_trace_without_completions_is_said(void **state)
{
	(void)state;
	run_qinval(&r, (const char *[]){ "replay", "--timing", "-", NULL },
		   "x-1 [000] 1.0: qi_submit: iec_inv dmar0: 0x4 0x0 0x0 0x0\n");
	assert_int_equal(r.code, 0);
	assert_non_null(strstr(r.err, "no completions to compare with"));
	assert_non_null(strstr(r.out, "at the trace's own times, at most "));
	assert_null(strstr(r.out, "as recorded"));
}

static void times_that_are_counts_cannot_be_kept(void **state)
{
	(void)state;
	run_qinval(&r, (const char *[]){ "replay", "--timing", "-", NULL },
		   "x-1 [000] 123: qi_submit: iec_inv dmar0: 0x4 0x0 0x0 0x0\n");
	assert_int_equal(r.code, 1);
	assert_non_null(strstr(r.err, "are not in seconds"));
}

static void passes_follow_each_other(void **state)
{
	struct trace_event event[2] = { { .ns = 1000 }, { .ns = 5000 } };
	const struct trace t = { .event = event, .count = 2, .first = 1000, .last = 5000 };

	(void)state;
	assert_int_equal(timing_due(&t, 0, 0), 0);
	assert_int_equal(timing_due(&t, 1, 0), 4000);
	assert_int_equal(timing_due(&t, 0, 1), 4000);
	assert_int_equal(timing_due(&t, 1, 2), 12000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gaps_are_kept_and_times_compared),
		cmocka_unit_test(a_trace_without_completions_is_said),
		cmocka_unit_test(times_that_are_counts_cannot_be_kept),
		cmocka_unit_test(passes_follow_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
