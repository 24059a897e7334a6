/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Devices that answer late, wrongly or never: device/execute.c. */
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

static void test_silent(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_SILENT, .sid = 0x1234 });
	rig_put(&r, request(0x1234));
	rig_put_wait(&r, QI_IWD_SW, 0, 1);
	rig_put(&r, request(0x1235));
	rig_put_wait(&r, QI_IWD_SW, 1, 1);
	rig_submit(&r);
	assert_int_equal(fsts(), VTD_FSTS_ITE);
	assert_int_equal(iqercd(), 0x123400000000);
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0x40);
	assert_string_equal(r.log, "x"); /* the other device's; both waits are aborted */
	assert_int_equal(r.event[0].slot, 2);
	assert_int_equal(rig_status(&r, 0) | rig_status(&r, 1), 0);

	rig_put_wait(&r, QI_IWD_SW, 2, 1);
	rig_submit(&r);
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0x40);
	rig_write(&r, DMAR_FSTS_REG, VTD_FSTS_ITE);
	rig_run(&r);
	assert_int_equal(rig_status(&r, 2), 1);
	assert_int_equal(rig_status(&r, 0) | rig_status(&r, 1), 0);
}

/* Waits that are fetched before the time-out are aborted, those fetched later are not. */
static void scene_silent(struct rig *rig)
{
	unsigned i, fetched;

	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_SILENT, .sid = 1 });
	rig_put(rig, request(1));
	rig_put_wait(rig, QI_IWD_SW, 1, 1);
	rig_put(rig, inv());
	rig_put_wait(rig, QI_IWD_SW, 3, 1);
	rig_doorbell(rig);
	while (!(fsts() & VTD_FSTS_ITE))
		assert_int_not_equal(vtd_step(&rig->u), VTD_IDLE);
	fetched = (unsigned)rig_read(rig, DMAR_IQH_REG) / 16;
	rig_run(rig);
	assert_int_equal(rig_read(rig, DMAR_IQH_REG), fetched * 16);
	rig_write(rig, DMAR_FSTS_REG, VTD_FSTS_ITE);
	rig_run(rig);
	assert_int_equal(rig_read(rig, DMAR_IQH_REG), 0x40);
	for (i = 1; i < 4; i += 2)
		assert_int_equal(rig_status(rig, i), i >= fetched);
	for (i = 0; i < rig->nevent; i++)
		assert_int_not_equal(rig->event[i].slot, 0);
	assert_int_equal(fsts(), 0);
}

static void test_silent_in_every_order(void **state)
{
	(void)state;
	assert_true(rig_explore(&r, 128, scene_silent) > 10);
}

/* Choose these alternatives, one after the other. */
static void choose(const char *choices)
{
	unsigned i;

	for (i = 0; choices[i]; i++)
		r.script[i] = (unsigned)(choices[i] - '0');
}

static void test_earlier_waits_are_aborted_too(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_SILENT, .sid = 1 });
	rig_put_wait(&r, QI_IWD_SW, 0, 1);
	rig_put(&r, request(1));
	choose("111"); /* fetch, send, time out; alternative 0 is always the wait */
	rig_submit(&r);
	assert_int_equal(fsts(), VTD_FSTS_ITE);
	assert_string_equal(r.log, "");
	assert_int_equal(rig_status(&r, 0), 0);
}

static void test_a_written_wait_is_not_aborted(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_write(&r, DMAR_IECTL_REG, 0);
	rig_write(&r, DMAR_FECTL_REG, 0);
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_SILENT, .sid = 1 });
	rig_put_wait(&r, QI_IWD_SW | QI_IWD_IF, 0, 1);
	rig_put(&r, request(1));
	choose("0111"); /* write, fetch, send, time out */
	rig_submit(&r);
	assert_string_equal(r.log, "xwmm"); /* the fault event, and the wait's own */
	assert_int_equal(rig_read(&r, DMAR_ICS_REG), VTD_ICS_IWC);
}

static void test_aborted_fence_opens(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_SILENT, .sid = 1 });
	rig_put(&r, request(1));
	rig_put_wait(&r, QI_IWD_SW | QI_IWD_FN, 0, 1);
	rig_put(&r, inv());
	rig_submit(&r);
	assert_int_equal(fsts(), VTD_FSTS_ITE);
	assert_string_equal(r.log, "x");
	assert_int_equal(r.event[0].slot, 2);
}

static void test_first_record_stays(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_write(&r, DMAR_FECTL_REG, 0);
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_WRONG, .sid = VTD_ANY_SID });
	rig_put(&r, request(0x12));
	rig_put(&r, request(0x21));
	rig_submit(&r);
	assert_int_equal(fsts(), VTD_FSTS_ICE | VTD_FSTS_ITE);
	assert_int_equal(iqercd(), 0x0012001200000000);
	assert_string_equal(r.log, "m");
}

static void test_unreported_device(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_WRONG, .sid = 0x12, .no_sid = true });
	rig_put(&r, request(0x12));
	rig_submit(&r);
	assert_int_equal(fsts(), VTD_FSTS_ICE | VTD_FSTS_ITE);
	assert_int_equal(iqercd(), 0);
}

static void test_late(void **state)
{
	unsigned i;

	(void)state;
	rig_start(&r, 128);
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_LATE, .sid = 1, .steps = 5 });
	rig_put(&r, request(1));
	rig_put_wait(&r, QI_IWD_SW, 0, 1);
	rig_doorbell(&r);
	assert_int_equal(vtd_step(&r.u), VTD_FETCHED);
	assert_int_equal(vtd_step(&r.u), VTD_EXECUTED);
	assert_int_equal(vtd_step(&r.u), VTD_FETCHED);
	for (i = 2; i < 5; i++)
		assert_int_equal(vtd_step(&r.u), VTD_WAITED);
	assert_string_equal(r.log, "");
	assert_int_equal(vtd_step(&r.u), VTD_EXECUTED);
	assert_int_equal(vtd_step(&r.u), VTD_COMPLETED);
	assert_int_equal(vtd_step(&r.u), VTD_IDLE);
	assert_string_equal(r.log, "xxw");
	assert_int_equal(fsts(), 0);
}

/* If the unit may choose, an answer that is due need not come at once. */
static void scene_late(struct rig *rig)
{
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_LATE, .sid = 1, .steps = 2 });
	rig_put(rig, request(1));
	rig_put(rig, inv());
	rig_put(rig, inv());
	rig_put_wait(rig, QI_IWD_SW, 0, 1);
	rig_submit(&r);
	assert_int_equal(rig->nevent, 4);
	assert_int_equal(rig->event[3].slot, 3);
	assert_int_equal(fsts(), 0);
}

static void test_late_in_every_order(void **state)
{
	(void)state;
	assert_true(rig_explore(&r, 128, scene_late) > 10);
}

static void test_late_after_time_out(void **state)
{
	unsigned i;

	(void)state;
	rig_start(&r, 128);
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_LATE_ITE, .sid = 1, .steps = 4 });
	rig_put(&r, request(1));
	rig_put_wait(&r, QI_IWD_SW, 0, 1);
	rig_doorbell(&r);
	while (vtd_step(&r.u) != VTD_FAULTED)
		;
	assert_int_equal(fsts(), VTD_FSTS_ITE);
	for (i = 1; i < 4; i++)
		assert_int_equal(vtd_step(&r.u), VTD_WAITED);
	assert_int_equal(fsts(), VTD_FSTS_ITE);
	assert_int_equal(vtd_step(&r.u), VTD_FAULTED);
	assert_int_equal(fsts(), VTD_FSTS_ITE | VTD_FSTS_ICE);
	assert_int_equal(iqercd(), 0x0001000100000000);
	assert_int_equal(vtd_step(&r.u), VTD_IDLE);
	assert_string_equal(r.log, "");
}

static void test_wrong(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_WRONG, .sid = 1 });
	rig_put(&r, request(1));
	rig_put_wait(&r, QI_IWD_SW, 0, 1);
	rig_doorbell(&r);
	while (vtd_step(&r.u) != VTD_FAULTED)
		;
	assert_int_equal(fsts(), VTD_FSTS_ICE);
	assert_int_equal(vtd_step(&r.u), VTD_FETCHED); /* the queue goes on */
	assert_int_equal(vtd_step(&r.u), VTD_FAULTED);
	assert_int_equal(fsts(), VTD_FSTS_ICE | VTD_FSTS_ITE);
	assert_int_equal(vtd_step(&r.u), VTD_IDLE);
	assert_string_equal(r.log, "");
}

static void test_which_requests(void **state)
{
	unsigned i;

	(void)state;
	rig_start(&r, 256);
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_REFUSE,
					.type = 15 }); /* not used by this kind */
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_SILENT, .sid = 0x12, .count = 2 });
	for (i = 0; i < 2; i++) {
		rig_put(&r, request(0x11));
		rig_put(&r, i ? request(0x12) : qi_desc_dev_tlb_pasid(0x12, 0, 0, 1, false, 0, 0));
		rig_submit(&r);
		assert_int_equal(fsts(), VTD_FSTS_ITE);
		assert_int_equal(iqercd(), 0x1200000000);
		rig_write(&r, DMAR_FSTS_REG, VTD_FSTS_ITE);
	}
	rig_put(&r, request(0x12)); /* used up */
	rig_submit(&r);
	assert_int_equal(fsts(), 0);
	assert_string_equal(r.log, "xxx");
}

/* How a device answers a request is decided when the request is sent. */
static void test_arming_too_late(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_put(&r, request(1));
	rig_doorbell(&r);
	assert_int_equal(vtd_step(&r.u), VTD_FETCHED);
	assert_int_equal(vtd_step(&r.u), VTD_EXECUTED);
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_SILENT, .sid = 1 });
	rig_run(&r);
	assert_string_equal(r.log, "x");
	assert_int_equal(fsts(), 0);
}

static void test_off_with_a_silent_device(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_arm(&r, (struct vtd_fault){ .kind = VTD_FAULT_SILENT, .sid = 1 });
	rig_put(&r, request(1));
	rig_doorbell(&r);
	assert_int_equal(vtd_step(&r.u), VTD_FETCHED);
	assert_int_equal(vtd_step(&r.u), VTD_EXECUTED);
	rig_command(&r, VTD_GCMD_QIE, false);
	assert_int_equal(vtd_step(&r.u), VTD_FAULTED);
	assert_int_equal(rig_read(&r, DMAR_GSTS_REG), VTD_GSTS_QIES);
	assert_int_equal(vtd_step(&r.u), VTD_EXECUTED);
	assert_int_equal(rig_read(&r, DMAR_GSTS_REG), 0);
	assert_int_equal(fsts(), VTD_FSTS_ITE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_silent_in_every_order),
		cmocka_unit_test(test_earlier_waits_are_aborted_too),
		cmocka_unit_test(test_a_written_wait_is_not_aborted),
		cmocka_unit_test(test_aborted_fence_opens),
		cmocka_unit_test(test_first_record_stays),
		cmocka_unit_test(test_unreported_device),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_late_in_every_order),
		cmocka_unit_test(test_late_after_time_out),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_which_requests),
		cmocka_unit_test(test_arming_too_late),
		cmocka_unit_test(test_off_with_a_silent_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
