/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The benchmark: correct drivers pass, planted false ones are detected, the unit and its registers
 * take the configured time, and the program reports all that.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>
#include <qinval/regs.h>
#include <sched.h>

#include "../patience.h"
#include "answer.h"
#include "tool/bench/plan.h"
#include "tool/bench/clock.h"
#include "tool/bench/line.h"

#define THREADS 2
#define SECONDS 0.01

static struct run r;
static double per_second;
static unsigned cpu[CPU_SETSIZE], cpus;

static int set_up(void **state)
{
	cpu_set_t set;

	(void)state;
	sched_getaffinity(0, sizeof(set), &set);
	for (unsigned i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &set))
			cpu[cpus++] = i;
	ticks_are_cycles = ticks_cycles_trusted(NULL);
	per_second = ticks_per_second();
	return 0;
}

static void skip_on_one_processor(void)
{
	if (cpus >= 2)
		return;
	not_tested("one processor is not enough for a submitter and the unit");
	skip();
}

/*
 * With one processor more than there are threads; or threads share processors, which is slow but
 * correct.
 */
static struct bench_slice measure(const struct bench_engine *e, unsigned count,
				  struct bench_costs costs)
{
	struct bench_slice_config cfg = {
		.engine = e,
		.cpu = cpu,
		.threads = cpus > THREADS ? THREADS : 1,
		.slots = 256,
		.count = count,
		.costs = costs,
		.ticks_per_second = per_second,
		.seconds = SECONDS,
		.patience = PATIENCE_S * patience_multiplier(),
	};
	uint64_t end = patience_begin();
	const char *why;
	struct bench_slice s;

	skip_on_one_processor();
	cfg.unit_cpu = cpu[cfg.threads];
	/* Without a result the machine had no time for the test: try again. */
	do {
		why = bench_slice(&cfg, &s);
		if (why)
			fail_msg("%s", why);
	} while (s.per_second == 0 && !bench_slice_failed(&s) && patience_lasts(end));
	return s;
}

static const struct bench_costs cheap = { 100, 100, 100 };

/* ---- correct drivers ---- */

static void every_driver(void **state)
{
	static const unsigned counts[] = { 0, 1, 16, 64 };

	(void)state;
	for (const struct bench_engine *e = bench_engines; e->name; e++)
		for (unsigned i = 0; i < 4; i++) {
			struct bench_slice s = measure(e, counts[i], cheap);

			if (bench_slice_failed(&s))
				fail_msg("%s, count %u: %s, %d early, %d strange", e->name,
					 counts[i], qi_strerror(s.error), (int)s.false_completions,
					 (int)s.strange);
			assert_true(s.submissions > 0);
			assert_true(s.doorbells > 0 && s.doorbells <= s.submissions);
			assert_true(s.per_second > 0);
			assert_true(s.fairness >= 0 && s.fairness <= 1);
			for (unsigned p = 1; p < BENCH_PERCENTILES; p++)
				assert_true(s.latency[p] >= s.latency[p - 1]);
		}
}

/* Only the driver that is known to read registers does. */
static void register_reads(void **state)
{
	struct bench_slice s = measure(bench_engine_find(BENCH_BASELINE), 1, cheap);

	(void)state;
	assert_true(s.reads > 0);
}

/* A submission of one descriptor takes the unit at least twice the time of a descriptor. */
static void no_faster_than_the_unit(void **state)
{
	const struct bench_costs slow = { 20000, 0, 0 };
	double limit = per_second / slow.desc / 2;

	(void)state;
	for (const struct bench_engine *e = bench_engines; e->name; e++) {
		struct bench_slice s = measure(e, 1, slow);

		assert_true(s.per_second <= 1.05 * limit);
		assert_true(s.latency[0] >= 1 / limit);
	}
}

/* ---- the host ---- */

/* The least of many tries, until one takes no more than @enough. */
static uint64_t least_ticks(const struct qi_config *cfg, bool write, uint64_t enough)
{
	uint64_t end = patience_begin(), least = UINT64_MAX, start, ticks;

	for (unsigned i = 0; i < 100 || (least > enough && patience_lasts(end)); i++) {
		start = ticks_after();
		if (write)
			cfg->host->write32(cfg->ctx, DMAR_FSTS_REG, 0);
		else
			cfg->host->read32(cfg->ctx, DMAR_FSTS_REG);
		ticks = ticks_after() - start;
		least = ticks < least ? ticks : least;
	}
	return least;
}

static void registers_take_their_time(void **state)
{
	const struct bench_unit_config unit = {
		.slots = 256, .lanes = 1, .room = 1, .costs = { 1, 20000, 5000 }
	};
	struct bench_unit *u = bench_unit_new(&unit);
	struct qi_config cfg = { 0 };
	uint64_t ticks;

	(void)state;
	assert_non_null(u);
	bench_unit_configure(u, &cfg);
	ticks = least_ticks(&cfg, false, 24000);
	assert_in_range(ticks, 20000, 24000);
	ticks = least_ticks(&cfg, true, 6000);
	assert_in_range(ticks, 5000, 6000);
	bench_unit_free(u);
}

static void lines_take_some_time(void **state)
{
	uint64_t end = patience_begin();
	double ticks;

	(void)state;
	skip_on_one_processor();
	do
		assert_true(bench_line(cpu[0], cpu[1], &ticks));
	while (ticks >= per_second / 1e5 && patience_lasts(end));
	assert_true(ticks > 2 && ticks < per_second / 1e5);
	assert_false(bench_line(cpu[0], CPU_SETSIZE - 1, &ticks));
}

/* ---- false drivers ---- */

static const char *start_core(void *q, struct qi_config *cfg)
{
	const char *why = NULL;

	return qi_init_why(q, cfg, &why) || qi_enable(q) ? "cannot start" : NULL;
}

/* True for one call in so many. */
static bool now_and_then(void)
{
	static _Thread_local unsigned calls;

	return ++calls % 8 == 0;
}

/* Returns when the submission is accepted; the next call collects it. */
static int submit_early(void *q, const struct qi_desc *desc, unsigned count, unsigned options)
{
	static _Thread_local struct qi_ticket ticket;
	static _Thread_local struct qi_desc copy;
	static _Thread_local void *of;

	if (of == q)
		qi_wait(q, &ticket);
	of = NULL;
	if (!now_and_then())
		return qi_submit_sync(q, desc, count, options);
	of = q;
	if (count)
		copy = *desc;
	return qi_submit(q, count ? &copy : NULL, count, options, &ticket);
}

static int submit_nothing(void *q, const struct qi_desc *desc, unsigned count, unsigned options)
{
	return now_and_then() ? 0 : qi_submit_sync(q, desc, count, options);
}

static int submit_another(void *q, const struct qi_desc *desc, unsigned count, unsigned options)
{
	struct qi_desc wrong = *desc;

	if (!now_and_then())
		return qi_submit_sync(q, desc, count, options);
	wrong.qw1 += 1 << QI_PAGE_SHIFT;
	return qi_submit_sync(q, &wrong, count, options);
}

static int submit_twice(void *q, const struct qi_desc *desc, unsigned count, unsigned options)
{
	if (now_and_then())
		qi_submit_sync(q, desc, count, options);
	return qi_submit_sync(q, desc, count, options);
}

static int submit_failing(void *q, const struct qi_desc *desc, unsigned count, unsigned options)
{
	return now_and_then() ? -QI_ERR_TIMEOUT : qi_submit_sync(q, desc, count, options);
}

static struct bench_slice plant(int (*submit)(void *q, const struct qi_desc *desc, unsigned count,
					      unsigned options),
				unsigned count)
{
	const struct bench_engine planted = { "planted", "", sizeof(struct qi), start_core,
					      submit };
	const struct bench_costs slow = { 2000, 0, 0 };
	uint64_t end = patience_begin();
	struct bench_slice s;

	/* On a busy machine it may not get to its false completion. */
	do
		s = measure(&planted, count, slow);
	while (!bench_slice_failed(&s) && patience_lasts(end));
	assert_true(bench_slice_failed(&s));
	return s;
}

static void early_returns_are_found(void **state)
{
	(void)state;
	assert_true(plant(submit_early, 1).false_completions > 0);
	assert_true(plant(submit_early, 0).false_completions > 0);
	assert_true(plant(submit_nothing, 0).false_completions > 0);
}

static void wrong_descriptors_are_found(void **state)
{
	(void)state;
	assert_true(plant(submit_nothing, 1).strange > 0);
	assert_true(plant(submit_another, 1).strange > 0);
	assert_true(plant(submit_twice, 1).strange > 0);
}

static void failures_are_found(void **state)
{
	(void)state;
	assert_int_equal(plant(submit_failing, 1).error, -QI_ERR_TIMEOUT);
}

static int submit_for_ever(void *q, const struct qi_desc *desc, unsigned count, unsigned options)
{
	int err = qi_submit_sync(q, desc, count, options);

	pause();
	return err;
}

/* In a process of its own, as its threads stay. */
static void lost_submissions_are_found(void **state)
{
	const struct bench_engine planted = { "planted", "", sizeof(struct qi), start_core,
					      submit_for_ever };
	struct bench_slice_config cfg = { .engine = &planted,
					  .cpu = cpu,
					  .unit_cpu = cpu[1],
					  .threads = 1,
					  .slots = 256,
					  .count = 1,
					  .costs = cheap,
					  .ticks_per_second = per_second,
					  .seconds = SECONDS,
					  .patience = 0.5 };
	struct bench_slice s;
	pid_t child;
	int status;

	(void)state;
	skip_on_one_processor();
	child = fork();
	if (!child)
		_exit(!bench_slice(&cfg, &s) && s.lost && bench_slice_failed(&s) ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* ---- the program ---- */

static void check_spread(const json_t *o, const char *key)
{
	const json_t *spread = json_object_get(o, key);
	double least = json_number_value(json_object_get(spread, "least"));
	double median = json_number_value(json_object_get(spread, "median"));
	double most = json_number_value(json_object_get(spread, "most"));

	if (!spread || least > median || median > most)
		fail_msg("%s: %g %g %g", key, least, median, most);
}

/* Repeat it if other programs have taken all processors. */
static void run_bench(const char *const *args)
{
	uint64_t end = patience_begin();

	do
		run_qinval(&r, args, NULL);
	while (strstr(r.err, "too busy") && patience_lasts(end));
}

static void one_object(void **state)
{
	static const char *const keys[] = { "submissions_per_second", "ratio", "of_limit",
					    "fairness" };
	static const char *const args[] = {
		"bench",       "--json",      "--rounds=3",	      "--time=2",
		"--count=0-1", "--threads=1", "--registers=10,40:20", NULL
	};
	const json_t *cells, *cell;
	json_t *o;
	size_t i;

	(void)state;
	skip_on_one_processor();
	run_bench(args);
	o = answer(&r, 0);
	assert_string_equal(json_string_value(json_object_get(o, "verdict")), "clean");
	check_spread(o, "line_transfer_ns");
	cells = json_object_get(o, "cells");
	json_array_foreach(cells, i, cell)
	{
		for (unsigned k = 0; k < sizeof(keys) / sizeof(*keys); k++)
			check_spread(cell, keys[k]);
		check_spread(json_object_get(cell, "latency_ns"), "p999");
		if (!strcmp(json_string_value(json_object_get(cell, "engine")), BENCH_BASELINE))
			assert_true(json_number_value(json_object_get(
					    json_object_get(cell, "ratio"), "median")) == 1);
	}
	for (i = 0; bench_engines[i].name; i++)
		;
	assert_int_equal(json_array_size(cells), i * 2 * 2);
	cell = json_array_get(cells, json_array_size(cells) - 1);
	assert_int_equal(json_integer_value(json_object_get(cell, "register_read")), 40);
	assert_int_equal(json_integer_value(json_object_get(cell, "register_write")), 20);
	json_decref(o);
}

static void report_and_picture(void **state)
{
	char svg[300], line[100];
	const char *const args[] = { "bench",	  "--engine=amd,ticketed", "--rounds=1",
				     "--time=20", "--threads=1",	   svg,
				     NULL };
	FILE *file;

	(void)state;
	skip_on_one_processor();
	snprintf(svg, sizeof(svg), "--svg=%s/bench.svg", run_directory());
	run_bench(args);
	assert_int_equal(r.code, 0);
	assert_non_null(strstr(r.out, "submissions: each was complete when it returned"));
	assert_non_null(strstr(r.out, "device 200, registers 1000:250, count 1"));
	assert_non_null(strstr(r.out, "amd"));
	file = fopen(svg + strlen("--svg="), "r");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	assert_non_null(strstr(line, "<svg"));
	fclose(file);
	run_clean();
}

/* ---- clocks ---- */

static void trust_is_the_kernels(void **state)
{
	static const struct {
		const char *names;
		bool trusted;
	} lists[] = { { "tsc hpet acpi_pm \n", true },
		      { "kvm-clock acpi_pm \n", false },
		      { "", true } };

	(void)state;
#if defined(__x86_64__)
	for (unsigned i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		assert_int_equal(ticks_cycles_trusted(run_file("sources", lists[i].names,
							       strlen(lists[i].names))),
				 lists[i].trusted);
	assert_true(ticks_cycles_trusted("/nowhere"));
	run_clean();
#else
	(void)lists;
	assert_false(ticks_cycles_trusted(NULL));
#endif
}

/*
 * As on a machine whose time stamp counters cannot be trusted: it measures nevertheless, and says
 * so.
 */
static void the_systems_clock(void **state)
{
	static const char *const args[] = { "bench",	  "--clock=system", "--engine=amd,ticketed",
					    "--rounds=1", "--time=20",	    "--threads=1",
					    NULL };
	static const char *const json[] = { "bench",	  "--clock=system", "--engine=amd",
					    "--rounds=1", "--time=2",	    "--json",
					    NULL };
	const struct bench_plan plan = { .untrusted = true };
	const struct bench_result none = { .ticks_per_second = 1e9 };
	char text[4000] = "";
	FILE *to = fmemopen(text, sizeof(text), "w");
	json_t *o;

	(void)state;
	bench_report(to, &plan, &none);
	fclose(to);
	assert_non_null(strstr(text, "nanoseconds for cycles"));
	assert_non_null(strstr(text, "as the kernel trusts no time stamp counters here"));

	skip_on_one_processor();
	run_bench(args);
	if (r.code)
		fail_msg("exit code %d: %s%s", r.code, r.out, r.err);
	assert_non_null(strstr(r.out, "submissions: each was complete when it returned"));
	assert_non_null(strstr(r.out, "The clock is the system's"));
	run_bench(json);
	o = answer(&r, 0);
	assert_string_equal(json_string_value(json_object_get(o, "clock")), "system");
	assert_true(json_number_value(json_object_get(o, "cycles_per_second")) == 1e9);
	json_decref(o);
}

/* Correct and false drivers are distinguished with it, too; the remaining tests use it. */
static void change_clocks(void **state)
{
	(void)state;
	ticks_are_cycles = false;
	per_second = ticks_per_second();
}

/* Tried here, as the program has no false driver. */
static void a_violation_is_told(void **state)
{
	const struct bench_engine planted = { .name = "planted" };
	const struct bench_plan plan = { .engine = { &planted }, .engines = 1 };
	const struct bench_result found = {
		.ticks_per_second = 1e9,
		.failed = true,
		.failed_engine = &planted,
		.failed_cell = { 3, 1, { 200, 1000, 250 } },
		.failed_slice = { .submissions = 9, .false_completions = 7, .strange = 5 },
	};
	char text[4000] = "";
	FILE *to = fmemopen(text, sizeof(text), "w");
	const json_t *violation;
	json_t *o;

	(void)state;
	bench_report(to, &plan, &found);
	fclose(to);
	assert_non_null(strstr(text, "planted with 3 threads, device 200"));
	assert_non_null(strstr(text, "7 of 9 submissions returned too early"));
	assert_non_null(strstr(text, "5 descriptors were lost"));
	to = fmemopen(text, sizeof(text), "w");
	assert_true(bench_json(to, &plan, &found));
	fclose(to);
	o = json_loads(text, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(o, "verdict")), "violated");
	violation = json_object_get(o, "violation");
	assert_string_equal(json_string_value(json_object_get(violation, "engine")), "planted");
	assert_int_equal(json_integer_value(json_object_get(violation, "false_completions")), 7);
	assert_int_equal(json_integer_value(json_object_get(violation, "threads")), 3);
	json_decref(o);
}

static void bad_usage(void **state)
{
	static const struct {
		const char *option, *says;
	} bad[] = {
		{ "--threads=999", "at most" },
		{ "--threads=0", "number from 1" },
		{ "--threads=2-1", "number from 2" },
		{ "--count=65", "number from 0 to 64" },
		{ "--count=1,", "does not begin with a number" },
		{ "--count=1;2", "what is \";2\"?" },
		{ "--device=0", "number from 1" },
		{ "--registers=100:", "does not begin with a number" },
		{ "--registers=fast", "does not begin with a number" },
		{ "--slots=300", "power of two" },
		{ "--slots=128", "number from 256" },
		{ "--rounds=0", "number from 1" },
		{ "--engine=linux-1991", "there is no \"linux-1991\"" },
		{ "--clock=sundial", "tsc or system" },
		{ "--svg=/nowhere/at/all.svg", "No such file" },
	};

	/*
	 * On every machine: only with valid arguments does it say that this machine cannot do it.
	 */
	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const char *const args[] = { "bench",	     "--rounds=1",  "--time=1",
					     "--engine=amd", bad[i].option, NULL };

		run_bench(args);
		if (r.code != 1 || !strstr(r.err, bad[i].says))
			fail_msg("%s: exit code %d: %s", bad[i].option, r.code, r.err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_driver),
		cmocka_unit_test(register_reads),
		cmocka_unit_test(no_faster_than_the_unit),
		cmocka_unit_test(registers_take_their_time),
		cmocka_unit_test(lines_take_some_time),
		cmocka_unit_test(early_returns_are_found),
		cmocka_unit_test(wrong_descriptors_are_found),
		cmocka_unit_test(failures_are_found),
		cmocka_unit_test(lost_submissions_are_found),
		cmocka_unit_test(one_object),
		cmocka_unit_test(report_and_picture),
		cmocka_unit_test(a_violation_is_told),
		cmocka_unit_test(trust_is_the_kernels),
		cmocka_unit_test(the_systems_clock),
		cmocka_unit_test(bad_usage),
		cmocka_unit_test(change_clocks),
		cmocka_unit_test(every_driver),
		cmocka_unit_test(no_faster_than_the_unit),
		cmocka_unit_test(registers_take_their_time),
		cmocka_unit_test(lines_take_some_time),
		cmocka_unit_test(early_returns_are_found),
		cmocka_unit_test(wrong_descriptors_are_found),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
