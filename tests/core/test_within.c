/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * qi_submit_within(): the details of a failure, and a limit of the caller's own.
 */
#include "rig.h"

#define MS 1000000ULL

static struct {
	struct qi_ticket t[16];
	unsigned asleep;
} test;

static struct rig *start(unsigned slots)
{
	struct rig *r = rig_new(slots, 128);

	r->tick = MS / 100;
	r->cfg.timeout_ns = 2000 * MS;
	r->cfg.ats_timeout_ns = 100000 * MS;
	rig_start(r);
	return r;
}

static void stand_still(struct rig *r)
{
	r->steps = 0;
}

static struct qi_error within(struct rig *r, const struct qi_desc *d, unsigned n, uint64_t limit_ns)
{
	struct qi_error e = { .code = 99, .index = 99, .iqei = 99, .sid = 99, .field = "none" };
	int err = qi_submit_within(&r->q, d, n, 0, limit_ns, &e);

	assert_int_equal(err, e.code);
	return e;
}

/* ---- details ---- */

static void success_leaves_no_details(void **state)
{
	struct rig *r = start(256);
	const struct qi_desc d = rig_desc(1);
	struct qi_error e = within(r, &d, 1, 0);

	(void)state;
	assert_int_equal(e.code, 0);
	assert_int_equal(e.index | e.iqei | e.sid, 0);
	assert_null(e.field);
	assert_int_equal(qi_submit_within(&r->q, NULL, 0, QI_OPT_FENCE, 0, NULL), 0);
	rig_assert_clean(r);
	rig_free(r);
}

static void a_refused_one_is_named(void **state)
{
	struct rig *r = start(256);
	const struct qi_desc d[] = { rig_desc(1),
				     qi_desc_iotlb(QI_IOTLB_PAGE, 1, 0x1000, 63, false, 0) };
	struct qi_error e = within(r, d, 2, 0);

	(void)state;
	assert_int_equal(e.code, -QI_ERR_DESC);
	assert_int_equal(e.index, 1);
	assert_string_equal(e.field, "AM");
	assert_non_null(e.reason);
	assert_int_equal(r->reports, 0);
	rig_free(r);
}

static void one_that_the_unit_refuses_is_named(void **state)
{
	struct rig *r = start(256);
	const struct qi_desc d[] = { rig_desc(1), rig_desc(2), rig_desc(3) };
	struct qi_error e;

	(void)state;
	rig_refuse(r, 3, VTD_IQEI_RESERVED);
	e = within(r, d, 3, 0);
	assert_int_equal(e.code, -QI_ERR_IQE);
	assert_int_equal(e.index, 2);
	assert_int_equal(e.iqei, VTD_IQEI_RESERVED);
	rig_free(r);
}

/* Promise 3 holds for callers without tickets: whether or not the unit says which device it was. */
static void a_silent_device_is_named(void **state)
{
	unsigned no_sid;

	(void)state;
	for (no_sid = 0; no_sid < 2; no_sid++) {
		struct rig *r = start(256);
		const struct qi_desc d[] = { rig_ats(1), rig_ats(2) };
		struct qi_error e;

		rig_arm(r, VTD_FAULT_SILENT, RIG_SID(2), no_sid);
		e = within(r, d, 2, 0);
		assert_int_equal(e.code, -QI_ERR_DEVICE);
		assert_int_equal(e.index, 1);
		assert_int_equal(e.sid, RIG_SID(2));
		rig_free(r);
	}
}

/* ---- limits ---- */

static void assert_took(const struct rig *r, uint64_t since, uint64_t limit)
{
	assert_in_range(r->now - since, limit, limit + limit / 8 + 64 * r->tick);
}

static void it_is_given_up_in_flight(void **state)
{
	static const uint64_t limits[] = { MS, 5 * MS, 100 * MS, 1500 * MS };
	const struct qi_desc d = rig_desc(1);
	uint64_t since;
	unsigned i;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct rig *r = start(256);

		stand_still(r);
		since = r->now;
		assert_int_equal(within(r, &d, 1, limits[i]).code, -QI_ERR_TIMEOUT);
		assert_took(r, since, limits[i]);
		/* The queue is not dead, and what was given up is executed in its time. */
		assert_int_equal(rig_mode(r), QI_MODE_ON);
		r->steps = 1;
		assert_int_equal(within(r, &d, 1, 0).code, 0);
		assert_int_equal(r->executed[QI_IOTLB_TYPE], 2);
		rig_assert_clean(r);
		rig_free(r);
	}
}

static void it_is_given_up_in_line(void **state)
{
	struct rig *r = start(8);
	const struct qi_desc d = rig_desc(1);
	uint64_t since;
	unsigned i;

	(void)state;
	stand_still(r);
	for (i = 0; i < 16; i++)
		assert_int_equal(qi_submit(&r->q, &d, 1, 0, &test.t[i]), 0);
	since = r->now;
	assert_int_equal(within(r, &d, 1, 50 * MS).code, -QI_ERR_TIMEOUT);
	assert_took(r, since, 50 * MS);
	r->steps = 1;
	for (i = 0; i < 16; i++)
		assert_int_equal(qi_wait(&r->q, &test.t[i]), 0);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], 16);
	rig_assert_clean(r);
	rig_free(r);
}

static void work_now_and_then(struct rig *r)
{
	if (r->now % (8 * MS) < r->tick)
		rig_run(r);
}

static void it_is_given_up_between_retries(void **state)
{
	struct rig *r = start(256);
	const struct qi_desc d = rig_ats(1);
	uint64_t since;

	(void)state;
	rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), false);
	stand_still(r);
	r->on_relax = work_now_and_then;
	since = r->now;
	assert_int_equal(within(r, &d, 1, 20 * MS).code, -QI_ERR_TIMEOUT);
	assert_took(r, since, 20 * MS);
	rig_free(r);
}

static void sleep_on(void *ctx, const uint32_t *word, uint32_t value, uint64_t ns)
{
	struct rig *r = ctx;

	if (*word != value)
		return;
	test.asleep++;
	r->now += ns;
}

static void wake(void *ctx, const uint32_t *word)
{
	(void)ctx;
	(void)word;
}

static void it_does_not_oversleep(void **state)
{
	struct rig *r = rig_new(256, 128);
	const struct qi_desc d = rig_desc(1);
	struct qi_error e;
	uint64_t since;

	(void)state;
	r->tick = MS / 100;
	r->cfg.interrupt.enable = true;
	r->cfg.timeout_ns = 2000 * MS;
	r->host.sleep = sleep_on;
	r->host.wake = wake;
	rig_start(r);
	stand_still(r);
	test.asleep = 0;
	since = r->now;
	assert_int_equal(qi_submit_within(&r->q, &d, 1, QI_OPT_INTERRUPT, 4 * MS, &e),
			 -QI_ERR_TIMEOUT);
	assert_int_equal(e.code, -QI_ERR_TIMEOUT);
	assert_true(test.asleep > 0);
	assert_took(r, since, 4 * MS);
	rig_free(r);
}

/* The table of qi.h holds for it too. */
static void a_limit_prolongs_nothing(void **state)
{
	struct rig *r = start(256);
	const struct qi_desc d = rig_desc(1);
	const struct vtd_fault lose = { .kind = VTD_FAULT_LOSE_WRITE, .count = 1 };
	uint64_t since = r->now;

	(void)state;
	assert_true(vtd_fault_arm(&r->u, &lose));
	assert_int_equal(within(r, &d, 1, UINT64_MAX).code, -QI_ERR_TIMEOUT);
	assert_in_range(r->now - since, 0, r->cfg.timeout_ns + 64 * r->tick);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(success_leaves_no_details),
		cmocka_unit_test(a_refused_one_is_named),
		cmocka_unit_test(one_that_the_unit_refuses_is_named),
		cmocka_unit_test(a_silent_device_is_named),
		cmocka_unit_test(it_is_given_up_in_flight),
		cmocka_unit_test(it_is_given_up_in_line),
		cmocka_unit_test(it_is_given_up_between_retries),
		cmocka_unit_test(it_does_not_oversleep),
		cmocka_unit_test(a_limit_prolongs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
