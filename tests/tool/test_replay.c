/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The bundled traces with the program, as users replay them. */
#include <jansson.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../patience.h"
#include "answer.h"

static struct run r;

static const struct {
	const char *path;
	json_int_t events, threads;
} traces[] = {
	{ "examples/traces/boot_strict_smp4.trace.txt.xz", 127, 4 },
	{ "examples/traces/net_ats_strict_smp4.trace.txt.xz", 97222, 4 },
	{ "examples/traces/nvmemix_strict_smp8.trace.txt.xz", 46471, 7 },
	{ "examples/traces/rebind_strict_smp4.trace.txt.xz", 17893, 4 },
};

#define BOOT 0
#define NET 1
#define REBIND 3
#define TRIES 5
#define TRACES (sizeof(traces) / sizeof(*traces))

/* Replay with these additional options, which end with NULL; expects @code and one JSON object. */
static json_t *replay(unsigned trace, int code, const char *const *options)
{
	const char *args[24] = { "replay", "--json", run_source(traces[trace].path) };

	for (unsigned i = 0; options[i]; i++)
		args[i + 3] = options[i];
	run_qinval(&r, args, NULL);
	return answer(&r, code);
}

static void check_flawless(const json_t *o)
{
	static const char *const zero[] = { "lost",   "stale",	       "false_completions",
					    "errors", "misblamed",     "errors_expected",
					    "resets", "damaged_lines", "lost_events" };

	for (unsigned i = 0; i < sizeof(zero) / sizeof(*zero); i++)
		if (answer_integer(o, zero[i]))
			fail_msg("%s: %s", zero[i], r.out);
	assert_string_equal(json_string_value(json_object_get(o, "verdict")), "clean");
	assert_in_range(answer_integer(o, "doorbells"), 1, answer_integer(o, "submissions"));
	assert_int_equal(answer_integer(o, "executed"), 2 * answer_integer(o, "submissions"));
}

static void check_figures(const json_t *o)
{
	const json_t *latency = json_object_get(o, "latency_ns");

	assert_string_equal(json_string_value(json_object_get(o, "engine")), "ticketed");
	assert_true(json_number_value(json_object_get(o, "seconds")) > 0);
	assert_true(json_number_value(json_object_get(o, "submissions_per_second")) > 0);
	assert_in_range(answer_integer(latency, "p50"), 1, answer_integer(latency, "p90"));
	assert_in_range(answer_integer(latency, "p90"), 1, answer_integer(latency, "p99"));
	assert_in_range(answer_integer(latency, "p99"), 1, answer_integer(latency, "p999"));
	assert_in_range(answer_integer(latency, "p999"), 1, answer_integer(latency, "max"));
}

/* With a sanitizer all threads are too slow for the number to mean anything. */
static bool reads_registers(const json_t *o)
{
	return !PATIENCE_SANITIZED &&
	       answer_integer(o, "mmio_reads") > answer_integer(o, "submissions") / 1000;
}

static void all_traces_in_both_widths(void **state)
{
	static const char *const widths[] = { "128", "256" };
	bool busy = false;

	(void)state;
	for (unsigned i = 0; i < 2 * TRACES; i++) {
		const char *options[] = { "--width", widths[i % 2], NULL };
		unsigned tries = 1;
		json_t *o;

		/*
		 * With a sanitizer one width of each is enough, and every_fault() replays the
		 * longest.
		 */
		if (PATIENCE_SANITIZED && (i / 2 % 2 != i % 2 || i / 2 == NET))
			continue;
		o = replay(i / 2, 0, options);
		check_flawless(o);
		/*
		 * If the unit's thread gets no processor for a long time, that looks like a fault.
		 */
		while (reads_registers(o) && tries++ < TRIES) {
			json_decref(o);
			o = replay(i / 2, 0, options);
			check_flawless(o);
		}
		busy = busy || reads_registers(o);
		check_figures(o);
		assert_int_equal(answer_integer(o, "width"), i % 2 ? 256 : 128);
		assert_int_equal(answer_integer(o, "events"), traces[i / 2].events);
		assert_int_equal(answer_integer(o, "submissions"), traces[i / 2].events);
		assert_int_equal(answer_integer(o, "descriptors"), traces[i / 2].events);
		assert_int_equal(answer_integer(o, "threads"), traces[i / 2].threads);
		assert_int_equal(answer_integer(o, "units"), 1);
		assert_string_equal(json_string_value(json_object_get(o, "device")), "spec");
		json_decref(o);
	}
	if (busy)
		not_tested("that a replay reads no register: the machine is too busy");
}

static void all_traces_on_qemus_unit(void **state)
{
	static const char *const options[] = { "--profile", "qemu-7.2", NULL };

	(void)state;
	for (unsigned i = 0; i < TRACES; i += PATIENCE_SANITIZED ? 3 : 1) {
		json_t *o = replay(i, 0, options);

		check_flawless(o);
		assert_string_equal(json_string_value(json_object_get(o, "device")), "qemu-7.2");
		json_decref(o);
	}
}

static void rings_of_all_sizes(void **state)
{
	static const char *const sizes[] = { "4", "8", "16", "256", "512", "32768" };

	(void)state;
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i += PATIENCE_SANITIZED ? 5 : 1) {
		const char *options[] = { "--slots", sizes[i], NULL };
		json_t *o = replay(REBIND, 0, options);

		check_flawless(o);
		assert_int_equal(answer_integer(o, "slots"), atoi(sizes[i]));
		json_decref(o);
	}
}

static void repeated_by_fewer_threads(void **state)
{
	static const char *const options[] = { "--repeat", "50", "--threads", "2",
					       "--seed",   "7",	 NULL };
	json_t *o = replay(BOOT, 0, options);

	(void)state;
	check_flawless(o);
	answer_has(o, "threads 2, seed 7");
	assert_int_equal(answer_integer(o, "submissions"), 50 * traces[BOOT].events);
	json_decref(o);
}

/* ---- faults ---- */

static void check_faulty(const json_t *o)
{
	answer_has(o, "lost 0, stale 0, false_completions 0, misblamed 0");
	assert_int_equal(answer_integer(o, "errors"), answer_integer(o, "errors_expected"));
}

static void every_fault(void **state)
{
	static const char *const options[] = {
		"--faults",
		"silent,late,late-ite,wrong,refuse,fetch,stall,gone,slow-write,twice,lose-write",
		NULL
	};
	json_t *o = replay(NET, 0, options), *injected = json_object_get(o, "injected");

	(void)state;
	check_faulty(o);
	assert_int_equal(json_object_size(injected), 11);
	/* Each silent device and each refusal fails at least its own submission. */
	assert_true(answer_integer(o, "errors") >= answer_integer(injected, "silent") +
							   answer_integer(injected, "wrong") +
							   answer_integer(injected, "late-ite"));
	assert_int_equal(answer_integer(o, "resets"),
			 answer_integer(injected, "stall") + answer_integer(injected, "gone"));
	assert_true(answer_integer(o, "iqe") >= answer_integer(injected, "refuse"));
	assert_true(answer_integer(o, "ite") > 0);
	assert_true(answer_integer(o, "ice") > 0);
	assert_true(answer_integer(o, "retries") > 0);
	json_decref(o);
}

static void every_fault_of_qemus_unit(void **state)
{
	static const char *const options[] = { "--profile", "qemu-7.2", "--faults",
					       "refuse,fetch,stall,gone,slow-write,twice", NULL };
	json_t *o = replay(PATIENCE_SANITIZED ? REBIND : NET, 0, options);

	(void)state;
	check_faulty(o);
	assert_true(answer_integer(o, "errors") > 0);
	json_decref(o);
}

/* Only invalidations of this device may fail. */
static void a_fault_of_one_device(void **state)
{
	static const char *const options[] = { "--faults", "silent:02:00.0", "--slots", "8", NULL };
	json_t *o;

	(void)state;
	/* For a sanitizer every_fault() is enough. */
	if (PATIENCE_SANITIZED)
		return;
	o = replay(NET, 0, options);
	check_faulty(o);
	assert_true(answer_integer(o, "errors") >=
		    answer_integer(json_object_get(o, "injected"), "silent"));
	json_decref(o);
}

/* ---- the text report ---- */

static void report_for_people(void **state)
{
	const char *args[] = { "replay", run_source(traces[BOOT].path), NULL };

	(void)state;
	run_qinval(&r, args, NULL);
	assert_int_equal(r.code, 0);
	assert_string_equal(r.err, "");
	assert_int_equal(strncmp(r.out,
				 "127 submissions: nothing lost, nothing stale, "
				 "nothing falsely completed, no error\n",
				 82),
			 0);
	assert_non_null(strstr(r.out, "127 events on 4 CPUs in 6.1 s, unit dmar0"));
	assert_non_null(strstr(r.out, "Interrupt Entry Cache Invalidation, index"));
	/* The number depends on the scheduler: a thread that slept reads the unit's registers. */
	assert_non_null(strstr(r.out, " doorbells and "));
	assert_non_null(strstr(r.out, " register reads a submission\n"));
}

static void report_of_faults(void **state)
{
	const char *args[] = { "replay", run_source(traces[NET].path), "--faults",
			       "silent:02:00.0,refuse,silent", NULL };

	(void)state;
	if (PATIENCE_SANITIZED)
		return;
	run_qinval(&r, args, NULL);
	assert_int_equal(r.code, 0);
	assert_non_null(strstr(r.out,
			       "faults    silent:02:00.0, 100 times\n            refuse, 100 "
			       "times\n            silent, 100 times\n"));
	assert_non_null(strstr(r.out, " submissions failed as they had to; "));
}

/* Fewer CPUs than the trace has. */
static void report_of_few_cpus(void **state)
{
	const char *args[] = { "replay", run_source(traces[BOOT].path), NULL };
	cpu_set_t all, one;
	int cpu = sched_getcpu();

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	run_qinval(&r, args, NULL);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
	assert_non_null(strstr(r.out, "4 threads on 1 CPU, seed 1: "));
	assert_non_null(strstr(r.out, "try --threads 1\n"));
}

/* A queue for each unit, drains for the traced waits, and lines that the tracer has lost. */
static void several_units_and_waits(void **state)
{
	static const char text[] =
		"a-1 [003] d... 1.5: qi_submit: iec_inv dmar0: 0x4 0x0 0x0 0x0\n"
		"a-1 [003] d... 1.6: qi_submit: iec_inv dmar1: 0x4 0x0 0x0 0x0\n"
		"a-1 [003] d... 1.6: qi_submit: inv_wait dmar2: 0x55 0x0 0x0 0x0\n"
		"CPU:3 [LOST 5 EVENTS]\n"
		"a-1 [009] d... 1.7: qi_submit: inv_wait dmar2: 0x45 0x0 0x0 0x0\n";
	const char *args[] = { "replay", "--json", "-", NULL };
	json_t *o;

	(void)state;
	run_qinval(&r, args, text);
	o = answer(&r, 0);
	answer_has(o, "units 3, threads 2, submissions 4, descriptors 2, executed 6, "
		      "interrupts 1, lost_events 5");
	json_decref(o);
}

/* Units ignore the bits of ADDR below the mask: so it is replayed, with a note. */
static void unaligned_addresses(void **state)
{
	static const char text[] =
		"sh-1 [000] d..2. 1.1: qi_submit: iotlb_inv d: 0x100f2 0x17f002 0x0 0x0\n"
		"sh-1 [000] d..2. 1.2: qi_submit: iotlb_inv d: 0x100f2 0x17c002 0x0 0x0\n"
		"sh-1 [000] d..2. 1.3: qi_submit: p_iotlb_inv d: 0x100010036 0x801001 0x0 0x0\n"
		"sh-1 [000] d..2. 1.4: qi_submit: iotlb_inv d: 0x100e2 0x17f002 0x0 0x0\n"
		"sh-1 [000] d..2. 1.5: qi_submit: dev_tlb_inv d: 0x3 0x17f001 0x0 0x0\n";
	static const char *const options[] = { "--width=128", "--width=256" };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		const char *json[] = { "replay", "--json", options[i], "-", NULL };
		const char *plain[] = { "replay", options[i], "-", NULL };
		json_t *o;

		run_qinval(&r, json, text);
		o = answer(&r, 0);
		answer_has(o, "unaligned 2, submissions 5");
		check_flawless(o);
		json_decref(o);
		run_qinval(&r, plain, text);
		assert_int_equal(r.code, 0);
		assert_non_null(strstr(r.out, "2 events unaligned: "));
	}
	{
		/* A mask that is too large is an error. */
		const char *args[] = { "replay", "-", NULL };

		run_qinval(&r, args,
			   "sh-1 [000] d..2. 1.1: qi_submit: iotlb_inv d: 0x100f2 0x17f013 0x0 "
			   "0x0\n");
		assert_int_equal(r.code, 1);
		assert_non_null(strstr(r.err, "AM: larger than CAP.MAMV"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_traces_in_both_widths),
		cmocka_unit_test(all_traces_on_qemus_unit),
		cmocka_unit_test(rings_of_all_sizes),
		cmocka_unit_test(repeated_by_fewer_threads),
		cmocka_unit_test(every_fault),
		cmocka_unit_test(every_fault_of_qemus_unit),
		cmocka_unit_test(a_fault_of_one_device),
		cmocka_unit_test(report_for_people),
		cmocka_unit_test(report_of_faults),
		cmocka_unit_test(report_of_few_cpus),
		cmocka_unit_test(several_units_and_waits),
		cmocka_unit_test(unaligned_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
