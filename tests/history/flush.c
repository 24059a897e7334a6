/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* History: the descriptors that an invalidation is made of, and whether they cover it. */
#include "history.h"

#include <describe/describe.h>

static struct rig *started(unsigned range_descs)
{
	struct rig *r = history_rig(256, 128);

	r->steps = 8;
	r->cfg.range_descs = range_descs;
	rig_start(r);
	return r;
}

/* The descriptor in front of the wait that was put into the ring last. */
static struct qi_desc last_desc(const struct rig *r)
{
	const uint64_t *at = (const uint64_t *)r->ring + 2 * ((rig_tail(r) - 2) & r->q.mask);

	return (struct qi_desc){ at[0], at[1], 0, 0 };
}

static struct vtd_entry page(uint64_t pfn)
{
	return (struct vtd_entry){
		.kind = VTD_IOTLB, .did = 1, .pasid = VTD_NO_PASID, .addr = pfn << QI_PAGE_SHIFT
	};
}

/* How many of these pages are cached. */
static unsigned cached(struct rig *r, uint64_t pfn, unsigned n)
{
	unsigned i, found = 0;

	for (i = 0; i < n; i++) {
		struct vtd_entry e = page(pfn + i);

		found += vtd_cached(&r->u, &e) != 0;
	}
	return found;
}

static void touch(struct rig *r, uint64_t pfn, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		struct vtd_entry e = page(pfn + i);

		vtd_touch(&r->u, &e);
	}
}

/* 10: an address was passed on as it came, with bits where the descriptor has other fields. */
static void h10_addresses_are_aligned(void **state)
{
	struct rig *r = started(1);

	(void)state;
	assert_int_equal(qi_flush_iotlb(&r->q, 1, 0x5fff, 0, false, QI_IOTLB_PAGE), 0);
	assert_int_equal(last_desc(r).qw1, 0x5000);
	assert_int_equal(qi_flush_iotlb_range(&r->q, 1, 0x5fff, 2, false), 0);
	assert_int_equal(last_desc(r).qw1, 0x4000 | 2);
	assert_int_equal(qi_flush_piotlb(&r->q, 1, 7, 0x5abc, 2, true), 0);
	assert_int_equal(last_desc(r).qw1, 0x4000 | 1 << 6 | 2);
	assert_int_equal(qi_flush_dev_iotlb(&r->q, 8, 0, 0, 0x5abf, 0), 0);
	assert_int_equal(last_desc(r).qw1, 0x5000);
	assert_int_equal(qi_flush_dev_iotlb(&r->q, 8, 0, 0, 0x4abf, 2), 0);
	assert_int_equal(last_desc(r).qw1, 0x5000 | 1);
	assert_int_equal(qi_flush_dev_iotlb_pasid(&r->q, 8, 0, 7, 0, 0x4abf, 1), 0);
	assert_int_equal(last_desc(r).qw1, 0x4000 | 1 << 11);
	rig_free(r);
}

/* 20: the upper bits of PFSID were not shifted, and the request went to another function. */
static void h20_the_physical_function_is_named_in_full(void **state)
{
	struct rig *r = started(1);
	unsigned i;

	(void)state;
	for (i = 0; i < 16; i++) {
		uint16_t pfsid = (uint16_t)(1U << i);
		uint64_t field;

		assert_int_equal(qi_flush_dev_iotlb(&r->q, 0, pfsid, 0, 0, 0), 0);
		field = (uint64_t)(pfsid & 0xf) << 12 | (uint64_t)pfsid >> 4 << 52;
		assert_int_equal(last_desc(r).qw0, QI_DIOTLB_TYPE | field);
		assert_int_equal(qi_flush_dev_iotlb_pasid(&r->q, 0, pfsid, 0, 0, 0, 0), 0);
		assert_int_equal(last_desc(r).qw0, QI_DEIOTLB_TYPE | field);
	}
	rig_free(r);
}

/* 20, reading it back. */
static void h20_the_physical_function_is_decoded_in_full(void **state)
{
	struct qi_desc d = qi_desc_dev_tlb(0, 0xabcd, 0, 0, 0);
	struct qi_field field[QI_DESC_MAX_FIELDS];
	unsigned n = qi_desc_fields(&d, field), i, found = 0;

	(void)state;
	for (i = 0; i < n; i++) {
		if (field[i].name[0] == 'P' && field[i].name[1] == 'F') {
			assert_int_equal(field[i].value, 0xabcd);
			found++;
		}
	}
	assert_int_equal(found, 1);
}

/*
 * 21: the test for a start that is not aligned was never true, and the mask was that of a range
 * that is.
 */
static void h21_no_page_of_a_range_is_left(void **state)
{
	static const unsigned descs[] = { 1, 2, QI_RANGE_MAX };
	unsigned i, pfn, n;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct rig *r = started(descs[i]);

		for (pfn = 1; pfn < 40; pfn++) {
			for (n = 1; n < 20; n++) {
				touch(r, pfn - 1, n + 2);
				assert_int_equal(qi_flush_iotlb_range(&r->q, 1, (uint64_t)pfn << 12,
								      n, false),
						 0);
				assert_int_equal(cached(r, pfn, n), 0);
				/* and no other, where that many descriptors are allowed */
				if (descs[i] == QI_RANGE_MAX)
					assert_int_equal(cached(r, pfn - 1, n + 2), 2);
			}
		}
		rig_free(r);
	}
}

/* 22: the mask was that of an unaligned start, but too small by all that the start asks for. */
static void h22_the_mask_covers_an_unaligned_start(void **state)
{
	struct rig *r = started(1);
	struct qi_desc d[3];
	unsigned k;

	(void)state;
	touch(r, 0x17f, 3);
	assert_int_equal(qi_flush_iotlb_range(&r->q, 1, 0x17f000, 3, false), 0);
	assert_int_equal(last_desc(r).qw1, 0x100000 | 8);
	assert_int_equal(cached(r, 0x17f, 3), 0);
	assert_int_equal(qi_iotlb_range(&r->q, 1, 0x17f000, 3, false, d, 3), 2);

	/* Two pages to both sides of each boundary, also of those that no mask reaches. */
	for (k = 1; k < 52; k++) {
		uint64_t pfn = (1ULL << k) - 1;

		touch(r, pfn, 2);
		assert_int_equal(qi_flush_iotlb_range(&r->q, 1, pfn << QI_PAGE_SHIFT, 2, false), 0);
		assert_int_equal(cached(r, pfn, 2), 0);
	}
	rig_free(r);
}

/* One entry of everything, and its neighbours. */
static const struct vtd_entry zoo[] = {
	{ .kind = VTD_CONTEXT, .did = 1, .sid = 8 },
	{ .kind = VTD_CONTEXT, .did = 1, .sid = 16 },
	{ .kind = VTD_CONTEXT, .did = 2, .sid = 24 },
	{ .kind = VTD_PASID, .did = 1, .pasid = 5 },
	{ .kind = VTD_PASID, .did = 1, .pasid = 6 },
	{ .kind = VTD_PASID, .did = 2, .pasid = 5 },
	{ .kind = VTD_IOTLB, .did = 1, .pasid = VTD_NO_PASID, .addr = 0x1000 },
	{ .kind = VTD_IOTLB, .did = 1, .pasid = VTD_NO_PASID, .addr = 0x4000000000 },
	{ .kind = VTD_IOTLB, .did = 2, .pasid = VTD_NO_PASID, .addr = 0x1000 },
	{ .kind = VTD_IOTLB, .did = 3, .pasid = 5, .addr = 0x1000 },
	{ .kind = VTD_IOTLB, .did = 3, .pasid = 6, .addr = 0x1000 },
	{ .kind = VTD_DEVTLB, .sid = 8, .pasid = VTD_NO_PASID, .addr = 0x1000 },
	{ .kind = VTD_DEVTLB, .sid = 8, .pasid = 5, .addr = 0x1000 },
	{ .kind = VTD_DEVTLB, .sid = 8, .pasid = 6, .addr = 0x1000 },
	{ .kind = VTD_DEVTLB, .sid = 16, .pasid = 5, .addr = 0x1000 },
	{ .kind = VTD_IEC, .addr = 3 },
	{ .kind = VTD_IEC, .addr = 9 },
};

#define ZOO (sizeof(zoo) / sizeof(zoo[0]))

/* What has gone, a bit each, after a call that returned `result`. It comes back. */
static unsigned gone(struct rig *r, int result)
{
	unsigned i, mask = 0;

	assert_int_equal(result, 0);
	for (i = 0; i < ZOO; i++) {
		mask |= vtd_cached(&r->u, &zoo[i]) ? 0 : 1U << i;
		vtd_touch(&r->u, &zoo[i]);
	}
	return mask;
}

/* 23: a flush of the wrong type or granularity left behind what it was meant for. */
static void h23_each_flush_flushes_its_own(void **state)
{
	struct rig *r = started(8);
	struct qi *q = &r->q;

	(void)state;
	gone(r, 0);
	assert_int_equal(gone(r, qi_flush_context(q, 1, 8, 0, QI_CC_DEVICE)), 0x1);
	assert_int_equal(gone(r, qi_flush_context(q, 1, 0, 0, QI_CC_DOMAIN)), 0x3);
	assert_int_equal(gone(r, qi_flush_context(q, 0, 0, 0, QI_CC_GLOBAL)), 0x7);
	assert_int_equal(gone(r, qi_flush_pasid_cache(q, 1, QI_PC_PASID, 5)), 0x8);
	assert_int_equal(gone(r, qi_flush_pasid_cache(q, 1, QI_PC_DOMAIN, 0)), 0x18);
	assert_int_equal(gone(r, qi_flush_pasid_cache(q, 0, QI_PC_GLOBAL, 0)), 0x38);
	assert_int_equal(gone(r, qi_flush_iotlb(q, 1, 0x1000, 0, false, QI_IOTLB_PAGE)), 0x40);
	assert_int_equal(gone(r, qi_flush_iotlb(q, 1, 0, 0, false, QI_IOTLB_DOMAIN)), 0xc0);
	assert_int_equal(gone(r, qi_flush_iotlb(q, 0, 0, 0, false, QI_IOTLB_GLOBAL)), 0x7c0);
	/* More than any mask covers: all of the domain. */
	assert_int_equal(gone(r, qi_flush_iotlb_range(q, 1, 0, 1 << 27, false)), 0xc0);
	assert_int_equal(gone(r, qi_flush_piotlb(q, 3, 5, 0x1000, 1, false)), 0x200);
	assert_int_equal(gone(r, qi_flush_piotlb(q, 3, 5, 0, UINT64_MAX, false)), 0x200);
	assert_int_equal(gone(r, qi_flush_piotlb(q, 3, 5, 0x1000, 1 << 27, false)), 0x200);
	assert_int_equal(gone(r, qi_flush_dev_iotlb(q, 8, 0, 0, 0x1000, 0)), 0x800);
	assert_int_equal(gone(r, qi_flush_dev_iotlb(q, 8, 0, 0, 0, QI_DEV_TLB_ALL)), 0x800);
	assert_int_equal(gone(r, qi_flush_dev_iotlb_pasid(q, 8, 0, 5, 0, 0x1000, 0)), 0x1000);
	assert_int_equal(gone(r, qi_flush_iec_index(q, 3, 0)), 0x8000);
	assert_int_equal(gone(r, qi_global_iec(q)), 0x18000);
	rig_free(r);
}

/* 24: a batch that was never allocated, and a NULL pointer with a count of zero. */
static void h24_nothing_is_read_through_null(void **state)
{
	struct rig *r = started(1);
	struct qi_desc d = rig_desc(1), room[2];
	struct qi_batch b;

	(void)state;
	assert_int_equal(qi_batch_init(NULL, &r->q, room, 2), -QI_ERR_INVALID);
	assert_int_equal(qi_batch_init(&b, &r->q, NULL, 2), -QI_ERR_INVALID);
	assert_int_equal(qi_batch_add(NULL, &d), -QI_ERR_INVALID);
	assert_int_equal(qi_batch_add_range(NULL, 1, 0, 1, false), -QI_ERR_INVALID);
	assert_int_equal(qi_batch_submit(NULL, 0), -QI_ERR_INVALID);
	assert_int_equal(qi_batch_init(&b, &r->q, room, 2), 0);
	assert_int_equal(qi_batch_add(&b, NULL), -QI_ERR_INVALID);
	assert_int_equal(qi_batch_submit(&b, 0), -QI_ERR_INVALID);
	assert_int_equal(qi_submit_sync(&r->q, NULL, 0, 0), 0);
	assert_int_equal(qi_submit_sync(&r->q, NULL, 1, 0), -QI_ERR_INVALID);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], 0);
	rig_free(r);
}

/* 30: drain bits were set on units that have them reserved. */
static void h30_drains_are_asked_for_where_there_are_any(void **state)
{
	static const uint64_t caps[] = { 0, VTD_CAP_DRD, VTD_CAP_DWD, VTD_CAP_DRD | VTD_CAP_DWD };
	unsigned i;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct rig *r = history_rig(256, 128);
		uint64_t bits = (caps[i] & VTD_CAP_DRD ? QI_IOTLB_DR : 0) |
				(caps[i] & VTD_CAP_DWD ? QI_IOTLB_DW : 0);

		r->cfg.cap = r->unit.cap = (RIG_CAP & ~(VTD_CAP_DRD | VTD_CAP_DWD)) | caps[i];
		rig_start(r);
		assert_int_equal(qi_flush_iotlb(&r->q, 1, 0, 0, false, QI_IOTLB_DOMAIN), 0);
		assert_int_equal(last_desc(r).qw0 & (QI_IOTLB_DR | QI_IOTLB_DW), bits);
		assert_int_equal(qi_flush_iotlb_range(&r->q, 1, 0, 3, false), 0);
		assert_int_equal(last_desc(r).qw0 & (QI_IOTLB_DR | QI_IOTLB_DW), bits);
		rig_free(r);
	}
}

/* 45: a batch refused a range, and said of all of it that it was done. */
static void h45_a_batch_that_refused_something_fails(void **state)
{
	struct rig *r = started(8);
	struct qi_desc d = rig_desc(1), room[4];
	struct qi_batch b;

	(void)state;
	assert_int_equal(qi_batch_init(&b, &r->q, room, 4), 0);
	qi_batch_add(&b, &d);
	assert_int_equal(qi_batch_add_range(&b, 1, ~0xfffULL, 2, false), -QI_ERR_INVALID);
	qi_batch_add(&b, &d);
	assert_int_equal(qi_batch_submit(&b, 0), -QI_ERR_INVALID);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], 2);
	qi_batch_add(&b, NULL);
	assert_int_equal(qi_batch_submit(&b, 0), -QI_ERR_INVALID);
	qi_batch_add(&b, &d);
	assert_int_equal(qi_batch_submit(&b, 0), 0);
	rig_free(r);
}

/* 46: what does not fit its field was cut, and something else was flushed with success. */
static void h46_nothing_is_cut_to_its_field(void **state)
{
	struct rig *r = started(8);
	struct qi *q = &r->q;

	(void)state;
	assert_int_equal(qi_flush_piotlb(q, 1, 0x100005, 0, UINT64_MAX, false), -QI_ERR_DESC);
	assert_string_equal(r->report.field, "PASID");
	assert_int_equal(qi_flush_piotlb(q, 1, 0x100005, 0x1000, 3, false), -QI_ERR_DESC);
	assert_int_equal(qi_flush_pasid_cache(q, 1, QI_PC_PASID, 0x100005), -QI_ERR_DESC);
	assert_int_equal(qi_flush_iotlb(q, 1, 0, 64, false, QI_IOTLB_PAGE), -QI_ERR_DESC);
	assert_string_equal(r->report.field, "AM");
	assert_int_equal(qi_flush_iotlb(q, 1, 0, 0, false, 7), -QI_ERR_DESC);
	assert_int_equal(qi_flush_iotlb_range(q, 0x10001, 0, 3, false), -QI_ERR_DESC);
	assert_string_equal(r->report.field, "DID");
	assert_int_equal(qi_flush_iec_index(q, 4, 32), -QI_ERR_DESC);
	assert_int_equal(qi_flush_dev_iotlb_pasid(q, 8, 0, 0x100005, 1, 0, 0), -QI_ERR_DESC);
	assert_int_equal(qi_page_group_response(q, 8, true, 1, 16, 1, true), -QI_ERR_DESC);
	assert_int_equal(qi_page_group_response(q, 8, true, 1, 0, 512, true), -QI_ERR_DESC);
	assert_int_equal(qi_flush_dev_iotlb(q, 8, 0, 33, 0, 0), -QI_ERR_DESC);
	assert_int_equal(qi_flush_context(q, 1, 8, 4, QI_CC_DEVICE), -QI_ERR_DESC);
	assert_string_equal(r->report.field, "FM");
	assert_int_equal(r->doorbells, 0);
	rig_free(r);
}

HISTORY_MAIN(cmocka_unit_test(h10_addresses_are_aligned),
	     cmocka_unit_test(h20_the_physical_function_is_named_in_full),
	     cmocka_unit_test(h20_the_physical_function_is_decoded_in_full),
	     cmocka_unit_test(h21_no_page_of_a_range_is_left),
	     cmocka_unit_test(h22_the_mask_covers_an_unaligned_start),
	     cmocka_unit_test(h23_each_flush_flushes_its_own),
	     cmocka_unit_test(h24_nothing_is_read_through_null),
	     cmocka_unit_test(h30_drains_are_asked_for_where_there_are_any),
	     cmocka_unit_test(h45_a_batch_that_refused_something_fails),
	     cmocka_unit_test(h46_nothing_is_cut_to_its_field))
