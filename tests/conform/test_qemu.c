/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * QEMU's unit, an independent implementation, deviates exactly as the profile declares and as our
 * unit with that profile does; and no stream of descriptors shows a difference between the two.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <conform/conform.h>
#include <conform/fuzz.h>
#include <conform/qemu.h>
#include <qinval/regs.h>

#include "../hosts/qemu.h"

#define CASES 1000

struct results {
	struct conform_result result[CASES];
	unsigned n;
	struct conform_counts counts;
};

static struct results ours, theirs;
static const struct conform_device *qemu;
static const char *profile; /* the profile of the installed QEMU */

static bool collect(void *ctx, const struct conform_result *r)
{
	struct results *results = ctx;

	assert_true(results->n < CASES);
	results->result[results->n++] = *r;
	return true;
}

static void run(const struct conform_device *dev, struct results *results)
{
	const char *error;

	results->n = 0;
	if (!conform_run(dev, "", collect, results, &results->counts, &error))
		fail_msg("%s", error);
}

static const struct conform_device *start_qemu(const char *properties)
{
	char error[500];
	const struct conform_device *dev = conform_qemu_start(properties, error, sizeof(error));

	if (!dev)
		fail_msg("%s", error);
	return dev;
}

static int start(void **state)
{
	char said[200];

	(void)state;
	profile = conform_qemu_profile(said, sizeof(said));
	if (!profile)
		fail_msg("%s", said);
	qemu = start_qemu(NULL);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	conform_qemu_stop(qemu);
	return 0;
}

/*
 * Both deviate in the same cases with the same words; a case that is not applicable to one passes
 * on the other.
 */
static void check_same_table(const struct conform_device *dev)
{
	struct conform_sim_config cfg = { .seed = 1 };
	const struct conform_device *sim;

	assert_true(vtd_profile_find(profile, &cfg.profile));
	assert_true(dev->reset(dev->ctx));
	cfg.cap = dev->read(dev->ctx, DMAR_CAP_REG, 8);
	cfg.ecap = dev->read(dev->ctx, DMAR_ECAP_REG, 8);
	sim = conform_sim_start(&cfg);
	assert_non_null(sim);
	run(sim, &ours);
	run(dev, &theirs);
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
	assert_true(theirs.counts.outcome[CONFORM_PASS] > 100);
	conform_sim_stop(sim);
}

static void check_no_difference(const struct conform_device *dev, uint64_t descriptors)
{
	static struct fuzz_result r;
	enum vtd_profile model;

	assert_true(vtd_profile_find(profile, &model));
	assert_true(fuzz_run(dev, model, 1, descriptors, NULL, &r));
	if (r.differs)
		fail_msg("%s; see: qinval conform --device qemu --profile qemu --fuzz %d",
			 r.difference, (int)descriptors);
	assert_true(r.executed > descriptors / 2);
	assert_true(r.refused > descriptors / 100);
	assert_true(r.messages > descriptors / 100);
	assert_in_range(r.nfatals, r.fatal != 0, 1);
}

/* The profile also describes QEMU's unit with fewer properties. */
static void test_other_units(void **state)
{
	static const char *const properties[] = {
		"intremap=on,device-iotlb=on",
		"intremap=off",
		"intremap=on,x-scalable-mode=on,aw-bits=48",
		"caching-mode=on,dma-drain=off,snoop-control=on",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
		const struct conform_device *dev = start_qemu(properties[i]);

		check_same_table(dev);
		check_no_difference(dev, 2000);
		conform_qemu_stop(dev);
	}
}

static void test_same_table(void **state)
{
	(void)state;
	check_same_table(qemu);
}

/* The deviations are exactly the declared ones. */
static void test_declared(void **state)
{
	const struct conform_declared *list = conform_declared(profile);
	(void)state;
	for (unsigned i = 0; i < theirs.n; i++) {
		const struct conform_result *r = &theirs.result[i];
		const char *detail = conform_declares(list, r->name);

		if (r->outcome == CONFORM_PASS && detail)
			fail_msg("%s: does not deviate", r->name);
		if (r->outcome == CONFORM_DEVIATES && (!detail || strcmp(detail, r->detail) != 0))
			fail_msg("%s: %s", r->name, r->detail);
	}
}

/* Since 10.0 QEMU has the first stage as an alternative to the second. */
static void test_first_stage(void **state)
{
	const struct conform_device *dev;

	(void)state;
	if (!strcmp(profile, "qemu-7.2"))
		skip();
	dev = start_qemu("intremap=on,device-iotlb=on,x-scalable-mode=on,x-flts=on");
	check_same_table(dev);
	test_declared(state);
	conform_qemu_stop(dev);
}

/* Its cached translations are observed through the DMA of devices. */
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

/* Waits with SW and IF end QEMU, and the suite restarts it each time. */
static void test_ends(void **state)
{
	const char *how;

	(void)state;
	assert_int_equal(conform_qemu_ends(qemu, &how), 4);
	assert_non_null(strstr(how, "Assertion"));
}

static void test_fuzz(void **state)
{
	(void)state;
	check_no_difference(qemu, 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_table),
		cmocka_unit_test(test_declared),
		cmocka_unit_test(test_caches_are_seen),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_fuzz),
		cmocka_unit_test(test_other_units),
		cmocka_unit_test(test_first_stage),
	};

	if (!qemu_is_here())
		return SKIPPED;
	return cmocka_run_group_tests(tests, start, stop);
}
