/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* History: errors that the unit reports, who repairs them and whom they hit. */
#include "history.h"

#include <core/queue.h>

#define SLOTS 16

/* Registers are watched on their way. */
static uint32_t (*plain_read32)(void *ctx, unsigned reg);
static void (*plain_write32)(void *ctx, unsigned reg, uint32_t value);

/*
 * 2: after a time-out error the walk over the aborted waits took two slots at a time, as if waits
 * lay on every second slot. Other counts than one broke that, and the walk never met its end.
 */
static void h02_the_abort_walk_knows_where_waits_are(void **state)
{
	unsigned mix, i, n, count;

	(void)state;
	for (mix = 0; mix < 64; mix++) {
		struct rig *r = history_rig(SLOTS, 128);
		struct qi_desc d[4][3];
		struct qi_ticket t[4];

		rig_start(r);
		rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), false);
		for (i = 0; i < 4; i++) {
			count = i == 1 ? 1 : (mix >> (i ? 2 * i - 2 : 0) & 3);
			for (n = 0; n < count; n++)
				d[i][n] = i == 1 ? rig_ats(1) : rig_desc(n);
			assert_int_equal(qi_submit(&r->q, d[i], count, 0, &t[i]), 0);
		}
		history_wait_all(r, t, 4);
		for (i = 0; i < 4; i++)
			assert_int_equal(t[i].error.code, i == 1 ? -QI_ERR_DEVICE : 0);
		rig_assert_clean(r);
		rig_free(r);
	}
}

/* 3: an invalidation of a device that had been pulled out was submitted again, for ever. */
static void h03_a_removed_device_is_asked_once(void **state)
{
	struct rig *r = history_rig(SLOTS, 128);
	struct qi_desc d = rig_ats(1);
	struct qi_ticket t;

	(void)state;
	rig_start(r);
	rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), false);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t), 0);
	r->absent = RIG_SID(1);
	assert_int_equal(qi_wait(&r->q, &t), -QI_ERR_DEVICE);
	assert_int_equal(t.error.sid, RIG_SID(1));
	assert_int_equal(r->stats.ite, 1);
	rig_assert_clean(r);
	rig_free(r);
}

/*
 * 4: "is the device there?" was asked before the flush, and that was all. The answer is out of date
 * when it arrives: a time-out has to be survived whatever it was.
 */
static void h04_a_time_out_is_survived_without_a_warning(void **state)
{
	struct qi_desc ats = rig_ats(1), d = rig_desc(1);
	unsigned told;

	(void)state;
	for (told = 0; told <= 1; told++) {
		struct rig *r = history_rig(SLOTS, 128);
		struct qi_ticket t, other;

		if (!told)
			r->host.device_present = NULL;
		rig_start(r);
		rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), false);
		assert_int_equal(qi_submit(&r->q, &ats, 1, 0, &t), 0);
		assert_int_equal(qi_submit(&r->q, &d, 1, 0, &other), 0);
		assert_int_equal(qi_wait(&r->q, &t), -QI_ERR_DEVICE);
		assert_int_equal(qi_wait(&r->q, &other), 0);
		assert_int_equal(r->u.fsts & VTD_FSTS_QI, 0);
		assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
		rig_assert_clean(r);
		rig_free(r);
	}
}

/* 5: one descriptor that the unit refused stopped the queue, because FSTS.IQE was not cleared. */
static void h05_a_refused_descriptor_does_not_stop_the_queue(void **state)
{
	struct rig *r = history_rig(SLOTS, 128);
	struct qi_desc d[2] = { rig_desc(1), rig_desc(2) };
	struct qi_ticket t[2];

	(void)state;
	rig_start(r);
	rig_refuse(r, 1, VTD_IQEI_TYPE);
	assert_int_equal(qi_submit(&r->q, &d[0], 1, 0, &t[0]), 0);
	assert_int_equal(qi_submit(&r->q, &d[1], 1, 0, &t[1]), 0);
	assert_int_equal(qi_wait(&r->q, &t[0]), -QI_ERR_IQE);
	assert_int_equal(r->u.fsts & VTD_FSTS_QI, 0);
	assert_int_equal(qi_wait(&r->q, &t[1]), 0);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], 1);
	rig_assert_clean(r);
	rig_free(r);
}

/* What the core has seen in FSTS and not cleared yet. */
static uint32_t shown;

static uint32_t read32_shows_fsts(void *ctx, unsigned reg)
{
	uint32_t value = plain_read32(ctx, reg);

	if (reg == DMAR_FSTS_REG)
		shown = value;
	return value;
}

static void write32_clears_what_was_shown(void *ctx, unsigned reg, uint32_t value)
{
	if (reg == DMAR_FSTS_REG) {
		assert_int_equal(value & ~VTD_FSTS_QI, 0);
		assert_int_equal(value & ~shown, 0);
		shown &= ~value;
	}
	plain_write32(ctx, reg, value);
}

static struct rig *rig_with_fsts_watched(void)
{
	struct rig *r = history_rig(SLOTS, 128);

	plain_read32 = r->host.read32;
	plain_write32 = r->host.write32;
	r->host.read32 = read32_shows_fsts;
	r->host.write32 = write32_clears_what_was_shown;
	return r;
}

/* 16: the whole of FSTS was written back, which cleared the faults of others as well, unseen. */
static void h16_faults_of_others_are_left_alone(void **state)
{
	struct rig *r = rig_with_fsts_watched();
	struct qi_desc d = rig_desc(1), ats = rig_ats(1);

	(void)state;
	rig_start(r);
	r->u.fsts |= VTD_FSTS_PFO;
	rig_refuse(r, 1, VTD_IQEI_TYPE);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), -QI_ERR_IQE);
	rig_arm(r, VTD_FAULT_WRONG, RIG_SID(1), false);
	assert_int_equal(qi_submit_sync(&r->q, &ats, 1, 0), -QI_ERR_DEVICE);
	assert_true(r->stats.iqe && r->stats.ite && r->stats.ice);
	assert_int_equal(r->u.fsts & 0xff, VTD_FSTS_PFO);
	rig_free(r);
}

static uint64_t (*plain_read64)(void *ctx, unsigned reg);

/* A device times out while the error before it is being repaired. */
static uint64_t read64_while_a_device_times_out(void *ctx, unsigned reg)
{
	struct rig *r = ctx;
	uint64_t value = plain_read64(ctx, reg);

	if (reg == DMAR_IQH_REG && shown == VTD_FSTS_IQE)
		while (!(r->u.fsts & VTD_FSTS_ITE))
			rig_steps(r, 1);
	return value;
}

/* 16, the other half: an error that came between the reading and the writing. */
static void h16_an_error_during_the_repair_is_not_lost(void **state)
{
	struct rig *r = rig_with_fsts_watched();
	struct qi_desc ats[2] = { rig_ats(1), rig_ats(2) }, d = rig_desc(1);
	struct qi_ticket t[3];

	(void)state;
	plain_read64 = r->host.read64;
	r->host.read64 = read64_while_a_device_times_out;
	r->cfg.retries = QI_NO_RETRY;
	r->cfg.poll_budget = 1;
	rig_start(r);
	rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), false);
	rig_refuse(r, 1, VTD_IQEI_TYPE);
	assert_int_equal(qi_submit(&r->q, &ats[0], 1, 0, &t[0]), 0);
	assert_int_equal(qi_submit(&r->q, &ats[1], 1, 0, &t[1]), 0);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t[2]), 0);
	/* Fetch up to the refused one before any device is given up. */
	while (!(r->u.fsts & VTD_FSTS_IQE))
		rig_steps(r, 1);
	history_wait_all(r, t, 3);
	assert_int_equal(t[0].error.code, -QI_ERR_DEVICE);
	assert_int_equal(t[1].error.code, 0);
	assert_int_equal(t[2].error.code, -QI_ERR_IQE);
	assert_int_equal(r->stats.iqe, 1);
	assert_int_equal(r->stats.ite, 1);
	rig_assert_clean(r);
	rig_free(r);
}

/* 17: with 256-bit descriptors the head's offset was shifted by 4 bits and not by 5. */
static void h17_a_wide_head_names_the_right_slot(void **state)
{
	struct rig *r = history_rig(SLOTS, 256);
	struct qi_desc d[5];
	struct qi_ticket t;
	unsigned i, bad;

	(void)state;
	for (i = 0; i < 5; i++)
		d[i] = rig_desc(i);
	rig_start(r);
	/* Six slots each time, in a ring of 16: the head is at many places. */
	for (i = 0; i < 40; i++) {
		bad = i % 5;
		rig_refuse(r, bad, VTD_IQEI_TYPE);
		assert_int_equal(qi_submit(&r->q, d, 5, 0, &t), 0);
		assert_int_equal(qi_wait(&r->q, &t), -QI_ERR_IQE);
		assert_int_equal(t.error.index, bad);
		rig_run(r);
	}
	rig_assert_clean(r);
	rig_free(r);
}

/*
 * 29: a device-TLB invalidation that had failed was left out and reported as success. The device
 * went on using what it had cached.
 */
static void h29_a_failed_device_invalidation_is_no_success(void **state)
{
	struct vtd_entry e = {
		.kind = VTD_DEVTLB, .sid = RIG_SID(1), .pasid = VTD_NO_PASID, .addr = 0x1000
	};
	unsigned window, nosid;

	(void)state;
	for (window = 1; window <= 4; window++) {
		for (nosid = 0; nosid <= 1; nosid++) {
			struct rig *r = history_rig(SLOTS, 128);
			struct qi_desc d[2] = { rig_ats(1), rig_desc(1) };

			/* With a window of 1 the wait is fetched after the error, and completes. */
			r->unit.window = window;
			rig_start(r);
			vtd_touch(&r->u, &e);
			rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), nosid);
			assert_int_equal(qi_submit_sync(&r->q, d, 2, 0), -QI_ERR_DEVICE);
			assert_true(vtd_cached(&r->u, &e));
			vtd_fault_clear(&r->u, VTD_FAULT_NONE);
			assert_int_equal(qi_submit_sync(&r->q, d, 2, 0), 0);
			assert_false(vtd_cached(&r->u, &e));
			rig_free(r);
		}
	}
}

/*
 * 32: recovery looked at the first slot of a submission only. If a later descriptor was refused,
 * the error was not cleared, and all submitters spun for ever, even a single one.
 */
static void h32_any_descriptor_of_a_submission_may_be_refused(void **state)
{
	struct qi_desc d[SLOTS];
	struct qi_ticket t;
	unsigned i, n, bad;

	(void)state;
	for (i = 0; i < SLOTS; i++)
		d[i] = rig_desc(i);
	for (n = 1; n <= SLOTS - 2; n++) {
		for (bad = 0; bad < n; bad++) {
			struct rig *r = history_rig(SLOTS, 128);

			rig_start(r);
			rig_refuse(r, bad, VTD_IQEI_RESERVED);
			assert_int_equal(qi_submit(&r->q, d, n, 0, &t), 0);
			assert_int_equal(qi_wait(&r->q, &t), -QI_ERR_IQE);
			assert_int_equal(t.error.index, bad);
			assert_int_equal(qi_submit_sync(&r->q, d, n, 0), 0);
			rig_assert_clean(r);
			rig_free(r);
		}
	}
}

/*
 * 34: the thread that first looked at the fault register took the error, even if another thread's
 * device had caused it. That thread's own aborted descriptors were never repeated.
 */
static void h34_the_finder_of_a_time_out_is_not_its_culprit(void **state)
{
	struct qi_desc d = rig_desc(1), ats[2] = { rig_ats(1), rig_ats(2) };
	unsigned finder, i;

	(void)state;
	for (finder = 0; finder < 3; finder++) {
		struct rig *r = history_rig(SLOTS, 128);
		struct qi_ticket t[3];

		rig_start(r);
		rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), false);
		assert_int_equal(qi_submit(&r->q, &ats[0], 1, 0, &t[0]), 0);
		assert_int_equal(qi_submit(&r->q, &ats[1], 1, 0, &t[1]), 0);
		assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t[2]), 0);
		while (!(r->u.fsts & VTD_FSTS_ITE))
			rig_steps(r, 1);
		while (!r->stats.ite)
			assert_int_equal(qi_poll(&r->q, &t[finder]), QI_PENDING);
		for (i = 0; i < 3; i++)
			assert_int_equal(qi_wait(&r->q, &t[(finder + i) % 3]),
					 (finder + i) % 3 ? 0 : -QI_ERR_DEVICE);
		rig_assert_clean(r);
		rig_free(r);
	}
}

/*
 * 47: a call went into the ring in parts. The time-out of a device aborted one of them, whose wait
 * was fetched only then and completed; the next part followed, and the verdict was forgotten.
 */
static void h47_one_failed_part_of_several_is_a_failure(void **state)
{
	unsigned at, i;

	(void)state;
	for (at = 0; at < 20; at++) {
		struct rig *r = history_rig(8, 128);
		struct qi_desc d[20];
		struct qi_ticket t;

		for (i = 0; i < 20; i++)
			d[i] = i == at ? rig_ats(1) : rig_desc(i);
		r->unit.window = 1;
		rig_start(r);
		rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), false);
		assert_int_equal(qi_submit(&r->q, d, 20, 0, &t), 0);
		/* The owner looks when others have repaired, and the wait has completed. */
		do {
			rig_run(r);
			qi_fault_interrupt(&r->q);
			rig_run(r);
			history_relax(r);
			r->now += r->tick;
		} while (qi_poll(&r->q, &t) == QI_PENDING);
		assert_int_equal(t.error.code, -QI_ERR_DEVICE);
		vtd_fault_clear(&r->u, VTD_FAULT_NONE);
		assert_int_equal(qi_submit_sync(&r->q, d, 20, 0), 0);
		rig_assert_clean(r);
		rig_free(r);
	}
}

/*
 * 48: a time-out error voided the core's own drain along with everything else. The core did not
 * notice: it waited for the drain until its time was up, and only then put it into the ring again.
 */
static void h48_a_voided_drain_is_repeated_at_once(void **state)
{
	struct rig *r = history_rig(SLOTS, 128);
	struct qi_desc ats = rig_ats(1);
	struct qi_ticket t;
	uint64_t start;

	(void)state;
	rig_start(r);
	rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), false);
	assert_int_equal(qi_submit(&r->q, &ats, 1, 0, &t), 0);
	qi_abandon(&r->q, &t);
	start = r->now;
	assert_int_equal(qi_disable(&r->q), 0);
	assert_int_equal(r->stats.ite, 1);
	assert_in_range(r->now - start, 0, r->cfg.timeout_ns / 2);
	rig_free(r);
}

/* 49: errors of the fetch that had passed were counted for ever, until there were too many. */
static void h49_passing_fetch_errors_do_not_add_up(void **state)
{
	struct vtd_fault f = { .kind = VTD_FAULT_FETCH, .count = 1 };
	struct rig *r = history_rig(SLOTS, 128);
	struct qi_desc d = rig_desc(1);
	unsigned i;

	(void)state;
	rig_start(r);
	for (i = 0; i < 20; i++) {
		assert_true(vtd_fault_arm(&r->u, &f));
		assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
		assert_int_equal(r->stats.iqe, i + 1);
	}
	rig_assert_clean(r);
	rig_free(r);
}

/* How many turns the slowest of some submissions takes. */
static unsigned turns;

static void count_turns(struct rig *r)
{
	turns++;
	history_relax(r);
}

static unsigned most_turns(struct rig *r)
{
	struct qi_desc d = rig_desc(1);
	unsigned i, most = 0;

	for (i = 0; i < 40; i++) {
		turns = 0;
		assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
		most = turns > most ? turns : most;
	}
	return most;
}

/*
 * 53: a doorbell was put off until a certain wait would complete. A time-out had voided that one,
 * so each of the next submissions took as long as it takes to become impatient.
 */
static void h53_nothing_waits_for_a_voided_wait(void **state)
{
	struct rig *r = history_rig(256, 128);
	struct qi_desc ats = rig_ats(1);
	struct qi_ticket t[120];
	unsigned before, i;

	(void)state;
	r->cfg.poll_budget = 4096;
	r->cfg.retries = QI_NO_RETRY;
	r->on_relax = count_turns;
	rig_start(r);
	before = most_turns(r);
	rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), false);
	for (i = 0; i < 120; i++)
		assert_int_equal(qi_submit(&r->q, &ats, 1, 0, &t[i]), 0);
	/* Until nothing is left of them; all that the unit had fetched at each error is void. */
	rig_run(r);
	while (r->u.fsts & VTD_FSTS_ITE) {
		qi_fault_interrupt(&r->q);
		rig_run(r);
	}
	vtd_fault_clear(&r->u, VTD_FAULT_NONE);
	assert_in_range(most_turns(r), 0, before + 4);
	rig_free(r);
}

/* 53, in line: the one that was looked at to see whether there is room would never complete. */
static void h53_who_is_in_line_behind_a_voided_one_is_let_in(void **state)
{
	struct rig *r = history_rig(SLOTS, 128);
	struct qi_desc ats = rig_ats(1), plain = rig_desc(3);
	struct qi_ticket t[7], p;
	unsigned i, polls = 0;

	(void)state;
	r->cfg.poll_budget = 4096;
	r->cfg.retries = QI_NO_RETRY;
	rig_start(r);
	rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), false);
	for (i = 0; i < 7; i++)
		assert_int_equal(qi_submit(&r->q, &ats, 1, 0, &t[i]), 0);
	assert_int_equal(qi_submit(&r->q, &plain, 1, 0, &p), 0);
	for (i = 0; i < 100; i++) {
		assert_int_equal(qi_poll(&r->q, &p), QI_PENDING);
		rig_steps(r, 1);
	}
	while (!(r->u.fsts & VTD_FSTS_ITE))
		rig_steps(r, 1);
	qi_fault_interrupt(&r->q);
	for (i = 0; i < 7; i++)
		assert_int_equal(qi_poll(&r->q, &t[i]), -QI_ERR_DEVICE);
	while (qi_poll(&r->q, &p) == QI_PENDING) {
		r->host.relax(r);
		assert_in_range(++polls, 0, 100);
	}
	assert_int_equal(p.error.code, 0);
	rig_free(r);
}

/*
 * 59: a suspect had been tried alone, and its owner did not look. The next time-out was blamed on
 * it, too, though another one was tried by then.
 */
static void h59_one_that_was_tried_alone_is_not_blamed_for_the_next(void **state)
{
	struct vtd_fault f = {
		.kind = VTD_FAULT_SILENT, .sid = RIG_SID(2), .no_sid = true, .count = 2
	};
	struct qi_desc one[2] = { rig_ats(1), rig_desc(3) }, next = rig_ats(2);
	struct rig *r = history_rig(16, 128);
	struct qi_ticket t, other;

	(void)state;
	r->cfg.retries = QI_NO_RETRY;
	r->cfg.poll_budget = 200;
	rig_start(r);
	assert_true(vtd_fault_arm(&r->u, &f));
	assert_int_equal(qi_submit(&r->q, &next, 1, 0, &other), 0);
	assert_int_equal(qi_submit(&r->q, one, 2, 0, &t), 0);
	while (!r->q.isolated) {
		r->host.relax(r);
		assert_int_equal(qi_poll(&r->q, &t), QI_PENDING);
		/* It comes behind the other one. */
		if (t.suspect && !r->q.isolated)
			assert_int_equal(qi_poll(&r->q, &other), QI_PENDING);
	}
	assert_int_equal(r->q.isolated, t.first);
	rig_run(r);
	/* A late write hides that it is complete. */
	*qi_status(&r->q, t.first) -= 2;
	assert_int_equal(qi_wait(&r->q, &other), -QI_ERR_DEVICE);
	assert_int_equal(other.error.sid, RIG_SID(2));
	assert_int_equal(qi_wait(&r->q, &t), 0);
	rig_free(r);
}

HISTORY_MAIN(cmocka_unit_test(h02_the_abort_walk_knows_where_waits_are),
	     cmocka_unit_test(h03_a_removed_device_is_asked_once),
	     cmocka_unit_test(h04_a_time_out_is_survived_without_a_warning),
	     cmocka_unit_test(h05_a_refused_descriptor_does_not_stop_the_queue),
	     cmocka_unit_test(h16_faults_of_others_are_left_alone),
	     cmocka_unit_test(h16_an_error_during_the_repair_is_not_lost),
	     cmocka_unit_test(h17_a_wide_head_names_the_right_slot),
	     cmocka_unit_test(h29_a_failed_device_invalidation_is_no_success),
	     cmocka_unit_test(h32_any_descriptor_of_a_submission_may_be_refused),
	     cmocka_unit_test(h34_the_finder_of_a_time_out_is_not_its_culprit),
	     cmocka_unit_test(h47_one_failed_part_of_several_is_a_failure),
	     cmocka_unit_test(h48_a_voided_drain_is_repeated_at_once),
	     cmocka_unit_test(h49_passing_fetch_errors_do_not_add_up),
	     cmocka_unit_test(h53_nothing_waits_for_a_voided_wait),
	     cmocka_unit_test(h53_who_is_in_line_behind_a_voided_one_is_let_in),
	     cmocka_unit_test(h59_one_that_was_tried_alone_is_not_blamed_for_the_next))
