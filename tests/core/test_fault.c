/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Faults: every kind is survived, and blamed on the right party. */
#include "rig.h"

#include <string.h>

#define SLOTS 16

static int submit(struct rig *r, const struct qi_desc *d, unsigned n, struct qi_ticket *t)
{
	assert_int_equal(qi_submit(&r->q, d, n, 0, t), 0);
	return qi_wait(&r->q, t);
}

static void fill(struct qi_desc *d, unsigned n, unsigned base)
{
	unsigned i;

	for (i = 0; i < n; i++)
		d[i] = rig_desc(base + i);
}

/* As many owners, each in its own wait loop. */
static void wait_all(struct rig *r, struct qi_ticket *t, unsigned n)
{
	unsigned i, pending;

	do {
		pending = 0;
		for (i = 0; i < n; i++)
			pending += qi_poll(&r->q, &t[i]) == QI_PENDING;
		r->host.relax(r);
	} while (pending);
}

static void iqe_at_any_descriptor_names_it(void **state)
{
	static const uint8_t codes[] = { VTD_IQEI_NONE, VTD_IQEI_TYPE, VTD_IQEI_RESERVED,
					 VTD_IQEI_TTM };
	struct qi_desc d[10];
	struct qi_ticket t;
	unsigned width, n, bad, c;

	(void)state;
	for (width = 128; width <= 256; width += 128) {
		struct rig *r = rig_new(SLOTS, width);

		rig_start(r);
		for (n = 1; n <= 10; n++) {
			for (bad = 0; bad < n; bad++) {
				c = (n + bad) % 4;
				fill(d, n, 100);
				rig_refuse(r, 100 + bad, codes[c]);
				assert_int_equal(submit(r, d, n, &t), -QI_ERR_IQE);
				assert_int_equal(t.error.index, bad);
				assert_int_equal(t.error.iqei, codes[c]);
				assert_int_equal(submit(r, d, n, &t), 0);
			}
		}
		assert_int_equal(r->stats.iqe, 55);
		rig_assert_clean(r);
		rig_free(r);
	}
}

/* The core's own wait refused: the index is the count. */
static void iqe_at_the_wait_is_the_submissions(void **state)
{
	struct vtd_fault f = {
		.kind = VTD_FAULT_REFUSE, .iqei = 4, .type = QI_IWD_TYPE, .count = 1
	};
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_desc d[2];
	struct qi_ticket t;

	(void)state;
	rig_start(r);
	fill(d, 2, 0);
	assert_true(vtd_fault_arm(&r->u, &f));
	assert_int_equal(submit(r, d, 2, &t), -QI_ERR_IQE);
	assert_int_equal(t.error.index, 2);
	assert_int_equal(submit(r, d, 2, &t), 0);
	rig_assert_clean(r);
	rig_free(r);
}

static void two_bad_descriptors_of_two_owners(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_desc d[4][3];
	struct qi_ticket t[4];
	unsigned i;

	(void)state;
	rig_start(r);
	rig_refuse(r, 11, VTD_IQEI_TYPE);
	rig_refuse(r, 32, VTD_IQEI_RESERVED);
	for (i = 0; i < 4; i++) {
		fill(d[i], 3, 10 * i);
		assert_int_equal(qi_submit(&r->q, d[i], 3, 0, &t[i]), 0);
	}
	assert_int_equal(qi_wait(&r->q, &t[0]), 0);
	assert_int_equal(qi_wait(&r->q, &t[1]), -QI_ERR_IQE);
	assert_int_equal(qi_wait(&r->q, &t[2]), 0);
	assert_int_equal(qi_wait(&r->q, &t[3]), -QI_ERR_IQE);
	assert_int_equal(t[1].error.index, 1);
	assert_int_equal(t[1].error.iqei, VTD_IQEI_TYPE);
	assert_int_equal(t[3].error.index, 2);
	assert_int_equal(t[3].error.iqei, VTD_IQEI_RESERVED);
	rig_assert_clean(r);
	rig_free(r);
}

/* Two in one submission: the first is reported, and the second is dropped with the submission. */
static void two_bad_descriptors_of_one_owner(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_desc d[4];
	struct qi_ticket t;

	(void)state;
	rig_start(r);
	rig_refuse(r, 1, VTD_IQEI_TYPE);
	rig_refuse(r, 3, VTD_IQEI_RESERVED);
	fill(d, 4, 0);
	assert_int_equal(submit(r, d, 4, &t), -QI_ERR_IQE);
	assert_int_equal(t.error.index, 1);
	rig_assert_clean(r);
	assert_int_equal(r->stats.iqe, 2);
	rig_free(r);
}

/* Not the descriptor's fault: the ring could not be read. Tried again, then the queue is dead. */
static void a_fetch_error_is_nobodys_and_bounded(void **state)
{
	struct vtd_fault f = { .kind = VTD_FAULT_FETCH, .count = 2 };
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_desc d = rig_desc(1);
	struct qi_ticket t;

	(void)state;
	rig_start(r);
	assert_true(vtd_fault_arm(&r->u, &f));
	assert_int_equal(submit(r, &d, 1, &t), 0);
	assert_int_equal(r->stats.iqe, 2);

	f.count = 0;
	assert_true(vtd_fault_arm(&r->u, &f));
	assert_int_equal(submit(r, &d, 1, &t), -QI_ERR_DEAD);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t), -QI_ERR_DEAD);
	vtd_fault_clear(&r->u, VTD_FAULT_FETCH);
	assert_int_equal(qi_reset(&r->q), 0);
	assert_int_equal(submit(r, &d, 1, &t), 0);
	rig_assert_clean(r);
	rig_free(r);
}

static void a_silent_device_is_blamed_and_innocents_succeed(void **state)
{
	struct qi_desc d[4][2];
	struct qi_ticket t[4];
	unsigned nosid, seed, i;

	(void)state;
	for (nosid = 0; nosid <= 1; nosid++) {
		for (seed = 0; seed < 200; seed++) {
			struct rig *r = rig_new(SLOTS, 128);

			r->seed = seed;
			rig_start(r);
			rig_arm(r, VTD_FAULT_SILENT, RIG_SID(2), nosid);
			for (i = 0; i < 4; i++) {
				d[i][0] = rig_desc(i);
				d[i][1] = rig_ats(i); /* devices 1 and 3 are healthy */
				if (i == 0)
					d[i][1] = rig_desc(99);
				assert_int_equal(qi_submit(&r->q, d[i], 2, 0, &t[i]), 0);
			}
			wait_all(r, t, 4);
			assert_int_equal(t[0].error.code, 0);
			assert_int_equal(t[1].error.code, 0);
			assert_int_equal(t[3].error.code, 0);
			assert_int_equal(t[2].error.code, -QI_ERR_DEVICE);
			assert_int_equal(t[2].error.sid, RIG_SID(2));
			assert_int_equal(t[2].error.index, 1);
			rig_assert_clean(r);
			assert_false(r->q.suspects);
			rig_free(r);
		}
	}
}

/* A time-out while the wait is not even fetched: it completes later, and must not count. */
static void a_timeout_before_the_wait_is_fetched_is_no_success(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_desc d[2] = { rig_ats(1), rig_ats(1) };
	struct qi_ticket t;

	(void)state;
	r->unit.window = 1;
	rig_start(r);
	rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), false);
	assert_int_equal(submit(r, d, 2, &t), -QI_ERR_DEVICE);
	assert_int_equal(t.error.sid, RIG_SID(1));
	vtd_fault_clear(&r->u, VTD_FAULT_NONE);
	assert_int_equal(submit(r, d, 2, &t), 0);
	rig_assert_clean(r);
	rig_free(r);
}

static void a_device_that_recovers_is_forgiven(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_desc d = rig_ats(1);
	struct qi_ticket t;

	(void)state;
	rig_start(r);
	rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), false);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t), 0);
	while (!r->stats.retries)
		assert_int_equal(qi_poll(&r->q, &t), (rig_steps(r, 1), QI_PENDING));
	vtd_fault_clear(&r->u, VTD_FAULT_NONE);
	assert_int_equal(qi_wait(&r->q, &t), 0);
	rig_assert_clean(r);
	rig_free(r);
}

static void a_removed_device_is_not_tried_again(void **state)
{
	unsigned nosid;

	(void)state;
	for (nosid = 0; nosid <= 1; nosid++) {
		struct rig *r = rig_new(SLOTS, 128);
		struct qi_desc d = rig_ats(1);
		struct qi_ticket t;

		rig_start(r);
		rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), nosid);
		assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t), 0);
		r->absent = RIG_SID(1);
		assert_int_equal(qi_wait(&r->q, &t), -QI_ERR_DEVICE);
		assert_int_equal(t.error.sid, RIG_SID(1));
		assert_int_equal(r->stats.retries, 0);
		/* And what is known to be gone is not even asked. */
		assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t), -QI_ERR_DEVICE);
		assert_int_equal(t.error.sid, RIG_SID(1));
		rig_assert_clean(r);
		rig_free(r);
	}
}

static void retries_are_as_configured(void **state)
{
	static const unsigned retries[] = { QI_NO_RETRY, 1, 5 };
	unsigned i;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct rig *r = rig_new(SLOTS, 128);
		struct qi_desc d = rig_ats(1);
		struct qi_ticket t;

		r->cfg.retries = retries[i];
		rig_start(r);
		rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), false);
		assert_int_equal(submit(r, &d, 1, &t), -QI_ERR_DEVICE);
		assert_int_equal(r->stats.retries, retries[i] == QI_NO_RETRY ? 0 : retries[i]);
		assert_int_equal(r->stats.ite, r->stats.retries + 1);
		rig_free(r);
	}
}

static void a_completion_error_is_cleared_and_reported(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_desc d = rig_ats(1);
	struct qi_ticket t;

	(void)state;
	r->cfg.retries = 1;
	rig_start(r);
	rig_arm(r, VTD_FAULT_WRONG, RIG_SID(1), false);
	assert_int_equal(submit(r, &d, 1, &t), -QI_ERR_DEVICE);
	assert_in_range(r->stats.ice, 1, 2);
	assert_int_equal(vtd_read(&r->u, DMAR_FSTS_REG, 4) & VTD_FSTS_QI, 0);
	rig_free(r);
}

/* For the host's log: what the unit says, not what an owner makes of it. */
static void what_the_unit_says_is_reported(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_desc d[] = { rig_desc(1), rig_desc(2) }, ats = rig_ats(1);
	struct qi_ticket t;
	unsigned slot;

	(void)state;
	r->cfg.retries = 1;
	rig_start(r);
	slot = (unsigned)rig_tail(r) % SLOTS;
	rig_refuse(r, 2, VTD_IQEI_RESERVED);
	assert_int_equal(submit(r, d, 2, &t), -QI_ERR_IQE);
	assert_int_equal(r->reports, 1);
	assert_int_equal(r->report.code, -QI_ERR_IQE);
	assert_int_equal(r->report.index, (slot + 1) % SLOTS);
	assert_int_equal(r->report.iqei, VTD_IQEI_RESERVED);
	rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), false);
	assert_int_equal(submit(r, &ats, 1, &t), -QI_ERR_DEVICE);
	assert_int_equal(r->reports, 3);
	assert_int_equal(r->report.code, -QI_ERR_DEVICE);
	assert_int_equal(r->report.sid, RIG_SID(1));
	rig_free(r);
}

static void a_stalled_unit_is_a_dead_queue(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_desc d = rig_desc(1);
	struct qi_ticket t, other;

	(void)state;
	rig_start(r);
	rig_arm(r, VTD_FAULT_STALL, 0, false);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &other), 0);
	assert_in_range(-submit(r, &d, 1, &t), QI_ERR_DEAD, QI_ERR_TIMEOUT);
	assert_int_equal(qi_wait(&r->q, &other), -QI_ERR_DEAD);
	vtd_fault_clear(&r->u, VTD_FAULT_STALL);
	assert_int_equal(qi_reset(&r->q), 0);
	assert_int_equal(submit(r, &d, 1, &t), 0);
	rig_assert_clean(r);
	rig_free(r);
}

static void all_ones_are_not_an_error_report(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_desc d = rig_desc(1);
	struct qi_ticket t;

	(void)state;
	rig_start(r);
	rig_arm(r, VTD_FAULT_GONE, 0, false);
	assert_int_equal(submit(r, &d, 1, &t), -QI_ERR_GONE);
	assert_int_equal(r->report.code, -QI_ERR_GONE);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t), -QI_ERR_GONE);
	assert_int_equal(qi_reset(&r->q), -QI_ERR_GONE);
	vtd_fault_clear(&r->u, VTD_FAULT_GONE);
	assert_int_equal(qi_reset(&r->q), 0);
	assert_int_equal(submit(r, &d, 1, &t), 0);
	rig_assert_clean(r);
	rig_free(r);
}

static void only_queue_errors_are_cleared(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_desc d = rig_desc(1);
	struct qi_ticket t;

	(void)state;
	rig_start(r);
	r->u.fsts |= VTD_FSTS_PFO;
	rig_refuse(r, 1, VTD_IQEI_TYPE);
	assert_int_equal(submit(r, &d, 1, &t), -QI_ERR_IQE);
	assert_int_equal(r->u.fsts & 0xff, VTD_FSTS_PFO);
	rig_free(r);
}

/* The interrupt alone repairs, while every owner is elsewhere. */
static void the_fault_interrupt_repairs(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_desc d[2][1] = { { rig_desc(1) }, { rig_desc(2) } };
	struct qi_ticket t[2];

	(void)state;
	r->interrupts = true;
	rig_start(r);
	rig_refuse(r, 1, VTD_IQEI_TYPE);
	assert_int_equal(qi_submit(&r->q, d[0], 1, 0, &t[0]), 0);
	assert_int_equal(qi_submit(&r->q, d[1], 1, 0, &t[1]), 0);
	rig_run(r);
	assert_int_equal(r->stats.iqe, 1);
	assert_int_equal(qi_poll(&r->q, &t[0]), -QI_ERR_IQE);
	assert_int_equal(qi_poll(&r->q, &t[1]), 0);
	rig_assert_clean(r);
	rig_free(r);
}

static void a_given_up_wait_leaks_nothing_and_its_late_write_harms_nobody(void **state)
{
	struct vtd_fault f = { .kind = VTD_FAULT_SLOW_WRITE, .count = 1, .steps = 40000 };
	struct rig *r = rig_new(4, 128);
	struct qi_desc d = rig_desc(1);
	struct qi_ticket t;
	unsigned i;

	(void)state;
	r->cfg.timeout_ns = 100 * 1000;
	rig_start(r);
	assert_true(vtd_fault_arm(&r->u, &f));
	assert_int_equal(submit(r, &d, 1, &t), -QI_ERR_TIMEOUT);
	for (i = 0; i < 50000; i++) {
		d = rig_desc(i);
		assert_int_equal(submit(r, &d, 1, &t), 0);
	}
	rig_assert_clean(r);
	rig_free(r);
}

static uint64_t read64_beyond(void *ctx, unsigned reg)
{
	struct rig *r = ctx;

	if (reg == DMAR_IQERCD_REG)
		return VTD_IQEI_RESERVED;
	return reg == DMAR_IQH_REG ? (rig_tail(r) - 1) % SLOTS * 16 : vtd_read(&r->u, reg, 8);
}

/* A unit that is out of its mind complains of slots that it has not been told of. */
static void an_error_where_somebody_is_still_writing_ends(void **state)
{
	static const uint32_t faults[] = { VTD_FSTS_IQE, VTD_FSTS_ITE };
	struct qi_ticket t;
	struct rig *r;
	unsigned i;

	(void)state;
	for (i = 0; i < 2; i++) {
		r = rig_new(SLOTS, 128);
		r->cfg.retries = QI_NO_RETRY;
		r->host.read64 = read64_beyond;
		rig_start(r);
		assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &t), 0);
		/* As a thread does that has reserved slots, and then loses its CPU. */
		r->q.space += (3ULL << 32) - 3;
		r->u.fsts |= faults[i];
		qi_fault_interrupt(&r->q);
		assert_int_equal(rig_mode(r), i == 0 ? QI_MODE_DEAD : QI_MODE_ON);
		qi_abandon(&r->q, &t);
		rig_free(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(iqe_at_any_descriptor_names_it),
		cmocka_unit_test(iqe_at_the_wait_is_the_submissions),
		cmocka_unit_test(two_bad_descriptors_of_two_owners),
		cmocka_unit_test(two_bad_descriptors_of_one_owner),
		cmocka_unit_test(a_fetch_error_is_nobodys_and_bounded),
		cmocka_unit_test(a_silent_device_is_blamed_and_innocents_succeed),
		cmocka_unit_test(a_timeout_before_the_wait_is_fetched_is_no_success),
		cmocka_unit_test(a_device_that_recovers_is_forgiven),
		cmocka_unit_test(a_removed_device_is_not_tried_again),
		cmocka_unit_test(retries_are_as_configured),
		cmocka_unit_test(a_completion_error_is_cleared_and_reported),
		cmocka_unit_test(what_the_unit_says_is_reported),
		cmocka_unit_test(a_stalled_unit_is_a_dead_queue),
		cmocka_unit_test(all_ones_are_not_an_error_report),
		cmocka_unit_test(an_error_where_somebody_is_still_writing_ends),
		cmocka_unit_test(only_queue_errors_are_cleared),
		cmocka_unit_test(the_fault_interrupt_repairs),
		cmocka_unit_test(a_given_up_wait_leaks_nothing_and_its_late_write_harms_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
