/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The clock decides, however seldom it is looked at; and if the machine stood still, no submission
 * fails because of that.
 */
#include "time_rig.h"

/* ---- seldom polls, slow turns ---- */

static const uint64_t intervals[] = { 1000, 30000, 300000, 1 * MS, 3 * MS, 10 * MS, 30 * MS };
#define INTERVALS (sizeof(intervals) / sizeof(intervals[0]))

static struct rig *make_slow(unsigned interval)
{
	struct rig *r = time_make(256);

	r->cfg.timeout_ns = 0; /* the defaults of all three */
	r->cfg.ats_timeout_ns = 0;
	r->cfg.poll_budget = 0;
	r->tick = intervals[interval];
	rig_start(r);
	return r;
}

/* Polled at this interval, or waited for with a relax() of this length. */
static int outcome(struct rig *r, bool poll)
{
	int ret;

	if (!poll)
		return qi_wait(&r->q, &test.t[0]);
	while ((ret = qi_poll(&r->q, &test.t[0])) == QI_PENDING)
		r->host.relax(r);
	return ret;
}

static void a_refusal_is_heard_of_soon(void **state)
{
	struct qi_desc d = rig_desc(9);
	unsigned i;

	(void)state;
	for (i = 0; i < 2 * INTERVALS; i++) {
		struct rig *r = make_slow(i / 2);

		rig_refuse(r, 9, VTD_IQEI_RESERVED);
		assert_int_equal(qi_submit(&r->q, &d, 1, 0, &test.t[0]), 0);
		rig_run(r);
		time_begin(r);
		assert_int_equal(outcome(r, i & 1), -QI_ERR_IQE);
		/* A look is due after 10 ms, or some turns of a slow relax(). */
		assert_in_range(r->now - test.began, 0, 20 * MS + 34 * r->tick);
		if (i & 1)
			assert_in_range(r->now - test.began, 0, 10 * MS + 2 * r->tick);
		rig_free(r);
	}
}

static void a_time_out_is_one_however_seldom_it_is_looked_at(void **state)
{
	struct qi_desc d = rig_desc(1);
	unsigned i;

	(void)state;
	for (i = 0; i < 4 * INTERVALS; i++) {
		struct rig *r = make_slow(i / 4);

		if (i & 2)
			time_arm(r, VTD_FAULT_LOSE_WRITE, 0, 1);
		else
			test.work_at = UINT64_MAX;
		time_begin(r);
		assert_int_equal(qi_submit(&r->q, &d, 1, 0, &test.t[0]), 0);
		assert_standing(outcome(r, i & 1));
		if (r->tick <= 3 * MS || i & 1)
			assert_in_range(r->now - test.began, t_ns(r) * 9 / 10, t_ns(r) * 11 / 10);
		else
			assert_in_range(r->now - test.began, t_ns(r) * 9 / 10, t_ns(r) * 3 / 2);
		rig_free(r);
	}
}

/* ---- a machine that stands still ---- */

/* While the unit has not begun; it goes on when the machine does. */
static int nothing_happens(struct rig *r, unsigned what)
{
	struct qi_desc d[3] = { rig_desc(1), rig_ats(1), rig_desc(2) };
	int err;

	switch (what) {
	case 0:
		return qi_submit_sync(&r->q, d, 1, 0);
	case 1:
		return qi_submit_sync(&r->q, d, 3, 0);
	case 2:
		err = qi_submit(&r->q, d, 1, 0, &test.t[0]);
		return err ? err : outcome(r, true);
	case 3:
		err = qi_disable(&r->q);
		return err ? err : qi_enable(&r->q);
	case 4:
		err = qi_suspend(&r->q);
		return err ? err : qi_resume(&r->q);
	default:
		return qi_reset(&r->q);
	}
}

static void a_machine_that_stood_still_is_no_reason_to_fail(void **state)
{
	unsigned at, what, budget;

	(void)state;
	for (budget = 1; budget < 40; budget += 19) {
		for (what = 0; what < 6; what++) {
			for (at = 1; at < 60; at++) {
				struct rig *r = time_make(8);

				r->cfg.poll_budget = budget;
				rig_start(r);
				test.work_at = r->now + 20 * r->tick;
				test.period = 0;
				test.countdown = at;
				/* The hour has passed for the unit as well. */
				test.delay[0] = test.delay[1] = test.delay[2] = 0;
				assert_int_equal(nothing_happens(r, what), 0);
				rig_free(r);
			}
		}
	}
}

/* ---- a clock that is a little behind ---- */

static uint64_t (*plain_now)(void *ctx);
static unsigned calls, period;

/* The thread moves between two CPUs, and the clock of one is behind. */
static uint64_t now_of_two_cpus(void *ctx)
{
	const struct rig *r = ctx;

	return plain_now(ctx) - (++calls % period ? 0 : 20 * r->tick);
}

static void a_clock_that_is_behind_costs_no_part_its_time(void **state)
{
	struct qi_desc d[600];
	unsigned i;

	(void)state;
	for (i = 0; i < 600; i++)
		d[i] = rig_desc(i);
	for (period = 2; period < 10; period++) {
		struct rig *r = time_make(8);

		plain_now = r->host.now;
		r->host.now = now_of_two_cpus;
		r->cfg.poll_budget = 4;
		rig_start(r);
		/* A hundred parts, in less than a time-out. */
		assert_int_equal(qi_submit_sync(&r->q, d, 600, 0), 0);
		assert_in_range(r->now, 0, r->cfg.timeout_ns);
		rig_free(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clock_that_is_behind_costs_no_part_its_time),
		cmocka_unit_test(a_refusal_is_heard_of_soon),
		cmocka_unit_test(a_time_out_is_one_however_seldom_it_is_looked_at),
		cmocka_unit_test(a_machine_that_stood_still_is_no_reason_to_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
