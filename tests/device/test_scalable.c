/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Scalable mode: contexts, PASIDs, valid values of their entries, and their caches. */
#include "pasid.h"

static void check_rid_pasid(void **state)
{
	(void)state;
	start();
	map_first(PASID, P | RW | US, 0);
	scene_scalable_context(&s, SID)[1] = PASID;
	assert_int_equal(scene_dma(&s, IOVA, VTD_WRITE).addr, FRAME);
	/* RID_PRIV. */
	scene_scalable_context(&s, SID)[1] |= 1 << 20;
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(scene_dma(&s, IOVA, VTD_WRITE).reason, 0x5d);
}

static void check_pasid_limits(void **state)
{
	struct vtd_request q = request(VTD_READ);

	(void)state;
	start();
	q.pasid = 1 << 13; /* beyond a directory of 128 entries */
	assert_int_equal(scene_request(&s, q).reason, 0x46);
	scene_scalable_context(&s, SID)[1] = 1 << 13;
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(scene_dma(&s, IOVA, VTD_READ).reason, 0x48);
	scene_scalable_context(&s, SID)[0] ^= 1 << 3;
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(go(VTD_READ).reason, 0x45);
	q.at = VTD_TRANSLATION;
	assert_int_equal(scene_request(&s, q).reason, 0x44);
	q = request(VTD_WRITE);
	q.addr = 0xfee00000;
	assert_int_equal(scene_request(&s, q).reason, 0x87);
	/* FPD of an entry that is not present. */
	scene_scalable_context(&s, SID)[0] |= 1 << 3;
	scene_pasid(&s, SID, PASID)[0] = 2;
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(go(VTD_READ).reason, 0x59);
	assert_false(go(VTD_READ).recorded);
}

/* Fields that are reserved without these capabilities. */
static void check_capabilities(void **state)
{
	static const struct {
		uint64_t ecap, word0, word2;
		unsigned reason;
	} cases[] = {
		{ 1ULL << 47, FIRST, 0, 0x5b },
		{ 1ULL << 46, SECOND | AW4, 0, 0x5b },
		{ 1ULL << 26, NESTED | AW4, 0, 0x5b },
		{ VTD_ECAP_PT, PASS, 0, 0x5b },
		{ 1ULL << 45, SECOND | AW4 | 1 << 9, 0, 0x5a },
		{ 1ULL << 31, FIRST, SRE, 0x5a },
		{ 1ULL << 30, FIRST, ERE, 0x5a },
	};
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint64_t *e;

		start();
		e = scene_pasid(&s, SID, PASID);
		e[0] = cases[i].word0 | table | 1;
		e[2] = cases[i].word2 | table;
		assert_int_not_equal(go(VTD_READ).reason, cases[i].reason);
		vtd_forget(&s.t, VTD_LINE_FREE);
		s.u.cfg.ecap &= ~cases[i].ecap;
		assert_int_equal(go(VTD_READ).reason, cases[i].reason);
	}
	/* Nesting needs both stages' levels. */
	start();
	scene_pasid(&s, SID, PASID)[0] = NESTED | AW4 | table | 1;
	scene_pasid(&s, SID, PASID)[2] = table | 2 << 2;
	assert_int_equal(go(VTD_READ).reason, 0x5b);
	scene_pasid(&s, SID, PASID)[0] = NESTED | 7 << 2 | table | 1;
	scene_pasid(&s, SID, PASID)[2] = table;
	assert_int_equal(go(VTD_READ).reason, 0x5b);
	/* Bits of the context. */
	start();
	s.u.cfg.ecap &= ~VTD_ECAP_PASID;
	assert_int_equal(go(VTD_READ).reason, 0x42);
	start();
	scene_scalable_context(&s, SID)[0] |= 1 << 2;
	s.u.cfg.ecap &= ~VTD_ECAP_DT;
	assert_int_equal(go(VTD_READ).reason, 0x42);
	start();
	scene_scalable_context(&s, SID)[0] |= 1 << 4;
	s.u.cfg.ecap &= ~VTD_ECAP_PRS;
	assert_int_equal(go(VTD_READ).reason, 0x42);
	/* Without scalable mode the entries have legacy format. */
	start();
	s.u.cfg.ecap &= ~VTD_ECAP_SMTS;
	assert_int_equal(go(VTD_READ).reason, 0x31);
}

static void check_pass_through(void **state)
{
	struct vtd_request q = request(VTD_WRITE);

	(void)state;
	start();
	scene_pasid(&s, SID, PASID)[0] = PASS | 1;
	assert_int_equal(go(VTD_WRITE).addr, IOVA);
	q.addr = 1ULL << 57;
	assert_int_equal(scene_request(&s, q).reason, 0x83);
}

/*
 * Pass-through ignores the width, except in QEMU 7.2 (tests/conform/campaign second-10.0, seed
 * 1002).
 */
static void check_pass_width(void **state)
{
	static const struct {
		enum vtd_profile profile;
		unsigned reason;
	} units[] = { { VTD_SPEC, 0 }, { VTD_QEMU_7_2, 0x58 }, { VTD_QEMU_10_0, 0 } };
	struct vtd_request q = {
		.addr = 0x1000, .pasid = VTD_NO_PASID, .sid = SID, .access = VTD_READ
	};
	uint64_t *entry;
	unsigned i;

	(void)state;
	for (i = 0; i < 3; i++) {
		scene_config(&s);
		s.cfg.profile = units[i].profile;
		s.cfg.ecap &= ~(1ULL << 47); /* no first stage */
		scene_start(&s, 1 << 10);
		entry = scene_pasid(&s, SID, 0);
		entry[0] = 4 << 6 | 1;
		entry[1] = DID;
		assert_int_equal(scene_request(&s, q).reason, units[i].reason);
	}
}

static void check_pasid_cache(void **state)
{
	const struct qi_desc d[] = { qi_desc_pasid_cache(QI_PC_GLOBAL, 0, 0),
				     qi_desc_pasid_cache(QI_PC_DOMAIN, DID, 0),
				     qi_desc_pasid_cache(QI_PC_PASID, DID, PASID) };
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(d) / sizeof(*d); i++) {
		start();
		map_first(PASID, P | RW | US, 0);
		assert_int_equal(go(VTD_READ).addr, FRAME);
		scene_pasid(&s, SID, PASID)[0] = PASS | 1;
		scene_submit(&s, qi_desc_pasid_cache(QI_PC_DOMAIN, DID + 1, 0));
		scene_submit(&s, qi_desc_pasid_cache(QI_PC_PASID, DID, PASID + 1));
		scene_submit(&s, qi_desc_iotlb(QI_IOTLB_DOMAIN, DID, 0, 0, false, 0));
		assert_int_equal(go(VTD_READ).addr, FRAME);
		scene_submit(&s, d[i]);
		assert_int_equal(go(VTD_READ).addr, IOVA);
		assert_int_equal(s.judged[VTD_USE_STALE], 0);
	}
}

static void check_pasid_iotlb(void **state)
{
	uint64_t *pte, *upper;

	(void)state;
	start();
	pte = map_first(PASID, P | RW | US, 0);
	assert_int_equal(go(VTD_READ).addr, FRAME);
	*pte = (FRAME + 0x1000) | P | US;
	scene_submit(&s, qi_desc_piotlb(QI_PIOTLB_PAGE, DID, PASID, IOVA + 0x1000, 0, false));
	scene_submit(&s, qi_desc_piotlb(QI_PIOTLB_PAGE, DID, PASID + 1, IOVA, 0, false));
	scene_submit(&s, qi_desc_piotlb(QI_PIOTLB_PASID, DID + 1, PASID, 0, 0, false));
	assert_int_equal(go(VTD_READ).addr, FRAME);
	scene_submit(&s, qi_desc_piotlb(QI_PIOTLB_PAGE, DID, PASID, IOVA, 0, true));
	assert_int_equal(go(VTD_READ).addr, FRAME + 0x1000);
	/* IH, as in the second stage. */
	upper = scene_first_entry(&s, table, 4, IOVA, 2);
	*upper = 0;
	*scene_first_entry(&s, table, 4, IOVA, 1) = FRAME | P | US;
	scene_submit(&s, qi_desc_piotlb(QI_PIOTLB_PAGE, DID, PASID, IOVA, 0, true));
	assert_int_equal(go(VTD_READ).addr, FRAME + 0x1000);
	scene_submit(&s, qi_desc_piotlb(QI_PIOTLB_PASID, DID, PASID, 0, 0, false));
	assert_int_equal(go(VTD_READ).addr, FRAME);
	assert_int_equal(s.judged[VTD_USE_STALE], 0);
}

/* Contexts have no domain in this mode: invalidations match the source id, or all. */
static void check_context(void **state)
{
	(void)state;
	start();
	map_first(PASID, P | RW | US, 0);
	assert_int_equal(go(VTD_READ).addr, FRAME);
	scene_scalable_context(&s, SID)[0] &= ~(1ULL << 3);
	scene_submit(&s, qi_desc_context(QI_CC_DEVICE, 0, SID + 1, 0));
	assert_int_equal(go(VTD_READ).addr, FRAME);
	scene_submit(&s, qi_desc_context(QI_CC_DEVICE, 0, SID, 0));
	assert_int_equal(go(VTD_READ).reason, 0x45);
}

static void check_caching_mode(void **state)
{
	uint64_t *pte;

	(void)state;
	start();
	s.u.cfg.cap |= VTD_CAP_CM;
	scene_pasid(&s, SID, PASID)[0] = 0;
	assert_int_equal(go(VTD_READ).reason, 0x59);
	pte = map_first(PASID, 0, 0);
	assert_int_equal(go(VTD_READ).reason, 0x59);
	scene_submit(&s, qi_desc_pasid_cache(QI_PC_PASID, 0, PASID));
	assert_int_equal(go(VTD_READ).reason, 0x71);
	*pte = FRAME | P | US;
	assert_int_equal(go(VTD_READ).reason, 0x71);
	scene_submit(&s, qi_desc_piotlb(QI_PIOTLB_PAGE, DID, PASID, IOVA, 0, true));
	assert_int_equal(go(VTD_READ).addr, FRAME);
}

/* Devices' TLBs by PASID. */
static void check_device_tlb(void **state)
{
	struct vtd_request q = request(VTD_READ);
	struct vtd_result r;
	uint64_t *pte;

	(void)state;
	start();
	pte = map_first(PASID, P | RW | US, 0);
	scene_scalable_context(&s, SID)[0] |= 1 << 2;
	assert_true(vtd_device_translate(&s.t, &q, &r));
	*pte = (FRAME + 0x1000) | P | US;
	scene_submit(&s, qi_desc_piotlb(QI_PIOTLB_PASID, DID, PASID, 0, 0, false));
	scene_submit(&s, qi_desc_dev_tlb_pasid(SID, 0, 0, PASID + 1, false, IOVA, 0));
	vtd_device_translate(&s.t, &q, &r);
	assert_int_equal(r.addr, FRAME);
	scene_submit(&s, qi_desc_dev_tlb_pasid(SID, 0, 0, PASID, false, IOVA, 0));
	vtd_device_translate(&s.t, &q, &r);
	assert_int_equal(r.addr, FRAME + 0x1000);
	assert_int_equal(s.judged[VTD_USE_STALE], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_rid_pasid),    cmocka_unit_test(check_pasid_limits),
		cmocka_unit_test(check_capabilities), cmocka_unit_test(check_pass_through),
		cmocka_unit_test(check_pass_width),   cmocka_unit_test(check_pasid_cache),
		cmocka_unit_test(check_pasid_iotlb),  cmocka_unit_test(check_context),
		cmocka_unit_test(check_caching_mode), cmocka_unit_test(check_device_tlb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
