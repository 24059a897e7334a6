/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Named faults: device/fault.c, and the effects of those of the queue and of status writes. */
#include "rig.h"

static struct rig r;

static struct qi_desc inv(void)
{
	return qi_desc_iotlb(QI_IOTLB_GLOBAL, 0, 0, 0, false, 0);
}

static struct qi_desc request(uint16_t sid)
{
	return qi_desc_dev_tlb(sid, 0, 0, 0, 0);
}

static uint64_t fsts(void)
{
	return rig_read(&r, DMAR_FSTS_REG);
}

static uint64_t iqercd(void)
{
	return rig_read(&r, DMAR_IQERCD_REG);
}

static void test_names(void **state)
{
	int i, j;

	(void)state;
	for (i = 0; i < VTD_FAULT_KINDS; i++) {
		assert_non_null(vtd_fault_name((enum vtd_fault_kind)i));
		for (j = 0; j < i; j++)
			assert_string_not_equal(vtd_fault_name((enum vtd_fault_kind)i),
						vtd_fault_name((enum vtd_fault_kind)j));
	}
	assert_string_equal(vtd_fault_name(VTD_FAULT_SLOW_WRITE), "slow-write");
	assert_null(vtd_fault_name(VTD_FAULT_KINDS));
	assert_null(vtd_fault_name((enum vtd_fault_kind) - 1));
}

static void test_arming(void **state)
{
	struct vtd_fault f = { .kind = VTD_FAULT_FETCH };
	unsigned i;

	(void)state;
	rig_start(&r, 128);
	f.kind = VTD_FAULT_NONE;
	assert_false(vtd_fault_arm(&r.u, &f));
	f.kind = VTD_FAULT_KINDS;
	assert_false(vtd_fault_arm(&r.u, &f));
	for (i = 0; i < VTD_FAULTS; i++) {
		f.kind = i % 2 ? VTD_FAULT_FETCH : VTD_FAULT_STALL;
		assert_true(vtd_fault_arm(&r.u, &f));
	}
	assert_false(vtd_fault_arm(&r.u, &f));
	vtd_fault_clear(&r.u, VTD_FAULT_STALL); /* others stay */
	assert_int_equal(rig_try(&r, inv()), VTD_IQEI_FETCH);
	vtd_fault_clear(&r.u, VTD_FAULT_NONE);
	assert_int_equal(rig_try(&r, inv()), -1);
}

/* A fault that was cleared or used up leaves the same bytes as one that was never armed. */
static void test_nothing_is_left(void **state)
{
	struct vtd_unit before;

	(void)state;
	rig_start(&r, 128);
	before = r.u;
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_FETCH, .steps = 3 });
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_STALL, .sid = 4 });
	vtd_fault_clear(&r.u, VTD_FAULT_FETCH);
	vtd_fault_clear(&r.u, VTD_FAULT_STALL);
	assert_memory_equal(&before, &r.u, sizeof(before));
}

/* ---- The queue ---- */

static void test_refuse(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_REFUSE,
					.type = QI_IOTLB_TYPE,
					.iqei = 4,
					.qw1 = 0x5000,
					.qw1_mask = 0xf000 });
	assert_int_equal(rig_try(&r, qi_desc_iotlb(QI_IOTLB_PAGE, 1, 0x5000, 0, false, 0)), 4);
	assert_int_equal(rig_try(&r, qi_desc_iotlb(QI_IOTLB_PAGE, 1, 0x15000, 0, true, 0)), 4);
	assert_int_equal(rig_try(&r, qi_desc_iotlb(QI_IOTLB_PAGE, 1, 0x6000, 0, false, 0)), -1);
	assert_int_equal(rig_try(&r, qi_desc_dev_tlb(1, 0, 0, 0x5000, 0)), -1);
	vtd_fault_clear(&r.u, VTD_FAULT_REFUSE);
	assert_int_equal(rig_try(&r, qi_desc_iotlb(QI_IOTLB_PAGE, 1, 0x5000, 0, false, 0)), -1);
}

static void test_refuse_anything_a_few_times(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_REFUSE, .count = 3, .iqei = 15 });
	assert_int_equal(rig_try(&r, inv()), 15);
	assert_int_equal(rig_try(&r, (struct qi_desc){ 0, 0, 0, 0 }), VTD_IQEI_TYPE); /* not one */
	assert_int_equal(rig_try(&r, qi_desc_wait(0, 0, 0)), 15);
	assert_int_equal(rig_try(&r, request(1)), 15);
	assert_int_equal(rig_try(&r, inv()), -1);
}

static void test_refuse_without_a_reason(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_REFUSE, .count = 1 });
	assert_int_equal(rig_try(&r, inv()), VTD_IQEI_NONE);
	assert_int_equal(rig_try(&r, inv()), -1);
}

static void test_fetch(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_FETCH, .count = 2 });
	rig_put(&r, inv());
	rig_submit(&r);
	assert_int_equal(fsts(), VTD_FSTS_IQE);
	assert_int_equal(iqercd(), VTD_IQEI_FETCH);
	rig_write(&r, DMAR_FSTS_REG, VTD_FSTS_IQE);
	rig_run(&r);
	assert_int_equal(iqercd(), VTD_IQEI_FETCH);
	rig_write(&r, DMAR_FSTS_REG, VTD_FSTS_IQE);
	rig_run(&r);
	assert_string_equal(r.log, "x");
}

static void test_stall(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_put(&r, inv());
	rig_put(&r, inv());
	rig_doorbell(&r);
	assert_int_equal(vtd_step(&r.u), VTD_FETCHED);
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_STALL });
	rig_submit(&r);
	assert_string_equal(r.log, "x");
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0x10);
	assert_int_equal(fsts(), 0);
	rig_command(&r, VTD_GCMD_QIE, false);
	rig_run(&r);
	assert_int_equal(rig_read(&r, DMAR_GSTS_REG), 0);
	rig_command(&r, VTD_GCMD_QIE, true);
	rig_run(&r); /* the tail was left as it was */
	assert_string_equal(r.log, "xxx");
}

static void test_gone(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_SLOW_WRITE });
	rig_put_wait(&r, QI_IWD_SW, 0, 1);
	rig_put(&r, inv());
	rig_doorbell(&r);
	vtd_step(&r.u);
	vtd_step(&r.u); /* the write is under way */
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_GONE });
	assert_int_equal(vtd_read(&r.u, DMAR_IQT_REG, 8), ~0ULL);
	assert_int_equal(vtd_read(&r.u, DMAR_IQT_REG + 4, 4), 0xffffffff);
	assert_int_equal(vtd_read(&r.u, DMAR_FSTS_REG, 4), 0xffffffff);
	assert_int_equal(vtd_read(&r.u, 0x1000, 4), 0xffffffff);
	rig_write(&r, DMAR_RTADDR_REG, 0x5000);
	rig_write(&r, DMAR_GCMD_REG, 0);
	assert_int_equal(vtd_step(&r.u), VTD_IDLE);
	assert_string_equal(r.log, "x");

	vtd_fault_clear(&r.u, VTD_FAULT_GONE);
	assert_int_equal(rig_read(&r, DMAR_RTADDR_REG), 0);
	assert_int_equal(rig_read(&r, DMAR_GSTS_REG), VTD_GSTS_QIES);
	rig_run(&r);
	assert_string_equal(r.log, "xwx");
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_GONE });
	vtd_fault_clear(&r.u, VTD_FAULT_SLOW_WRITE);
	assert_int_equal(rig_read(&r, DMAR_GSTS_REG), 0xffffffff);
	vtd_fault_clear(&r.u, VTD_FAULT_NONE);
	assert_int_equal(rig_read(&r, DMAR_GSTS_REG), VTD_GSTS_QIES);
}

/* ---- Status writes ---- */

static void test_slow_write(void **state)
{
	unsigned i;

	(void)state;
	rig_start(&r, 128);
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_SLOW_WRITE, .steps = 6, .count = 1 });
	rig_put_wait(&r, QI_IWD_SW, 0, 1);
	rig_put_wait(&r, QI_IWD_SW, 1, 2);
	rig_doorbell(&r);
	for (i = 0; i < 4; i++)
		vtd_step(&r.u);
	assert_string_equal(r.log, "xxw"); /* complete for the unit, but not in memory */
	assert_int_equal(rig_status(&r, 0), 0);
	assert_int_equal(rig_status(&r, 1), 2);
	rig_command(&r, VTD_GCMD_QIE, false);
	assert_int_equal(vtd_step(&r.u), VTD_EXECUTED);
	assert_int_equal(rig_read(&r, DMAR_GSTS_REG), 0); /* does not wait for it */
	assert_int_equal(vtd_step(&r.u), VTD_WAITED);
	assert_int_equal(vtd_step(&r.u), VTD_WAITED);
	assert_int_equal(vtd_step(&r.u), VTD_COMPLETED);
	assert_int_equal(vtd_step(&r.u), VTD_IDLE);
	assert_int_equal(rig_status(&r, 0), 1);
}

static void test_interrupt_follows_a_slow_write(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_write(&r, DMAR_IECTL_REG, 0);
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_SLOW_WRITE, .steps = 9, .count = 1 });
	rig_put_wait(&r, QI_IWD_SW | QI_IWD_IF, 0, 1);
	rig_put(&r, inv());
	rig_submit(&r);
	assert_string_equal(r.log, "xxwm");
}

static void test_too_many_slow_writes(void **state)
{
	unsigned i;

	(void)state;
	rig_start(&r, 128);
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_SLOW_WRITE, .steps = 1000 });
	for (i = 0; i < VTD_LATE + 3; i++)
		rig_put_wait(&r, QI_IWD_SW, i, i + 1);
	rig_doorbell(&r);
	while (vtd_step(&r.u) != VTD_WAITED)
		;
	for (i = 0; i < VTD_LATE + 3; i++)
		assert_int_equal(rig_status(&r, i), i < 3 ? i + 1 : 0);
	rig_run(&r);
	for (i = 0; i < VTD_LATE + 3; i++)
		assert_int_equal(rig_status(&r, i), i + 1);
}

/* A late event is independent of earlier late events. */
static void test_late_things_do_not_mix(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_write(&r, DMAR_IECTL_REG, 0);
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_LATE_ITE, .sid = 1, .count = 1 });
	rig_put(&r, request(1));
	rig_submit(&r);
	rig_write(&r, DMAR_FSTS_REG, VTD_FSTS_QI);
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_SLOW_WRITE, .count = 2 });
	rig_put_wait(&r, QI_IWD_SW | QI_IWD_IF, 0, 1);
	rig_submit(&r);
	assert_string_equal(r.log, "xwm");
	assert_int_equal(fsts(), 0);
	rig_write(&r, DMAR_ICS_REG, VTD_ICS_IWC);
	rig_put_wait(&r, QI_IWD_SW, 0, 1);
	rig_submit(&r);
	assert_string_equal(r.log, "xwmxw");
}

static void test_twice(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_write(&r, DMAR_IECTL_REG, 0);
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_TWICE });
	rig_put_wait(&r, QI_IWD_SW | QI_IWD_IF, 0, 5);
	rig_doorbell(&r);
	vtd_step(&r.u);
	vtd_step(&r.u);
	assert_int_equal(rig_status(&r, 0), 5);
	r.mem[(RIG_STATUS - RIG_MEM) / 8] = 0;
	assert_int_equal(vtd_step(&r.u), VTD_COMPLETED);
	assert_int_equal(rig_status(&r, 0), 5);
	rig_run(&r);
	assert_string_equal(r.log, "xwwm");
}

static void test_lost_write(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_write(&r, DMAR_IECTL_REG, 0);
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_TWICE });
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_SLOW_WRITE });
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_LOSE_WRITE, .count = 1 });
	rig_put_wait(&r, QI_IWD_SW | QI_IWD_IF, 0, 1);
	rig_submit(&r);
	assert_string_equal(r.log, "xm");
	rig_put_wait(&r, QI_IWD_SW, 0, 1); /* slow, and therefore not twice */
	rig_submit(&r);
	assert_string_equal(r.log, "xmxw");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_arming),
		cmocka_unit_test(test_nothing_is_left),
		cmocka_unit_test(test_refuse),
		cmocka_unit_test(test_refuse_anything_a_few_times),
		cmocka_unit_test(test_refuse_without_a_reason),
		cmocka_unit_test(test_fetch),
		cmocka_unit_test(test_stall),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_slow_write),
		cmocka_unit_test(test_interrupt_follows_a_slow_write),
		cmocka_unit_test(test_too_many_slow_writes),
		cmocka_unit_test(test_late_things_do_not_mix),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_lost_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
