/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A unit that stood still, or did not answer, goes on in the midst of a reset, at any read of a
 * register: what it has not executed is not complete.
 */
#include "rig.h"

#include <string.h>

/* What rig_desc(1) to rig_desc(5) ask for. */
#define ALL 0x3e

static struct {
	struct vtd_ops ops;
	unsigned executed; /* one bit for each descriptor */
	struct qi_host host;
	bool gone;	/* until then it does not answer; or else it does, but stands still */
	unsigned reads; /* so far; ... */
	unsigned until; /* ... and from that one on it works, a step at each */
} test;

static void executed(void *ctx, const struct vtd_event *ev)
{
	test.ops.executed(ctx, ev);
	if ((ev->qw[0] & 0xf) == QI_IOTLB_TYPE)
		test.executed |= 1U << (ev->qw[1] >> QI_PAGE_SHIFT & 31);
}

static bool is_gone(struct rig *r)
{
	if (test.reads++ < test.until)
		return test.gone;
	rig_steps(r, 1);
	return false;
}

static uint32_t read32(void *ctx, unsigned reg)
{
	return is_gone(ctx) ? UINT32_MAX : test.host.read32(ctx, reg);
}

static uint64_t read64(void *ctx, unsigned reg)
{
	return is_gone(ctx) ? UINT64_MAX : test.host.read64(ctx, reg);
}

/* What is written meanwhile is lost. */
static void write32(void *ctx, unsigned reg, uint32_t value)
{
	if (!test.gone || test.reads >= test.until)
		test.host.write32(ctx, reg, value);
}

static void write64(void *ctx, unsigned reg, uint64_t value)
{
	if (!test.gone || test.reads >= test.until)
		test.host.write64(ctx, reg, value);
}

/* @before: submissions that have come and gone. @steps: what the unit has done of this one. */
static void reset_in_the_midst(unsigned before, unsigned steps)
{
	struct rig *r = rig_new(8, 128);
	struct qi_desc d[5] = { rig_desc(1), rig_desc(2), rig_desc(3), rig_desc(4), rig_desc(5) };
	struct qi_ticket t;
	int ret;

	test.ops = r->ops;
	test.executed = 0;
	r->ops.executed = executed;
	rig_start(r);
	while (before--)
		assert_int_equal(qi_submit_sync(&r->q, NULL, 0, 0), 0);
	r->steps = 0;
	assert_int_equal(qi_submit(&r->q, d, 5, 0, &t), 0);
	rig_steps(r, steps);

	test.host = r->host;
	test.reads = 0;
	r->host.read32 = read32;
	r->host.read64 = read64;
	r->host.write32 = write32;
	r->host.write64 = write64;
	ret = qi_reset(&r->q);
	assert_true(!ret || ret == -QI_ERR_GONE || ret == -QI_ERR_TIMEOUT);
	r->host = test.host;
	rig_run(r);
	ret = qi_poll(&r->q, &t);
	assert_true(!ret || ret == -QI_ERR_DEAD || ret == -QI_ERR_GONE);
	if (!ret)
		assert_int_equal(test.executed, ALL);
	r->steps = 1;
	if (rig_mode(r) != QI_MODE_ON)
		assert_int_equal(qi_reset(&r->q), 0);
	rig_assert_clean(r);
	rig_free(r);
}

static void at_any_read(bool gone)
{
	unsigned before, steps;

	test.gone = gone;
	for (before = 0; before < 8; before++)
		for (steps = 0; steps < 12; steps++)
			for (test.until = 0; test.until < 40; test.until++)
				reset_in_the_midst(before, steps);
}

static void a_unit_that_answers_again_completes_nothing_falsely(void **state)
{
	(void)state;
	at_any_read(true);
}

static void nor_does_one_that_goes_on_again(void **state)
{
	(void)state;
	at_any_read(false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_unit_that_answers_again_completes_nothing_falsely),
		cmocka_unit_test(nor_does_one_that_goes_on_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
