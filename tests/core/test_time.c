/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * How long calls take: each row of the table in qi.h is reached, within a tenth, and none is
 * exceeded. The clock is the rig's, and when the unit works is the test's to say.
 */
#include "rig.h"

#include <string.h>

#define HOUR_NS 3600000000000ULL
#define MS 1000000ULL

static struct {
	uint64_t began;
	uint64_t work_at; /* when the unit is to work again; it stands still until then */
	uint64_t period;  /* and how much later the next time; 0: from then on in each turn */
	void (*worked)(struct rig *r);

	/* GCMD takes effect so much later; UINT64_MAX: never. By the n-th write of it. */
	uint64_t delay[4];
	unsigned writes;
	uint64_t gcmd, effect_at;
	struct qi_host host;

	struct qi_ticket t[16];
	struct qi_desc d[64];
	unsigned n;
	unsigned countdown; /* turns until the clock jumps; 0: it does not */
} test;

/* ---- the rig's clock and unit ---- */

static uint64_t t_ns(const struct rig *r)
{
	return r->q.cfg.timeout_ns;
}

static uint64_t a_ns(const struct rig *r)
{
	return r->q.cfg.ats_timeout_ns;
}

static void take_effect(struct rig *r)
{
	if (test.effect_at && r->now >= test.effect_at) {
		test.effect_at = 0;
		test.host.write32(r, DMAR_GCMD_REG, (uint32_t)test.gcmd);
		rig_run(r);
	}
}

static void write32(void *ctx, unsigned reg, uint32_t value)
{
	struct rig *r = ctx;
	uint64_t delay = reg == DMAR_GCMD_REG ? test.delay[test.writes++ % 4] : 0;

	if (!delay) {
		test.host.write32(ctx, reg, value);
		return;
	}
	test.gcmd = value;
	test.effect_at = delay == UINT64_MAX ? 0 : r->now + delay;
}

static void on_relax(struct rig *r)
{
	take_effect(r);
	if (test.countdown && !--test.countdown)
		r->now += HOUR_NS;
	if (r->now < test.work_at)
		return;
	if (!test.period) {
		rig_steps(r, 1);
		return;
	}
	test.work_at += test.period;
	rig_run(r);
	if (test.worked)
		test.worked(r);
}

static struct rig *make(unsigned slots)
{
	struct rig *r = rig_new(slots, 128);

	memset(&test, 0, sizeof(test));
	test.host = r->host;
	r->host.write32 = write32;
	r->steps = 0;
	r->on_relax = on_relax;
	return r;
}

static struct rig *start(unsigned slots)
{
	struct rig *r = make(slots);

	rig_start(r);
	return r;
}

static void begin(struct rig *r)
{
	test.began = r->now;
}

/* It took `most`, or up to a tenth less, and some turns of the wait loop at most more. */
static void took(const struct rig *r, uint64_t most)
{
	assert_in_range(r->now - test.began, most - most / 10, most + 64 * r->tick);
}

static void took_no_more(const struct rig *r, uint64_t most)
{
	assert_in_range(r->now - test.began, 0, most + 64 * r->tick);
}

static void arm(struct rig *r, enum vtd_fault_kind kind, uint16_t sid, uint32_t count)
{
	struct vtd_fault f = { .kind = kind, .sid = sid, .count = count };

	assert_true(vtd_fault_arm(&r->u, &f));
}

/* Its owner may be the first to find out, or the one who watches the head. */
static void assert_standing(int err)
{
	assert_true(err == -QI_ERR_DEAD || err == -QI_ERR_TIMEOUT);
}

/* ---- submissions without devices ---- */

static void a_unit_that_stands_still_is_dead(void **state)
{
	struct rig *r = start(256);
	struct qi_desc d = rig_desc(1);

	(void)state;
	test.work_at = UINT64_MAX;
	begin(r);
	assert_standing(qi_submit_sync(&r->q, &d, 1, 0));
	took(r, t_ns(r));
	rig_free(r);
}

static void a_status_write_that_never_comes_is_a_time_out(void **state)
{
	struct rig *r = start(256);
	struct qi_desc d = rig_desc(1);

	(void)state;
	arm(r, VTD_FAULT_LOSE_WRITE, 0, 1);
	begin(r);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), -QI_ERR_TIMEOUT);
	took(r, t_ns(r));
	rig_assert_clean(r);
	rig_free(r);
}

static void collect(struct rig *r)
{
	unsigned i;

	for (i = 0; i < test.n; i++)
		qi_poll(&r->q, &test.t[i]);
	arm(r, VTD_FAULT_LOSE_WRITE, 0, 0);
	test.worked = NULL;
}

/* In line for nearly as long as the unit may stand still, and then in flight. */
static void in_line_and_in_flight_together(void **state)
{
	struct rig *r = start(4);
	struct qi_desc d = rig_desc(1);

	(void)state;
	for (test.n = 0; test.n < 3; test.n++)
		assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &test.t[test.n]), 0);
	test.work_at = r->now + t_ns(r) * 95 / 100;
	test.period = 4 * r->tick;
	test.worked = collect;
	begin(r);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), -QI_ERR_TIMEOUT);
	took(r, 2 * t_ns(r));
	rig_free(r);
}

/* Ten parts, none of which takes long. */
static void all_parts_together(void **state)
{
	struct rig *r = start(4);
	unsigned i;

	(void)state;
	for (i = 0; i < 40; i++)
		test.d[i] = rig_desc(i);
	test.period = t_ns(r) / 5;
	test.work_at = r->now + test.period;
	begin(r);
	assert_int_equal(qi_submit_sync(&r->q, test.d, 40, 0), -QI_ERR_TIMEOUT);
	took(r, 2 * t_ns(r));
	rig_free(r);
}

/* A device that is asked behind it does not make it wait any longer. */
static void a_device_behind_does_not_count(void **state)
{
	struct rig *r = start(256);
	struct qi_desc plain = rig_desc(1), ats = rig_ats(1);

	(void)state;
	arm(r, VTD_FAULT_LOSE_WRITE, 0, 1);
	arm(r, VTD_FAULT_SILENT, RIG_SID(1), 0);
	begin(r);
	assert_int_equal(qi_submit(&r->q, &plain, 1, 0, &test.t[0]), 0);
	assert_int_equal(qi_submit(&r->q, &ats, 1, 0, &test.t[1]), 0);
	/* Its wait is over for the unit, and the device is asked. */
	rig_steps(r, 6);
	test.work_at = UINT64_MAX;
	assert_int_equal(qi_wait(&r->q, &test.t[0]), -QI_ERR_TIMEOUT);
	took(r, t_ns(r));
	rig_free(r);
}

/* ---- and with them ---- */

static void a_unit_that_waits_for_a_device_may_stand_still(void **state)
{
	struct rig *r = start(256);
	struct qi_desc d = rig_ats(1);

	(void)state;
	test.work_at = UINT64_MAX;
	begin(r);
	assert_standing(qi_submit_sync(&r->q, &d, 1, 0));
	took(r, a_ns(r));
	rig_free(r);
}

/* Nearly A in line, and nearly A until the unit has noticed each time that it does not answer. */
static void its_own_device_is_tried_as_often_as_configured(void **state)
{
	struct qi_desc other[2] = { rig_ats(2), rig_desc(2) }, d = rig_ats(1);
	unsigned retries;

	(void)state;
	for (retries = 0; retries < 6; retries++) {
		struct rig *r = make(4);

		r->cfg.retries = retries ? retries : QI_NO_RETRY;
		rig_start(r);
		arm(r, VTD_FAULT_SILENT, RIG_SID(1), 0);
		assert_int_equal(qi_submit(&r->q, other, 2, 0, &test.t[0]), 0);
		test.n = 1;
		test.period = a_ns(r) * 95 / 100;
		test.work_at = r->now + test.period;
		begin(r);
		assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), -QI_ERR_DEVICE);
		took(r, (retries + 2) * a_ns(r));
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
	arm(r, VTD_FAULT_SILENT, RIG_SID(2 + test.n), 0);
	test.d[test.n] = rig_ats(2 + test.n);
	if (!qi_submit(&r->q, &test.d[test.n], 1, 0, &test.t[test.n]))
		test.n++;
}

/* One after the other they fall silent, each just before the submission would be through. */
static void each_other_device_counts_once_and_four_at_most(void **state)
{
	struct rig *r = make(256);
	struct qi_desc d = rig_desc(1);

	(void)state;
	r->cfg.retries = QI_NO_RETRY;
	rig_start(r);
	ask_next(r);
	test.period = a_ns(r) * 95 / 100;
	test.work_at = r->now + test.period;
	test.worked = ask_next;
	begin(r);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), -QI_ERR_TIMEOUT);
	took(r, (2 + 4) * a_ns(r));
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
	struct rig *r = make(256);
	struct qi_desc d = rig_desc(1);

	(void)state;
	r->cfg.retries = QI_NO_RETRY;
	rig_start(r);
	arm(r, VTD_FAULT_SILENT, RIG_SID(2), 0);
	test.d[0] = rig_ats(2);
	assert_int_equal(qi_submit(&r->q, &test.d[0], 1, 0, &test.t[0]), 0);
	test.n = 1;
	test.period = a_ns(r) * 95 / 100;
	test.work_at = r->now + test.period;
	test.worked = ask_again;
	begin(r);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), -QI_ERR_TIMEOUT);
	took(r, (2 + 1) * a_ns(r));
	rig_free(r);
}

/* ---- a unit that has lost its registers ---- */

static void lose_registers(struct rig *r)
{
	assert_true(vtd_init(&r->u, &r->unit));
}

/* Wherever the head was, and whoever waits for what. */
static void a_unit_without_registers_is_dead(void **state)
{
	struct qi_desc plain = rig_desc(1), ats = rig_ats(1);
	unsigned at, with;

	(void)state;
	for (at = 0; at < 9; at++) {
		for (with = 0; with < 4; with++) {
			struct rig *r = start(8);
			unsigned i;

			for (i = 0; i < at; i++)
				assert_int_equal(qi_submit_sync(&r->q, NULL, 0, 0), 0);
			if (with & 1)
				assert_int_equal(qi_submit(&r->q, &ats, 1, 0, &test.t[0]), 0);
			lose_registers(r);
			begin(r);
			assert_int_equal(qi_submit_sync(&r->q, &plain, 1, 0), -QI_ERR_DEAD);
			took_no_more(r, t_ns(r));
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
			struct rig *r = start(8);
			unsigned i;

			for (i = 0; i < at; i++)
				assert_int_equal(qi_submit_sync(&r->q, NULL, 0, 0), 0);
			if (with)
				assert_int_equal(qi_submit(&r->q, &ats, 1, 0, &test.t[0]), 0);
			lose_registers(r);
			begin(r);
			assert_int_equal(with ? qi_suspend(&r->q) : qi_disable(&r->q),
					 -QI_ERR_DEAD);
			took_no_more(r, 2 * t_ns(r));
			rig_free(r);
		}
	}
}

/* ---- the life cycle ---- */

static void disable_does_not_wait_for_devices(void **state)
{
	struct rig *r = start(256);
	struct qi_desc d = rig_ats(1);

	(void)state;
	arm(r, VTD_FAULT_SILENT, RIG_SID(1), 0);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &test.t[0]), 0);
	rig_steps(r, 3);
	test.work_at = UINT64_MAX;
	begin(r);
	assert_int_equal(qi_disable(&r->q), -QI_ERR_BUSY);
	took(r, 2 * t_ns(r));
	/* On again, and all goes on. */
	test.work_at = 0;
	assert_int_equal(qi_wait(&r->q, &test.t[0]), -QI_ERR_DEVICE);
	assert_int_equal(qi_disable(&r->q), 0);
	rig_free(r);
}

/* What has completed is over, whether its owner has looked or not. */
static void disable_waits_for_no_owner(void **state)
{
	struct rig *r = start(256);

	(void)state;
	assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &test.t[0]), 0);
	rig_run(r);
	test.period = r->tick;
	begin(r);
	assert_int_equal(qi_disable(&r->q), 0);
	took_no_more(r, 64 * r->tick);
	assert_int_equal(qi_wait(&r->q, &test.t[0]), 0);
	rig_free(r);
}

/* What a time-out error has aborted is its owner's to repeat. */
static void disable_does_not_wait_for_owners_long(void **state)
{
	struct rig *r = start(256);
	struct qi_desc d = rig_ats(1);

	(void)state;
	arm(r, VTD_FAULT_SILENT, RIG_SID(1), 1);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &test.t[0]), 0);
	rig_run(r);
	qi_fault_interrupt(&r->q);
	test.period = r->tick;
	begin(r);
	assert_int_equal(qi_disable(&r->q), -QI_ERR_BUSY);
	took(r, t_ns(r));
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
	struct rig *r = start(256);
	struct qi_desc d = rig_ats(1);

	(void)state;
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &test.t[0]), 0);
	test.work_at = r->now + t_ns(r) * 19 / 10;
	test.period = t_ns(r) / 100;
	test.worked = answered;
	test.delay[test.writes % 4] = UINT64_MAX;
	begin(r);
	assert_int_equal(qi_disable(&r->q), -QI_ERR_DEAD);
	took(r, 3 * t_ns(r));
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
	struct rig *r = make(256);

	(void)state;
	rig_init(r);
	test.delay[0] = UINT64_MAX;
	begin(r);
	assert_int_equal(qi_enable(&r->q), -QI_ERR_TIMEOUT);
	took_no_more(r, 2 * t_ns(r));
	assert_in_range(r->now - test.began, t_ns(r) * 9 / 10, t_ns(r) * 11 / 10);
	/* And it can be tried again. */
	test.delay[1] = 0;
	assert_int_equal(qi_enable(&r->q), 0);
	rig_free(r);
}

/* One that is left on ends late, is let go of late, and the new one does not come on. */
static void enable_takes_three_times_at_most(void **state)
{
	struct rig *r = make(256);

	(void)state;
	leave_on(r);
	test.work_at = r->now + t_ns(r) * 95 / 100;
	test.delay[0] = t_ns(r) * 95 / 100;
	test.delay[1] = UINT64_MAX;
	begin(r);
	assert_int_equal(qi_enable(&r->q), -QI_ERR_TIMEOUT);
	took(r, 3 * t_ns(r));
	rig_free(r);
}

static void owner_comes_late(struct rig *r)
{
	on_relax(r);
	if (r->now - test.began > t_ns(r) * 9 / 10 && test.n) {
		test.n = 0;
		assert_int_equal(qi_poll(&r->q, &test.t[0]), -QI_ERR_DEAD);
	}
}

/* The owner is late, the unit does not get on, is late to let go, and does not come on again. */
static void reset_takes_four_times_at_most(void **state)
{
	struct rig *r = start(4);
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
	begin(r);
	assert_int_equal(qi_reset(&r->q), -QI_ERR_TIMEOUT);
	took(r, 4 * t_ns(r));
	rig_free(r);
}

/* ---- seldom polls, slow turns ---- */

static const uint64_t intervals[] = { 1000, 30000, 300000, 1 * MS, 3 * MS, 10 * MS, 30 * MS };
#define INTERVALS (sizeof(intervals) / sizeof(intervals[0]))

static struct rig *make_slow(unsigned interval)
{
	struct rig *r = make(256);

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
		begin(r);
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
			arm(r, VTD_FAULT_LOSE_WRITE, 0, 1);
		else
			test.work_at = UINT64_MAX;
		begin(r);
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
				struct rig *r = make(8);

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
		cmocka_unit_test(a_unit_without_registers_is_dead),
		cmocka_unit_test(a_queue_without_registers_is_not_disabled_for_long),
		cmocka_unit_test(disable_does_not_wait_for_devices),
		cmocka_unit_test(disable_waits_for_no_owner),
		cmocka_unit_test(disable_does_not_wait_for_owners_long),
		cmocka_unit_test(disable_takes_three_times_at_most),
		cmocka_unit_test(enable_takes_twice_the_time_at_most),
		cmocka_unit_test(enable_takes_three_times_at_most),
		cmocka_unit_test(reset_takes_four_times_at_most),
		cmocka_unit_test(a_refusal_is_heard_of_soon),
		cmocka_unit_test(a_time_out_is_one_however_seldom_it_is_looked_at),
		cmocka_unit_test(a_machine_that_stood_still_is_no_reason_to_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
