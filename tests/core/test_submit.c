/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Submission: counts, wrap, splitting, options, and what it costs in register accesses. */
#include "rig.h"

#include <stdlib.h>

static void submit(struct rig *r, unsigned count)
{
	struct qi_desc *d = calloc(count + 1, sizeof(*d));
	unsigned before = r->executed[QI_IOTLB_TYPE], i;

	for (i = 0; i < count; i++)
		d[i] = rig_desc(i);
	assert_int_equal(qi_submit_sync(&r->q, count ? d : NULL, count, 0), 0);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], before + count);
	free(d);
}

static void every_position_count_and_size_wraps(void **state)
{
	static const unsigned sizes[] = { 4, 8, 16 };
	unsigned s, width, pos, count;

	(void)state;
	for (s = 0; s < 3; s++) {
		for (width = 128; width <= 256; width += 128) {
			struct rig *r = rig_new(sizes[s], width);

			rig_start(r);
			for (count = 0; count <= 2 * sizes[s]; count++) {
				for (pos = 0; pos < sizes[s]; pos++) {
					while ((rig_tail(r) & r->q.mask) != pos)
						submit(r, 0);
					submit(r, count);
				}
			}
			rig_assert_clean(r);
			rig_free(r);
		}
	}
}

static void real_rings_wrap_at_every_count(void **state)
{
	unsigned width, count;

	(void)state;
	for (width = 128; width <= 256; width += 128) {
		struct rig *r = rig_new(256, width);

		r->steps = 64;
		rig_start(r);
		for (count = 0; count <= 300; count++)
			submit(r, count);
		submit(r, 5000);
		rig_assert_clean(r);
		rig_free(r);
	}
}

/* Descriptors of one call must be executed in the caller's order as far as parts are concerned. */
static void more_than_the_ring_holds_is_one_result(void **state)
{
	struct rig *r = rig_new(8, 128);
	struct qi_desc d[40];
	struct qi_ticket t;
	unsigned i;

	(void)state;
	rig_start(r);
	for (i = 0; i < 40; i++)
		d[i] = rig_desc(i);
	rig_refuse(r, 33, VTD_IQEI_RESERVED);
	assert_int_equal(qi_submit(&r->q, d, 40, 0, &t), 0);
	assert_int_equal(qi_wait(&r->q, &t), -QI_ERR_IQE);
	assert_int_equal(t.error.index, 33);
	assert_in_range(r->executed[QI_IOTLB_TYPE], 30, 36);
	rig_assert_clean(r);
	rig_free(r);
}

static void no_register_is_read_and_one_doorbell_is_rung(void **state)
{
	struct rig *r = rig_new(256, 128);
	unsigned i;

	(void)state;
	r->steps = 8;
	rig_start(r);
	for (i = 0; i < 1000; i++)
		submit(r, i % 20);
	assert_int_equal(r->reads, 0);
	assert_int_equal(r->doorbells, 1000);
	assert_int_equal(r->stats.doorbells, 1000);
	rig_free(r);
}

static void options_become_bits_of_the_wait(void **state)
{
	static const unsigned opts[] = { 0, QI_OPT_WAIT_DRAIN, QI_OPT_FENCE, QI_OPT_INTERRUPT,
					 QI_OPT_WAIT_DRAIN | QI_OPT_FENCE | QI_OPT_INTERRUPT };
	struct rig *r = rig_new(256, 128);
	uint64_t want, got;
	unsigned i;

	(void)state;
	r->cfg.interrupt.enable = true;
	rig_start(r);
	for (i = 0; i < 5; i++) {
		unsigned slot = rig_tail(r) & r->q.mask;

		assert_int_equal(qi_submit_sync(&r->q, NULL, 0, opts[i]), 0);
		want = QI_IWD_TYPE | QI_IWD_SW;
		want |= opts[i] & QI_OPT_WAIT_DRAIN ? QI_IWD_PD : 0;
		want |= opts[i] & QI_OPT_FENCE ? QI_IWD_FN : 0;
		want |= opts[i] & QI_OPT_INTERRUPT ? QI_IWD_IF : 0;
		got = ((uint64_t *)r->ring)[2 * slot];
		assert_int_equal(got & 0xffffffff, want);
	}
	rig_free(r);
}

static void bad_arguments_are_refused(void **state)
{
	struct rig *r = rig_new(256, 128);
	struct qi_desc d = rig_desc(1);

	(void)state;
	r->cfg.ecap &= ~VTD_ECAP_PDS;
	rig_start(r);
	assert_int_equal(qi_submit_sync(&r->q, NULL, 1, 0), -QI_ERR_INVALID);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 1U << 3), -QI_ERR_INVALID);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, QI_OPT_WAIT_DRAIN), -QI_ERR_INVALID);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, QI_OPT_INTERRUPT), -QI_ERR_INVALID);
	assert_int_equal(r->doorbells, 0);
	rig_free(r);
}

static void a_bad_descriptor_never_enters_the_ring(void **state)
{
	struct rig *r = rig_new(256, 128);
	struct qi_desc d[3] = { rig_desc(1), rig_desc(2), rig_desc(3) };
	struct qi_ticket t;

	(void)state;
	rig_start(r);
	d[1].qw0 |= 1ULL << 60;
	assert_int_equal(qi_submit(&r->q, d, 3, 0, &t), -QI_ERR_DESC);
	assert_int_equal(t.error.code, -QI_ERR_DESC);
	assert_int_equal(t.error.index, 1);
	assert_string_equal(t.error.field, "reserved");
	assert_non_null(t.error.reason);
	assert_int_equal(r->doorbells, 0);
	assert_int_equal(qi_poll(&r->q, &t), -QI_ERR_DESC);
	rig_free(r);
}

static void an_incoherent_unit_gets_its_ring_flushed(void **state)
{
	struct rig *r = rig_new(256, 128);

	(void)state;
	r->cfg.ecap &= ~VTD_ECAP_C;
	rig_init(r);
	assert_int_equal(qi_enable(&r->q), -QI_ERR_INVALID);
	r->host.flush = rig_flush;
	assert_int_equal(qi_enable(&r->q), 0);
	submit(r, 3);
	assert_int_equal(r->flushes, 4 + 1); /* and the status word */
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_position_count_and_size_wraps),
		cmocka_unit_test(real_rings_wrap_at_every_count),
		cmocka_unit_test(more_than_the_ring_holds_is_one_result),
		cmocka_unit_test(no_register_is_read_and_one_doorbell_is_rung),
		cmocka_unit_test(options_become_bits_of_the_wait),
		cmocka_unit_test(bad_arguments_are_refused),
		cmocka_unit_test(a_bad_descriptor_never_enters_the_ring),
		cmocka_unit_test(an_incoherent_unit_gets_its_ring_flushed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
