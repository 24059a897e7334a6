/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* History: who learns of a completion, when, and from which word. */
#include "history.h"

#include <string.h>

#include <lab/age.h>

/*
 * 1: another submitter took the DONE of a zero-count submission for "may be freed" and freed its
 * wait before its owner had looked, who then spun for ever.
 */
static void h01_a_completion_is_its_owners_to_see(void **state)
{
	struct rig *r = history_rig(8, 128);
	struct qi_ticket one, zero, other[8];
	struct qi_desc d = rig_desc(1);
	unsigned i;

	(void)state;
	rig_start(r);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &one), 0);
	assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &zero), 0);
	rig_run(r);
	assert_int_equal(qi_wait(&r->q, &one), 0);
	/* Once round the ring, or as far as slots that have not been freed allow. */
	for (i = 0; i < 8; i++) {
		assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &other[i]), 0);
		rig_run(r);
	}
	assert_int_equal(qi_wait(&r->q, &zero), 0);
	history_wait_all(r, other, 8);
	rig_assert_clean(r);
	rig_free(r);
}

/*
 * 6: after a time-out the status word of a wait was used for the next command, which the late write
 * of the first one then completed.
 */
static void h06_a_late_write_does_not_complete_the_next_one(void **state)
{
	struct vtd_fault slow = { .kind = VTD_FAULT_SLOW_WRITE, .count = 1, .steps = 100 };
	struct vtd_fault late = { .kind = VTD_FAULT_LATE, .sid = RIG_SID(1), .steps = 1000 };
	struct rig *r = history_rig(4, 128);
	struct qi_ticket first, ats, next;
	struct qi_desc d = rig_ats(1);
	unsigned i;

	(void)state;
	rig_start(r);
	assert_true(vtd_fault_arm(&r->u, &slow));
	assert_true(vtd_fault_arm(&r->u, &late));
	assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &first), 0);
	rig_steps(r, 3);
	assert_int_equal(r->u.nlate, 1);
	qi_abandon(&r->q, &first);

	/* The next wait in the same slot is behind a device that takes its time. */
	assert_int_equal(qi_submit_sync(&r->q, NULL, 0, 0), 0);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &ats), 0);
	assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &next), 0);
	/* There is room when the unit is known to be past what was given up. */
	for (i = 0; i < r->cfg.poll_budget; i++) {
		assert_int_equal(qi_poll(&r->q, &ats), QI_PENDING);
		assert_int_equal(qi_poll(&r->q, &next), QI_PENDING);
	}
	assert_int_equal((next.first ^ first.first) & r->q.mask, 0);
	assert_true(next.first > first.first);
	assert_int_equal(r->u.nlate, 1);
	while (!r->executed[QI_DIOTLB_TYPE]) {
		assert_int_equal(qi_poll(&r->q, &next), QI_PENDING);
		r->host.relax(r);
	}
	assert_int_equal(r->u.nlate, 0);
	assert_int_equal(qi_wait(&r->q, &next), 0);
	assert_int_equal(qi_wait(&r->q, &ats), 0);
	rig_assert_clean(r);
	rig_free(r);
}

/* Memory as it is: every address can be written. */
static bool write_anywhere(void *ctx, uint64_t addr, uint32_t value)
{
	struct rig *r = ctx;

	memcpy((char *)((uintptr_t)r->status + (uintptr_t)(addr - RIG_STATUS)), &value, 4);
	return true;
}

/*
 * 8: the status word was on the stack of the waiter. After a time-out the write hit whatever was
 * there by then.
 */
static void h08_a_late_write_stays_out_of_the_callers_memory(void **state)
{
	struct vtd_fault slow = { .kind = VTD_FAULT_SLOW_WRITE, .count = 1, .steps = 100 };
	struct rig *r = history_rig(4, 128);
	unsigned char pattern[sizeof(struct qi_ticket)];
	struct qi_ticket t;

	(void)state;
	r->ops.dma_write32 = write_anywhere;
	rig_start(r);
	assert_true(vtd_fault_arm(&r->u, &slow));
	assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &t), 0);
	rig_steps(r, 3);
	assert_int_equal(r->u.nlate, 1);
	qi_abandon(&r->q, &t);
	memset(pattern, 0x5a, sizeof(pattern));
	memset(&t, 0x5a, sizeof(t));
	rig_run(r);
	assert_int_equal(r->u.nlate, 0);
	assert_memory_equal(&t, pattern, sizeof(t));
	rig_assert_clean(r);
	rig_free(r);
}

/*
 * 10: the status address was put into its field without the shift that the field's place asks for,
 * so that the write went elsewhere.
 */
static void h10_the_status_address_is_that_of_the_slot(void **state)
{
	unsigned width, i;

	(void)state;
	for (width = 128; width <= 256; width += 128) {
		struct rig *r = history_rig(256, width);
		const uint64_t *ring = r->ring;

		rig_start(r);
		for (i = 0; i < 256; i++) {
			assert_int_equal(qi_submit_sync(&r->q, NULL, 0, 0), 0);
			assert_int_equal(ring[i * (width / 64) + 1], RIG_STATUS + 4 * i);
		}
		rig_free(r);
	}
}

/* If no wake-up is to come any more, the sleeper would sleep for ever. */
static void sleep_while_an_interrupt_is_to_come(void *ctx, const uint32_t *word, uint32_t value,
						uint64_t ns)
{
	struct rig *r = ctx;

	(void)ns;
	while (*word == value) {
		assert_int_equal(r->messages, 0);
		rig_steps(r, 1);
	}
}

static void wake_nobody(void *ctx, const uint32_t *word)
{
	(void)ctx;
	(void)word;
}

static uint32_t (*plain_read32)(void *ctx, unsigned reg);

static uint32_t read32_while_it_completes(void *ctx, unsigned reg)
{
	if (reg == DMAR_FSTS_REG)
		rig_run(ctx);
	return plain_read32(ctx, reg);
}

/*
 * 26: the waiter registered for its wake-up after the doorbell. The interrupt that came in between
 * woke no thread, and no second one came.
 */
static void h26_an_interrupt_before_the_sleep_is_not_lost(void **state)
{
	struct rig *r = history_rig(8, 128);
	struct qi_desc d = rig_desc(1);

	(void)state;
	r->host.sleep = sleep_while_an_interrupt_is_to_come;
	r->host.wake = wake_nobody;
	r->cfg.interrupt.enable = true;
	r->cfg.poll_budget = 1;
	r->interrupts = true;
	rig_start(r);
	/* Completion comes behind the look at the status word, in front of the sleep. */
	plain_read32 = r->host.read32;
	r->host.read32 = read32_while_it_completes;
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, QI_OPT_INTERRUPT), 0);
	assert_int_equal(r->messages, 1);
	rig_free(r);
}

/* Another submitter gets the lock first, or slots without it. */
static unsigned long (*plain_lock)(void *ctx), (*plain_irq_save)(void *ctx);
static struct qi_ticket faster;
static struct qi_desc faster_desc;

static void another(void *ctx)
{
	struct rig *r = ctx;

	r->host.lock = plain_lock;
	r->host.irq_save = plain_irq_save;
	assert_int_equal(qi_submit(&r->q, &faster_desc, 1, 0, &faster), 0);
	rig_run(r);
}

static unsigned long lock_after_another(void *ctx)
{
	another(ctx);
	return plain_lock(ctx);
}

static unsigned long irq_save_after_another(void *ctx)
{
	another(ctx);
	return plain_irq_save(ctx);
}

/*
 * 27: the number that a completion is recognised by was taken before the lock, so two submitters
 * had them in another order than their slots, and one took the other's completion for its own.
 */
static void h27_a_submission_is_known_by_its_slot(void **state)
{
	struct rig *r = history_rig(8, 128);
	struct qi_desc d = rig_desc(1);
	struct qi_ticket t;

	(void)state;
	faster_desc = rig_desc(2);
	rig_start(r);
	plain_lock = r->host.lock;
	plain_irq_save = r->host.irq_save;
	r->host.lock = lock_after_another;
	r->host.irq_save = irq_save_after_another;
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t), 0);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], 1);
	assert_int_equal(qi_poll(&r->q, &t), QI_PENDING);
	assert_int_equal(qi_wait(&r->q, &t), 0);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], 2);
	assert_int_equal(qi_wait(&r->q, &faster), 0);
	rig_assert_clean(r);
	rig_free(r);
}

/* 35: IQH = IQT was taken for "all complete", while it only says "all fetched". */
static void h35_fetched_is_not_complete(void **state)
{
	struct vtd_fault late = { .kind = VTD_FAULT_LATE, .sid = RIG_SID(1), .steps = 1000 };
	struct rig *r = history_rig(8, 128);
	struct qi_desc d = rig_ats(1);
	unsigned fetched = 0;
	struct qi_ticket t;

	(void)state;
	r->cfg.poll_budget = 4;
	rig_start(r);
	assert_true(vtd_fault_arm(&r->u, &late));
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t), 0);
	while (!r->executed[QI_DIOTLB_TYPE]) {
		assert_int_equal(qi_poll(&r->q, &t), QI_PENDING);
		fetched += r->u.iqh == r->u.iqt;
		r->host.relax(r);
	}
	/* Time enough for many looks at the head. */
	assert_true(fetched > 900);
	assert_true(r->reads > 100);
	assert_int_equal(qi_wait(&r->q, &t), 0);
	rig_free(r);
}

/*
 * 37: each turn of the wait loop read the fault register, which is slow under a hypervisor, and
 * with the lock held, so that all other submitters waited too. The rig refuses the latter.
 */
static void h37_waiting_costs_next_to_no_register_reads(void **state)
{
	struct vtd_fault late = { .kind = VTD_FAULT_LATE, .sid = RIG_SID(1), .steps = 1000 };
	struct rig *r = history_rig(8, 128);
	struct qi_desc d = rig_ats(1);
	struct qi_ticket t;
	unsigned turns = 0;

	(void)state;
	r->cfg.poll_budget = 100;
	rig_start(r);
	assert_true(vtd_fault_arm(&r->u, &late));
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t), 0);
	while (qi_poll(&r->q, &t) == QI_PENDING) {
		turns++;
		/* FSTS and IQH, once in a budget */
		assert_in_range(r->reads, 0, 2 * (turns / 100));
		r->host.relax(r);
	}
	assert_int_equal(t.error.code, 0);
	assert_in_range(turns, 900, 1100);
	assert_true(r->reads > 0);
	rig_free(r);
}

/* 37, where the wait is for space: what fills the ring waits for a device. */
static void h37_a_full_ring_costs_no_more(void **state)
{
	struct vtd_fault late = { .kind = VTD_FAULT_LATE, .sid = RIG_SID(1), .steps = 1000 };
	struct rig *r = history_rig(8, 128);
	struct qi_desc d[6] = { rig_ats(1),  rig_desc(1), rig_desc(2),
				rig_desc(3), rig_desc(4), rig_desc(5) };
	struct qi_ticket first, t;
	unsigned turns = 0;

	(void)state;
	r->cfg.poll_budget = 100;
	rig_start(r);
	assert_true(vtd_fault_arm(&r->u, &late));
	assert_int_equal(qi_submit(&r->q, d, 6, 0, &first), 0);
	assert_int_equal(qi_submit(&r->q, d + 1, 5, 0, &t), 0);
	while (qi_poll(&r->q, &t) == QI_PENDING) {
		turns++;
		assert_in_range(r->reads, 0, 2 * (turns / 100));
		r->host.relax(r);
	}
	assert_int_equal(t.error.code, 0);
	assert_in_range(turns, 900, 1100);
	assert_true(r->reads > 0);
	assert_int_equal(qi_wait(&r->q, &first), 0);
	rig_free(r);
}

/*
 * 38: the word of a slot that had been no wait's for 2^30 laps read as that of a later lap, and the
 * first look at it was a completion of what the unit had not even seen.
 */
static void h38_a_word_of_long_ago_completes_nobody(void **state)
{
	struct rig *r = history_rig(16, 128);
	struct qi_desc d = rig_desc(1);
	struct qi_ticket t;
	unsigned i;

	(void)state;
	rig_start(r);
	for (i = 0; i < 16; i++)
		assert_int_equal(qi_submit_sync(&r->q, NULL, 0, 0), 0);
	age_queue(&r->q, (1ULL << 30) + 5, 1);
	for (i = 0; i < 16; i++) {
		assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t), 0);
		assert_int_equal(qi_poll(&r->q, &t), QI_PENDING);
		assert_int_equal(r->executed[QI_IOTLB_TYPE], i);
		assert_int_equal(qi_wait(&r->q, &t), 0);
		assert_int_equal(r->executed[QI_IOTLB_TYPE], i + 1);
	}
	rig_free(r);
}

/*
 * 51: the upper half of a 256-bit wait was left as it was, which was zero in the memory of every
 * test.
 */
static void h51_no_ring_has_to_be_zero(void **state)
{
	struct rig *r = history_rig(16, 256);
	struct qi_desc d = rig_desc(1);
	unsigned i;

	(void)state;
	rig_start(r);
	for (i = 0; i < 20; i++)
		assert_int_equal(qi_submit_sync(&r->q, &d, i % 3 == 0, 0), 0);
	rig_assert_clean(r);
	rig_free(r);
}

/*
 * The next submission completes. Before its owner looks, the wait of an earlier lap, which was
 * given up and which the unit has kept until now, writes its old number there.
 */
static uint32_t *hidden;

static void hide(struct rig *r)
{
	history_relax(r);
	if (!hidden || *hidden & 1)
		return;
	*hidden -= 2;
	hidden = NULL;
}

static struct rig *with_late_write(void)
{
	struct rig *r = history_rig(8, 128);

	rig_start(r);
	hidden = r->status + ((rig_tail(r) & r->q.mask) << (r->q.spread - 2));
	r->on_relax = hide;
	return r;
}

/* 54: the owner got a time-out for what was done. */
static void h54_a_late_write_hides_no_completion(void **state)
{
	struct rig *r = with_late_write();
	struct qi_desc d = rig_desc(1);
	uint64_t start = r->now;
	unsigned i;

	(void)state;
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	assert_null(hidden);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], 2);
	assert_in_range(r->now - start, 0, r->cfg.timeout_ns / 2);
	for (i = 0; i < 8; i++)
		assert_int_equal(qi_submit_sync(&r->q, NULL, 0, 0), 0);
	rig_assert_clean(r);
	rig_free(r);
}

/* 54: or it was the core's own drain, which was waited for until its time was up. */
static void h54_a_late_write_hides_no_drain(void **state)
{
	struct rig *r = with_late_write();
	uint64_t start = r->now;

	(void)state;
	assert_int_equal(qi_disable(&r->q), 0);
	assert_null(hidden);
	assert_in_range(r->now - start, 0, r->cfg.timeout_ns / 2);
	rig_free(r);
}

static uint64_t (*plain_read64)(void *ctx, unsigned reg);
static unsigned heads, work_at;

/* While its owner reads the unit's head, the unit does all that it has not done until now. */
static uint64_t read64_and_work(void *ctx, unsigned reg)
{
	struct rig *r = ctx;

	if (reg == DMAR_IQH_REG && ++heads == work_at) {
		r->steps = 1;
		rig_run(r);
		hide(r);
	}
	return plain_read64(ctx, reg);
}

/* The unit stands still until its head is read for the n-th time; 0: for ever. */
static int outcome_if_it_works_at(unsigned n)
{
	struct rig *r = with_late_write();
	struct qi_desc d = rig_desc(1);
	int err;

	r->on_relax = history_relax;
	r->steps = 0;
	plain_read64 = r->host.read64;
	r->host.read64 = read64_and_work;
	heads = 0;
	work_at = n;
	err = qi_submit_sync(&r->q, &d, 1, 0);
	rig_free(r);
	return err;
}

/* 54: nor does it at any look of the owner's, of which the last comes when the time is up. */
static void h54_a_late_write_hides_nothing_at_the_last_look(void **state)
{
	unsigned looks, n;

	(void)state;
	assert_int_equal(outcome_if_it_works_at(0), -QI_ERR_DEAD);
	looks = heads;
	assert_in_range(looks, 2, 1000);
	for (n = 1; n <= looks; n++)
		assert_int_equal(outcome_if_it_works_at(n), 0);
}

HISTORY_MAIN(cmocka_unit_test(h01_a_completion_is_its_owners_to_see),
	     cmocka_unit_test(h06_a_late_write_does_not_complete_the_next_one),
	     cmocka_unit_test(h08_a_late_write_stays_out_of_the_callers_memory),
	     cmocka_unit_test(h10_the_status_address_is_that_of_the_slot),
	     cmocka_unit_test(h26_an_interrupt_before_the_sleep_is_not_lost),
	     cmocka_unit_test(h27_a_submission_is_known_by_its_slot),
	     cmocka_unit_test(h35_fetched_is_not_complete),
	     cmocka_unit_test(h37_waiting_costs_next_to_no_register_reads),
	     cmocka_unit_test(h37_a_full_ring_costs_no_more),
	     cmocka_unit_test(h38_a_word_of_long_ago_completes_nobody),
	     cmocka_unit_test(h51_no_ring_has_to_be_zero),
	     cmocka_unit_test(h54_a_late_write_hides_no_completion),
	     cmocka_unit_test(h54_a_late_write_hides_no_drain),
	     cmocka_unit_test(h54_a_late_write_hides_nothing_at_the_last_look))
