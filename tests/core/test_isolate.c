/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A suspect is alone, though another submission had been let in before it, and comes only now. */
#include "rig.h"

#define SLOTS 8

enum { LATE = 1, SILENT, OTHER_SILENT };

static struct {
	struct qi_ticket plain, silent, late, drain;
	int plain_is, silent_is, late_is, drain_is;
} test;

static void poll_one(struct rig *r, struct qi_ticket *t, int *is)
{
	if (*is == QI_PENDING)
		*is = qi_poll(&r->q, t);
}

static void poll_all(struct rig *r)
{
	poll_one(r, &test.plain, &test.plain_is);
	poll_one(r, &test.silent, &test.silent_is);
	poll_one(r, &test.late, &test.late_is);
	poll_one(r, &test.drain, &test.drain_is);
}

/*
 * Meanwhile the one that waits for space has no CPU: it gets its turn, two others become suspects,
 * and if it is not waited for, one of them is tried alone.
 */
static void without_cpu(struct rig *r)
{
	unsigned turns;

	r->on_relax = poll_all;
	while (test.plain_is == QI_PENDING) {
		rig_steps(r, 1);
		poll_one(r, &test.plain, &test.plain_is);
	}
	for (turns = 0; turns < 2 * r->cfg.poll_budget; turns++)
		poll_one(r, &test.drain, &test.drain_is);
	assert_null(r->q.line);
	for (turns = 0; turns < 300 && (test.silent_is == QI_PENDING || !r->q.isolated); turns++) {
		rig_steps(r, 1);
		poll_all(r);
	}
}

static void submit(struct rig *r, const struct qi_desc *d, unsigned count, struct qi_ticket *t,
		   int *is)
{
	assert_int_equal(qi_submit(&r->q, d, count, 0, t), 0);
	*is = QI_PENDING;
}

static void on_relax(struct rig *r)
{
	r->on_relax = NULL;
	submit(r, NULL, 0, &test.drain, &test.drain_is);
	without_cpu(r);
}

static void whoever_is_late_is_not_blamed_for_one_who_comes_now(void **state)
{
	struct qi_desc plain = rig_desc(1), late = rig_ats(LATE), silent = rig_ats(SILENT),
		       other = rig_ats(OTHER_SILENT);
	struct vtd_fault f = {
		.kind = VTD_FAULT_LATE, .sid = RIG_SID(LATE), .steps = 20, .count = 100
	};
	struct rig *r;
	unsigned seed;

	(void)state;
	for (seed = 1; seed <= 50; seed++) {
		r = rig_new(SLOTS, 128);
		r->seed = seed;
		r->cfg.retries = QI_NO_RETRY;
		r->cfg.poll_budget = 2;
		rig_start(r);
		rig_arm(r, VTD_FAULT_SILENT, RIG_SID(SILENT), true);
		rig_arm(r, VTD_FAULT_SILENT, RIG_SID(OTHER_SILENT), true);
		assert_true(vtd_fault_arm(&r->u, &f));
		submit(r, &plain, 1, &test.plain, &test.plain_is);
		submit(r, &silent, 1, &test.silent, &test.silent_is);
		submit(r, &late, 1, &test.late, &test.late_is);
		r->on_relax = on_relax;
		assert_int_equal(qi_submit_sync(&r->q, &other, 1, 0), -QI_ERR_DEVICE);
		while (test.silent_is == QI_PENDING || test.late_is == QI_PENDING ||
		       test.drain_is == QI_PENDING)
			r->host.relax(r);
		assert_int_equal(test.silent_is, -QI_ERR_DEVICE);
		assert_int_equal(test.late_is, 0);
		assert_int_equal(test.drain_is, 0);
		rig_assert_clean(r);
		rig_free(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_is_late_is_not_blamed_for_one_who_comes_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
