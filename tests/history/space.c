/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* History: slots, who gets them and when they come back. */
#include "history.h"

#include <core/queue.h>

/* How often the unit has executed rig_desc(n). */
static unsigned seen[64];

static void note_executed(void *ctx, const struct vtd_event *ev)
{
	(void)ctx;
	if ((ev->qw[0] & 0xf) == QI_IOTLB_TYPE)
		seen[(ev->qw[1] >> QI_PAGE_SHIFT) % 64]++;
}

static struct rig *noting_rig(unsigned slots, unsigned width)
{
	struct rig *r = history_rig(slots, width);
	unsigned i;

	for (i = 0; i < 64; i++)
		seen[i] = 0;
	r->ops.executed = note_executed;
	return r;
}

/* 7: "the queue is full" was an error that callers ignored: they went on as if submitted. */
static void h07_a_full_ring_loses_nothing(void **state)
{
	struct rig *r = noting_rig(4, 128);
	struct qi_desc d[10];
	struct qi_ticket t[10];
	unsigned i;

	(void)state;
	rig_start(r);
	for (i = 0; i < 10; i++) {
		d[i] = rig_desc(i);
		assert_int_equal(qi_submit(&r->q, &d[i], 1, 0, &t[i]), 0);
	}
	for (i = 0; i < 10; i++) {
		assert_int_equal(qi_wait(&r->q, &t[i]), 0);
		assert_int_equal(seen[i], 1);
	}
	rig_assert_clean(r);
	rig_free(r);
}

/* What other processors do between a read of IQH and what follows it. */
static uint64_t (*plain_read64)(void *ctx, unsigned reg);
static struct qi_desc given_up[4];
static struct qi_ticket early[2], given_up_ticket;

static uint64_t read64_while_others_submit(void *ctx, unsigned reg)
{
	struct rig *r = ctx;
	uint64_t value = plain_read64(ctx, reg);
	unsigned i;

	if (reg != DMAR_IQH_REG)
		return value;
	r->host.read64 = plain_read64;
	rig_run(r);
	for (i = 0; i < 2; i++)
		assert_int_equal(qi_wait(&r->q, &early[i]), 0);
	for (i = 0; i < 4; i++)
		given_up[i] = rig_desc(10 + i);
	/* With its slots come those of the watcher, which is first in line. */
	assert_int_equal(qi_submit(&r->q, given_up, 4, 0, &given_up_ticket), 0);
	qi_abandon(&r->q, &given_up_ticket);
	return value;
}

/*
 * 14: the head was read outside the lock and compared with what had moved on meanwhile. Slots that
 * the unit had not fetched were used again, and a queue that had been overrun looked empty.
 */
static void h14_a_head_that_is_out_of_date_frees_nothing(void **state)
{
	struct rig *r = noting_rig(8, 128);
	struct qi_desc d[5], watched = rig_desc(1);
	struct qi_ticket watcher, t;
	unsigned i;

	(void)state;
	for (i = 0; i < 5; i++)
		d[i] = rig_desc(20 + i);
	r->unit.window = 1;
	r->cfg.poll_budget = 1;
	rig_start(r);
	assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &early[0]), 0);
	assert_int_equal(qi_submit(&r->q, d, 5, 0, &early[1]), 0);
	assert_int_equal(qi_submit(&r->q, &watched, 1, 0, &watcher), 0);
	/*
	 * Everything but the last slot's wait: a lap ahead, the same head is at the end of the
	 * next.
	 */
	while (r->u.iqh != QI_RING_BYTES(6, 128))
		rig_steps(r, 1);
	plain_read64 = r->host.read64;
	r->host.read64 = read64_while_others_submit;
	assert_int_equal(qi_poll(&r->q, &watcher), QI_PENDING);
	assert_ptr_equal(r->host.read64, plain_read64);
	while (qi_poll(&r->q, &watcher) == QI_PENDING)
		rig_steps(r, 1);
	assert_int_equal(watcher.error.code, 0);

	/* The unit has not looked at what was given up: nothing else may be put there. */
	assert_int_equal(seen[11], 0);
	assert_int_equal(qi_submit(&r->q, d, 5, 0, &t), 0);
	assert_int_equal(qi_wait(&r->q, &t), 0);
	for (i = 0; i < 4; i++)
		assert_int_equal(seen[10 + i], 1);
	for (i = 0; i < 5; i++)
		assert_int_equal(seen[20 + i], 2);
	rig_assert_clean(r);
	rig_free(r);
}

static void (*plain_write64)(void *ctx, unsigned reg, uint64_t value);

static void write64_within_the_ring(void *ctx, unsigned reg, uint64_t value)
{
	struct rig *r = ctx;

	if (reg == DMAR_IQT_REG)
		assert_in_range(value, 0, QI_RING_BYTES(r->cfg.slots - 1, r->cfg.width));
	plain_write64(ctx, reg, value);
}

/* 15: when the last slot had been used, the tail was written one past the end of the ring. */
static void h15_the_tail_wraps(void **state)
{
	static const unsigned sizes[] = { 4, 8, 16, 256 };
	unsigned s, width, i;

	(void)state;
	for (s = 0; s < 4; s++) {
		for (width = 128; width <= 256; width += 128) {
			struct rig *r = noting_rig(sizes[s], width);

			plain_write64 = r->host.write64;
			r->host.write64 = write64_within_the_ring;
			rig_start(r);
			for (i = 0; i < 2 * sizes[s]; i++) {
				struct qi_desc d = rig_desc(i % 64);

				assert_int_equal(qi_submit_sync(&r->q, &d, i % 3 == 1, 0), 0);
				assert_int_equal(seen[i % 64], i % 3 == 1);
				seen[i % 64] = 0;
			}
			rig_assert_clean(r);
			rig_free(r);
		}
	}
}

/*
 * 28: any thread that found space took it. With many processors and a small queue, a thread that
 * needed more than the others, or came at the wrong moment, never got space.
 */
static void h28_space_goes_to_who_came_first(void **state)
{
	struct rig *r = noting_rig(8, 128);
	struct qi_ticket first, large, small[60];
	struct qi_desc d[6];
	unsigned i;

	(void)state;
	rig_start(r);
	for (i = 0; i < 6; i++)
		d[i] = rig_desc(i);
	assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &first), 0);
	assert_int_equal(qi_submit(&r->q, d, 6, 0, &large), 0);
	/* There is always a submission that needs only one slot, for which there would be space. */
	for (i = 0; i < 60; i++)
		assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &small[i]), 0);
	assert_int_equal(rig_tail(r) - r->q.head, 1);
	assert_int_equal(qi_wait(&r->q, &first), 0);
	assert_int_equal(qi_wait(&r->q, &large), 0);
	for (i = 0; i < 6; i++)
		assert_int_equal(seen[i], 1);
	history_wait_all(r, small, 60);
	/* And among equals too: their slots are in the order in which they came. */
	for (i = 0; i < 60; i++)
		assert_int_equal(small[i].first, large.first + large.n + 1 + i);
	rig_assert_clean(r);
	rig_free(r);
}

/*
 * 33: a thread that returned early, with an error, freed slots into which the hardware was still to
 * write DONE. They then stayed DONE, reclaim never passed them, and the ring filled up.
 */
static void h33_an_early_return_leaks_no_slot(void **state)
{
	struct vtd_fault lose = { .kind = VTD_FAULT_LOSE_WRITE, .count = 1 };
	struct rig *r = history_rig(8, 128);
	struct qi_desc d[2] = { rig_desc(1), rig_desc(2) }, ats = rig_ats(1);
	unsigned i;

	(void)state;
	r->cfg.retries = 1;
	rig_start(r);
	for (i = 0; i < 20; i++) {
		rig_refuse(r, 1 + i % 2, VTD_IQEI_RESERVED);
		assert_int_equal(qi_submit_sync(&r->q, d, 2, 0), -QI_ERR_IQE);
		rig_run(r);
		assert_true(vtd_fault_arm(&r->u, &lose));
		assert_int_equal(qi_submit_sync(&r->q, d, 2, 0), -QI_ERR_TIMEOUT);
		rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), i % 2);
		assert_int_equal(qi_submit_sync(&r->q, &ats, 1, 0), -QI_ERR_DEVICE);
		vtd_fault_clear(&r->u, VTD_FAULT_SILENT);
		assert_int_equal(qi_submit_sync(&r->q, d, 2, 0), 0);
	}
	rig_assert_clean(r);
	rig_free(r);
}

/* 33, the other way round: slots that were freed early were used again before they were fetched. */
static void h33_an_early_return_keeps_the_slots_until_they_are_fetched(void **state)
{
	struct rig *r = noting_rig(8, 128);
	struct qi_desc d[10][2];
	struct qi_ticket t[10];
	unsigned i;

	(void)state;
	rig_start(r);
	for (i = 0; i < 10; i++) {
		d[i][0] = rig_desc(2 * i);
		d[i][1] = rig_desc(2 * i + 1);
		assert_int_equal(qi_submit(&r->q, d[i], 2, 0, &t[i]), 0);
		if (i % 2)
			continue;
		/* Two fit. Those that are not in the ring yet are not executed at all. */
		qi_abandon(&r->q, &t[i]);
	}
	history_wait_all(r, t, 10);
	for (i = 0; i < 10; i++)
		assert_int_equal(seen[2 * i], i == 0 || i % 2);
	rig_assert_clean(r);
	rig_free(r);
}

/* 36: more descriptors than the ring has slots waited for space that there never is. */
static void h36_a_submission_may_be_larger_than_the_ring(void **state)
{
	static const unsigned counts[] = { 2, 3, 4, 5, 7, 8, 9, 63 };
	struct qi_desc d[63];
	unsigned slots, c, i;

	(void)state;
	for (i = 0; i < 63; i++)
		d[i] = rig_desc(i);
	for (slots = 4; slots <= 8; slots += 4) {
		for (c = 0; c < 8; c++) {
			struct rig *r = noting_rig(slots, 128);

			rig_start(r);
			assert_int_equal(qi_submit_sync(&r->q, d, counts[c], 0), 0);
			for (i = 0; i < 63; i++)
				assert_int_equal(seen[i], i < counts[c]);
			rig_assert_clean(r);
			rig_free(r);
		}
	}
}

/*
 * 57: a thread that had read where the doorbell was, and then lost its CPU for a lap of the ring,
 * took it from the slot's later user, and laid it down in a place where no thread looks for it.
 */
static void h57_a_doorbell_of_the_next_lap_stays_where_it_is(void **state)
{
	struct rig *r = history_rig(8, 128);
	struct qi_desc d = rig_desc(1);
	unsigned i;

	(void)state;
	rig_start(r);
	for (i = 0; i < 8; i++)
		assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	r->q.again = 1;
	qi_doorbell_look(&r->q, r->q.rung - 8, true);
	for (i = 0; i < 8; i++)
		assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	rig_assert_clean(r);
	rig_free(r);
}

/*
 * 60: a submission was cut by a time-out, its status write was lost, and its owner did not look.
 * Its slots stayed, though others had completed behind it, until those behind it had no room.
 */
static void h60_what_is_cut_and_lost_keeps_no_slot(void **state)
{
	struct vtd_fault silent = { .kind = VTD_FAULT_SILENT, .sid = RIG_SID(1), .count = 1 },
			 lost = { .kind = VTD_FAULT_LOSE_WRITE, .count = 1 };
	struct qi_desc d[2] = { rig_ats(1), rig_desc(1) };
	struct rig *r = history_rig(8, 128);
	struct qi_ticket t;
	unsigned i;

	(void)state;
	r->unit.window = 1;
	rig_start(r);
	assert_true(vtd_fault_arm(&r->u, &silent));
	assert_true(vtd_fault_arm(&r->u, &lost));
	assert_int_equal(qi_submit(&r->q, d, 2, 0, &t), 0);
	rig_run(r);
	qi_fault_interrupt(&r->q);
	rig_run(r);
	for (i = 0; i < 16; i++)
		assert_int_equal(qi_submit_sync(&r->q, NULL, 0, 0), 0);
	assert_int_equal(r->executed[QI_DIOTLB_TYPE], 0);
	assert_int_equal(qi_wait(&r->q, &t), 0);
	assert_int_equal(r->executed[QI_DIOTLB_TYPE], 1);
	rig_assert_clean(r);
	rig_free(r);
}

HISTORY_MAIN(cmocka_unit_test(h07_a_full_ring_loses_nothing),
	     cmocka_unit_test(h14_a_head_that_is_out_of_date_frees_nothing),
	     cmocka_unit_test(h15_the_tail_wraps),
	     cmocka_unit_test(h28_space_goes_to_who_came_first),
	     cmocka_unit_test(h33_an_early_return_leaks_no_slot),
	     cmocka_unit_test(h33_an_early_return_keeps_the_slots_until_they_are_fetched),
	     cmocka_unit_test(h36_a_submission_may_be_larger_than_the_ring),
	     cmocka_unit_test(h57_a_doorbell_of_the_next_lap_stays_where_it_is),
	     cmocka_unit_test(h60_what_is_cut_and_lost_keeps_no_slot))
