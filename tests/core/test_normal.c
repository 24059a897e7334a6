/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* When a fault is over, it is over: the next submissions cost what they cost before. */
#include "rig.h"

#define N 60
#define NEXT 40

static unsigned relaxes;

static void count(struct rig *r)
{
	(void)r;
	relaxes++;
}

/* The most turns that one of some submissions takes. Registers are not read. */
static unsigned cost(struct rig *r)
{
	struct qi_desc d = rig_desc(1);
	unsigned i, reads, most = 0;

	r->on_relax = count;
	for (i = 0; i < NEXT; i++) {
		relaxes = 0;
		reads = r->reads;
		assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
		assert_int_equal(r->reads, reads);
		most = relaxes > most ? relaxes : most;
	}
	return most;
}

static struct rig *start(unsigned slots)
{
	struct rig *r = rig_new(slots, 128);

	r->cfg.poll_budget = 4096;
	r->cfg.timeout_ns = 0;
	r->cfg.ats_timeout_ns = 0;
	r->cfg.retries = QI_NO_RETRY;
	rig_start(r);
	return r;
}

/* A deep ring of its victims, and of others. */
static void strike(enum vtd_fault_kind kind, bool no_sid, bool ats)
{
	struct vtd_fault f = { .kind = kind, .no_sid = no_sid, .iqei = VTD_IQEI_TYPE };
	struct rig *r = start(256);
	static struct qi_ticket t[N];
	static struct qi_desc d[N];
	unsigned before = cost(r), i, pending, turns = 0;

	f.sid = RIG_SID(1);
	f.type = QI_IOTLB_TYPE;
	f.steps = 30;
	f.count = ats ? 0 : 3;
	assert_true(vtd_fault_arm(&r->u, &f));
	for (i = 0; i < N; i++) {
		d[i] = ats ? rig_ats(1) : rig_desc(i);
		assert_int_equal(qi_submit(&r->q, &d[i], 1, 0, &t[i]), 0);
	}
	do {
		r->host.relax(r);
		/* The clock is in no hurry before there is nothing else to wait for. */
		r->now += turns++ > 20000 ? 100000 : 0;
		for (i = pending = 0; i < N; i++)
			pending += qi_poll(&r->q, &t[i]) == QI_PENDING;
	} while (pending);
	vtd_fault_clear(&r->u, VTD_FAULT_NONE);
	rig_run(r);
	qi_fault_interrupt(&r->q);
	assert_int_equal(rig_mode(r), QI_MODE_ON);
	assert_in_range(cost(r), 0, before + 4);
	rig_assert_clean(r);
	rig_free(r);
}

static void after_each_fault_all_is_as_before(void **state)
{
	static const enum vtd_fault_kind devices[] = { VTD_FAULT_SILENT, VTD_FAULT_LATE,
						       VTD_FAULT_LATE_ITE, VTD_FAULT_WRONG };
	static const enum vtd_fault_kind others[] = { VTD_FAULT_REFUSE, VTD_FAULT_SLOW_WRITE,
						      VTD_FAULT_TWICE, VTD_FAULT_LOSE_WRITE };
	unsigned i;

	(void)state;
	for (i = 0; i < 4; i++) {
		strike(devices[i], false, true);
		strike(others[i], false, false);
	}
}

/* One in line behind submissions that a time-out voids is let in as soon as they have gone. */
static void in_line_behind_what_is_voided(void **state)
{
	struct rig *r = start(16);
	struct qi_desc ats = rig_ats(1), plain = rig_desc(3);
	struct qi_ticket t[7], p;
	unsigned i, polls = 0;
	int err;

	(void)state;
	rig_arm(r, VTD_FAULT_SILENT, RIG_SID(1), false);
	for (i = 0; i < 7; i++)
		assert_int_equal(qi_submit(&r->q, &ats, 1, 0, &t[i]), 0);
	assert_int_equal(qi_submit(&r->q, &plain, 1, 0, &p), 0);
	for (i = 0; i < 100; i++) {
		assert_int_equal(qi_poll(&r->q, &p), QI_PENDING);
		rig_steps(r, 1);
	}
	rig_run(r);
	qi_fault_interrupt(&r->q);
	for (i = 0; i < 7; i++)
		assert_int_equal(qi_poll(&r->q, &t[i]), -QI_ERR_DEVICE);
	while ((err = qi_poll(&r->q, &p)) == QI_PENDING) {
		r->host.relax(r);
		assert_in_range(++polls, 0, 100);
	}
	assert_int_equal(err, 0);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(after_each_fault_all_is_as_before),
		cmocka_unit_test(in_line_behind_what_is_voided),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
