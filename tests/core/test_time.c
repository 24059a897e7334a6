/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* How long submissions take at most, with devices and without. */
#include "time_rig.h"

/* ---- submissions without devices ---- */

static void a_unit_that_stands_still_is_dead(void **state)
{
	struct rig *r = time_start(256);
	struct qi_desc d = rig_desc(1);

	(void)state;
	test.work_at = UINT64_MAX;
	time_begin(r);
	assert_standing(qi_submit_sync(&r->q, &d, 1, 0));
	time_took(r, t_ns(r));
	rig_free(r);
}

static void a_status_write_that_never_comes_is_a_time_out(void **state)
{
	struct rig *r = time_start(256);
	struct qi_desc d = rig_desc(1);

	(void)state;
	time_arm(r, VTD_FAULT_LOSE_WRITE, 0, 1);
	time_begin(r);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), -QI_ERR_TIMEOUT);
	time_took(r, t_ns(r));
	rig_assert_clean(r);
	rig_free(r);
}

static void collect(struct rig *r)
{
	unsigned i;

	for (i = 0; i < test.n; i++)
		qi_poll(&r->q, &test.t[i]);
	time_arm(r, VTD_FAULT_LOSE_WRITE, 0, 0);
	test.worked = NULL;
}

/* In line for nearly as long as the unit may stand still, and then in flight. */
static void in_line_and_in_flight_together(void **state)
{
	struct rig *r = time_start(4);
	struct qi_desc d = rig_desc(1);

	(void)state;
	for (test.n = 0; test.n < 3; test.n++)
		assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &test.t[test.n]), 0);
	test.work_at = r->now + t_ns(r) * 95 / 100;
	test.period = 4 * r->tick;
	test.worked = collect;
	time_begin(r);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), -QI_ERR_TIMEOUT);
	time_took(r, 2 * t_ns(r));
	rig_free(r);
}

/* Ten parts, none of which takes long. */
static void all_parts_together(void **state)
{
	struct rig *r = time_start(4);
	unsigned i;

	(void)state;
	for (i = 0; i < 40; i++)
		test.d[i] = rig_desc(i);
	test.period = t_ns(r) / 5;
	test.work_at = r->now + test.period;
	time_begin(r);
	assert_int_equal(qi_submit_sync(&r->q, test.d, 40, 0), -QI_ERR_TIMEOUT);
	time_took(r, 2 * t_ns(r));
	rig_free(r);
}

/* A device that is asked behind it does not make it wait any longer. */
static void a_device_behind_does_not_count(void **state)
{
	struct rig *r = time_start(256);
	struct qi_desc plain = rig_desc(1), ats = rig_ats(1);

	(void)state;
	time_arm(r, VTD_FAULT_LOSE_WRITE, 0, 1);
	time_arm(r, VTD_FAULT_SILENT, RIG_SID(1), 0);
	time_begin(r);
	assert_int_equal(qi_submit(&r->q, &plain, 1, 0, &test.t[0]), 0);
	assert_int_equal(qi_submit(&r->q, &ats, 1, 0, &test.t[1]), 0);
	/* Its wait is over for the unit, and the device is asked. */
	rig_steps(r, 6);
	test.work_at = UINT64_MAX;
	assert_int_equal(qi_wait(&r->q, &test.t[0]), -QI_ERR_TIMEOUT);
	time_took(r, t_ns(r));
	rig_free(r);
}

/* ---- and with them ---- */

static void a_unit_that_waits_for_a_device_may_stand_still(void **state)
{
	struct rig *r = time_start(256);
	struct qi_desc d = rig_ats(1);

	(void)state;
	test.work_at = UINT64_MAX;
	time_begin(r);
	assert_standing(qi_submit_sync(&r->q, &d, 1, 0));
	time_took(r, a_ns(r));
	rig_free(r);
}

/* Nearly A in line, and nearly A until the unit has noticed each time that it does not answer. */
static void its_own_device_is_tried_as_often_as_configured(void **state)
{
	struct qi_desc other[2] = { rig_ats(2), rig_desc(2) }, d = rig_ats(1);
	unsigned retries;

	(void)state;
	for (retries = 0; retries < 6; retries++) {
		struct rig *r = time_make(4);

		r->cfg.retries = retries ? retries : QI_NO_RETRY;
		rig_start(r);
		time_arm(r, VTD_FAULT_SILENT, RIG_SID(1), 0);
		assert_int_equal(qi_submit(&r->q, other, 2, 0, &test.t[0]), 0);
		test.n = 1;
		test.period = a_ns(r) * 95 / 100;
		test.work_at = r->now + test.period;
		time_begin(r);
		assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), -QI_ERR_DEVICE);
		time_took(r, (retries + 2) * a_ns(r));
		assert_int_equal(qi_poll(&r->q, &test.t[0]), 0);
		rig_free(r);
	}
}

/* The next device, asked before the one that has just been voided is tried again. */
static void ask_next(struct rig *r)
{
	unsigned i;

	qi_fault_interrupt(&r->q);
	for (i = 0; i < test.n; i++)
		qi_poll(&r->q, &test.t[i]);
	time_arm(r, VTD_FAULT_SILENT, RIG_SID(2 + test.n), 0);
	test.d[test.n] = rig_ats(2 + test.n);
	if (!qi_submit(&r->q, &test.d[test.n], 1, 0, &test.t[test.n]))
		test.n++;
}

/* One after the other they fall silent, each just before the submission would be through. */
static void each_other_device_counts_once_and_four_at_most(void **state)
{
	struct rig *r = time_make(256);
	struct qi_desc d = rig_desc(1);

	(void)state;
	r->cfg.retries = QI_NO_RETRY;
	rig_start(r);
	ask_next(r);
	test.period = a_ns(r) * 95 / 100;
	test.work_at = r->now + test.period;
	test.worked = ask_next;
	time_begin(r);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), -QI_ERR_TIMEOUT);
	time_took(r, (2 + 4) * a_ns(r));
	rig_free(r);
}

/* The same one, again and again. */
static void ask_again(struct rig *r)
{
	unsigned n = test.n % 2;

	qi_fault_interrupt(&r->q);
	qi_poll(&r->q, &test.t[1 - n]);
	test.d[n] = rig_ats(2);
	assert_int_equal(qi_submit(&r->q, &test.d[n], 1, 0, &test.t[n]), 0);
	test.n++;
}

static void one_other_device_counts_once(void **state)
{
	struct rig *r = time_make(256);
	struct qi_desc d = rig_desc(1);

	(void)state;
	r->cfg.retries = QI_NO_RETRY;
	rig_start(r);
	time_arm(r, VTD_FAULT_SILENT, RIG_SID(2), 0);
	test.d[0] = rig_ats(2);
	assert_int_equal(qi_submit(&r->q, &test.d[0], 1, 0, &test.t[0]), 0);
	test.n = 1;
	test.period = a_ns(r) * 95 / 100;
	test.work_at = r->now + test.period;
	test.worked = ask_again;
	time_begin(r);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), -QI_ERR_TIMEOUT);
	time_took(r, (2 + 1) * a_ns(r));
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_unit_that_stands_still_is_dead),
		cmocka_unit_test(a_status_write_that_never_comes_is_a_time_out),
		cmocka_unit_test(in_line_and_in_flight_together),
		cmocka_unit_test(all_parts_together),
		cmocka_unit_test(a_device_behind_does_not_count),
		cmocka_unit_test(a_unit_that_waits_for_a_device_may_stand_still),
		cmocka_unit_test(its_own_device_is_tried_as_often_as_configured),
		cmocka_unit_test(each_other_device_counts_once_and_four_at_most),
		cmocka_unit_test(one_other_device_counts_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
