/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Which descriptors are refused, and why. */
#include "desc_caps.h"

static struct qi_desc with(struct qi_desc d, uint64_t qw0, uint64_t qw1)
{
	d.qw0 |= qw0;
	d.qw1 |= qw1;
	return d;
}

static struct qi_desc raw(uint64_t qw0, uint64_t qw1)
{
	struct qi_desc d = { qw0, qw1, 0, 0 };

	return d;
}

struct verdict {
	uint64_t cap_off, ecap_off; /* what the unit lacks */
	struct qi_desc desc;
	const char *field; /* NULL: valid */
	const char *reason;
};

static void assert_verdicts(const struct verdict *v, size_t n, unsigned width)
{
	struct qi_refusal refusal;
	struct qi_rules rules;
	size_t i;

	for (i = 0; i < n; i++) {
		qi_rules_init(&rules, CAP_ALL & ~v[i].cap_off, ECAP_ALL & ~v[i].ecap_off, width);
		refusal = qi_desc_refusal(&rules, &v[i].desc);
		if (qi_desc_valid(&rules, &v[i].desc) == !v[i].field &&
		    !refusal.field == !v[i].field && !refusal.reason == !v[i].field &&
		    (!v[i].field ||
		     (!strcmp(refusal.field, v[i].field) && !strcmp(refusal.reason, v[i].reason))))
			continue;
		fail_msg("case %zu, qw0 %#llx qw1 %#llx: %s (%s), expected %s (%s)", i,
			 (unsigned long long)v[i].desc.qw0, (unsigned long long)v[i].desc.qw1,
			 refusal.field ? refusal.field : "valid",
			 refusal.reason ? refusal.reason : "-", v[i].field ? v[i].field : "valid",
			 v[i].reason ? v[i].reason : "-");
	}
}

#define ASSERT_VERDICTS(table, width) \
	assert_verdicts(table, sizeof(table) / sizeof((table)[0]), width)

#define RSVD0 "reserved", "a reserved bit of qw0 is set"
#define RSVD1 "reserved", "a reserved bit of qw1 is set"
#define NO_GRANU "G", "no such granularity"

static void test_types(void **state)
{
	const struct qi_desc devtlb = qi_desc_dev_tlb(1, 0, 1, 0, 0);
	const struct qi_desc iec = qi_desc_iec(QI_IEC_GLOBAL, 0, 0);
	const struct qi_desc piotlb = qi_desc_piotlb(QI_PIOTLB_PASID, 1, 0, 0, 0, false);
	const struct qi_desc pc = qi_desc_pasid_cache(QI_PC_GLOBAL, 0, 0);
	const struct qi_desc pdevtlb = qi_desc_dev_tlb_pasid(1, 0, 1, 0, false, 0, 0);
	const struct qi_desc response = qi_desc_page_response(1, false, 0, 0, 0, false);
	const struct verdict verdicts[] = {
		{ 0, 0, raw(0, 0), "type", "no such type" },
		{ 0, 0, raw(10, 0), "type", "no such type" },
		{ 0, 0, raw(15, 0), "type", "no such type" },
		{ 0, 0, raw(0x11, 0), NULL, NULL },
		{ 0, 0, raw(0x211, 0), "type", "no such type" },
		{ 0, 0, raw(0x411, 0), "type", "no such type" },
		{ 0, 0, raw(0x811, 0), "type", "no such type" },
		{ 0, 0, devtlb, NULL, NULL },
		{ 0, VTD_ECAP_DT, devtlb, "type", "needs ECAP.DT" },
		{ 0, 0, iec, NULL, NULL },
		{ 0, VTD_ECAP_IR, iec, "type", "needs ECAP.IR" },
		{ 0, 0, piotlb, NULL, NULL },
		{ 0, VTD_ECAP_PASID, piotlb, NULL, NULL },
		{ 0, VTD_ECAP_SMTS, piotlb, "type", "needs ECAP.SMTS" },
		{ 0, 0, pc, NULL, NULL },
		{ 0, VTD_ECAP_PASID, pc, NULL, NULL },
		{ 0, VTD_ECAP_SMTS, pc, "type", "needs ECAP.SMTS" },
		{ 0, 0, pdevtlb, NULL, NULL },
		{ 0, VTD_ECAP_DT, pdevtlb, "type", "needs ECAP.DT" },
		{ 0, VTD_ECAP_SMTS, pdevtlb, "type", "needs ECAP.SMTS" },
		{ 0, VTD_ECAP_PASID, pdevtlb, "type", "needs ECAP.PASID" },
		{ 0, 0, response, NULL, NULL },
		{ 0, VTD_ECAP_PASID, response, NULL, NULL },
		{ 0, VTD_ECAP_PRS, response, "type", "needs ECAP.PRS" },
	};

	(void)state;
	ASSERT_VERDICTS(verdicts, 128);
}

static void test_context(void **state)
{
	const struct verdict verdicts[] = {
		{ 0, 0, qi_desc_context(QI_CC_GLOBAL, 1, 2, 3), NULL, NULL },
		{ 0, 0, qi_desc_context(QI_CC_DOMAIN, 1, 2, 3), NULL, NULL },
		{ 0, 0, qi_desc_context(QI_CC_DEVICE, 0xffff, 0xffff, 3), NULL, NULL },
		{ 0, 0, qi_desc_context(0, 1, 2, 0), NO_GRANU },
		{ 0, 0, raw(1 << 6 | 0x11, 0), RSVD0 },
		{ 0, 0, raw(1ULL << 50 | 0x11, 0), RSVD0 },
		{ 0, 0, raw(0x11, 1), RSVD1 },
	};

	(void)state;
	ASSERT_VERDICTS(verdicts, 128);
}

static void test_iotlb(void **state)
{
	const struct qi_desc domain = qi_desc_iotlb(QI_IOTLB_DOMAIN, 1, 0, 0, false, 0);
	const struct qi_desc page = qi_desc_iotlb(QI_IOTLB_PAGE, 1, 0x1000, 0, false, 0);
	const struct verdict verdicts[] = {
		{ 0, 0, qi_desc_iotlb(QI_IOTLB_GLOBAL, 1, 0x1000, 63, true, DRAIN), NULL, NULL },
		{ 0, 0, qi_desc_iotlb(QI_IOTLB_DOMAIN, 1, 0x1000, 63, true, DRAIN), NULL, NULL },
		{ VTD_CAP_PSI, 0, domain, NULL, NULL },
		{ 0, 0, qi_desc_iotlb(0, 1, 0, 0, false, 0), NO_GRANU },
		{ 0, 0, page, NULL, NULL },
		{ VTD_CAP_PSI, 0, page, "G", "needs CAP.PSI" },
		{ VTD_CAP_DWD | VTD_CAP_DRD, 0, domain, NULL, NULL },
		{ VTD_CAP_DRD, 0, with(domain, QI_IOTLB_DW, 0), NULL, NULL },
		{ VTD_CAP_DWD, 0, with(domain, QI_IOTLB_DW, 0), "DW", "needs CAP.DWD" },
		{ VTD_CAP_DWD, 0, with(domain, QI_IOTLB_DR, 0), NULL, NULL },
		{ VTD_CAP_DRD, 0, with(domain, QI_IOTLB_DR, 0), "DR", "needs CAP.DRD" },
		{ 0, 0, qi_desc_iotlb(QI_IOTLB_PAGE, 1, 1ULL << 30, MAMV, true, 0), NULL, NULL },
		{ 0, 0, qi_desc_iotlb(QI_IOTLB_PAGE, 1, 1ULL << 31, MAMV + 1, false, 0), "AM",
		  "larger than CAP.MAMV" },
		{ 0, 0, qi_desc_iotlb(QI_IOTLB_PAGE, 1, 0x4000, 2, false, 0), NULL, NULL },
		{ 0, 0, qi_desc_iotlb(QI_IOTLB_PAGE, 1, 0x4000, 3, false, 0), "ADDR",
		  "not aligned to 2^AM pages" },
		{ 0, 0, qi_desc_iotlb(QI_IOTLB_PAGE, 1, 1ULL << 29, MAMV, false, 0), "ADDR",
		  "not aligned to 2^AM pages" },
		{ 0, 0, with(domain, 1 << 8, 0), RSVD0 },
		{ 0, 0, with(domain, 1 << 12, 0), RSVD0 },
		{ 0, 0, with(domain, 1ULL << 32, 0), RSVD0 },
		{ 0, 0, with(domain, 0, 1 << 7), RSVD1 },
		{ 0, 0, with(page, 0, 1 << 11), RSVD1 },
	};

	(void)state;
	ASSERT_VERDICTS(verdicts, 128);
}

static void test_dev_tlb(void **state)
{
	const struct qi_desc one = qi_desc_dev_tlb(1, 0, 1, 0x1000, 0);
	const struct verdict verdicts[] = {
		{ 0, 0, qi_desc_dev_tlb(0xffff, 0xffff, 31, ~0ULL, 0), NULL, NULL },
		{ 0, 0, qi_desc_dev_tlb(1, 0, 1, 0, QI_DEV_TLB_ALL), NULL, NULL },
		{ 0, 0, raw(3, ~0xfffULL), NULL, NULL },
		{ 0, 0, raw(3, ~0xfffULL | 1), "ADDR", "S is set, but no bit of ADDR is 0" },
		{ 0, VTD_ECAP_DIT, one, NULL, NULL },
		{ 0, VTD_ECAP_DIT, with(one, 1 << 12, 0), "PFSID", "needs ECAP.DIT" },
		{ 0, VTD_ECAP_DIT, with(one, 1ULL << 63, 0), "PFSID", "needs ECAP.DIT" },
		{ 0, 0, with(one, 1 << 4, 0), RSVD0 },
		{ 0, 0, with(one, 1 << 5, 0), RSVD0 },
		{ 0, 0, with(one, 1 << 21, 0), RSVD0 },
		{ 0, 0, with(one, 1ULL << 48, 0), RSVD0 },
		{ 0, 0, with(one, 0, 1 << 1), RSVD1 },
		{ 0, 0, with(one, 0, 1 << 11), RSVD1 },
	};

	(void)state;
	ASSERT_VERDICTS(verdicts, 128);
}

static void test_iec(void **state)
{
	const struct verdict verdicts[] = {
		{ 0, 0, qi_desc_iec(QI_IEC_GLOBAL, 1, 31), NULL, NULL },
		{ 0, 0, qi_desc_iec(QI_IEC_INDEX, 0xffff, MHMV), NULL, NULL },
		{ 0, 0, qi_desc_iec(QI_IEC_INDEX, 0, MHMV + 1), "IM", "larger than ECAP.MHMV" },
		{ 0, 0, raw(0x24, 0), RSVD0 },
		{ 0, 0, raw(0x34, 0), RSVD0 },
		{ 0, 0, raw(1 << 26 | 4, 0), RSVD0 },
		{ 0, 0, raw(1ULL << 48 | 4, 0), RSVD0 },
		{ 0, 0, raw(4, 1ULL << 63), RSVD1 },
	};

	(void)state;
	ASSERT_VERDICTS(verdicts, 128);
}

static void test_wait(void **state)
{
	const struct verdict verdicts[] = {
		{ 0, 0, qi_desc_wait(0, 0, 0), NULL, NULL },
		{ 0, 0, qi_desc_wait(QI_IWD_FN, 0, 0), NULL, NULL },
		{ 0, 0, qi_desc_wait(QI_IWD_SW | QI_IWD_IF, ~3ULL, ~0U), NULL, NULL },
		{ 0, 0, qi_desc_wait(QI_IWD_PD, 0, 0), NULL, NULL },
		{ 0, VTD_ECAP_PDS, qi_desc_wait(QI_IWD_PD, 0, 0), "PD", "needs ECAP.PDS" },
		{ 0, 0, raw(1 << 8 | 5, 0), RSVD0 },
		{ 0, 0, raw(1U << 31 | 5, 0), RSVD0 },
		{ 0, 0, raw(5, 1), "status address", "not a multiple of 4" },
		{ 0, 0, raw(5 | QI_IWD_SW, 2), "status address", "not a multiple of 4" },
	};

	(void)state;
	ASSERT_VERDICTS(verdicts, 128);
}

static void test_piotlb(void **state)
{
	const struct qi_desc page = qi_desc_piotlb(QI_PIOTLB_PAGE, 1, MAX_PASID, 0, 0, false);
	const struct verdict verdicts[] = {
		{ 0, 0, qi_desc_piotlb(QI_PIOTLB_PASID, 1, MAX_PASID, 0x1000, 63, true), NULL,
		  NULL },
		{ 0, 0, page, NULL, NULL },
		{ VTD_CAP_PSI, 0, page, NULL, NULL },
		{ 0, 0, qi_desc_piotlb(0, 1, 0, 0, 0, false), NO_GRANU },
		{ 0, 0, qi_desc_piotlb(1, 1, 0, 0, 0, false), NO_GRANU },
		{ 0, 0, qi_desc_piotlb(QI_PIOTLB_PASID, 1, MAX_PASID + 1, 0, 0, false), "PASID",
		  "wider than ECAP.PSS allows" },
		{ 0, VTD_ECAP_PASID, qi_desc_piotlb(QI_PIOTLB_PASID, 1, 1, 0, 0, false), "PASID",
		  "needs ECAP.PASID" },
		{ 0, 0, qi_desc_piotlb(QI_PIOTLB_PAGE, 1, 0, 0, MAMV + 1, false), "AM",
		  "larger than CAP.MAMV" },
		{ 0, 0, qi_desc_piotlb(QI_PIOTLB_PAGE, 1, 0, 0x1000, 1, false), "ADDR",
		  "not aligned to 2^AM pages" },
		{ 0, 0, with(page, 1 << 6, 0), RSVD0 },
		{ 0, 0, with(page, 1 << 15, 0), RSVD0 },
		{ 0, 0, with(page, 1ULL << 52, 0), RSVD0 },
		{ 0, 0, with(page, 0, 1 << 7), RSVD1 },
	};

	(void)state;
	ASSERT_VERDICTS(verdicts, 128);
}

static void test_pasid_cache(void **state)
{
	const struct verdict verdicts[] = {
		{ 0, 0, qi_desc_pasid_cache(QI_PC_DOMAIN, 1, MAX_PASID), NULL, NULL },
		{ 0, 0, qi_desc_pasid_cache(QI_PC_PASID, 1, MAX_PASID), NULL, NULL },
		{ 0, 0, qi_desc_pasid_cache(QI_PC_GLOBAL, 1, MAX_PASID), NULL, NULL },
		{ 0, 0, qi_desc_pasid_cache(2, 1, 0), NO_GRANU },
		{ 0, 0, qi_desc_pasid_cache(QI_PC_DOMAIN, 1, MAX_PASID + 1), "PASID",
		  "wider than ECAP.PSS allows" },
		{ 0, VTD_ECAP_PASID, qi_desc_pasid_cache(QI_PC_PASID, 1, 1), "PASID",
		  "needs ECAP.PASID" },
		{ 0, 0, with(qi_desc_pasid_cache(QI_PC_PASID, 1, 0), 1 << 7, 0), RSVD0 },
		{ 0, 0, with(qi_desc_pasid_cache(QI_PC_PASID, 1, 0), 0, 1 << 12), RSVD1 },
	};

	(void)state;
	ASSERT_VERDICTS(verdicts, 128);
}

static void test_dev_tlb_pasid(void **state)
{
	const struct qi_desc one = qi_desc_dev_tlb_pasid(1, 0, 1, 5, false, 0x1000, 0);
	const struct verdict verdicts[] = {
		{ 0, 0, qi_desc_dev_tlb_pasid(0xffff, 0xffff, 31, MAX_PASID, true, 0, 52), NULL,
		  NULL },
		{ 0, 0, raw(8, ~0xfffULL), NULL, NULL },
		{ 0, 0, raw(8, ~0xfffULL | 1), NULL, NULL },
		{ 0, 0, raw(8, ~0xfffULL | 1 << 11), "ADDR", "S is set, but no bit of ADDR is 0" },
		{ 0, VTD_ECAP_DIT, one, NULL, NULL },
		{ 0, VTD_ECAP_DIT, with(one, 1 << 15, 0), "PFSID", "needs ECAP.DIT" },
		{ 0, VTD_ECAP_DIT, with(one, 1ULL << 52, 0), "PFSID", "needs ECAP.DIT" },
		{ 0, 0, with(one, (uint64_t)(MAX_PASID + 1) << 32, 0), "PASID",
		  "wider than ECAP.PSS allows" },
		{ 0, 0, with(one, 1 << 8, 0), NULL, NULL },
		{ 0, 0, with(one, 0, 1 << 1), RSVD1 },
		{ 0, 0, with(one, 0, 1 << 10), RSVD1 },
	};

	(void)state;
	ASSERT_VERDICTS(verdicts, 128);
}

static void test_page_response(void **state)
{
	const struct qi_desc plain = qi_desc_page_response(1, false, 0, 0, 0, false);
	const struct verdict verdicts[] = {
		{ 0, 0, qi_desc_page_response(1, true, MAX_PASID, 0, 0x1ff, true), NULL, NULL },
		{ 0, 0, qi_desc_page_response(1, false, MAX_PASID, 1, 0, false), NULL, NULL },
		{ 0, 0, qi_desc_page_response(1, false, 0, 15, 0, false), NULL, NULL },
		{ 0, 0, qi_desc_page_response(1, false, 0, 2, 0, false), "RC",
		  "no such response code" },
		{ 0, 0, qi_desc_page_response(1, false, 0, 14, 0, false), "RC",
		  "no such response code" },
		{ 0, 0, qi_desc_page_response(1, false, MAX_PASID + 1, 0, 0, false), "PASID",
		  "wider than ECAP.PSS allows" },
		{ 0, VTD_ECAP_PASID, qi_desc_page_response(1, true, 0, 0, 0, false), "PP",
		  "needs ECAP.PASID" },
		{ 0, 0, with(plain, 1 << 5, 0), RSVD0 },
		{ 0, 0, with(plain, 1ULL << 52, 0), RSVD0 },
		{ 0, 0, with(plain, 0, 1 << 1), RSVD1 },
		{ 0, 0, with(plain, 0, 1 << 12), RSVD1 },
	};

	(void)state;
	ASSERT_VERDICTS(verdicts, 128);
}

static void test_width(void **state)
{
	struct qi_desc qw2 = qi_desc_context(QI_CC_GLOBAL, 0, 0, 0);
	struct qi_desc qw3 = qw2;

	(void)state;
	qw2.qw2 = 1;
	qw3.qw3 = 1ULL << 63;
	{
		const struct verdict narrow[] = {
			{ 0, 0, qw2, NULL, NULL },
			{ 0, 0, qw3, NULL, NULL },
		};
		const struct verdict wide[] = {
			{ 0, 0, qi_desc_context(QI_CC_GLOBAL, 0, 0, 0), NULL, NULL },
			{ 0, 0, qw2, "qw2/qw3", "not zero" },
			{ 0, 0, qw3, "qw2/qw3", "not zero" },
		};

		ASSERT_VERDICTS(narrow, 128);
		ASSERT_VERDICTS(wide, 256);
	}
}

/* PSS is one less than the width, and the field has 20 bits however large PSS is. */
static void test_pasid_width(void **state)
{
	struct qi_rules rules;
	struct qi_desc d;
	unsigned pss, bit;

	(void)state;
	for (pss = 0; pss < 32; pss++) {
		qi_rules_init(&rules, 0,
			      VTD_ECAP_SMTS | VTD_ECAP_PASID | (uint64_t)pss << VTD_ECAP_PSS_SHIFT,
			      128);
		for (bit = 0; bit < 32; bit++) {
			d = raw(QI_PC_TYPE | 1ULL << (32 + bit), 0);
			assert_int_equal(qi_desc_valid(&rules, &d), bit <= pss && bit < 20);
		}
	}
}

/* Every unit and every AM: MAMV is the limit, and alignment is to the page, however large. */
static void test_every_am(void **state)
{
	struct qi_rules rules;
	unsigned mamv, am;
	struct qi_desc d;

	(void)state;
	for (mamv = 0; mamv < 64; mamv++) {
		qi_rules_init(&rules, VTD_CAP_PSI | (uint64_t)mamv << VTD_CAP_MAMV_SHIFT, 0, 128);
		for (am = 0; am < 64; am++) {
			d = qi_desc_iotlb(QI_IOTLB_PAGE, 1, 0, am, false, 0);
			assert_int_equal(qi_desc_valid(&rules, &d), am <= mamv);
			d.qw1 |= 1ULL << 63; /* page number 2^51 */
			assert_int_equal(qi_desc_valid(&rules, &d), am <= mamv && am <= 51);
			if (!am || am > 52)
				continue;
			d = qi_desc_iotlb(QI_IOTLB_PAGE, 1, 1ULL << (11 + am), am, false, 0);
			assert_false(qi_desc_valid(&rules, &d));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),	      cmocka_unit_test(test_context),
		cmocka_unit_test(test_iotlb),	      cmocka_unit_test(test_dev_tlb),
		cmocka_unit_test(test_iec),	      cmocka_unit_test(test_wait),
		cmocka_unit_test(test_piotlb),	      cmocka_unit_test(test_pasid_cache),
		cmocka_unit_test(test_dev_tlb_pasid), cmocka_unit_test(test_page_response),
		cmocka_unit_test(test_width),	      cmocka_unit_test(test_pasid_width),
		cmocka_unit_test(test_every_am),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
