/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Whatever words earlier laps have left behind, and however the laps are counted: what is not
 * executed is not complete, and what is complete stays so.
 */
#include "rig.h"

#include <string.h>

#include <core/queue.h>
#include <lab/age.h>

_Static_assert(AGE_POSITION_SHIFT == QI_SLOT_SHIFT && AGE_PUBLISHED == QI_SLOT_PUBLISHED &&
		       AGE_DOORBELL == QI_SLOT_DOORBELL,
	       "age.h counts as the core does");

#define LOOKS 40

static const unsigned sizes[] = { 4, 16, 256 };
static const unsigned widths[] = { 128, 256 };

/* Every age, in small rings and in real ones, of both widths. */
static void for_all(void (*test)(struct rig *r, uint64_t laps))
{
	unsigned age, size, width;

	for (age = 0; age < AGES; age++) {
		for (size = 0; size < 3; size++) {
			for (width = 0; width < 2; width++) {
				struct rig *r = rig_new(sizes[size], widths[width]);

				test(r, age_nth(age, size + 1));
				rig_free(r);
			}
		}
	}
}

/* Submitted, looked at while the unit does nothing, done. */
static void submit_and_look(struct rig *r, unsigned count)
{
	struct qi_desc desc[3] = { rig_desc(1), rig_desc(2), rig_desc(3) };
	unsigned before = r->executed[QI_IOTLB_TYPE], i;
	struct qi_ticket t;

	if (count >= r->cfg.slots - 1)
		return;
	assert_int_equal(qi_submit(&r->q, desc, count, 0, &t), 0);
	for (i = 0; i < LOOKS; i++)
		assert_int_equal(qi_poll(&r->q, &t), QI_PENDING);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], before);
	rig_run(r);
	assert_int_equal(qi_poll(&r->q, &t), 0);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], before + count);
}

/* Three laps of every mixture, so that each slot is a wait's in one and not in another. */
static void go_round(struct rig *r)
{
	unsigned i;

	for (i = 0; i < 3 * r->cfg.slots; i++)
		submit_and_look(r, i * 7 % 4);
	rig_assert_clean(r);
}

static void begin_old(struct rig *r, uint64_t laps)
{
	r->laps = laps;
	rig_start(r);
	go_round(r);
}

static void nobody_is_completed_by_words_of_earlier_laps(void **state)
{
	(void)state;
	for_all(begin_old);
}

/* The words are the core's and the unit's own, and nothing but time has passed. */
static void become_old(struct rig *r, uint64_t laps)
{
	unsigned i;

	rig_start(r);
	for (i = 0; i < r->cfg.slots; i++)
		assert_int_equal(qi_submit_sync(&r->q, NULL, 0, 0), 0);
	assert_int_equal(qi_submit_sync(&r->q, NULL, 0, 0), 0);
	age_queue(&r->q, laps, laps);
	go_round(r);
}

static void nobody_is_completed_when_time_has_passed(void **state)
{
	(void)state;
	for_all(become_old);
}

/* Turned off and on, suspended and reset in between: laps go on. */
static void live_on(struct rig *r, uint64_t laps)
{
	r->laps = laps;
	rig_start(r);
	submit_and_look(r, 1);
	assert_int_equal(qi_disable(&r->q), 0);
	assert_int_equal(qi_enable(&r->q), 0);
	go_round(r);
	assert_int_equal(qi_suspend(&r->q), 0);
	assert_int_equal(qi_resume(&r->q), 0);
	go_round(r);
	assert_int_equal(qi_reset(&r->q), 0);
	go_round(r);
}

static void laps_go_on_over_restarts(void **state)
{
	(void)state;
	for_all(live_on);
}

/* A ring full of tickets, completed, collected only after so many laps of others. */
static void collect_late(struct rig *r, uint64_t laps)
{
	static struct qi_ticket t[256];
	unsigned n = r->cfg.slots - 1, i;

	rig_start(r);
	for (i = 0; i < n; i++)
		assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &t[i]), 0);
	rig_run(r);
	/* These need the slots. */
	for (i = 0; i < 2 * r->cfg.slots; i++)
		assert_int_equal(qi_submit_sync(&r->q, NULL, 0, 0), 0);
	age_queue(&r->q, laps, laps);
	for (i = 0; i < n; i++)
		assert_int_equal(qi_poll(&r->q, &t[i]), 0);
	go_round(r);
	assert_int_equal(qi_disable(&r->q), 0);
}

static void what_is_complete_stays_so(void **state)
{
	(void)state;
	for_all(collect_late);
}

/* The same, refused: the verdict is not forgotten either. */
static void hear_late(struct rig *r, uint64_t laps)
{
	struct qi_desc bad = rig_desc(9);
	struct qi_ticket t;
	unsigned i;

	rig_start(r);
	rig_refuse(r, 9, VTD_IQEI_RESERVED);
	assert_int_equal(qi_submit(&r->q, &bad, 1, 0, &t), 0);
	rig_run(r);
	qi_fault_interrupt(&r->q);
	for (i = 0; i < 2 * r->cfg.slots; i++)
		assert_int_equal(qi_submit_sync(&r->q, NULL, 0, 0), 0);
	age_queue(&r->q, laps, laps);
	assert_int_equal(qi_poll(&r->q, &t), -QI_ERR_IQE);
	assert_int_equal(t.error.index, 0);
	assert_int_equal(t.error.iqei, VTD_IQEI_RESERVED);
	go_round(r);
}

static void a_verdict_stays(void **state)
{
	(void)state;
	for_all(hear_late);
}

/*
 * A status write that comes only after a reset has given its wait up: whichever submission the wait
 * belonged to, the slot's next user is not completed by this write.
 */
static void write_late(struct rig *r, uint64_t laps)
{
	struct vtd_fault slow = { .kind = VTD_FAULT_SLOW_WRITE, .steps = 60 };
	struct qi_desc desc = rig_desc(1);
	struct qi_ticket t[3];
	unsigned i, looks, before;

	r->laps = laps;
	rig_start(r);
	assert_true(vtd_fault_arm(&r->u, &slow));
	assert_int_equal(qi_submit(&r->q, &desc, 1, 0, &t[0]), 0);
	rig_steps(r, 8);
	qi_abandon(&r->q, &t[0]);
	assert_int_equal(qi_reset(&r->q), 0);
	vtd_fault_clear(&r->u, VTD_FAULT_SLOW_WRITE);
	rig_arm(r, VTD_FAULT_STALL, 0, false); /* nothing is fetched from here on */
	before = r->executed[QI_IOTLB_TYPE];
	assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &t[0]), 0);
	assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &t[1]), 0);
	assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &t[2]), 0);
	for (looks = 0; looks < 200; looks++) {
		rig_steps(r, 1);
		for (i = 0; i < 3; i++)
			assert_int_equal(qi_poll(&r->q, &t[i]), QI_PENDING);
	}
	assert_int_equal(r->executed[QI_IOTLB_TYPE], before);
	for (i = 0; i < 3; i++)
		qi_abandon(&r->q, &t[i]);
}

static void a_late_write_completes_nobody(void **state)
{
	(void)state;
	for_all(write_late);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_completed_by_words_of_earlier_laps),
		cmocka_unit_test(nobody_is_completed_when_time_has_passed),
		cmocka_unit_test(laps_go_on_over_restarts),
		cmocka_unit_test(what_is_complete_stays_so),
		cmocka_unit_test(a_verdict_stays),
		cmocka_unit_test(a_late_write_completes_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
