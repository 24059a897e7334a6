/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Execution order and waits: device/execute.c, device/step.c. */
#include "rig.h"

#include <string.h>

static struct rig r;

static struct qi_desc inv(void)
{
	return qi_desc_iotlb(QI_IOTLB_GLOBAL, 0, 0, 0, false, 0);
}

static void test_flags(void **state)
{
	static const struct {
		uint64_t flags;
		const char *log;
	} c[] = {
		{ 0, "x" },
		{ QI_IWD_FN, "x" },
		{ QI_IWD_SW, "xw" },
		{ QI_IWD_IF, "xm" },
		{ QI_IWD_SW | QI_IWD_IF, "xwm" },
		{ QI_IWD_SW | QI_IWD_IF | QI_IWD_FN | QI_IWD_PD, "xwm" },
	};
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		rig_start(&r, 128);
		rig_write(&r, DMAR_IECTL_REG, 0);
		rig_put_wait(&r, c[i].flags, 3, 0xabcd1234);
		rig_submit(&r);
		assert_string_equal(r.log, c[i].log);
		assert_int_equal(rig_status(&r, 3), c[i].flags & QI_IWD_SW ? 0xabcd1234 : 0);
		assert_int_equal(rig_status(&r, 2) | rig_status(&r, 4), 0);
		assert_int_equal(rig_read(&r, DMAR_ICS_REG), !!(c[i].flags & QI_IWD_IF));
		assert_int_equal(r.event[0].qw[0], qi_desc_wait(c[i].flags, 0, 0xabcd1234).qw0);
	}
}

/* Status and interrupt are two steps: software may run between them. */
static void test_steps(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_write(&r, DMAR_IECTL_REG, 0);
	rig_put_wait(&r, QI_IWD_SW | QI_IWD_IF, 0, 1);
	rig_doorbell(&r);
	assert_int_equal(vtd_step(&r.u), VTD_FETCHED);
	assert_int_equal(vtd_step(&r.u), VTD_COMPLETED);
	assert_string_equal(r.log, "xw");
	assert_int_equal(vtd_step(&r.u), VTD_COMPLETED);
	assert_string_equal(r.log, "xwm");
	assert_int_equal(vtd_step(&r.u), VTD_IDLE);
}

static void test_status_to_nowhere(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_write(&r, DMAR_IECTL_REG, 0);
	rig_put(&r, qi_desc_wait(QI_IWD_SW | QI_IWD_IF, 0x10, 1));
	rig_put_wait(&r, QI_IWD_SW, 0, 2);
	rig_submit(&r);
	assert_string_equal(r.log, "xwmxw"); /* the first w is lost */
	assert_int_equal(rig_read(&r, DMAR_FSTS_REG), 0);
	assert_int_equal(rig_status(&r, 0), 2);
}

static void test_without_observer_or_choice(void **state)
{
	(void)state;
	rig_config(&r, VTD_SPEC);
	r.ops.executed = NULL;
	r.ops.choose = NULL;
	rig_init(&r);
	rig_write(&r, DMAR_IQA_REG, RIG_MEM);
	rig_command(&r, VTD_GCMD_QIE, true);
	rig_put(&r, inv());
	rig_put_wait(&r, QI_IWD_SW, 0, 2);
	rig_submit(&r);
	assert_string_equal(r.log, "w");
}

/* Every order that happens, as strings of slot numbers in the order of execution. */
static char orders[64][8];
static unsigned norders;

static void note_order(void)
{
	char order[8] = "";
	unsigned i;

	for (i = 0; i < r.nevent; i++)
		order[i] = (char)('0' + r.event[i].slot);
	for (i = 0; i < norders; i++) {
		if (!strcmp(orders[i], order))
			return;
	}
	assert_true(norders < 64);
	strcpy(orders[norders++], order);
}

static bool happened(const char *order)
{
	unsigned i;

	for (i = 0; i < norders; i++) {
		if (!strcmp(orders[i], order))
			return true;
	}
	return false;
}

static void run_and_check(void)
{
	rig_submit(&r);
	assert_int_equal(rig_status(&r, 0), 1);
	assert_int_equal(rig_status(&r, 1), 2);
	assert_int_equal(r.u.npending, 0);
	note_order();
}

static void scene_plain(struct rig *rig)
{
	rig_put(rig, inv());
	rig_put_wait(rig, QI_IWD_SW, 0, 1);
	rig_put(rig, inv());
	rig_put_wait(rig, QI_IWD_SW, 1, 2);
	run_and_check();
}

static void test_order_without_fence(void **state)
{
	(void)state;
	norders = 0;
	assert_true(rig_explore(&r, 128, scene_plain) > 5);
	/* all with 0 before 1, and both 0 and 2 before 3 */
	assert_int_equal(norders, 5);
	assert_true(happened("0123"));
	assert_true(happened("0213"));
	assert_true(happened("0231"));
	assert_true(happened("2013"));
	assert_true(happened("2031"));
	assert_string_equal(orders[0], "0123"); /* the plainest first */
}

static void scene_fence(struct rig *rig)
{
	rig_put(rig, inv());
	rig_put_wait(rig, QI_IWD_SW | QI_IWD_FN, 0, 1);
	rig_put(rig, inv());
	rig_put_wait(rig, QI_IWD_SW, 1, 2);
	run_and_check();
}

static void test_order_with_fence(void **state)
{
	(void)state;
	norders = 0;
	assert_true(rig_explore(&r, 128, scene_fence) > 1);
	assert_int_equal(norders, 1);
	assert_true(happened("0123"));
}

/* Whatever the order, the fence's interrupt comes before what is behind it. */
static void scene_fence_with_interrupt(struct rig *rig)
{
	rig_write(rig, DMAR_IECTL_REG, 0);
	rig_put_wait(rig, QI_IWD_SW | QI_IWD_IF | QI_IWD_FN, 0, 1);
	rig_put_wait(rig, QI_IWD_SW, 1, 2);
	run_and_check();
	assert_string_equal(rig->log, "xwmxw");
}

static void test_fence_holds_until_the_interrupt(void **state)
{
	(void)state;
	rig_explore(&r, 128, scene_fence_with_interrupt);
}

static void scene_devices(struct rig *rig)
{
	rig_put(rig, qi_desc_dev_tlb(1, 0, 0, 0, 0));
	rig_put(rig, qi_desc_dev_tlb(2, 0, 0, 0, 0));
	rig_put_wait(rig, QI_IWD_SW, 0, 1);
	rig_put_wait(rig, QI_IWD_SW, 1, 2);
	run_and_check();
}

static void test_devices_answer_in_any_order(void **state)
{
	(void)state;
	norders = 0;
	rig_explore(&r, 128, scene_devices);
	assert_int_equal(norders, 4);
	assert_true(happened("0123"));
	assert_true(happened("1023"));
	assert_true(happened("0132"));
	assert_true(happened("1032"));
}

static void test_page_response(void **state)
{
	struct qi_desc d = qi_desc_page_response(0x10, true, 5, QI_RESP_INVALID, 3, true);

	(void)state;
	rig_start(&r, 256);
	rig_put(&r, d);
	rig_submit(&r);
	assert_string_equal(r.log, "x");
	assert_int_equal(r.event[0].qw[0], d.qw0);
	assert_int_equal(r.event[0].qw[1], d.qw1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_status_to_nowhere),
		cmocka_unit_test(test_without_observer_or_choice),
		cmocka_unit_test(test_order_without_fence),
		cmocka_unit_test(test_order_with_fence),
		cmocka_unit_test(test_fence_holds_until_the_interrupt),
		cmocka_unit_test(test_devices_answer_in_any_order),
		cmocka_unit_test(test_page_response),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
