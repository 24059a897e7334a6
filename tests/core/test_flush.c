/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What an IOMMU driver calls: the right descriptor, and its effect. */
#include "flush_rig.h"

#define CAP_NO_DRAIN (RIG_CAP & ~(VTD_CAP_DWD | VTD_CAP_DRD))

/* ---- one call, one descriptor ---- */

static void each_call_puts_its_descriptor(void **state)
{
	unsigned width;

	(void)state;
	for (width = 128; width <= 256; width += 128) {
		struct rig *r = flush_start(width, RIG_CAP);
		struct qi *q = &r->q;

		flush_put(r, qi_flush_context(q, 0x1234, 0xabcd, 2, QI_CC_DEVICE),
			  0x0002abcd12340031, 0);
		flush_put(r, qi_flush_context(q, 0x1234, 0, 0, QI_CC_DOMAIN), 0x0000000012340021,
			  0);
		flush_put(r, qi_flush_context(q, 0, 0, 0, QI_CC_GLOBAL), 0x0000000000000011, 0);
		flush_put(r, qi_flush_iotlb(q, 0x1234, 0xfedcba9870000, 4, true, QI_IOTLB_PAGE),
			  0x00000000123400f2, 0x000fedcba9870044);
		flush_put(r, qi_flush_iotlb(q, 0x1234, 0, 0, false, QI_IOTLB_DOMAIN),
			  0x00000000123400e2, 0);
		flush_put(r, qi_flush_iotlb(q, 0, 0, 0, false, QI_IOTLB_GLOBAL), 0x00000000000000d2,
			  0);
		flush_put(r, qi_flush_dev_iotlb(q, 0xabcd, 0x9875, 5, 0x7000, 0),
			  0x9870abcd00055003, 0x7000);
		flush_put(r, qi_flush_dev_iotlb(q, 0xabcd, 0, 32, 0x123454000, 2),
			  0x0000abcd00000003, 0x123455001);
		flush_put(r, qi_flush_dev_iotlb(q, 1, 0, 0, 0, QI_DEV_TLB_ALL), 0x0000000100000003,
			  0x7ffffffffffff001);
		flush_put(r, qi_flush_piotlb(q, 0x1234, 0x56789, 0, UINT64_MAX, true),
			  0x0005678912340026, 0);
		flush_put(r, qi_flush_piotlb(q, 0x1234, 0x56789, 0x8000, 8, true),
			  0x0005678912340036, 0x8043);
		flush_put(r, qi_flush_pasid_cache(q, 0x1234, QI_PC_PASID, 0x56789),
			  0x0005678912340017, 0);
		flush_put(r, qi_flush_pasid_cache(q, 0x1234, QI_PC_DOMAIN, 0), 0x0000000012340007,
			  0);
		flush_put(r, qi_flush_pasid_cache(q, 0, QI_PC_GLOBAL, 0), 0x0000000000000037, 0);
		flush_put(r, qi_flush_dev_iotlb_pasid(q, 0xabcd, 0x9875, 0x56789, 5, 0x6fff, 1),
			  0x98756789abcd5058, 0x6800);
		flush_put(r, qi_global_iec(q), 0x4, 0);
		flush_put(r, qi_flush_iec_index(q, 0x1230, 4), 0x0000123020000014, 0);
		flush_put(r,
			  qi_page_group_response(q, 0xabcd, true, 0x56789, QI_RESP_INVALID, 0x155,
						 true),
			  0x00056789abcd1019, 0xaac);
		assert_int_equal(qi_disable(q), 0);
		assert_int_equal(qi_global_iec(q), -QI_ERR_OFF);
		rig_free(r);
	}
}

/* DR and DW are reserved in a unit that does not have them. */
static void drains_are_asked_for_where_there_are_any(void **state)
{
	static const uint64_t caps[] = { 0, VTD_CAP_DWD, VTD_CAP_DRD, VTD_CAP_DWD | VTD_CAP_DRD };
	unsigned i;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct rig *r = flush_start(128, CAP_NO_DRAIN | caps[i]);
		uint64_t drain = 0;

		drain |= caps[i] & VTD_CAP_DWD ? QI_IOTLB_DW : 0;
		drain |= caps[i] & VTD_CAP_DRD ? QI_IOTLB_DR : 0;
		flush_put(r, qi_flush_iotlb(&r->q, 1, 0, 0, false, QI_IOTLB_GLOBAL),
			  0x10012 | drain, 0);
		flush_put(r, qi_flush_iotlb_range(&r->q, 1, 0x5000, 1, false), 0x10032 | drain,
			  0x5000);
		/* The PASID-based one has no such bits. */
		flush_put(r, qi_flush_piotlb(&r->q, 1, 2, 0x5000, 1, false), 0x200010036, 0x5000);
		rig_free(r);
	}
}

static void what_the_unit_would_refuse_is_refused(void **state)
{
	struct rig *r = flush_start(128, RIG_CAP);

	(void)state;
	assert_int_equal(qi_flush_context(&r->q, 1, 1, 0, 0), -QI_ERR_DESC);
	assert_int_equal(qi_flush_iotlb(&r->q, 1, 0x1000, 1, false, QI_IOTLB_PAGE), -QI_ERR_DESC);
	assert_int_equal(qi_flush_iotlb(&r->q, 1, 0, 19, false, QI_IOTLB_PAGE), -QI_ERR_DESC);
	assert_int_equal(qi_page_group_response(&r->q, 1, false, 0, 7, 0, false), -QI_ERR_DESC);
	assert_int_equal(qi_flush_iotlb_range(&r->q, 1, 0, 0, false), -QI_ERR_INVALID);
	assert_int_equal(qi_flush_iotlb_range(&r->q, 1, 0, UINT64_MAX, false), -QI_ERR_INVALID);
	assert_int_equal(qi_flush_piotlb(&r->q, 1, 1, 0, 0, false), -QI_ERR_INVALID);
	assert_int_equal(qi_flush_piotlb(&r->q, 1, 1, 0, (1ULL << 52) + 1, false), -QI_ERR_INVALID);
	assert_int_equal(r->doorbells, 0);
	rig_free(r);
}

/* ---- what is gone afterwards ---- */

static const struct vtd_entry cached[] = {
	{ .kind = VTD_CONTEXT, .did = 1, .sid = 8 },
	{ .kind = VTD_CONTEXT, .did = 1, .sid = 12 },
	{ .kind = VTD_CONTEXT, .did = 2, .sid = 8 },
	{ .kind = VTD_PASID, .did = 1, .pasid = 5 },
	{ .kind = VTD_PASID, .did = 1, .pasid = 6 },
	{ .kind = VTD_PASID, .did = 2, .pasid = 5 },
	{ .kind = VTD_IOTLB, .did = 1, .pasid = VTD_NO_PASID, .addr = 0x1000 },
	{ .kind = VTD_IOTLB, .did = 1, .pasid = VTD_NO_PASID, .addr = 0x4000 },
	{ .kind = VTD_IOTLB, .did = 2, .pasid = VTD_NO_PASID, .addr = 0x1000 },
	{ .kind = VTD_IOTLB, .did = 3, .pasid = 5, .addr = 0x1000 },
	{ .kind = VTD_IOTLB, .did = 3, .pasid = 5, .addr = 0x4000 },
	{ .kind = VTD_IOTLB, .did = 3, .pasid = 6, .addr = 0x1000 },
	{ .kind = VTD_IEC, .addr = 15 },
	{ .kind = VTD_IEC, .addr = 16 },
	{ .kind = VTD_DEVTLB, .sid = 8, .pasid = VTD_NO_PASID, .addr = 0x1000 },
	{ .kind = VTD_DEVTLB, .sid = 8, .pasid = VTD_NO_PASID, .addr = 0x4000 },
	{ .kind = VTD_DEVTLB, .sid = 9, .pasid = VTD_NO_PASID, .addr = 0x1000 },
	{ .kind = VTD_DEVTLB, .sid = 8, .pasid = 5, .addr = 0x1000 },
	{ .kind = VTD_DEVTLB, .sid = 8, .pasid = 6, .addr = 0x1000 },
};
#define CACHED (sizeof(cached) / sizeof(cached[0]))

static int call(struct qi *q, unsigned n)
{
	switch (n) {
	case 0:
		return qi_flush_context(q, 1, 8, 0, QI_CC_DEVICE);
	case 1:
		return qi_flush_context(q, 1, 8, 1, QI_CC_DEVICE); /* FM 1: function 4 too */
	case 2:
		return qi_flush_context(q, 1, 0, 0, QI_CC_DOMAIN);
	case 3:
		return qi_flush_context(q, 0, 0, 0, QI_CC_GLOBAL);
	case 4:
		return qi_flush_pasid_cache(q, 1, QI_PC_PASID, 5);
	case 5:
		return qi_flush_pasid_cache(q, 1, QI_PC_DOMAIN, 0);
	case 6:
		return qi_flush_pasid_cache(q, 0, QI_PC_GLOBAL, 0);
	case 7:
		return qi_flush_iotlb_range(q, 1, 0x1000, 3, false);
	case 8:
		return qi_flush_iotlb_range(q, 1, 0x1fff, 4, false);
	case 9:
		return qi_flush_iotlb(q, 1, 0, 0, false, QI_IOTLB_DOMAIN);
	case 10:
		return qi_flush_iotlb(q, 0, 0, 0, false, QI_IOTLB_GLOBAL);
	case 11:
		return qi_flush_piotlb(q, 3, 5, 0, 4, false);
	case 12:
		return qi_flush_piotlb(q, 3, 5, 0, UINT64_MAX, false);
	case 13:
		return qi_flush_iec_index(q, 16, 1);
	case 14:
		return qi_global_iec(q);
	case 15:
		return qi_flush_dev_iotlb(q, 8, 0, 0, 0, 2);
	case 16:
		return qi_flush_dev_iotlb(q, 8, 0, 0, 0, QI_DEV_TLB_ALL);
	case 17:
		return qi_flush_dev_iotlb_pasid(q, 8, 0, 5, 0, 0x1000, 0);
	default:
		return qi_page_group_response(q, 8, true, 5, QI_RESP_SUCCESS, 1, true);
	}
}

/* Which of them each of the calls removes. */
static const uint32_t gone[] = {
	1U << 0,
	1U << 0 | 1U << 1,
	1U << 0 | 1U << 1,
	1U << 0 | 1U << 1 | 1U << 2,
	1U << 3,
	1U << 3 | 1U << 4,
	1U << 3 | 1U << 4 | 1U << 5,
	1U << 6,
	1U << 6 | 1U << 7,
	1U << 6 | 1U << 7,
	1U << 6 | 1U << 7 | 1U << 8 | 1U << 9 | 1U << 10 | 1U << 11,
	1U << 9,
	1U << 9 | 1U << 10,
	1U << 13,
	1U << 12 | 1U << 13,
	1U << 14,
	1U << 14 | 1U << 15,
	1U << 17,
	0,
};

static void exactly_what_is_covered_is_gone(void **state)
{
	struct rig *r = flush_start(256, RIG_CAP);
	unsigned n, i;

	(void)state;
	for (n = 0; n < sizeof(gone) / sizeof(gone[0]); n++) {
		for (i = 0; i < CACHED; i++)
			assert_int_not_equal(vtd_touch(&r->u, &cached[i]), 0);
		assert_int_equal(call(&r->q, n), 0);
		for (i = 0; i < CACHED; i++)
			assert_int_equal(!vtd_cached(&r->u, &cached[i]), gone[n] >> i & 1);
	}
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_call_puts_its_descriptor),
		cmocka_unit_test(drains_are_asked_for_where_there_are_any),
		cmocka_unit_test(what_the_unit_would_refuse_is_refused),
		cmocka_unit_test(exactly_what_is_covered_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
