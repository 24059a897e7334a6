/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* test_simulate.c - the subcommand as users call it. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "answer.h"

static struct run r;

static json_t *simulate(int code, const char *const *options)
{
	const char *args[24] = { "simulate", "--json", "--submissions", "200" };
	unsigned i;

	for (i = 0; options[i]; i++)
		args[i + 4] = options[i];
	run_qinval(&r, args, NULL);
	return answer(&r, code);
}

static const json_t *find(const json_t *o, const char *engine, unsigned cpus)
{
	json_t *run;
	size_t i;

	json_array_foreach(json_object_get(o, "runs"), i, run)
	{
		if (!strcmp(json_string_value(json_object_get(run, "engine")), engine) &&
		    (unsigned)answer_number(run, "cpus") == cpus)
			return run;
	}
	fail_msg("no run of %s on %u CPUs", engine, cpus);
	return NULL;
}

static void json_has_each_run(void **state)
{
	static const char *const options[] = {
		"--engine", "ticketed,linux-2024", "--cpus", "1-8,12", "--set", "execute=1000", NULL
	};
	static const unsigned cpus[] = { 1, 2, 4, 8, 12 };
	json_t *o = simulate(0, options);
	const json_t *run;
	unsigned i;

	(void)state;
	assert_int_equal(json_array_size(json_object_get(o, "runs")), 10);
	for (i = 0; i < 10; i++) {
		run = find(o, i % 2 ? "ticketed" : "linux-2024", cpus[i / 2]);
		assert_true(json_is_null(json_object_get(run, "problem")));
		assert_true(answer_number(run, "submissions") >= 200 * cpus[i / 2]);
		assert_true(answer_number(run, "utilisation") > 0 &&
			    answer_number(run, "utilisation") <= 1);
		assert_true(answer_number(json_object_get(run, "latency_ns"), "p50") > 1000);
	}
	run = json_array_get(json_object_get(find(o, "linux-2024", 8), "contended"), 0);
	assert_string_equal(json_string_value(json_object_get(run, "name")), "q_lock, held");
	assert_true(answer_number(run, "use") > 0.5);
	assert_true(answer_number(o, "limit") == 1e6);
	assert_true(answer_number(json_object_get(o, "costs"), "execute") == 1000);
	assert_true(answer_number(find(o, "ticketed", 1), "register_reads_per_submission") == 0);
	assert_true(answer_number(find(o, "linux-2024", 1), "register_reads_per_submission") >= 1);
	/*
	 * Each submission reads a status word that the unit has written; with many CPUs the tails
	 * move, too.
	 */
	assert_true(answer_number(find(o, "ticketed", 1), "lines_per_submission") >= 1);
	assert_true(answer_number(find(o, "ticketed", 8), "lines_per_submission") >
		    answer_number(find(o, "ticketed", 1), "lines_per_submission"));
	json_decref(o);
}

static void presets_differ_as_they_say(void **state)
{
	static const char *const server[] = { "--engine", "ticketed", "--cpus", "1", NULL };
	static const char *const exits[] = { "--engine", "ticketed", "--cpus", "1",
					     "--preset", "virtual",  NULL };
	json_t *a = simulate(0, server), *b = simulate(0, exits);
	double latency[2] = {
		answer_number(json_object_get(find(a, "ticketed", 1), "latency_ns"), "mean"),
		answer_number(json_object_get(find(b, "ticketed", 1), "latency_ns"), "mean"),
	};

	(void)state;
	/* An exit, and an invalidation that takes 200 ns longer. */
	assert_true(latency[1] > latency[0] + 3100 && latency[1] < latency[0] + 3300);
	json_decref(a);
	json_decref(b);
}

/* The defect from which this project started makes the simulation stop. */
static void a_lockup_is_found(void **state)
{
	static const char *const options[] = { "--engine", "linux-2023", "--count", "0",
					       "--cpus",   "8",		 "--think", "20000",
					       "--preset", "virtual",	 NULL };
	json_t *o = simulate(2, options);
	const char *problem =
		json_string_value(json_object_get(find(o, "linux-2023", 8), "problem"));

	(void)state;
	assert_non_null(problem);
	assert_non_null(strstr(problem, "has not been over for 10 seconds"));
	json_decref(o);
}

static void curves_are_drawn(void **state)
{
	char path[512], text[32768];
	const char *const args[] = { "simulate", "--engine", "ticketed",  "--cpus", "1,4",
				     "--svg",	 path,	     "--profile", NULL };
	size_t n;
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/curves.svg", run_directory());
	run_qinval(&r, args, NULL);
	assert_int_equal(r.code, 0);
	assert_non_null(strstr(r.out, "q_lock, held"));
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = 0;
	assert_non_null(strstr(text, "unit, one wait each"));
	assert_non_null(strstr(text, "</svg>"));
}

static void misuse_is_explained(void **state)
{
	static const struct {
		const char *args[6];
		const char *says;
	} cases[] = {
		{ { "--engine", "fast" }, "no such engine" },
		{ { "--preset", "fast" }, "no such preset" },
		{ { "--set", "execute" }, "expected NAME=VALUE" },
		{ { "--set", "speed=1" }, "no such parameter" },
		{ { "--cpus", "0" }, "from 1 to 1024" },
		{ { "--cpus", "8-4" }, "from 8 to 1024" },
		{ { "--cpus", "1025" }, "from 1 to 1024" },
		{ { "--cpus", "" }, "from 1 to 1024" },
		{ { "--count", "33" }, "from 0 to 32" },
		{ { "--think", "-1" }, "nanoseconds" },
		{ { "--width", "192" }, "128 or 256" },
		{ { "--slots", "100" }, "power of two" },
		{ { "--slots", "16384", "--width", "256" }, "at most" },
		{ { "--engine", "ticketed", "--slots", "64" }, "ticketed: slots" },
		{ { "server" }, "not an option" },
	};
	unsigned i, k;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *args[8] = { "simulate" };

		for (k = 0; k < 6; k++)
			args[k + 1] = cases[i].args[k];
		run_qinval(&r, args, NULL);
		if (r.code != 1 || !strstr(r.err, cases[i].says) || *r.out)
			fail_msg("%s %s: %d, %s%s", args[1], args[2], r.code, r.err, r.out);
	}
}

/* Without a choice all engines run. */
static void all_engines_run(void **state)
{
	static const char *const options[] = { "--cpus", "2", NULL };
	static const char *const list[] = { "simulate", "--list", "--json", NULL };
	json_t *o = simulate(0, options), *all;
	json_t *engine;
	size_t i;

	(void)state;
	run_qinval(&r, list, NULL);
	all = answer(&r, 0);
	assert_true(json_array_size(json_object_get(all, "engines")) > 4);
	json_array_foreach(json_object_get(all, "engines"), i, engine)
	{
		find(o, json_string_value(json_object_get(engine, "name")), 2);
	}
	json_decref(all);
	json_decref(o);
}

static void list_shows_everything(void **state)
{
	static const char *const args[] = { "simulate", "--list", NULL };

	(void)state;
	run_qinval(&r, args, NULL);
	assert_int_equal(r.code, 0);
	assert_non_null(strstr(r.out, "linux-2024"));
	assert_non_null(strstr(r.out, "slow-device"));
	assert_non_null(strstr(r.out, "fetch-latency"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_has_each_run),   cmocka_unit_test(presets_differ_as_they_say),
		cmocka_unit_test(a_lockup_is_found),   cmocka_unit_test(curves_are_drawn),
		cmocka_unit_test(misuse_is_explained), cmocka_unit_test(list_shows_everything),
		cmocka_unit_test(all_engines_run),
	};

	return cmocka_run_group_tests(tests, NULL, run_end);
}
