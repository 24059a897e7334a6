/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Life cycle: on, off, on over a queue that other software left on, suspended, dead and revived. */
#include "rig.h"

#include <string.h>

#include <core/queue.h>

static int flush_one(struct rig *r)
{
	struct qi_desc d = rig_desc(1);

	return qi_submit_sync(&r->q, &d, 1, 0);
}

static void all_sizes_of_iqa_in_both_widths(void **state)
{
	unsigned qs, width, i;

	(void)state;
	for (width = 128; width <= 256; width += 128) {
		for (qs = 0; qs < 8; qs++) {
			unsigned slots = (width == 128 ? 256U : 128U) << qs;
			struct rig *r = rig_new(slots, width);

			r->steps = 64;
			rig_start(r);
			assert_int_equal(r->u.iqa & VTD_IQA_QS_MASK, qs);
			assert_int_equal(!!(r->u.iqa & VTD_IQA_DW), width == 256);
			assert_int_equal(r->u.iqa & VTD_IQA_ADDR_MASK, RIG_RING);
			/* Once round, so that both wrap at the same slot. */
			for (i = 0; i < slots / 2 + 2; i++)
				assert_int_equal(flush_one(r), 0);
			assert_int_equal(qi_disable(&r->q), 0);
			rig_free(r);
		}
	}
}

static void off_refuses_and_on_again_works(void **state)
{
	struct rig *r = rig_new(8, 128);
	unsigned i;

	(void)state;
	rig_init(r);
	assert_int_equal(flush_one(r), -QI_ERR_OFF);
	assert_int_equal(qi_disable(&r->q), -QI_ERR_INVALID);
	for (i = 0; i < 5; i++) {
		assert_int_equal(qi_enable(&r->q), 0);
		assert_int_equal(qi_enable(&r->q), -QI_ERR_INVALID);
		assert_int_equal(vtd_read(&r->u, DMAR_IQH_REG, 8), 0);
		assert_int_equal(flush_one(r), 0);
		assert_int_equal(flush_one(r), 0);
		assert_int_equal(qi_disable(&r->q), 0);
		assert_int_equal(vtd_read(&r->u, DMAR_GSTS_REG, 4) & VTD_GSTS_QIES, 0);
		assert_int_equal(flush_one(r), -QI_ERR_OFF);
	}
	rig_free(r);
}

/* Firmware's queue, in other memory than ours: it is part of the same "physical" ring area. */
static void leave_queue_on(struct rig *r, const struct qi_desc *d, unsigned n)
{
	uint64_t *ring = r->ring;
	unsigned i;

	for (i = 0; i < n; i++) {
		ring[2 * i] = d[i].qw0;
		ring[2 * i + 1] = d[i].qw1;
	}
	vtd_write(&r->u, DMAR_IQA_REG, RIG_RING, 8);
	vtd_write(&r->u, DMAR_GCMD_REG, VTD_GCMD_QIE, 4);
	rig_run(r);
	vtd_write(&r->u, DMAR_IQT_REG, n * 16, 8);
}

static void a_queue_left_on_is_drained_first(void **state)
{
	struct rig *r = rig_new(256, 128);
	struct qi_desc d[3] = { rig_desc(1), rig_desc(2), rig_desc(3) };

	(void)state;
	rig_init(r);
	leave_queue_on(r, d, 3);
	assert_int_equal(qi_enable(&r->q), 0);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], 3);
	assert_int_equal(vtd_read(&r->u, DMAR_IQH_REG, 8), 0);
	assert_int_equal(flush_one(r), 0);
	rig_assert_clean(r);
	rig_free(r);
}

static void a_queue_left_broken_is_turned_off_all_the_same(void **state)
{
	struct rig *r = rig_new(256, 128);
	struct qi_desc d[3] = { rig_desc(1), { 0, 0, 0, 0 }, rig_desc(3) };

	(void)state;
	rig_init(r);
	leave_queue_on(r, d, 3);
	assert_int_equal(qi_enable(&r->q), 0);
	assert_int_equal(vtd_read(&r->u, DMAR_FSTS_REG, 4) & VTD_FSTS_QI, 0);
	assert_int_equal(flush_one(r), 0);
	rig_free(r);
}

static void other_bits_of_gcmd_are_kept(void **state)
{
	struct rig *r = rig_new(256, 128);

	(void)state;
	rig_init(r);
	vtd_write(&r->u, DMAR_GCMD_REG, VTD_GCMD_SRTP, 4);
	rig_run(r);
	vtd_write(&r->u, DMAR_GCMD_REG, VTD_GCMD_TE, 4);
	rig_run(r);
	vtd_write(&r->u, DMAR_GCMD_REG, VTD_GCMD_TE | VTD_GCMD_IRE, 4);
	rig_run(r);
	assert_int_equal(qi_enable(&r->q), 0);
	assert_int_equal(r->u.gsts & (VTD_GSTS_TES | VTD_GSTS_IRES | VTD_GSTS_QIES),
			 VTD_GSTS_TES | VTD_GSTS_IRES | VTD_GSTS_QIES);
	assert_int_equal(qi_disable(&r->q), 0);
	assert_int_equal(r->u.gsts & (VTD_GSTS_TES | VTD_GSTS_IRES | VTD_GSTS_QIES),
			 VTD_GSTS_TES | VTD_GSTS_IRES);
	rig_free(r);
}

static void disable_drains_what_was_given_up(void **state)
{
	struct rig *r = rig_new(8, 128);
	struct qi_desc d[2] = { rig_desc(1), rig_desc(2) };
	struct qi_ticket t;

	(void)state;
	rig_start(r);
	assert_int_equal(qi_submit(&r->q, d, 2, 0, &t), 0);
	qi_abandon(&r->q, &t);
	assert_int_equal(qi_disable(&r->q), 0);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], 2);
	rig_free(r);
}

static void lose_write(void *ctx, unsigned reg, uint64_t value)
{
	(void)ctx;
	(void)reg;
	(void)value;
}

/*
 * An owner has left the doorbell at its own slot, as the unit had work enough, and has no CPU: the
 * unit does not know of its submission.
 */
static void leave_doorbell(struct rig *r, const struct qi_desc *d, struct qi_ticket *t)
{
	const struct qi_host host = r->host;
	struct qi_slot *slot, *next;

	r->host.write64 = lose_write;
	assert_int_equal(qi_submit(&r->q, d, 1, 0, t), 0);
	r->host = host;
	slot = &r->q.slot[t->first & r->q.mask];
	next = &r->q.slot[(t->first + 2) & r->q.mask];
	assert_int_equal(next->published, (t->first + 2) << QI_SLOT_SHIFT | QI_SLOT_DOORBELL);
	next->published = 0;
	slot->published |= QI_SLOT_DOORBELL | QI_SLOT_POLLED;
	r->q.rung = t->first;
}

static void disable_rings_where_the_doorbell_was_left(void **state)
{
	struct rig *r = rig_new(4, 128);
	struct qi_desc d = rig_desc(1);
	struct qi_ticket t;

	(void)state;
	rig_start(r);
	leave_doorbell(r, &d, &t);
	assert_int_equal(qi_disable(&r->q), 0);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], 1);
	assert_int_equal(qi_poll(&r->q, &t), 0);
	rig_free(r);
}

static void uncollected_tickets_are_collected_later(void **state)
{
	struct rig *r = rig_new(8, 128);
	struct qi_desc d = rig_desc(1);
	struct qi_ticket t[3];
	unsigned i;

	(void)state;
	rig_start(r);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t[0]), 0);
	assert_int_equal(qi_disable(&r->q), 0);
	assert_int_equal(qi_enable(&r->q), 0);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t[1]), 0);
	for (i = 0; i < 20; i++)
		assert_int_equal(flush_one(r), 0);
	rig_refuse(r, 1, VTD_IQEI_TYPE);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t[2]), 0);
	assert_int_equal(qi_reset(&r->q), 0);
	for (i = 0; i < 20; i++)
		assert_int_equal(flush_one(r), 0);
	/* Completed, completed and its slots used again, and under way when the queue was reset. */
	assert_int_equal(qi_poll(&r->q, &t[0]), 0);
	assert_int_equal(qi_poll(&r->q, &t[1]), 0);
	assert_int_equal(qi_poll(&r->q, &t[2]), -QI_ERR_DEAD);
	rig_free(r);
}

/* What has more to submit than is in the ring is waited for. */
static void an_owner_that_has_more_to_do_keeps_the_queue_on(void **state)
{
	struct rig *r = rig_new(8, 128);
	struct qi_desc d[20];
	struct qi_ticket t;
	unsigned i;

	(void)state;
	rig_start(r);
	for (i = 0; i < 20; i++)
		d[i] = rig_desc(i);
	assert_int_equal(qi_submit(&r->q, d, 20, 0, &t), 0);
	assert_int_equal(qi_disable(&r->q), -QI_ERR_BUSY);
	assert_int_equal(flush_one(r), 0);
	assert_int_equal(qi_wait(&r->q, &t), 0);
	assert_int_equal(qi_disable(&r->q), 0);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], 20 + 1);
	rig_free(r);
}

/* A submitter that is in the middle of many parts when the queue is being disabled. */
static struct qi_ticket parts;

static void poll_parts(struct rig *r)
{
	if (parts.phase)
		qi_poll(&r->q, &parts);
}

static void disable_lets_the_parts_of_one_call_through(void **state)
{
	struct rig *r = rig_new(8, 128);
	struct qi_desc d[50];
	unsigned i;

	(void)state;
	for (i = 0; i < 50; i++)
		d[i] = rig_desc(i);
	rig_start(r);
	r->on_relax = poll_parts;
	assert_int_equal(qi_submit(&r->q, d, 50, 0, &parts), 0);
	assert_int_equal(qi_disable(&r->q), 0);
	assert_int_equal(qi_poll(&r->q, &parts), 0);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], 50);
	rig_free(r);
}

static void resume_programs_everything_again(void **state)
{
	struct rig *r = rig_new(256, 128);

	(void)state;
	r->cfg.interrupt.enable = true;
	rig_start(r);
	assert_int_equal(flush_one(r), 0);
	assert_int_equal(qi_resume(&r->q), -QI_ERR_INVALID);
	assert_int_equal(qi_suspend(&r->q), 0);
	assert_int_equal(flush_one(r), -QI_ERR_OFF);
	assert_int_equal(qi_enable(&r->q), -QI_ERR_INVALID);
	/* The unit loses power. */
	assert_true(vtd_init(&r->u, &r->unit));
	assert_int_equal(qi_resume(&r->q), 0);
	assert_int_equal(flush_one(r), 0);
	assert_int_equal(r->u.iedata, 0xc0);
	assert_int_equal(r->u.iectl & VTD_IECTL_IM, 0);
	rig_assert_clean(r);
	rig_free(r);
}

static void reset_ends_everybodys_submissions(void **state)
{
	struct rig *r = rig_new(8, 128);
	struct qi_desc d[4] = { rig_desc(1), rig_desc(2), rig_desc(3), rig_desc(4) };
	struct qi_ticket t[4];
	unsigned i;

	(void)state;
	rig_start(r);
	for (i = 0; i < 4; i++)
		assert_int_equal(qi_submit(&r->q, d, 4, 0, &t[i]), 0);
	/* As long as they are not collected the dead queue's slots are not used again. */
	assert_int_equal(qi_reset(&r->q), -QI_ERR_BUSY);
	for (i = 0; i < 4; i++) {
		int ret = qi_poll(&r->q, &t[i]);

		/* What has been completed has been completed. */
		assert_int_equal(ret, i ? -QI_ERR_DEAD : 0);
	}
	assert_int_equal(qi_enable(&r->q), -QI_ERR_DEAD);
	assert_int_equal(qi_disable(&r->q), -QI_ERR_DEAD);
	assert_int_equal(qi_reset(&r->q), 0);
	assert_int_equal(flush_one(r), 0);
	rig_assert_clean(r);
	rig_free(r);
}

/* A status write from before a reset comes after it, in a slot that another submission uses now. */
static void a_write_from_before_the_reset_is_harmless(void **state)
{
	struct vtd_fault f = { .kind = VTD_FAULT_SLOW_WRITE, .count = 4, .steps = 40 };
	struct rig *r = rig_new(4, 128);
	struct qi_ticket t;
	unsigned i;

	(void)state;
	rig_start(r);
	assert_true(vtd_fault_arm(&r->u, &f));
	assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &t), 0);
	rig_steps(r, 4);
	qi_abandon(&r->q, &t);
	vtd_fault_clear(&r->u, VTD_FAULT_SLOW_WRITE);
	assert_int_equal(qi_reset(&r->q), 0);
	for (i = 0; i < 100; i++) {
		unsigned before = r->executed[QI_IOTLB_TYPE];

		assert_int_equal(flush_one(r), 0);
		assert_int_equal(r->executed[QI_IOTLB_TYPE], before + 1);
	}
	rig_assert_clean(r);
	rig_free(r);
}

/* QEMU's unit keeps QIE set unless the last descriptor that it read was a wait. */
static void a_unit_that_clings_to_qie_is_reset(void **state)
{
	struct vtd_fault fetch = { .kind = VTD_FAULT_FETCH };
	struct rig *r = rig_new(256, 128);

	(void)state;
	r->unit.profile = VTD_QEMU_7_2;
	r->host.flush = rig_flush; /* it does not report ECAP.C */
	r->unit.cap = r->unit.ecap = r->cfg.cap = r->cfg.ecap = 0;
	rig_start(r);
	assert_int_equal(flush_one(r), 0);
	assert_int_equal(qi_disable(&r->q), 0);
	assert_int_equal(qi_enable(&r->q), 0);
	/* Never used: there has been no wait yet. */
	assert_int_equal(qi_disable(&r->q), 0);
	assert_int_equal(qi_enable(&r->q), 0);
	/* It does not say that it could not read, so the descriptor is blamed first. */
	assert_true(vtd_fault_arm(&r->u, &fetch));
	assert_int_equal(flush_one(r), -QI_ERR_IQE);
	assert_int_equal(flush_one(r), -QI_ERR_DEAD);
	vtd_fault_clear(&r->u, VTD_FAULT_FETCH);
	assert_int_equal(qi_reset(&r->q), 0);
	assert_int_equal(flush_one(r), 0);
	rig_assert_clean(r);
	rig_free(r);
}

static void a_unit_that_cannot_is_refused(void **state)
{
	struct rig *r = rig_new(256, 128);

	(void)state;
	r->cfg.ecap = RIG_ECAP & ~VTD_ECAP_QI;
	rig_init(r);
	assert_int_equal(qi_enable(&r->q), -QI_ERR_INVALID);
	rig_free(r);

	r = rig_new(256, 256);
	r->cfg.cap = r->cfg.ecap = 0; /* read them */
	r->unit.ecap = RIG_ECAP & ~VTD_ECAP_SMTS;
	rig_init(r);
	assert_int_equal(qi_enable(&r->q), -QI_ERR_INVALID);
	rig_free(r);

	/* 128-bit descriptors on a unit that is in scalable mode. */
	r = rig_new(256, 128);
	r->cfg.cap = r->cfg.ecap = 0;
	rig_init(r);
	vtd_write(&r->u, DMAR_RTADDR_REG, VTD_TTM_SCALABLE << 10, 8);
	assert_int_equal(qi_enable(&r->q), -QI_ERR_INVALID);
	rig_free(r);

	r = rig_new(256, 128);
	r->cfg.cap = r->cfg.ecap = 0;
	rig_init(r);
	rig_arm(r, VTD_FAULT_GONE, 0, false);
	assert_int_equal(qi_enable(&r->q), -QI_ERR_GONE);
	rig_free(r);
}

/* Where the capabilities are read from the unit, submissions are judged by these. */
static void capabilities_are_read_where_not_given(void **state)
{
	struct rig *r = rig_new(256, 128);
	struct qi_desc d = rig_desc(1), page = qi_desc_iotlb(QI_IOTLB_PAGE, 1, 0, 12, false, 0);

	(void)state;
	r->cfg.cap = r->cfg.ecap = 0;
	r->unit.cap = VTD_CAP_PSI | 9ULL << VTD_CAP_MAMV_SHIFT;
	rig_start(r);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	assert_int_equal(qi_submit_sync(&r->q, &page, 1, 0), -QI_ERR_DESC);
	rig_free(r);
}

static void a_unit_that_does_not_obey_is_timed_out(void **state)
{
	struct rig *r = rig_new(8, 128);

	(void)state;
	rig_init(r);
	leave_queue_on(r, NULL, 0);
	r->steps = 0; /* it never works, so QIES stays */
	assert_int_equal(qi_enable(&r->q), -QI_ERR_TIMEOUT);
	assert_int_equal(flush_one(r), -QI_ERR_OFF);
	r->steps = 1;
	assert_int_equal(qi_enable(&r->q), 0);
	assert_int_equal(flush_one(r), 0);
	rig_free(r);

	r = rig_new(8, 128);
	rig_start(r);
	rig_arm(r, VTD_FAULT_STALL, 0, false);
	assert_int_equal(qi_disable(&r->q), -QI_ERR_DEAD);
	assert_int_equal(flush_one(r), -QI_ERR_DEAD);
	rig_free(r);
}

/* One that waits for what has completed looks at the unit when the queue has been suspended. */
static void a_unit_without_power_kills_no_suspended_queue(void **state)
{
	struct rig *r = rig_new(8, 128);
	struct qi_ticket t;
	unsigned i;

	(void)state;
	rig_start(r);
	assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &t), 0);
	rig_run(r);
	assert_int_equal(qi_suspend(&r->q), 0);
	rig_arm(r, VTD_FAULT_GONE, 0, false);
	rig_steps(r, 1);
	for (i = 0; i < 3; i++)
		(void)qi_read_head(&r->q);
	assert_int_equal(rig_mode(r), QI_MODE_SUSPENDED);
	assert_int_equal(qi_poll(&r->q, &t), 0);
	vtd_fault_clear(&r->u, VTD_FAULT_GONE);
	assert_int_equal(qi_resume(&r->q), 0);
	assert_int_equal(flush_one(r), 0);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_sizes_of_iqa_in_both_widths),
		cmocka_unit_test(off_refuses_and_on_again_works),
		cmocka_unit_test(a_queue_left_on_is_drained_first),
		cmocka_unit_test(a_queue_left_broken_is_turned_off_all_the_same),
		cmocka_unit_test(other_bits_of_gcmd_are_kept),
		cmocka_unit_test(disable_drains_what_was_given_up),
		cmocka_unit_test(disable_rings_where_the_doorbell_was_left),
		cmocka_unit_test(uncollected_tickets_are_collected_later),
		cmocka_unit_test(an_owner_that_has_more_to_do_keeps_the_queue_on),
		cmocka_unit_test(disable_lets_the_parts_of_one_call_through),
		cmocka_unit_test(resume_programs_everything_again),
		cmocka_unit_test(reset_ends_everybodys_submissions),
		cmocka_unit_test(a_write_from_before_the_reset_is_harmless),
		cmocka_unit_test(a_unit_that_clings_to_qie_is_reset),
		cmocka_unit_test(a_unit_that_cannot_is_refused),
		cmocka_unit_test(capabilities_are_read_where_not_given),
		cmocka_unit_test(a_unit_that_does_not_obey_is_timed_out),
		cmocka_unit_test(a_unit_without_power_kills_no_suspended_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
