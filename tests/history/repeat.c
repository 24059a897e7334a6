/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* History: what is done once more, and what must not be. */
#include "history.h"

#include <core/queue.h>

static int (*meanwhile)(struct qi *q);
static int meanwhile_is;
static unsigned long (*plain_irq_save)(void *ctx);

/* Another thread acts where the owner has looked, and is not in line yet. */
static unsigned long act_first(void *ctx)
{
	int (*act)(struct qi * q) = meanwhile;
	struct rig *r = ctx;

	meanwhile = NULL;
	if (act)
		meanwhile_is = act(&r->q);
	return plain_irq_save(ctx);
}

/*
 * 55: a submission that was to be repeated because of doubt was not counted as owed: the queue
 * could be turned off between its owner's look and its place in line, and once the queue was on
 * again the owner took the submission for complete.
 */
static void h55_what_is_repeated_is_waited_for(void **state)
{
	struct rig *r = history_rig(8, 128);
	struct qi_desc d = rig_desc(1);
	struct qi_ticket t;

	(void)state;
	plain_irq_save = r->host.irq_save;
	r->host.irq_save = act_first;
	rig_start(r);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t), 0);
	rig_run(r);
	/* A late write of an earlier lap. */
	r->status[(t.first & r->q.mask) << (r->q.spread - 2)] -= 2;
	meanwhile = qi_disable;
	assert_int_equal(qi_poll(&r->q, &t), QI_PENDING);
	assert_null(meanwhile);
	assert_int_equal(meanwhile_is, -QI_ERR_BUSY);
	assert_int_equal(qi_wait(&r->q, &t), 0);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], 2);
	assert_int_equal(qi_disable(&r->q), 0);
	rig_free(r);
}

/*
 * 56: a page response behind a device-TLB invalidation was sent twice: what the unit had not
 * fetched when the time-out came it executed afterwards, and the repetition sent it again.
 */
static void h56_a_page_response_is_sent_once(void **state)
{
	struct qi_desc d[] = { rig_ats(1),
			       qi_desc_page_response(RIG_SID(1), false, 0, 0, 3, true) };
	unsigned window;

	(void)state;
	for (window = 1; window <= 3; window++) {
		struct vtd_fault f = { .kind = VTD_FAULT_SILENT, .sid = RIG_SID(1), .count = 2 };
		struct rig *r = history_rig(8, 128);

		r->unit.window = window;
		rig_start(r);
		assert_true(vtd_fault_arm(&r->u, &f));
		assert_int_equal(qi_submit_sync(&r->q, d, 2, 0), 0);
		assert_int_equal(r->stats.ite, 2);
		assert_int_equal(r->executed[QI_PGRP_RESP_TYPE], 1);
		rig_assert_clean(r);
		rig_free(r);
	}
}

/*
 * 58: so it was left out of the repetition; but the unit refused it where it stood, and the call
 * reported success.
 */
static void h58_a_page_response_refused_late_is_refused(void **state)
{
	struct qi_desc d[] = { rig_ats(1),
			       qi_desc_page_response(RIG_SID(1), false, 0, 0, 3, true) };
	struct vtd_fault silent = { .kind = VTD_FAULT_SILENT, .sid = RIG_SID(1), .count = 1 };
	struct vtd_fault refuse = { .kind = VTD_FAULT_REFUSE,
				    .iqei = VTD_IQEI_RESERVED,
				    .type = QI_PGRP_RESP_TYPE,
				    .count = 1 };
	struct rig *r = history_rig(8, 128);
	struct qi_error e;

	(void)state;
	r->unit.window = 1;
	rig_start(r);
	assert_true(vtd_fault_arm(&r->u, &silent));
	assert_true(vtd_fault_arm(&r->u, &refuse));
	assert_int_equal(qi_submit_within(&r->q, d, 2, 0, 0, &e), -QI_ERR_IQE);
	assert_int_equal(e.index, 1);
	assert_int_equal(r->stats.ite, 1);
	assert_int_equal(r->executed[QI_PGRP_RESP_TYPE], 0);
	rig_assert_clean(r);
	rig_free(r);
}

/*
 * 58: nor is a page response given up because a late status write hides whether it has been sent.
 * The unit's own write is still to come, or the unit has fetched the response and not refused it.
 * Meanwhile it keeps no other submission from the ring for long.
 */
static void h58_a_late_write_gives_no_page_response_up(void **state)
{
	struct qi_desc d[6];
	unsigned when, count;

	(void)state;
	for (count = 1; count <= 6; count++)
		d[count - 1] = qi_desc_page_response(RIG_SID(1), false, 0, 0, 3, true);
	/* The unit has worked before, or has not; alone, or the ring is full and another waits. */
	for (when = 0; when < 4; when++) {
		struct rig *r = history_rig(8, 128);
		struct qi_ticket t;
		uint64_t start;

		count = when & 2 ? 6 : 1;
		rig_start(r);
		start = r->now;
		assert_int_equal(qi_submit(&r->q, d, count, 0, &t), 0);
		if (when & 1)
			rig_run(r);
		*qi_status(&r->q, t.first) -= 2;
		assert_int_equal(qi_poll(&r->q, &t), QI_PENDING);
		if (when & 2)
			assert_int_equal(qi_wait(&r->q, &t), 0);
		assert_int_equal(qi_submit_sync(&r->q, NULL, 0, 0), 0);
		assert_int_equal(qi_wait(&r->q, &t), 0);
		assert_in_range(r->now - start, 0, r->cfg.timeout_ns / 2);
		assert_int_equal(r->executed[QI_PGRP_RESP_TYPE], count);
		rig_assert_clean(r);
		rig_free(r);
	}
}

/*
 * 58: nor because others have been aborted, do not look, and their slots are needed. There is no
 * place to note all of these: each of them is repeated, without its page response.
 */
static void h58_others_that_do_not_look_give_no_page_response_up(void **state)
{
	enum { ABORTED = QI_PASSED + 4, ALL };
	struct qi_desc d[ABORTED][2];
	struct vtd_fault f = { .kind = VTD_FAULT_SILENT, .sid = RIG_SID(1), .count = 8 };
	struct rig *r = history_rig(256, 128);
	struct qi_ticket t[ALL];
	uint64_t last;
	unsigned i;

	(void)state;
	rig_start(r);
	assert_true(vtd_fault_arm(&r->u, &f));
	for (i = 0; i < ABORTED; i++) {
		d[i][0] = rig_ats(1);
		d[i][1] = qi_desc_page_response(RIG_SID(1), false, 0, 0, 3, true);
		assert_int_equal(qi_submit(&r->q, d[i], 2, 0, &t[i]), 0);
	}
	assert_int_equal(qi_submit(&r->q, &d[0][1], 1, 0, &t[ABORTED]), 0);
	for (i = 0; i < 256; i++)
		assert_int_equal(qi_submit_sync(&r->q, NULL, 0, 0), 0);
	assert_int_equal(r->q.npassed, QI_PASSED);
	assert_true(r->q.unheard.before);
	last = rig_tail(r);
	for (i = ALL; i--;)
		assert_int_equal(qi_wait(&r->q, &t[i]), 0);
	assert_int_equal(r->executed[QI_PGRP_RESP_TYPE], ALL);
	for (i = 0; i < ABORTED; i++)
		assert_true(t[i].first >= last);
	rig_assert_clean(r);
	rig_free(r);
}

/*
 * 61: where a part was cut by a time-out, its device was not blamed before the rest was through: a
 * silent device was asked once for each page response, and was not named when time was up.
 */
static void h61_a_silent_device_is_named_at_its_first_time_out(void **state)
{
	struct vtd_fault f = { .kind = VTD_FAULT_SILENT, .sid = RIG_SID(1), .count = 100 };
	struct qi_desc d[12];
	unsigned gone, i;

	(void)state;
	for (i = 0; i < 12; i += 2) {
		d[i] = rig_ats(1);
		d[i + 1] = qi_desc_page_response(RIG_SID(1), false, 0, 0, 3, true);
	}
	for (gone = 0; gone < 2; gone++) {
		struct rig *r = history_rig(16, 128);
		struct qi_ticket t;

		r->unit.window = 1;
		r->cfg.retries = gone ? 3 : QI_NO_RETRY;
		rig_start(r);
		assert_true(vtd_fault_arm(&r->u, &f));
		assert_int_equal(qi_submit(&r->q, d, 12, 0, &t), 0);
		r->absent = gone ? RIG_SID(1) : 0;
		assert_int_equal(qi_wait(&r->q, &t), -QI_ERR_DEVICE);
		assert_int_equal(t.error.sid, RIG_SID(1));
		assert_int_equal(r->stats.ite, 1);
		rig_free(r);
	}
}

/*
 * 62: more had happened than the log holds, so a page response was given up; but its refusal was
 * still in the log.
 */
static void h62_a_refusal_that_is_known_is_told(void **state)
{
	struct vtd_fault refuse = { .kind = VTD_FAULT_REFUSE,
				    .iqei = VTD_IQEI_RESERVED,
				    .type = QI_PGRP_RESP_TYPE,
				    .count = 1 };
	struct qi_desc d[QI_FAULT_LOG + 2];
	struct qi_ticket t[QI_FAULT_LOG + 2];
	struct rig *r = history_rig(256, 128);
	unsigned i;

	(void)state;
	rig_start(r);
	for (i = 0; i <= QI_FAULT_LOG; i++)
		d[i] = rig_desc(i + 1);
	d[i] = qi_desc_page_response(RIG_SID(1), false, 0, 0, 3, true);
	for (i = 0; i < QI_FAULT_LOG + 2; i++)
		assert_int_equal(qi_submit(&r->q, &d[i], 1, 0, &t[i]), 0);
	assert_true(vtd_fault_arm(&r->u, &refuse));
	for (i = 0; i < QI_FAULT_LOG + 2; i++) {
		if (i <= QI_FAULT_LOG)
			rig_refuse(r, i + 1, VTD_IQEI_RESERVED);
		rig_run(r);
		qi_fault_interrupt(&r->q);
	}
	rig_run(r);
	assert_true(r->q.forgotten);
	assert_int_equal(qi_wait(&r->q, &t[QI_FAULT_LOG + 1]), -QI_ERR_IQE);
	rig_free(r);
}

HISTORY_MAIN(cmocka_unit_test(h55_what_is_repeated_is_waited_for),
	     cmocka_unit_test(h56_a_page_response_is_sent_once),
	     cmocka_unit_test(h58_a_page_response_refused_late_is_refused),
	     cmocka_unit_test(h58_a_late_write_gives_no_page_response_up),
	     cmocka_unit_test(h58_others_that_do_not_look_give_no_page_response_up),
	     cmocka_unit_test(h61_a_silent_device_is_named_at_its_first_time_out),
	     cmocka_unit_test(h62_a_refusal_that_is_known_is_told))
