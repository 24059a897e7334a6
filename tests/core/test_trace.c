/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * qi_host.trace() tells of each submission, doorbell, outcome and fault, in their order.
 */
#include "rig.h"

#define MOST 64

static struct {
	struct qi_trace event[MOST];
	unsigned n;
} heard;

static void trace(void *ctx, const struct qi_trace *event)
{
	(void)ctx;
	assert_in_range(heard.n, 0, MOST - 1);
	heard.event[heard.n++] = *event;
}

static struct rig *start(unsigned width, bool counts)
{
	struct rig *r = rig_new(256, width);

	r->host.trace = trace;
	if (!counts)
		r->cfg.stats = NULL;
	rig_start(r);
	heard.n = 0;
	return r;
}

static void expect(unsigned i, enum qi_trace_kind kind, uint64_t at)
{
	assert_in_range(i, 0, heard.n - 1);
	assert_int_equal(heard.event[i].kind, kind);
	assert_int_equal(heard.event[i].at, at);
}

/* By each of the ways that a submission can take. */
static void a_submission_is_heard_from_call_to_return(void **state)
{
	const struct qi_desc d[] = { rig_desc(1), rig_desc(2) }, ats = rig_ats(1);
	unsigned way;

	(void)state;
	for (way = 0; way < 12; way++) {
		struct rig *r = start(way & 1 ? 256 : 128, way & 2);
		unsigned n = way < 4 ? 2 : way < 8 ? 0 : 1;
		uint64_t first = rig_tail(r);

		assert_int_equal(way < 8 ? qi_submit_sync(&r->q, n ? d : NULL, n, 0)
					 : qi_submit_sync(&r->q, &ats, n, 0),
				 0);
		assert_int_equal(heard.n, 3);
		expect(0, QI_TRACE_SUBMIT, first);
		assert_int_equal(heard.event[0].count, n);
		if (n)
			assert_ptr_equal(heard.event[0].desc, way < 8 ? d : &ats);
		expect(1, QI_TRACE_DOORBELL, first + n + 1);
		expect(2, QI_TRACE_COMPLETE, first);
		assert_int_equal(heard.event[2].result, 0);
		rig_free(r);
	}
}

static void a_refused_call_has_no_place_in_the_ring(void **state)
{
	struct rig *r = start(128, false);
	const struct qi_desc d = { 0, 0, 0, 0 };

	(void)state;
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), -QI_ERR_DESC);
	assert_int_equal(heard.n, 1);
	expect(0, QI_TRACE_COMPLETE, 0);
	assert_int_equal(heard.event[0].result, -QI_ERR_DESC);
	rig_free(r);
}

static void a_fault_is_heard_where_the_head_is(void **state)
{
	struct rig *r = start(128, false);
	const struct qi_desc d[] = { rig_desc(1), rig_desc(2) };
	uint64_t first = rig_tail(r);
	unsigned i;

	(void)state;
	rig_refuse(r, 2, VTD_IQEI_RESERVED);
	assert_int_equal(qi_submit_sync(&r->q, d, 2, 0), -QI_ERR_IQE);
	for (i = 0; heard.event[i].kind != QI_TRACE_FAULT; i++)
		assert_in_range(i, 0, heard.n - 2);
	expect(i, QI_TRACE_FAULT, first + 1);
	assert_int_equal(heard.event[i].fsts, VTD_FSTS_IQE);
	expect(heard.n - 1, QI_TRACE_COMPLETE, first);
	assert_int_equal(heard.event[heard.n - 1].result, -QI_ERR_IQE);
	rig_free(r);
}

/* Parts, and what is tried again, are in the ring more than once; the call is over once. */
static void each_part_is_heard_and_one_outcome(void **state)
{
	struct rig *r = start(128, false);
	struct qi_desc d[300];
	unsigned i, sent = 0, over = 0;

	(void)state;
	for (i = 0; i < 300; i++)
		d[i] = rig_desc(i);
	assert_int_equal(qi_submit_sync(&r->q, d, 300, 0), 0);
	for (i = 0; i < heard.n; i++) {
		sent += heard.event[i].kind == QI_TRACE_SUBMIT ? heard.event[i].count : 0;
		over += heard.event[i].kind == QI_TRACE_COMPLETE;
	}
	assert_int_equal(sent, 300);
	assert_int_equal(over, 1);
	rig_free(r);
}

/* Given up in line: its outcome has no place in the ring. */
static void what_was_never_in_the_ring_has_no_place_there(void **state)
{
	struct rig *r = start(128, false);
	struct qi_desc d[200];
	struct qi_ticket t[3];
	unsigned i;

	(void)state;
	for (i = 0; i < 200; i++)
		d[i] = rig_desc(i);
	rig_arm(r, VTD_FAULT_STALL, 0, false);
	for (i = 0; i < 3; i++)
		assert_int_equal(qi_submit(&r->q, d, 200, 0, &t[i]), 0);
	for (i = 2; i > 0; i--) {
		qi_abandon(&r->q, &t[i]);
		expect(heard.n - 1, QI_TRACE_COMPLETE, 0);
	}
	qi_abandon(&r->q, &t[0]);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_submission_is_heard_from_call_to_return),
		cmocka_unit_test(a_refused_call_has_no_place_in_the_ring),
		cmocka_unit_test(a_fault_is_heard_where_the_head_is),
		cmocka_unit_test(each_part_is_heard_and_one_outcome),
		cmocka_unit_test(what_was_never_in_the_ring_has_no_place_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
