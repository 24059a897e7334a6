/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* History: turning the queue on and off, and what its lock may be held for. */
#include "history.h"

static void (*plain_write32)(void *ctx, unsigned reg, uint32_t value);
static void (*plain_write64)(void *ctx, unsigned reg, uint64_t value);

static int flush_one(struct rig *r)
{
	struct qi_desc d = rig_desc(1);

	return qi_submit_sync(&r->q, &d, 1, 0);
}

static bool is_of_the_queue(unsigned reg)
{
	switch (reg) {
	case DMAR_GCMD_REG:
	case DMAR_FSTS_REG:
	case DMAR_IQT_REG:
	case DMAR_IQA_REG:
	case DMAR_ICS_REG:
	case DMAR_IECTL_REG:
	case DMAR_IEDATA_REG:
	case DMAR_IEADDR_REG:
	case DMAR_IEUADDR_REG:
		return true;
	default:
		return false;
	}
}

static void write32_of_the_queue(void *ctx, unsigned reg, uint32_t value)
{
	assert_true(is_of_the_queue(reg));
	plain_write32(ctx, reg, value);
}

static void write64_of_the_queue(void *ctx, unsigned reg, uint64_t value)
{
	assert_true(is_of_the_queue(reg));
	plain_write64(ctx, reg, value);
}

/*
 * 11: with the queue on, something else than the queue was used to invalidate: the context command
 * and IOTLB registers, on resume, and when the queue was full. Some machines reset.
 */
static void h11_no_register_but_the_queues_is_written(void **state)
{
	struct rig *r = history_rig(4, 128);
	struct qi_desc d = rig_desc(1);
	struct qi_ticket t[8];
	unsigned i;

	(void)state;
	plain_write32 = r->host.write32;
	plain_write64 = r->host.write64;
	r->host.write32 = write32_of_the_queue;
	r->host.write64 = write64_of_the_queue;
	r->cfg.interrupt.enable = true;
	rig_start(r);
	for (i = 0; i < 8; i++)
		assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t[i]), 0);
	assert_true(r->stats.full_waits);
	history_wait_all(r, t, 8);
	rig_refuse(r, 1, VTD_IQEI_TYPE);
	assert_int_equal(flush_one(r), -QI_ERR_IQE);
	assert_int_equal(qi_suspend(&r->q), 0);
	assert_int_equal(qi_resume(&r->q), 0);
	assert_int_equal(flush_one(r), 0);
	assert_int_equal(qi_reset(&r->q), 0);
	assert_int_equal(flush_one(r), 0);
	assert_int_equal(qi_disable(&r->q), 0);
	rig_free(r);
}

/* Another processor, which submits at each register write until it is let in. */
static struct qi_ticket eager;
static struct qi_desc eager_desc;
static int let_in;

static void submit_eagerly(struct rig *r)
{
	if (r->locked || let_in != -QI_ERR_OFF)
		return;
	let_in = qi_submit(&r->q, &eager_desc, 1, 0, &eager);
}

static void write32_and_submit(void *ctx, unsigned reg, uint32_t value)
{
	plain_write32(ctx, reg, value);
	submit_eagerly(ctx);
}

static void write64_and_submit(void *ctx, unsigned reg, uint64_t value)
{
	plain_write64(ctx, reg, value);
	submit_eagerly(ctx);
}

/*
 * 12: a flush was issued on resume before the queue was on again. The ring was then started anew,
 * and the flush was gone.
 */
static void h12_what_is_accepted_during_resume_is_executed(void **state)
{
	struct rig *r = history_rig(8, 128);

	(void)state;
	rig_start(r);
	assert_int_equal(flush_one(r), 0);
	assert_int_equal(qi_suspend(&r->q), 0);
	assert_int_equal(flush_one(r), -QI_ERR_OFF);
	plain_write32 = r->host.write32;
	plain_write64 = r->host.write64;
	r->host.write32 = write32_and_submit;
	r->host.write64 = write64_and_submit;
	eager_desc = rig_desc(2);
	let_in = -QI_ERR_OFF;
	assert_int_equal(qi_resume(&r->q), 0);
	r->host.write64 = plain_write64;
	if (let_in == -QI_ERR_OFF)
		let_in = qi_submit(&r->q, &eager_desc, 1, 0, &eager);
	assert_int_equal(let_in, 0);
	assert_int_equal(qi_wait(&r->q, &eager), 0);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], 2);
	rig_assert_clean(r);
	rig_free(r);
}

/* 13: firmware or the kernel before had left QIE on and IQH somewhere in the ring. */
static void h13_a_queue_that_was_left_on_starts_at_slot_0(void **state)
{
	struct qi_desc left[] = { rig_desc(5), rig_desc(6), { 0, 0, 0, 0 } };
	unsigned n, i;

	(void)state;
	/* Stopped at its first slot, with work to do, at rest in mid-ring, and stopped there. */
	for (n = 0; n <= 3; n++) {
		struct rig *r = history_rig(256, 128);
		uint64_t *ring = r->ring;

		rig_init(r);
		for (i = 0; i < n; i++) {
			ring[2 * i] = left[i].qw0;
			ring[2 * i + 1] = left[i].qw1;
		}
		vtd_write(&r->u, DMAR_IQA_REG, RIG_RING, 8);
		vtd_write(&r->u, DMAR_GCMD_REG, VTD_GCMD_QIE, 4);
		vtd_write(&r->u, DMAR_IQT_REG, 16 * (n ? n : 1), 8);
		if (n != 1)
			rig_run(r);
		assert_true(r->u.gsts & VTD_GSTS_QIES);
		assert_int_equal(r->u.iqh != 0, n > 1);
		r->executed[QI_IOTLB_TYPE] = 0;
		assert_int_equal(qi_enable(&r->q), 0);
		assert_int_equal(r->u.iqh, 0);
		assert_int_equal(r->executed[QI_IOTLB_TYPE], n == 1);
		assert_int_equal(flush_one(r), 0);
		assert_int_equal(r->executed[QI_IOTLB_TYPE], (n == 1) + 1);
		rig_assert_clean(r);
		rig_free(r);
	}
}

static void write32_without_one_shots(void *ctx, unsigned reg, uint32_t value)
{
	if (reg == DMAR_GCMD_REG)
		assert_int_equal(value & VTD_GCMD_ONESHOT, 0);
	plain_write32(ctx, reg, value);
}

/* 30: GSTS was written back into GCMD, one-shot bits and all, which gave those commands again. */
static void h30_one_shot_commands_are_not_repeated(void **state)
{
	static const uint32_t given[] = { VTD_GCMD_SRTP, VTD_GCMD_SIRTP, VTD_GCMD_SFL };
	struct rig *r = history_rig(8, 128);
	unsigned i;

	(void)state;
	rig_init(r);
	for (i = 0; i < 3; i++)
		vtd_write(&r->u, DMAR_GCMD_REG, given[i], 4);
	assert_true(r->u.gsts & VTD_GSTS_RTPS && r->u.gsts & VTD_GSTS_IRTPS);
	plain_write32 = r->host.write32;
	r->host.write32 = write32_without_one_shots;
	assert_int_equal(qi_enable(&r->q), 0);
	assert_int_equal(qi_suspend(&r->q), 0);
	assert_int_equal(qi_resume(&r->q), 0);
	assert_int_equal(qi_reset(&r->q), 0);
	assert_int_equal(qi_disable(&r->q), 0);
	rig_free(r);
}

/* Functions of the embedder's that may take locks of its own. */
static unsigned asked, woken;

static bool present_with_a_lock(void *ctx, uint16_t sid)
{
	struct rig *r = ctx;

	(void)sid;
	assert_false(r->locked);
	asked++;
	return true;
}

static void sleep_with_a_lock(void *ctx, const uint32_t *word, uint32_t value, uint64_t ns)
{
	struct rig *r = ctx;

	assert_false(r->locked);
	if (*word == value)
		r->now += ns;
	rig_steps(r, 1);
}

static void wake_with_a_lock(void *ctx, const uint32_t *word)
{
	struct rig *r = ctx;

	(void)word;
	assert_false(r->locked);
	woken++;
}

/*
 * 25: two locks were taken in two orders, one way by the drain of page requests and the other way
 * by those who answer them. The core has one lock; here nothing that could take another is called
 * under it. The rig sees to relax(), report() and the registers.
 */
static void h25_nothing_that_may_lock_is_called_under_the_lock(void **state)
{
	struct rig *r = history_rig(8, 128);
	struct qi_desc d[2] = { rig_ats(1), rig_desc(1) };

	(void)state;
	asked = woken = 0;
	r->host.device_present = present_with_a_lock;
	r->host.sleep = sleep_with_a_lock;
	r->host.wake = wake_with_a_lock;
	r->cfg.interrupt.enable = true;
	r->interrupts = true;
	rig_start(r);
	assert_int_equal(qi_submit_sync(&r->q, d, 2, QI_OPT_WAIT_DRAIN | QI_OPT_INTERRUPT), 0);
	rig_arm(r, VTD_FAULT_WRONG, RIG_SID(1), false);
	assert_int_equal(qi_submit_sync(&r->q, d, 2, QI_OPT_WAIT_DRAIN | QI_OPT_INTERRUPT),
			 -QI_ERR_DEVICE);
	assert_true(asked && woken && r->reports);
	rig_free(r);
}

/* 50: FSTS was cleared when the queue was turned on, with the faults of translation in it. */
static void h50_turning_on_leaves_faults_of_translation(void **state)
{
	struct rig *r = history_rig(8, 128);

	(void)state;
	rig_init(r);
	r->u.fsts |= VTD_FSTS_PFO | VTD_FSTS_ICE;
	assert_int_equal(qi_enable(&r->q), 0);
	assert_int_equal(r->u.fsts & (VTD_FSTS_PFO | VTD_FSTS_QI), VTD_FSTS_PFO);
	assert_int_equal(qi_suspend(&r->q), 0);
	assert_int_equal(qi_resume(&r->q), 0);
	assert_true(r->u.fsts & VTD_FSTS_PFO);
	assert_int_equal(qi_reset(&r->q), 0);
	assert_true(r->u.fsts & VTD_FSTS_PFO);
	assert_int_equal(flush_one(r), 0);
	rig_free(r);
}

HISTORY_MAIN(cmocka_unit_test(h11_no_register_but_the_queues_is_written),
	     cmocka_unit_test(h12_what_is_accepted_during_resume_is_executed),
	     cmocka_unit_test(h13_a_queue_that_was_left_on_starts_at_slot_0),
	     cmocka_unit_test(h25_nothing_that_may_lock_is_called_under_the_lock),
	     cmocka_unit_test(h30_one_shot_commands_are_not_repeated),
	     cmocka_unit_test(h50_turning_on_leaves_faults_of_translation))
