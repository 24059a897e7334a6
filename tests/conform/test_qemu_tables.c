/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * QEMU's unit, an independent implementation, translates through random tables as our unit with its
 * profile does: requests of network cards and interrupts arrive at the same places, or leave the
 * same fault records.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include <conform/qemu.h>
#include <conform/tables.h>

#include "../hosts/qemu.h"

/* The profile of the installed QEMU. */
static enum vtd_profile profile;

static void check(const char *properties, uint64_t requests)
{
	static struct tables_result r;
	char error[500];
	const struct conform_device *dev = conform_qemu_start(properties, error, sizeof(error));

	if (!dev)
		fail_msg("%s", error);
	assert_true(tables_run(dev, profile, 1, requests, NULL, &r));
	if (r.differs)
		fail_msg("%s; see: qinval conform --device qemu%s%s --profile %s --translate %d",
			 r.difference, properties ? "," : "", properties ? properties : "",
			 vtd_profile_name(profile), (int)requests);
	assert_true(r.arrived > requests / 10);
	assert_true(r.faults > requests / 10);
	assert_true(r.messages > requests / 10);
	conform_qemu_stop(dev);
}

static void test_all(void **state)
{
	(void)state;
	check(NULL, 20000);
}

/* Since 10.0 QEMU has either the first stage or the second. */
static void test_first_stage(void **state)
{
	(void)state;
	if (profile == VTD_QEMU_7_2)
		skip();
	check("intremap=on,device-iotlb=on,x-scalable-mode=on,x-flts=on", 20000);
}

/* With fewer properties, with four levels, and in caching mode. */
static void test_others(void **state)
{
	static const char *const properties[] = {
		"intremap=on,device-iotlb=on",
		"intremap=off",
		"intremap=on,x-scalable-mode=on,aw-bits=48",
		"caching-mode=on,dma-drain=off,snoop-control=on",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(properties) / sizeof(properties[0]); i++)
		check(properties[i], 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_first_stage),
		cmocka_unit_test(test_others),
	};

	const char *name;
	char said[200];

	if (!qemu_is_here())
		return SKIPPED;
	name = conform_qemu_profile(said, sizeof(said));
	if (!name || !vtd_profile_find(name, &profile)) {
		printf("SKIPPED, not tested: no profile for %s\n", said);
		return SKIPPED;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
