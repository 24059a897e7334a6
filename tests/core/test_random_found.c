/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the random test has found, each as short as it could be made. */
#include "rig.h"

#define TICKS(ns) ((uint32_t)((ns) / 1000)) /* relax() in the rig's time */

static struct qi_ticket ticket;

/* A device that takes longer than what needs no device may, but not too long. */
static void arm_late(struct rig *r, uint16_t sid, unsigned timeouts)
{
	struct vtd_fault f = { .kind = VTD_FAULT_LATE,
			       .sid = sid,
			       .count = 1,
			       .steps = TICKS(r->q.cfg.timeout_ns) * timeouts };

	assert_true(vtd_fault_arm(&r->u, &f));
}

/*
 * A drain that had been fetched when a waiter looked was taken for lost, and another one sent,
 * whose completion then was what counted: never, with a look in each turn.
 */
static void a_drain_is_not_lost_because_it_has_been_fetched(void **state)
{
	struct rig *r = rig_new(16, 128);
	struct qi_desc d[2] = { rig_ats(1), rig_ats(2) };
	struct qi_ticket t[2];

	(void)state;
	r->cfg.poll_budget = 1;
	rig_start(r);
	/* The drain of isolation, ... */
	rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), true);
	assert_int_equal(qi_submit(&r->q, &d[0], 1, 0, &t[0]), 0);
	assert_int_equal(qi_submit(&r->q, &d[1], 1, 0, &t[1]), 0);
	while (t[0].phase || t[1].phase) {
		qi_poll(&r->q, &t[0]);
		qi_poll(&r->q, &t[1]);
		r->host.relax(r);
	}
	assert_int_equal(t[0].error.code, -QI_ERR_DEVICE);
	assert_int_equal(t[1].error.code, 0);
	/* ... and that before the queue is turned off. */
	assert_int_equal(qi_disable(&r->q), 0);
	assert_true(r->now < r->cfg.timeout_ns);
	rig_free(r);
}

/* A submission behind a slow device's that was given up got the short time-out. */
static void a_given_up_submission_still_keeps_others_waiting(void **state)
{
	struct rig *r = rig_new(4, 128);
	struct qi_desc ats = rig_ats(1), d = rig_desc(1);
	struct qi_ticket t;

	(void)state;
	rig_start(r);
	arm_late(r, RIG_SID(1), 2);
	assert_int_equal(qi_submit(&r->q, &ats, 1, 0, &t), 0);
	rig_steps(r, 4);
	qi_fault_interrupt(&r->q); /* learns that it has been fetched */
	qi_abandon(&r->q, &t);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	assert_true(r->now > r->cfg.timeout_ns);
	rig_assert_clean(r);
	rig_free(r);
}

/*
 * A unit that had not fetched while it waited for a device was judged by the short time as soon as
 * the device had answered.
 */
static void a_device_that_answers_does_not_kill_the_queue(void **state)
{
	struct rig *r = rig_new(16, 128);
	struct qi_desc ats = rig_ats(1), d = rig_desc(1);
	struct qi_ticket t[2];

	(void)state;
	r->unit.window = 2;
	r->cfg.poll_budget = 1;
	rig_start(r);
	arm_late(r, RIG_SID(1), 2);
	assert_int_equal(qi_submit(&r->q, &ats, 1, 0, &t[0]), 0);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t[1]), 0);
	while (t[0].phase || t[1].phase) {
		qi_poll(&r->q, &t[0]);
		qi_poll(&r->q, &t[1]);
		r->host.relax(r);
	}
	assert_int_equal(t[0].error.code, 0);
	assert_int_equal(t[1].error.code, 0);
	assert_true(r->now > r->cfg.timeout_ns);
	rig_assert_clean(r);
	rig_free(r);
}

/*
 * Isolation that had come to nothing left its drain behind, and the next one took it for its own.
 */
static void isolation_starts_with_a_drain_of_its_own(void **state)
{
	struct rig *r = rig_new(16, 128);
	struct qi_desc silent[2] = { rig_ats(1), rig_ats(1) }, good = rig_ats(2);
	struct qi_ticket t[3];

	(void)state;
	r->cfg.retries = QI_NO_RETRY;
	r->cfg.poll_budget = 1000;
	rig_start(r);
	rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), true);
	assert_int_equal(qi_submit(&r->q, silent, 1, 0, &t[0]), 0);
	rig_run(r);
	qi_fault_interrupt(&r->q);
	assert_int_equal(qi_poll(&r->q, &t[0]), QI_PENDING);
	assert_int_equal(r->q.suspects, 1);
	qi_abandon(&r->q, &t[0]);
	rig_run(r);

	/* One time-out of two; the second comes during the healthy device's next attempt. */
	assert_int_equal(qi_submit(&r->q, silent, 2, 0, &t[1]), 0);
	assert_int_equal(qi_submit(&r->q, &good, 1, 0, &t[2]), 0);
	while (!(r->u.fsts & VTD_FSTS_ITE))
		rig_steps(r, 1);
	qi_fault_interrupt(&r->q);
	qi_abandon(&r->q, &t[1]);
	r->cfg.poll_budget = 1;
	assert_int_equal(qi_wait(&r->q, &t[2]), 0);
	rig_free(r);
}

/* Nothing collected, the ring full, tickets in line: the hardware was declared dead. */
static void a_full_ring_that_nobody_collects_is_emptied(void **state)
{
	struct rig *r = rig_new(8, 128);
	struct qi_desc d = rig_desc(1);
	struct qi_ticket t[5];
	unsigned i;

	(void)state;
	rig_start(r);
	for (i = 0; i < 5; i++)
		assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t[i]), 0);
	assert_int_equal(qi_disable(&r->q), 0);
	for (i = 0; i < 5; i++)
		assert_int_equal(qi_wait(&r->q, &t[i]), 0);
	rig_free(r);
}

/* What was submitted again while the queue was being turned off came behind the last drain. */
static void late_repetition(struct rig *r)
{
	bool drained = r->stats.aborts && r->stats.doorbells >= 4 && r->u.iqh == r->u.iqt;

	if (!r->stats.retries) {
		if (!drained || r->u.npending)
			return;
		arm_late(r, RIG_SID(2), 1);
	}
	qi_poll(&r->q, &ticket);
}

static void repetitions_are_drained_too(void **state)
{
	struct rig *r = rig_new(16, 128);
	struct qi_desc d[2] = { rig_ats(2), rig_ats(1) };

	(void)state;
	r->cfg.retries = 1;
	rig_start(r);
	rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), false);
	assert_int_equal(qi_submit(&r->q, d, 2, 0, &ticket), 0);
	r->on_relax = late_repetition;
	assert_int_equal(qi_disable(&r->q), 0);
	assert_int_equal(ticket.error.code, -QI_ERR_DEVICE);
	assert_int_equal(r->u.npending, 0);
	rig_free(r);
}

/*
 * The status write of a refused descriptor's replacement, for which no thread waits, came after
 * that of the next user of the slot: lost for its owner. Waits may complete in any order.
 */
static unsigned newest(void *ctx, unsigned n)
{
	(void)ctx;
	return n - 1;
}

static void a_replacement_does_not_come_late(void **state)
{
	struct rig *r = rig_new(4, 128);
	struct qi_desc bad[2] = { rig_desc(1), rig_desc(2) },
		       good[2] = { rig_desc(3), rig_desc(4) };
	struct qi_ticket t[2];

	(void)state;
	r->ops.choose = newest;
	r->cfg.poll_budget = 1;
	rig_start(r);
	rig_refuse(r, 2, VTD_IQEI_TYPE);
	assert_int_equal(qi_submit(&r->q, bad, 2, 0, &t[0]), 0);
	assert_int_equal(qi_submit(&r->q, good, 2, 0, &t[1]), 0);
	assert_int_equal(qi_wait(&r->q, &t[0]), -QI_ERR_IQE);
	/* Into the ring as soon as may be, with its wait where the refused one was. */
	while (r->q.line) {
		rig_steps(r, 1);
		assert_int_equal(qi_poll(&r->q, &t[1]), QI_PENDING);
	}
	rig_run(r);
	assert_int_equal(qi_wait(&r->q, &t[1]), 0);
	rig_assert_clean(r);
	rig_free(r);
}

static void a_dead_queues_doorbell_is_not_rung(void **state)
{
	struct rig *r = rig_new(4, 128);
	struct qi_desc d[4] = { rig_desc(1), rig_desc(2), rig_desc(3), rig_desc(4) };
	struct qi_ticket t;

	(void)state;
	rig_start(r);
	assert_int_equal(qi_submit(&r->q, d, 4, 0, &t), 0);
	rig_run(r);
	/* It has further parts, which the reset ends. */
	assert_int_equal(qi_reset(&r->q), 0);
	r->doorbells = 0;
	assert_int_equal(qi_poll(&r->q, &t), -QI_ERR_DEAD);
	assert_int_equal(r->doorbells, 0);
	rig_assert_clean(r);
	rig_free(r);
}

/* A fault bit that cannot be cleared kept the thread that looked at it for ever. */
static void (*write_all)(void *, unsigned, uint32_t);

static void write_all_but_fsts(void *ctx, unsigned reg, uint32_t value)
{
	if (reg != DMAR_FSTS_REG)
		write_all(ctx, reg, value);
}

static void a_bit_that_cannot_be_cleared_keeps_nobody(void **state)
{
	struct rig *r = rig_new(8, 128);

	(void)state;
	rig_start(r);
	write_all = r->host.write32;
	r->host.write32 = write_all_but_fsts;
	r->u.fsts |= VTD_FSTS_ICE;
	qi_fault_interrupt(&r->q);
	assert_in_range(r->reads, 3, 30);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_drain_is_not_lost_because_it_has_been_fetched),
		cmocka_unit_test(a_given_up_submission_still_keeps_others_waiting),
		cmocka_unit_test(a_device_that_answers_does_not_kill_the_queue),
		cmocka_unit_test(isolation_starts_with_a_drain_of_its_own),
		cmocka_unit_test(a_full_ring_that_nobody_collects_is_emptied),
		cmocka_unit_test(repetitions_are_drained_too),
		cmocka_unit_test(a_replacement_does_not_come_late),
		cmocka_unit_test(a_dead_queues_doorbell_is_not_rung),
		cmocka_unit_test(a_bit_that_cannot_be_cleared_keeps_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
