/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * How long it takes at most to turn the queue on and off, and to see that a unit has lost its
 * registers.
 */
#include "time_rig.h"

#include <string.h>

/* ---- a unit that has lost its registers ---- */

static void lose_registers(struct rig *r)
{
	assert_true(vtd_init(&r->u, &r->unit));
}

/* Wherever the head was, and whatever the submitters wait for. */
static void a_unit_without_registers_is_dead(void **state)
{
	struct qi_desc plain = rig_desc(1), ats = rig_ats(1);
	unsigned at, with;

	(void)state;
	for (at = 0; at < 9; at++) {
		for (with = 0; with < 4; with++) {
			struct rig *r = time_start(8);
			unsigned i;

			for (i = 0; i < at; i++)
				assert_int_equal(qi_submit_sync(&r->q, NULL, 0, 0), 0);
			if (with & 1)
				assert_int_equal(qi_submit(&r->q, &ats, 1, 0, &test.t[0]), 0);
			lose_registers(r);
			time_begin(r);
			assert_int_equal(qi_submit_sync(&r->q, &plain, 1, 0), -QI_ERR_DEAD);
			time_took_no_more(r, t_ns(r));
			if (with & 1)
				assert_int_equal(qi_poll(&r->q, &test.t[0]), -QI_ERR_DEAD);
			assert_int_equal(qi_submit(&r->q, &plain, 1, 0, &test.t[1]), -QI_ERR_DEAD);
			assert_int_equal(qi_reset(&r->q), 0);
			rig_assert_clean(r);
			rig_free(r);
		}
	}
}

static void a_queue_without_registers_is_not_disabled_for_long(void **state)
{
	struct qi_desc ats = rig_ats(1);
	unsigned at, with;

	(void)state;
	for (at = 0; at < 9; at++) {
		for (with = 0; with < 2; with++) {
			struct rig *r = time_start(8);
			unsigned i;

			for (i = 0; i < at; i++)
				assert_int_equal(qi_submit_sync(&r->q, NULL, 0, 0), 0);
			if (with)
				assert_int_equal(qi_submit(&r->q, &ats, 1, 0, &test.t[0]), 0);
			lose_registers(r);
			time_begin(r);
			assert_int_equal(with ? qi_suspend(&r->q) : qi_disable(&r->q),
					 -QI_ERR_DEAD);
			time_took_no_more(r, 2 * t_ns(r));
			rig_free(r);
		}
	}
}

/* ---- the life cycle ---- */

static void disable_does_not_wait_for_devices(void **state)
{
	struct rig *r = time_start(256);
	struct qi_desc d = rig_ats(1);

	(void)state;
	time_arm(r, VTD_FAULT_SILENT, RIG_SID(1), 0);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &test.t[0]), 0);
	rig_steps(r, 3);
	test.work_at = UINT64_MAX;
	time_begin(r);
	assert_int_equal(qi_disable(&r->q), -QI_ERR_BUSY);
	time_took(r, 2 * t_ns(r));
	/* On again, and all goes on. */
	test.work_at = 0;
	assert_int_equal(qi_wait(&r->q, &test.t[0]), -QI_ERR_DEVICE);
	assert_int_equal(qi_disable(&r->q), 0);
	rig_free(r);
}

/* What has completed is over, whether its owner has looked or not. */
static void disable_waits_for_no_owner(void **state)
{
	struct rig *r = time_start(256);

	(void)state;
	assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &test.t[0]), 0);
	rig_run(r);
	test.period = r->tick;
	time_begin(r);
	assert_int_equal(qi_disable(&r->q), 0);
	time_took_no_more(r, 64 * r->tick);
	assert_int_equal(qi_wait(&r->q, &test.t[0]), 0);
	rig_free(r);
}

/* What a time-out error has aborted is its owner's to repeat. */
static void disable_does_not_wait_for_owners_long(void **state)
{
	struct rig *r = time_start(256);
	struct qi_desc d = rig_ats(1);

	(void)state;
	time_arm(r, VTD_FAULT_SILENT, RIG_SID(1), 1);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &test.t[0]), 0);
	rig_run(r);
	qi_fault_interrupt(&r->q);
	test.period = r->tick;
	time_begin(r);
	assert_int_equal(qi_disable(&r->q), -QI_ERR_BUSY);
	time_took(r, t_ns(r));
	assert_int_equal(qi_wait(&r->q, &test.t[0]), 0);
	assert_int_equal(qi_disable(&r->q), 0);
	rig_free(r);
}

/* At the last moment a device answers, and then the unit does not let go. */
static void answered(struct rig *r)
{
	qi_poll(&r->q, &test.t[0]);
	test.period = r->tick;
}

static void disable_takes_three_times_at_most(void **state)
{
	struct rig *r = time_start(256);
	struct qi_desc d = rig_ats(1);

	(void)state;
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &test.t[0]), 0);
	test.work_at = r->now + t_ns(r) * 19 / 10;
	test.period = t_ns(r) / 100;
	test.worked = answered;
	test.delay[test.writes % 4] = UINT64_MAX;
	time_begin(r);
	assert_int_equal(qi_disable(&r->q), -QI_ERR_DEAD);
	time_took(r, 3 * t_ns(r));
	assert_int_equal(test.t[0].error.code, 0);
	rig_free(r);
}

static void leave_on(struct rig *r)
{
	static const uint64_t wait[2] = { QI_IWD_TYPE | QI_IWD_FN, 0 };
	unsigned i;

	rig_init(r);
	for (i = 0; i < 4; i++)
		memcpy((char *)r->ring + 16 * (size_t)i, wait, sizeof(wait));
	vtd_write(&r->u, DMAR_IQT_REG, 0, 8);
	vtd_write(&r->u, DMAR_IQA_REG, RIG_RING, 8);
	vtd_write(&r->u, DMAR_GCMD_REG, VTD_GCMD_QIE, 4);
	rig_run(r);
	vtd_write(&r->u, DMAR_IQT_REG, 16, 8);
}

static void enable_takes_twice_the_time_at_most(void **state)
{
	struct rig *r = time_make(256);

	(void)state;
	rig_init(r);
	test.delay[0] = UINT64_MAX;
	time_begin(r);
	assert_int_equal(qi_enable(&r->q), -QI_ERR_TIMEOUT);
	time_took_no_more(r, 2 * t_ns(r));
	assert_in_range(r->now - test.began, t_ns(r) * 9 / 10, t_ns(r) * 11 / 10);
	/* And it can be tried again. */
	test.delay[1] = 0;
	assert_int_equal(qi_enable(&r->q), 0);
	rig_free(r);
}

/* One that is left on ends late, is let go of late, and the new one does not come on. */
static void enable_takes_three_times_at_most(void **state)
{
	struct rig *r = time_make(256);

	(void)state;
	leave_on(r);
	test.work_at = r->now + t_ns(r) * 95 / 100;
	test.delay[0] = t_ns(r) * 95 / 100;
	test.delay[1] = UINT64_MAX;
	time_begin(r);
	assert_int_equal(qi_enable(&r->q), -QI_ERR_TIMEOUT);
	time_took(r, 3 * t_ns(r));
	rig_free(r);
}

static void owner_comes_late(struct rig *r)
{
	time_on_relax(r);
	if (r->now - test.began > t_ns(r) * 9 / 10 && test.n) {
		test.n = 0;
		assert_int_equal(qi_poll(&r->q, &test.t[0]), -QI_ERR_DEAD);
	}
}

/* The owner is late, the unit does not get on, is late to let go, and does not come on again. */
static void reset_takes_four_times_at_most(void **state)
{
	struct rig *r = time_start(4);
	unsigned i;

	(void)state;
	/* The last one is in line. */
	for (i = 4; i-- > 0;)
		assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &test.t[i]), 0);
	test.n = 1;
	r->on_relax = owner_comes_late;
	test.work_at = UINT64_MAX;
	test.delay[test.writes % 4] = t_ns(r) * 95 / 100;
	test.delay[(test.writes + 1) % 4] = UINT64_MAX;
	time_begin(r);
	assert_int_equal(qi_reset(&r->q), -QI_ERR_TIMEOUT);
	time_took(r, 4 * t_ns(r));
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_unit_without_registers_is_dead),
		cmocka_unit_test(a_queue_without_registers_is_not_disabled_for_long),
		cmocka_unit_test(disable_does_not_wait_for_devices),
		cmocka_unit_test(disable_waits_for_no_owner),
		cmocka_unit_test(disable_does_not_wait_for_owners_long),
		cmocka_unit_test(disable_takes_three_times_at_most),
		cmocka_unit_test(enable_takes_twice_the_time_at_most),
		cmocka_unit_test(enable_takes_three_times_at_most),
		cmocka_unit_test(reset_takes_four_times_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
