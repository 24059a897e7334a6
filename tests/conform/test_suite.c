/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The suite on the software unit, with all capabilities and with few. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <conform/conform.h>
#include <conform/sim.h>
#include <qinval/regs.h>

#define CASES 1000

static struct conform_result result[CASES];
static unsigned results;

static bool collect(void *ctx, const struct conform_result *r)
{
	(void)ctx;
	assert_true(results < CASES);
	result[results++] = *r;
	return true;
}

static struct conform_counts run(const struct conform_sim_config *cfg, const char *prefix)
{
	const struct conform_device *dev = conform_sim_start(cfg);
	struct conform_counts n;
	const char *error = NULL;

	assert_non_null(dev);
	results = 0;
	if (!conform_run(dev, prefix, collect, NULL, &n, &error))
		fail_msg("%s", error);
	conform_sim_stop(dev);
	assert_int_equal(n.outcome[CONFORM_PASS] + n.outcome[CONFORM_DEVIATES] +
				 n.outcome[CONFORM_NOT_APPLICABLE],
			 results);
	return n;
}

/* No case deviates, and no cache loses more than it has to. */
static void check_flawless(const struct conform_sim_config *cfg)
{
	run(cfg, "");
	for (unsigned i = 0; i < results; i++) {
		if (result[i].outcome == CONFORM_DEVIATES ||
		    (result[i].outcome == CONFORM_PASS && *result[i].detail))
			fail_msg("seed %llu, CAP %#llx, ECAP %#llx: %s: %s",
				 (unsigned long long)cfg->seed, (unsigned long long)cfg->cap,
				 (unsigned long long)cfg->ecap, result[i].name, result[i].detail);
	}
}

/* Independent of the unit's choices. */
static void test_spec(void **state)
{
	struct conform_sim_config cfg = { .profile = VTD_SPEC };

	(void)state;
	for (cfg.seed = 0; cfg.seed < 20; cfg.seed++)
		check_flawless(&cfg);
}

/* The capabilities on which cases depend. */
static const struct {
	uint64_t cap, ecap;
} capabilities[] = {
	{ VTD_CAP_PSI, 0 },
	{ VTD_CAP_DRD, 0 },
	{ VTD_CAP_DWD, 0 },
	{ 0x3fULL << VTD_CAP_MAMV_SHIFT, 0 },
	{ 0, VTD_ECAP_DT },
	{ 0, VTD_ECAP_IR },
	{ 0, VTD_ECAP_EIM },
	{ 0, VTD_ECAP_PRS },
	{ 0, VTD_ECAP_PASID },
	{ 0, 0x18ULL << VTD_ECAP_PSS_SHIFT },
	{ 0, VTD_ECAP_DIT },
	{ 0, VTD_ECAP_PDS },
	{ 0, VTD_ECAP_SMTS },
	{ 0, 0xfULL << VTD_ECAP_MHMV_SHIFT },
	{ 0, 1ULL << 26 },			     /* NEST */
	{ 0, 3ULL << 30 },			     /* ERS, SRS */
	{ 0, 1ULL << 46 },			     /* SSTS */
	{ 0, 1ULL << 47 },			     /* FSTS */
	{ 1ULL << 56 | 1ULL << 60 | 3ULL << 34, 0 }, /* FS1GP, FS5LP, SSLPS */
};

#define CAPABILITIES (sizeof(capabilities) / sizeof(capabilities[0]))

/* True if the case at this place in the suite was ever applicable. */
static bool applicable[CASES];

static void without(unsigned set)
{
	struct conform_sim_config cfg = { .profile = VTD_SPEC, .seed = set };

	vtd_profile_caps(VTD_SPEC, &cfg.cap, &cfg.ecap);
	for (unsigned i = 0; i < CAPABILITIES; i++) {
		if (set >> i & 1) {
			cfg.cap &= ~capabilities[i].cap;
			cfg.ecap &= ~capabilities[i].ecap;
		}
	}
	check_flawless(&cfg);
	for (unsigned i = 0; i < results; i++)
		applicable[i] |= result[i].outcome != CONFORM_NOT_APPLICABLE;
}

/*
 * With each capability removed, each pair of them, and all of them; each case is applicable at
 * least once.
 */
static void test_capabilities(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CAPABILITIES; i++)
		for (unsigned k = 0; k <= i; k++)
			without(1U << i | 1U << k);
	without((1U << CAPABILITIES) - 1);
	for (unsigned i = 0; i < results; i++)
		if (!applicable[i])
			fail_msg("%s: never applicable", result[i].name);
}

/* The deviations are exactly the declared ones, in the declared words. */
static void test_declared(void **state)
{
	static const enum vtd_profile profiles[] = { VTD_SPEC, VTD_QEMU_7_2 };

	(void)state;
	for (unsigned p = 0; p < 2; p++) {
		const struct conform_declared *list =
			conform_declared(vtd_profile_name(profiles[p]));
		struct conform_sim_config cfg = { .profile = profiles[p], .seed = 1 };
		unsigned declared;

		assert_non_null(list);
		declared = conform_declarations(list);
		run(&cfg, "");
		for (unsigned i = 0; i < results; i++) {
			const char *detail = conform_declares(list, result[i].name);

			if (result[i].outcome != CONFORM_DEVIATES)
				continue;
			if (!detail || strcmp(detail, result[i].detail))
				fail_msg("%s: %s", result[i].name, result[i].detail);
			declared--;
		}
		assert_int_equal(declared, 0);
	}
	assert_null(conform_declared("qemu-7"));
}

static void test_prefix(void **state)
{
	struct conform_sim_config cfg = { .profile = VTD_SPEC };
	unsigned n = conform_cases("wait.flags-sw/");

	(void)state;
	assert_int_equal(n, 2);
	run(&cfg, "wait.flags-sw/");
	assert_int_equal(results, n);
	assert_string_equal(result[0].name, "wait.flags-sw/128");
	assert_string_equal(result[1].name, "wait.flags-sw/256");
	assert_int_equal(conform_cases("wait.nothing"), 0);
}

static int by_name(const void *a, const void *b)
{
	const struct conform_result *left = a, *right = b;

	return strcmp(left->name, right->name);
}

/* Names are unique and not truncated, and each case names its subject. */
static void test_names(void **state)
{
	struct conform_sim_config cfg = { .profile = VTD_SPEC };

	(void)state;
	run(&cfg, "");
	assert_int_equal(results, conform_cases(""));
	qsort(result, results, sizeof(*result), by_name);
	for (unsigned i = 0; i < results; i++) {
		if (i)
			assert_string_not_equal(result[i].name, result[i - 1].name);
		assert_true(strlen(result[i].name) < CONFORM_NAME - 1);
		assert_true(strlen(result[i].rule) > 10);
		assert_true(strlen(result[i].section) > 10);
	}
}

/* ---- Devices that cannot be tried ---- */

static bool will_reset;
static uint64_t reads;

static bool reset(void *ctx)
{
	(void)ctx;
	return will_reset;
}

static uint64_t read_register(void *ctx, unsigned reg, unsigned size)
{
	(void)ctx;
	(void)reg;
	return size == 4 ? reads & 0xffffffff : reads;
}

static void test_no_device(void **state)
{
	const struct conform_device dev = { .name = "none", .reset = reset, .read = read_register };
	struct conform_counts n;
	const char *error;

	(void)state;
	assert_false(conform_run(&dev, "", collect, NULL, &n, &error));
	assert_non_null(strstr(error, "cannot be reset"));
	will_reset = true;
	reads = ~0ULL;
	assert_false(conform_run(&dev, "", collect, NULL, &n, &error));
	assert_non_null(strstr(error, "does not answer"));
	reads = 0;
	assert_false(conform_run(&dev, "", collect, NULL, &n, &error));
	assert_non_null(strstr(error, "no invalidation queue"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spec),	 cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_declared), cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_names),	 cmocka_unit_test(test_no_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
