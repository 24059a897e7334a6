/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * late.c - owners that look late, status writes that come late, and time that is counted wrongly
 * because of either.
 */
#include "history.h"

#include <core/queue.h>

/* The next @count page responses, or invalidations of @d's page, are refused. */
static void refuse(struct rig *r, const struct qi_desc *d, unsigned count)
{
	struct vtd_fault f = { .kind = VTD_FAULT_REFUSE,
			       .iqei = VTD_IQEI_RESERVED,
			       .type = (uint8_t)(d->qw0 & 0xf),
			       .count = count };

	if (f.type == QI_IOTLB_TYPE) {
		f.qw1 = d->qw1;
		f.qw1_mask = ~0ULL;
	}
	assert_true(vtd_fault_arm(&r->u, &f));
}

static void run_with_interrupts(struct rig *r, unsigned times)
{
	for (; times; times--) {
		rig_run(r);
		qi_fault_interrupt(&r->q);
	}
}

/*
 * 63: a part was cut by a time-out; the refusal of its page response was forgotten before its owner
 * looked, and the time-out that was known was taken to say that the response had been sent.
 */
static void h63_a_forgotten_refusal_is_not_success(void **state)
{
	struct qi_desc d[3] = { rig_ats(1), qi_desc_page_response(RIG_SID(1), false, 0, 0, 3, true),
				rig_ats(1) };
	struct vtd_fault silent = { .kind = VTD_FAULT_SILENT, .sid = RIG_SID(1), .count = 2 };
	struct qi_desc other = rig_desc(1);
	struct qi_ticket t, others[QI_FAULT_LOG - 1];
	struct rig *r = history_rig(256, 128);
	unsigned i;

	(void)state;
	r->unit.window = 1;
	rig_start(r);
	assert_true(vtd_fault_arm(&r->u, &silent));
	refuse(r, &d[1], 1);
	refuse(r, &other, QI_FAULT_LOG - 1);
	assert_int_equal(qi_submit(&r->q, d, 3, 0, &t), 0);
	for (i = 0; i < QI_FAULT_LOG - 1; i++)
		assert_int_equal(qi_submit(&r->q, &other, 1, 0, &others[i]), 0);
	rig_run(r);
	r->u.cfg.window = VTD_WINDOW;
	qi_fault_interrupt(&r->q);
	assert_int_equal(qi_poll(&r->q, &t), QI_PENDING);
	assert_true(t.cut);
	run_with_interrupts(r, 40);
	assert_int_equal(qi_wait(&r->q, &t), -QI_ERR_TIMEOUT);
	assert_int_equal(r->executed[QI_PGRP_RESP_TYPE], 0);
	rig_free(r);
}

/*
 * 64: the time since the last look, which had never been, was added to the beginning of a call of
 * several parts: its limit lay in the future for as long as the machine had been up.
 */
static void h64_a_call_ends_in_its_time(void **state)
{
	struct qi_desc d[20], other = rig_ats(2);
	struct rig *r = history_rig(16, 128);
	struct qi_ticket t, o;
	unsigned i, rounds = 0;
	int ret = QI_PENDING;

	(void)state;
	r->now = 3600ULL * 1000000000;
	r->unit.window = VTD_WINDOW;
	rig_start(r);
	for (i = 0; i < 20; i++)
		d[i] = rig_ats(1);
	assert_int_equal(qi_submit(&r->q, d, 20, 0, &t), 0);
	rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), false);
	rig_steps(r, 3);
	vtd_fault_clear(&r->u, VTD_FAULT_SILENT);
	run_with_interrupts(r, 1);
	assert_int_equal(qi_poll(&r->q, &t), QI_PENDING);
	run_with_interrupts(r, 20);
	rig_arm(r, VTD_FAULT_SILENT, RIG_SID(2), false);
	assert_int_equal(qi_submit(&r->q, &other, 1, 0, &o), 0);
	r->now += 1000;
	assert_int_equal(qi_poll(&r->q, &t), QI_PENDING);
	while (ret == QI_PENDING && rounds++ < 50) {
		rig_run(r);
		r->now += r->cfg.ats_timeout_ns;
		qi_fault_interrupt(&r->q);
		qi_abandon(&r->q, &o);
		assert_int_equal(qi_submit(&r->q, &other, 1, 0, &o), 0);
		ret = qi_poll(&r->q, &t);
	}
	assert_int_equal(ret, -QI_ERR_TIMEOUT);
	rig_free(r);
}

/* 65: in doubt at each look, an owner repeated its submission without end. */
static void h65_doubt_ends_in_its_time(void **state)
{
	struct qi_desc d = rig_desc(99), other = rig_desc(1);
	struct qi_ticket t, o[QI_FAULT_LOG + 1];
	struct rig *r = history_rig(256, 128);
	unsigned i, polls = 0;
	int ret = QI_PENDING;

	(void)state;
	rig_start(r);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t), 0);
	while (ret == QI_PENDING && polls++ < 50) {
		refuse(r, &other, QI_FAULT_LOG + 1);
		for (i = 0; i <= QI_FAULT_LOG; i++)
			assert_int_equal(qi_submit(&r->q, &other, 1, 0, &o[i]), 0);
		run_with_interrupts(r, QI_FAULT_LOG + 2);
		for (i = 0; i <= QI_FAULT_LOG; i++)
			qi_abandon(&r->q, &o[i]);
		r->now += r->cfg.timeout_ns;
		ret = qi_poll(&r->q, &t);
	}
	assert_int_equal(ret, -QI_ERR_TIMEOUT);
	rig_free(r);
}

/* 66: the last round of looks of one part counted for the next: a pause then failed the call. */
static void h66_each_part_has_its_last_round(void **state)
{
	struct rig *r = history_rig(8, 128);
	struct qi_desc d[12];
	struct qi_ticket t;
	unsigned i;

	(void)state;
	r->cfg.poll_budget = 1;
	rig_start(r);
	for (i = 0; i < 12; i++)
		d[i] = rig_desc(i);
	assert_int_equal(qi_submit(&r->q, d, 12, 0, &t), 0);
	do {
		assert_int_equal(qi_poll(&r->q, &t), QI_PENDING);
		r->now += 100000;
	} while (!t.late);
	rig_run(r);
	assert_int_equal(qi_poll(&r->q, &t), QI_PENDING);
	assert_int_equal(t.base, 6);
	r->now += 3600ULL * 1000000000;
	assert_int_equal(qi_poll(&r->q, &t), QI_PENDING);
	rig_run(r);
	assert_int_equal(qi_poll(&r->q, &t), 0);
	rig_free(r);
}

/*
 * 67: a thread lost its CPU in the midst of a repair. The unit, which waited for that, was taken
 * for one that stands still, and the queue was given up.
 */
static void h67_a_repair_without_a_cpu_kills_no_queue(void **state)
{
	struct qi_desc d[2] = { rig_desc(1), rig_desc(2) };
	struct rig *r = history_rig(8, 128);
	struct qi_ticket t[2];
	unsigned i;

	(void)state;
	rig_start(r);
	rig_refuse(r, 1, VTD_IQEI_RESERVED);
	for (i = 0; i < 2; i++)
		assert_int_equal(qi_submit(&r->q, &d[i], 1, 0, &t[i]), 0);
	rig_run(r);
	r->q.repair = 1;
	assert_int_equal(qi_wait(&r->q, &t[1]), -QI_ERR_TIMEOUT);
	assert_int_equal(rig_mode(r), QI_MODE_ON);
	r->q.repair = 0;
	assert_int_equal(qi_wait(&r->q, &t[0]), -QI_ERR_IQE);
	assert_int_equal(qi_submit_sync(&r->q, &d[1], 1, 0), 0);
	rig_free(r);
}

/*
 * 68: a page response has been sent, and in the repetition a wait stands in its place. The unit
 * refuses that, and the response was named.
 */
static void h68_a_refused_wait_is_not_the_response_before_it(void **state)
{
	struct qi_desc d[2] = { qi_desc_page_response(RIG_SID(1), false, 0, 0, 3, true),
				rig_ats(1) };
	struct vtd_fault refuse_wait = {
		.kind = VTD_FAULT_REFUSE, .iqei = VTD_IQEI_RESERVED, .type = QI_IWD_TYPE, .count = 1
	};
	struct vtd_fault silent = { .kind = VTD_FAULT_SILENT, .sid = RIG_SID(1), .count = 1 };
	struct rig *r = history_rig(256, 128);
	struct qi_ticket t;

	(void)state;
	rig_start(r);
	assert_true(vtd_fault_arm(&r->u, &silent));
	assert_int_equal(qi_submit(&r->q, d, 2, 0, &t), 0);
	run_with_interrupts(r, 2);
	assert_int_equal(r->executed[QI_PGRP_RESP_TYPE], 1);
	assert_true(vtd_fault_arm(&r->u, &refuse_wait));
	assert_int_equal(qi_wait(&r->q, &t), -QI_ERR_IQE);
	assert_int_equal(t.error.index, 2);
	rig_free(r);
}

/* The late write of an earlier lap's wait, which was given up. */
static void write_late(struct rig *r, const struct qi_ticket *t)
{
	assert_int_equal(*qi_status(&r->q, t->first), qi_tag(&r->q, t->first));
	*qi_status(&r->q, t->first) -= 2;
}

/*
 * 69: a late status write came over a completion that its owner had seen. So reclaim took it for
 * one that is not over; and of one that drains page requests no later completion shows that.
 */
static void h69_a_hidden_drain_gives_its_slot_back(void **state)
{
	struct rig *r = history_rig(256, 128);
	struct qi_desc d = rig_desc(1);
	struct qi_ticket t;
	unsigned i, n;

	(void)state;
	rig_start(r);
	for (n = 0; n <= 200; n += 200) {
		assert_int_equal(qi_submit(&r->q, &d, 1, QI_OPT_WAIT_DRAIN, &t), 0);
		assert_int_equal(qi_wait(&r->q, &t), 0);
		write_late(r, &t);
		for (i = 0; i < n; i++)
			assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
		assert_int_equal(qi_disable(&r->q), 0);
		assert_int_equal(qi_enable(&r->q), 0);
	}
	rig_free(r);
}

/* 69: nor where the rest of the ring was given up, so that nothing can complete behind it. */
static void h69_a_hidden_completion_gives_its_slot_back(void **state)
{
	struct rig *r = history_rig(4, 128);
	struct qi_desc d = rig_desc(1);
	struct qi_ticket t;

	(void)state;
	rig_start(r);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t), 0);
	assert_int_equal(qi_wait(&r->q, &t), 0);
	write_late(r, &t);
	rig_arm(r, VTD_FAULT_LOSE_WRITE, 0, false);
	assert_int_equal(qi_submit_sync(&r->q, NULL, 0, 0), -QI_ERR_TIMEOUT);
	vtd_fault_clear(&r->u, VTD_FAULT_NONE);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	rig_free(r);
}

/* 70: a time-out error then counted its owner, which was gone, among those to be waited for. */
static void h70_an_owner_that_is_gone_is_not_waited_for(void **state)
{
	struct qi_desc d = rig_desc(1), a = rig_ats(1);
	struct rig *r = history_rig(16, 128);
	struct qi_ticket t;
	unsigned i;

	(void)state;
	r->cfg.retries = QI_NO_RETRY;
	rig_start(r);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t), 0);
	assert_int_equal(qi_wait(&r->q, &t), 0);
	write_late(r, &t);
	rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), false);
	assert_int_equal(qi_submit_sync(&r->q, &a, 1, 0), -QI_ERR_DEVICE);
	vtd_fault_clear(&r->u, VTD_FAULT_NONE);
	for (i = 0; i < 40; i++)
		assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	assert_int_equal(qi_disable(&r->q), 0);
	rig_free(r);
}

/* 70: nor is one that has not looked, after a reset. */
static void h70_a_reset_waits_for_no_owner_of_before(void **state)
{
	struct qi_desc d = rig_desc(1), a = rig_ats(1);
	struct rig *r = history_rig(16, 128);
	struct qi_ticket t, lazy;
	unsigned i;

	(void)state;
	rig_start(r);
	assert_int_equal(qi_submit(&r->q, &a, 1, 0, &lazy), 0);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t), 0);
	rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), false);
	run_with_interrupts(r, 2);
	vtd_fault_clear(&r->u, VTD_FAULT_NONE);
	qi_abandon(&r->q, &t);
	for (i = 0; i < 40; i++)
		assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	assert_int_equal(qi_disable(&r->q), -QI_ERR_BUSY);
	assert_int_equal(qi_reset(&r->q), 0);
	assert_int_equal(qi_disable(&r->q), 0);
	assert_int_equal(qi_poll(&r->q, &lazy), -QI_ERR_DEAD);
	rig_free(r);
}

/* 71: while status writes were lost, the core's own drains filled the ring, and it stayed full. */
static void h71_lost_drains_give_their_slots_back(void **state)
{
	struct rig *r = history_rig(4, 128);
	struct qi_desc d = rig_desc(1);
	unsigned i;

	(void)state;
	rig_start(r);
	rig_arm(r, VTD_FAULT_LOSE_WRITE, 0, false);
	for (i = 0; i < 4; i++)
		assert_int_equal(qi_disable(&r->q), -QI_ERR_BUSY);
	vtd_fault_clear(&r->u, VTD_FAULT_NONE);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	assert_int_equal(qi_disable(&r->q), 0);
	rig_free(r);
}

HISTORY_MAIN(cmocka_unit_test(h63_a_forgotten_refusal_is_not_success),
	     cmocka_unit_test(h64_a_call_ends_in_its_time),
	     cmocka_unit_test(h65_doubt_ends_in_its_time),
	     cmocka_unit_test(h66_each_part_has_its_last_round),
	     cmocka_unit_test(h67_a_repair_without_a_cpu_kills_no_queue),
	     cmocka_unit_test(h68_a_refused_wait_is_not_the_response_before_it),
	     cmocka_unit_test(h69_a_hidden_drain_gives_its_slot_back),
	     cmocka_unit_test(h69_a_hidden_completion_gives_its_slot_back),
	     cmocka_unit_test(h70_an_owner_that_is_gone_is_not_waited_for),
	     cmocka_unit_test(h70_a_reset_waits_for_no_owner_of_before),
	     cmocka_unit_test(h71_lost_drains_give_their_slots_back))
