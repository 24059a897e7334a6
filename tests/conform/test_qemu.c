/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * QEMU's unit, which others wrote: it deviates exactly as the profile says, and as our unit does with
 * that profile; and no stream of descriptors makes a difference between the two.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <conform/conform.h>
#include <conform/fuzz.h>
#include <conform/qemu.h>

#include "../hosts/qemu.h"

#define CASES 1000

struct results {
	struct conform_result result[CASES];
	unsigned n;
	struct conform_counts counts;
};

static struct results ours, theirs;
static const struct conform_device *qemu;

static void collect(void *ctx, const struct conform_result *r)
{
	struct results *results = ctx;

	assert_true(results->n < CASES);
	results->result[results->n++] = *r;
}

static void run(const struct conform_device *dev, struct results *results)
{
	const char *error;

	results->n = 0;
	if (!conform_run(dev, "", collect, results, &results->counts, &error))
		fail_msg("%s", error);
}

static int start(void **state)
{
	char error[500];

	(void)state;
	qemu = conform_qemu_start(error, sizeof(error));
	if (!qemu)
		print_error("%s\n", error);
	return !qemu;
}

static int stop(void **state)
{
	(void)state;
	conform_qemu_stop(qemu);
	return 0;
}

/* Both deviate in the same cases in the same words; where one cannot be tried the other passes. */
static void test_same_table(void **state)
{
	const struct conform_sim_config cfg = { .profile = VTD_QEMU_7_2, .seed = 1 };
	const struct conform_device *sim = conform_sim_start(&cfg);

	(void)state;
	assert_non_null(sim);
	run(sim, &ours);
	run(qemu, &theirs);
	assert_int_equal(ours.n, theirs.n);
	for (unsigned i = 0; i < ours.n; i++) {
		const struct conform_result *a = &ours.result[i], *b = &theirs.result[i];

		assert_string_equal(a->name, b->name);
		if ((a->outcome == CONFORM_DEVIATES) != (b->outcome == CONFORM_DEVIATES) ||
		    (a->outcome == CONFORM_DEVIATES && strcmp(a->detail, b->detail) != 0))
			fail_msg("%s: our unit %s: %s; QEMU %s: %s", a->name,
				 conform_outcome_name(a->outcome), a->detail,
				 conform_outcome_name(b->outcome), b->detail);
	}
	assert_true(theirs.counts.outcome[CONFORM_DEVIATES] > 0);
	assert_true(theirs.counts.outcome[CONFORM_PASS] > 200);
	conform_sim_stop(sim);
}

/* No more and no fewer than declared. */
static void test_declared(void **state)
{
	const struct conform_declared *list = conform_declared("qemu-7.2");
	unsigned declared = 0;

	(void)state;
	while (list[declared].name)
		declared++;
	assert_int_equal(theirs.counts.outcome[CONFORM_DEVIATES], declared);
	for (unsigned i = 0; i < theirs.n; i++) {
		const struct conform_result *r = &theirs.result[i];
		const char *detail = conform_declares(list, r->name);

		if (r->outcome != CONFORM_DEVIATES)
			continue;
		if (!detail || strcmp(detail, r->detail) != 0)
			fail_msg("%s: %s", r->name, r->detail);
	}
}

/* Its translations are looked at through the DMA of devices, not taken for granted. */
static void test_caches_are_seen(void **state)
{
	static const char *const passes[] = { "removal.context-global/128",
					      "removal.context-device-fm2/256",
					      "removal.iotlb-global/128", "removal.iotlb-am3/256",
					      "interrupt.completion/128" };
	unsigned found = 0;

	(void)state;
	for (unsigned i = 0; i < theirs.n; i++)
		for (unsigned k = 0; k < sizeof(passes) / sizeof(passes[0]); k++)
			found += !strcmp(theirs.result[i].name, passes[k]) &&
				 theirs.result[i].outcome == CONFORM_PASS;
	assert_int_equal(found, sizeof(passes) / sizeof(passes[0]));
}

/* The suite has ended it, by waits with SW and IF, and has started it again each time. */
static void test_ends(void **state)
{
	const char *how;

	(void)state;
	assert_int_equal(conform_qemu_ends(qemu, &how), 4);
	assert_non_null(strstr(how, "Assertion"));
}

static void test_fuzz(void **state)
{
	static struct fuzz_result r;

	(void)state;
	assert_true(fuzz_run(qemu, VTD_QEMU_7_2, 1, 50000, NULL, &r));
	if (r.differs)
		fail_msg("%s; see: qinval conform --device qemu --profile qemu-7.2 --fuzz 50000",
			 r.difference);
	assert_true(r.executed > 25000);
	assert_true(r.refused > 500);
	assert_true(r.messages > 500);
	assert_int_equal(r.nfatals, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_table),
		cmocka_unit_test(test_declared),
		cmocka_unit_test(test_caches_are_seen),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_fuzz),
	};

	if (!qemu_is_here())
		return SKIPPED;
	return cmocka_run_group_tests(tests, start, stop);
}
