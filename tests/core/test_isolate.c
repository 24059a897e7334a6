/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Which device is to blame: suspects are tried alone, and nothing that gets lost holds them up. */
#include "rig.h"

#include <core/queue.h>

#define SLOTS 8

enum { LATE = 1, SILENT, OTHER_SILENT };

static struct {
	struct qi_ticket plain, silent, late, drain;
	int plain_is, silent_is, late_is, drain_is;
} test;

/* ---- a suspect is alone, though one that was let in before it comes only now ---- */

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

/* ---- nothing that gets lost holds suspects up ---- */

enum { FIRST = 1, SECOND };

/* Two submissions, one of which has timed out: which, the unit does not say. */
static struct rig *with_suspects(struct qi_ticket t[2])
{
	struct rig *r = rig_new(SLOTS, 128);
	static struct qi_desc d[2];
	unsigned i;

	d[0] = rig_ats(FIRST);
	d[1] = rig_ats(SECOND);
	r->cfg.poll_budget = 2;
	rig_start(r);
	rig_arm(r, VTD_FAULT_SILENT, RIG_SID(FIRST), true);
	for (i = 0; i < 2; i++)
		assert_int_equal(qi_submit(&r->q, &d[i], 1, 0, &t[i]), 0);
	while (r->q.suspects < 2) {
		rig_steps(r, 1);
		for (i = 0; i < 2; i++)
			assert_int_equal(qi_poll(&r->q, &t[i]), QI_PENDING);
	}
	vtd_fault_clear(&r->u, VTD_FAULT_SILENT);
	return r;
}

/* It is not waited for until a time-out: what has completed behind it shows that it is over. */
static void a_drain_whose_write_is_lost_is_over(void **state)
{
	struct vtd_fault lost = { .kind = VTD_FAULT_LOSE_WRITE, .count = 1 };
	struct qi_desc plain = rig_desc(1);
	struct qi_ticket t[2];
	struct rig *r = with_suspects(t);
	uint64_t start = r->now;
	unsigned i;

	(void)state;
	assert_true(r->q.drain.first && !qi_is_complete(&r->q, r->q.drain.first));
	assert_true(vtd_fault_arm(&r->u, &lost));
	for (i = 0; i < SLOTS; i++)
		assert_int_equal(qi_submit_sync(&r->q, &plain, 1, 0), 0);
	for (i = 0; i < 2; i++)
		assert_int_equal(qi_wait(&r->q, &t[i]), 0);
	assert_in_range(r->now - start, 0, r->cfg.timeout_ns / 2);
	rig_assert_clean(r);
	rig_free(r);
}

/* The one that is tried is over, a late status write hides that, and its owner does not look. */
static void a_hidden_completion_does_not_keep_the_next_suspect_waiting(void **state)
{
	struct qi_ticket t[2];
	struct rig *r = with_suspects(t);
	unsigned turns, tried;

	(void)state;
	for (turns = 0; turns < 1000 && !r->q.isolated; turns++) {
		rig_steps(r, 1);
		assert_int_equal(qi_poll(&r->q, &t[1]), QI_PENDING);
	}
	tried = r->q.isolated == t[1].first;
	assert_int_equal(r->q.isolated, t[tried].first);
	rig_run(r);
	*qi_status(&r->q, t[tried].first) -= 2;
	assert_int_equal(qi_wait(&r->q, &t[!tried]), 0);
	assert_int_equal(qi_wait(&r->q, &t[tried]), 0);
	rig_assert_clean(r);
	rig_free(r);
}

/* ---- what has not been fetched cannot have timed out ---- */

static void a_device_is_blamed_for_what_was_fetched_alone(void **state)
{
	struct qi_desc silent = rig_ats(SILENT), d[2] = { rig_ats(LATE), rig_ats(SILENT) };
	struct qi_ticket t[2];
	unsigned seed, blamed = 0;

	(void)state;
	for (seed = 1; seed <= 50; seed++) {
		struct vtd_fault f = { .kind = VTD_FAULT_SILENT,
				       .sid = RIG_SID(SILENT),
				       .count = 1 };
		struct rig *r = rig_new(SLOTS, 128);
		bool fetched;

		r->seed = seed;
		r->cfg.retries = QI_NO_RETRY;
		rig_start(r);
		assert_true(vtd_fault_arm(&r->u, &f));
		assert_int_equal(qi_submit(&r->q, &silent, 1, 0, &t[0]), 0);
		assert_int_equal(qi_submit(&r->q, d, 2, 0, &t[1]), 0);
		assert_int_equal(qi_wait(&r->q, &t[0]), -QI_ERR_DEVICE);
		/* The silent one's second descriptor. */
		fetched = r->q.log[0].at > t[1].first + 1;
		assert_int_equal(qi_wait(&r->q, &t[1]), fetched ? -QI_ERR_DEVICE : 0);
		blamed += fetched;
		rig_free(r);
	}
	assert_in_range(blamed, 1, 49);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_drain_whose_write_is_lost_is_over),
		cmocka_unit_test(a_hidden_completion_does_not_keep_the_next_suspect_waiting),
		cmocka_unit_test(a_device_is_blamed_for_what_was_fetched_alone),
		cmocka_unit_test(whoever_is_late_is_not_blamed_for_one_who_comes_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
