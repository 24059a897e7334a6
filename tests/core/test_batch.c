/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Batches: one submission until they are full, and no error is lost. */
#include "flush_rig.h"

static void batches_need_a_queue_and_room(void **state)
{
	struct rig *r = flush_start(128, RIG_CAP);
	struct qi_desc room[2], d = rig_desc(1);
	struct qi_batch b;

	(void)state;
	assert_int_equal(qi_batch_init(NULL, &r->q, room, 2), -QI_ERR_INVALID);
	assert_int_equal(qi_batch_init(&b, NULL, room, 2), -QI_ERR_INVALID);
	assert_int_equal(qi_batch_init(&b, &r->q, NULL, 2), -QI_ERR_INVALID);
	assert_int_equal(qi_batch_init(&b, &r->q, room, 0), -QI_ERR_INVALID);
	/* It is not used by mistake all the same. */
	assert_int_equal(qi_batch_add(&b, &d), -QI_ERR_INVALID);
	assert_int_equal(qi_batch_add_range(&b, 1, 0, 1, false), -QI_ERR_INVALID);
	assert_int_equal(qi_batch_submit(&b, 0), -QI_ERR_INVALID);
	assert_int_equal(qi_batch_submit(&b, 0), -QI_ERR_INVALID);
	assert_int_equal(qi_batch_init(&b, &r->q, room, 2), 0);
	assert_int_equal(qi_batch_add(NULL, &d), -QI_ERR_INVALID);
	assert_int_equal(qi_batch_add_range(NULL, 1, 0, 1, false), -QI_ERR_INVALID);
	assert_int_equal(qi_batch_submit(NULL, 0), -QI_ERR_INVALID);
	assert_int_equal(b.count, 0);
	assert_int_equal(r->doorbells, 0);
	/* Nothing gathered: a plain drain. */
	assert_int_equal(qi_batch_submit(&b, QI_OPT_FENCE), 0);
	assert_int_equal(r->executed[QI_IWD_TYPE], 1);
	assert_int_equal(flush_in_ring(r, 1).qw0 & 0xffffffff, QI_IWD_TYPE | QI_IWD_SW | QI_IWD_FN);
	rig_free(r);
}

static void a_batch_is_one_submission_until_it_is_full(void **state)
{
	struct rig *r = flush_start(128, RIG_CAP);
	struct qi_desc room[10], d;
	struct qi_batch b;
	unsigned n, i;

	(void)state;
	for (n = 0; n <= 35; n++) {
		unsigned before = r->executed[QI_IOTLB_TYPE];

		r->doorbells = 0;
		assert_int_equal(qi_batch_init(&b, &r->q, room, 10), 0);
		for (i = 0; i < n; i++) {
			d = rig_desc(i);
			assert_int_equal(qi_batch_add(&b, &d), 0);
			/* Full, it waits for the next one before it submits. */
			assert_int_equal(r->executed[QI_IOTLB_TYPE] - before, i / 10 * 10);
		}
		assert_int_equal(qi_batch_submit(&b, 0), 0);
		assert_int_equal(b.count, 0);
		assert_int_equal(r->executed[QI_IOTLB_TYPE] - before, n);
		assert_int_equal(r->doorbells, n ? (n + 9) / 10 : 1);
	}
	rig_free(r);
}

static void a_batch_takes_ranges(void **state)
{
	static const struct vtd_entry cached[] = {
		{ .kind = VTD_IOTLB, .did = 1, .pasid = VTD_NO_PASID, .addr = 0x1000 },
		{ .kind = VTD_IOTLB, .did = 1, .pasid = VTD_NO_PASID, .addr = 0x4000 },
		{ .kind = VTD_IOTLB, .did = 2, .pasid = VTD_NO_PASID, .addr = 0x1000 },
	};
	struct rig *r = flush_start(128, RIG_CAP);
	struct qi_desc room[2];
	struct qi_batch b;
	unsigned i;

	(void)state;
	assert_int_equal(qi_batch_init(&b, &r->q, room, 2), 0);
	for (i = 0; i < 3; i++)
		vtd_touch(&r->u, &cached[i]);
	/* 1 + 2 + 4: more than the room at once. */
	assert_int_equal(qi_batch_add_range(&b, 1, 0x1000, 7, false), 0);
	assert_int_equal(qi_batch_submit(&b, 0), 0);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], 3);
	assert_int_equal(vtd_cached(&r->u, &cached[0]), 0);
	assert_int_equal(vtd_cached(&r->u, &cached[1]), 0);
	assert_int_not_equal(vtd_cached(&r->u, &cached[2]), 0);
	rig_free(r);
}

/* The first error of several is the result, once; what was gathered with good ones is executed. */
static void the_first_error_sticks_to_a_batch(void **state)
{
	struct rig *r = flush_start(128, RIG_CAP);
	struct qi_desc room[1], good = rig_desc(1), bad = rig_desc(2), worse = { 0, 0, 0, 0 };
	struct qi_batch b;

	(void)state;
	rig_refuse(r, 2, VTD_IQEI_TYPE);
	assert_int_equal(qi_batch_init(&b, &r->q, room, 1), 0);
	assert_int_equal(qi_batch_add(&b, &bad), 0);
	assert_int_equal(qi_batch_add(&b, &worse), -QI_ERR_IQE);
	assert_int_equal(qi_batch_add(&b, &good), -QI_ERR_IQE);
	assert_int_equal(qi_batch_add_range(&b, 1, 0x1000, 1, false), -QI_ERR_IQE);
	assert_int_equal(qi_batch_submit(&b, 0), -QI_ERR_IQE);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], 2);
	assert_int_equal(qi_batch_submit(&b, 0), 0);
	assert_int_equal(qi_batch_submit(&b, QI_OPT_INTERRUPT), -QI_ERR_INVALID);
	rig_free(r);
}

/* Whatever an add refuses, what was to be invalidated is not: no batch says that it has been. */
static void what_an_add_refuses_fails_the_batch(void **state)
{
	static const struct {
		uint64_t addr, npages; /* 0 and 0: no descriptor, NULL */
	} refused[] = {
		{ 0, 0 },	   { 0x1000, 0 },	   { ~0xfffULL, 2 },
		{ 0x1000, ~0ULL }, { 0x1000, 1ULL << 60 }, { 0x1000, 1ULL << 52 },
	};
	struct rig *r = flush_start(128, RIG_CAP);
	struct qi_desc room[4], d = rig_desc(1);
	struct qi_batch b;
	unsigned i, before, after;

	(void)state;
	assert_int_equal(qi_batch_init(&b, &r->q, room, 4), 0);
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		/* First, in between, and behind what is submitted by itself as the room is full. */
		for (before = 0; before <= 5; before++) {
			for (after = 0; after < before; after++)
				assert_int_equal(qi_batch_add(&b, &d), 0);
			assert_int_equal(refused[i].addr
						 ? qi_batch_add_range(&b, 1, refused[i].addr,
								      refused[i].npages, false)
						 : qi_batch_add(&b, NULL),
					 -QI_ERR_INVALID);
			assert_int_equal(qi_batch_add(&b, &d), -QI_ERR_INVALID);
			assert_int_equal(qi_batch_add_range(&b, 1, 0x1000, 1, false),
					 -QI_ERR_INVALID);
			assert_int_equal(qi_batch_submit(&b, 0), -QI_ERR_INVALID);
			assert_int_equal(r->executed[QI_IOTLB_TYPE], before + 2);
			r->executed[QI_IOTLB_TYPE] = 0;
			/* Once: the next batch has a slate of its own. */
			assert_int_equal(qi_batch_submit(&b, 0), 0);
		}
	}
	rig_free(r);
}

/* Whether to drain, and how large a range may be, is not known before the unit has been asked. */
static void before_the_capabilities_are_known(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_desc room[4];
	struct qi_batch b;

	(void)state;
	r->cfg.cap = r->cfg.ecap = 0;
	rig_init(r);
	assert_int_equal(qi_batch_init(&b, &r->q, room, 4), 0);
	assert_int_equal(qi_flush_iotlb(&r->q, 1, 0, 0, false, QI_IOTLB_GLOBAL), -QI_ERR_OFF);
	assert_int_equal(qi_flush_iotlb_range(&r->q, 1, 0x1000, 3, false), -QI_ERR_OFF);
	assert_int_equal(qi_flush_piotlb(&r->q, 1, 2, 0x1000, 3, false), -QI_ERR_OFF);
	assert_int_equal(qi_iotlb_range(&r->q, 1, 0x1000, 3, false, room, 4), 0);
	assert_int_equal(qi_batch_add_range(&b, 1, 0x1000, 3, false), -QI_ERR_OFF);
	assert_int_equal(qi_batch_submit(&b, 0), -QI_ERR_OFF);
	assert_int_equal(qi_batch_add_range(&b, 1, 0x1000, 3, false), -QI_ERR_OFF);

	assert_int_equal(qi_enable(&r->q), 0);
	r->steps = 64;
	assert_int_equal(qi_flush_iotlb(&r->q, 1, 0, 0, false, QI_IOTLB_GLOBAL), 0);
	assert_int_equal(qi_flush_iotlb_range(&r->q, 1, 0x1000, 3, false), 0);
	assert_int_equal(qi_iotlb_range(&r->q, 1, 0x1000, 3, false, room, 4), 2);
	/* It was refused before, and so it has not been invalidated. */
	assert_int_equal(qi_batch_add_range(&b, 1, 0x1000, 3, false), -QI_ERR_OFF);
	assert_int_equal(qi_batch_submit(&b, 0), -QI_ERR_OFF);
	assert_int_equal(qi_batch_add_range(&b, 1, 0x1000, 3, false), 0);
	assert_int_equal(qi_batch_submit(&b, 0), 0);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(batches_need_a_queue_and_room),
		cmocka_unit_test(a_batch_is_one_submission_until_it_is_full),
		cmocka_unit_test(a_batch_takes_ranges),
		cmocka_unit_test(the_first_error_sticks_to_a_batch),
		cmocka_unit_test(what_an_add_refuses_fails_the_batch),
		cmocka_unit_test(before_the_capabilities_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
