/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Descriptors are built as other drivers were seen to write them; what does not fit is not cut. */
#include "desc_caps.h"

static uint64_t random64(void)
{
	static uint64_t state = 0x853c49e6748fea9bULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * 0x2545f4914f6cdd1dULL;
}

static void assert_words(struct qi_desc d, uint64_t qw0, uint64_t qw1)
{
	assert_int_equal(d.qw0, qw0);
	assert_int_equal(d.qw1, qw1);
	assert_int_equal(d.qw2 | d.qw3, 0);
}

static void test_build(void **state)
{
	(void)state;
	assert_words(qi_desc_context(QI_CC_DEVICE, 0xabcd, 0x1234, 3), 0x00031234abcd0031, 0);
	assert_words(qi_desc_iotlb(QI_IOTLB_DOMAIN, 1, 0, 0, false, DRAIN), 0x100e2, 0);
	assert_words(qi_desc_iotlb(QI_IOTLB_PAGE, 8, 0xf9a00000, 5, false, DRAIN), 0x800f2,
		     0xf9a00005);
	assert_words(qi_desc_iotlb(QI_IOTLB_PAGE, 8, 0xf9a00fff, 5, true, DRAIN), 0x800f2,
		     0xf9a00045);
	assert_words(qi_desc_dev_tlb(0x0010, 0, 32, 0, QI_DEV_TLB_ALL), 0x1000000003,
		     0x7ffffffffffff001);
	assert_words(qi_desc_dev_tlb(0xaf03, 0, 16, 0, QI_DEV_TLB_ALL), 0xaf0300100003,
		     0x7ffffffffffff001);
	assert_words(qi_desc_dev_tlb(0x0200, 0xabcd, 1, 0x5000, 0), 0xabc002000001d003, 0x5000);
	assert_words(qi_desc_iec(QI_IEC_INDEX, 0x1234, 0x15), 0x1234a8000014, 0);
	assert_words(qi_desc_wait(QI_IWD_SW, 0x10005f634, 2), 0x200000025, 0x10005f634);
	assert_words(qi_desc_wait(QI_IWD_IF | QI_IWD_SW | QI_IWD_FN | QI_IWD_PD, 0x1004, 0), 0xf5,
		     0x1004);
	assert_words(qi_desc_piotlb(QI_PIOTLB_PAGE, 7, 0xabcde, 0x200000, 9, true),
		     0x000abcde00070036, 0x200049);
	assert_words(qi_desc_pasid_cache(QI_PC_PASID, 7, 0xabcde), 0x000abcde00070017, 0);
	assert_words(qi_desc_dev_tlb_pasid(0x0200, 0xabcd, 3, 0x12345, true, 0x4fff, 2),
		     0xabc123450200d038, 0x5801);
	assert_words(qi_desc_page_response(0x50, true, 0x12345, QI_RESP_INVALID, 0x1ff, true),
		     0x0001234500501019, 0xffc);
}

/* A size is a size: 2^order pages, from one page to everything. */
static void test_dev_tlb_sizes(void **state)
{
	uint64_t addr, first, last, bytes;
	struct qi_desc d;
	unsigned order;

	(void)state;
	for (order = 0; order <= QI_DEV_TLB_ALL; order++) {
		bytes = order < 52 ? 1ULL << (order + 12) : 0;
		addr = (random64() & ~(bytes - 1)) | (random64() & 0xfff);
		d = qi_desc_dev_tlb(1, 0, 1, addr, order);
		assert_true(qi_desc_range(&d, &first, &last));
		assert_int_equal(first, addr & ~0xfffULL);
		assert_int_equal(last, first + bytes - 1);
		d = qi_desc_dev_tlb_pasid(1, 0, 1, 2, false, addr, order);
		assert_true(qi_desc_range(&d, &first, &last));
		assert_int_equal(first, addr & ~0xfffULL);
		assert_int_equal(last, first + bytes - 1);
	}
}

/* Each argument of each builder, as large as fits and one too large. */

struct misfit {
	struct qi_desc fits, does_not;
	const char *field;
	const char *reason;
};

#define LARGER "larger than the field"
#define UNALIGNED "not aligned to 2^order pages, or more than 2^52 of them"
#define NO_FLAG "a bit that is none of these flags"

#define MISFIT(call, most, field, reason)                   \
	{                                                   \
		call(most), call((most) + 1), field, reason \
	}

#define CC_G(v) qi_desc_context(v, 0, 0, 0)
#define CC_DID(v) qi_desc_context(1, v, 0, 0)
#define CC_SID(v) qi_desc_context(1, 0, v, 0)
#define CC_FM(v) qi_desc_context(1, 0, 0, v)
#define IOTLB_G(v) qi_desc_iotlb(v, 0, 0, 0, false, 0)
#define IOTLB_DID(v) qi_desc_iotlb(1, v, 0, 0, false, 0)
#define IOTLB_AM(v) qi_desc_iotlb(1, 0, 0, v, false, 0)
#define IOTLB_DRAIN(v) qi_desc_iotlb(1, 0, 0, 0, false, v)
#define DTLB_SID(v) qi_desc_dev_tlb(v, 0, 0, 0, 0)
#define DTLB_PFSID(v) qi_desc_dev_tlb(0, v, 0, 0, 0)
#define DTLB_QDEP(v) qi_desc_dev_tlb(0, 0, v, 0, 0)
#define DTLB_ORDER(v) qi_desc_dev_tlb(0, 0, 0, 0, v)
#define IEC_G(v) qi_desc_iec(v, 0, 0)
#define IEC_IIDX(v) qi_desc_iec(1, v, 0)
#define IEC_IM(v) qi_desc_iec(1, 0, v)
#define PTLB_G(v) qi_desc_piotlb(v, 0, 0, 0, 0, false)
#define PTLB_DID(v) qi_desc_piotlb(2, v, 0, 0, 0, false)
#define PTLB_PASID(v) qi_desc_piotlb(2, 0, v, 0, 0, false)
#define PTLB_AM(v) qi_desc_piotlb(2, 0, 0, 0, v, false)
#define PC_G(v) qi_desc_pasid_cache(v, 0, 0)
#define PC_DID(v) qi_desc_pasid_cache(0, v, 0)
#define PC_PASID(v) qi_desc_pasid_cache(0, 0, v)
#define PDTLB_SID(v) qi_desc_dev_tlb_pasid(v, 0, 0, 0, false, 0, 0)
#define PDTLB_PFSID(v) qi_desc_dev_tlb_pasid(0, v, 0, 0, false, 0, 0)
#define PDTLB_QDEP(v) qi_desc_dev_tlb_pasid(0, 0, v, 0, false, 0, 0)
#define PDTLB_PASID(v) qi_desc_dev_tlb_pasid(0, 0, 0, v, false, 0, 0)
#define PDTLB_ORDER(v) qi_desc_dev_tlb_pasid(0, 0, 0, 0, false, 0, v)
#define PRG_RID(v) qi_desc_page_response(v, false, 0, 0, 0, false)
#define PRG_PASID(v) qi_desc_page_response(0, true, v, 0, 0, false)
#define PRG_RC(v) qi_desc_page_response(0, true, 0, v, 0, false)
#define PRG_PRGI(v) qi_desc_page_response(0, true, 0, 0, v, false)

static void test_nothing_is_cut(void **state)
{
	const struct misfit misfits[] = {
		MISFIT(CC_G, 3U, "G", LARGER),
		MISFIT(CC_DID, 0xffffU, "DID", LARGER),
		MISFIT(CC_SID, 0xffffU, "SID", LARGER),
		MISFIT(CC_FM, 3U, "FM", LARGER),
		MISFIT(IOTLB_G, 3U, "G", LARGER),
		MISFIT(IOTLB_DID, 0xffffU, "DID", LARGER),
		MISFIT(IOTLB_AM, 63U, "AM", LARGER),
		MISFIT(IOTLB_DRAIN, DRAIN, "reserved", NO_FLAG),
		MISFIT(DTLB_SID, 0xffffU, "SID", LARGER),
		MISFIT(DTLB_PFSID, 0xffffU, "PFSID", LARGER),
		MISFIT(DTLB_QDEP, 32U, "MIP", LARGER),
		MISFIT(DTLB_ORDER, 52U, "ADDR", UNALIGNED),
		MISFIT(IEC_G, 1U, "G", LARGER),
		MISFIT(IEC_IIDX, 0xffffU, "IIDX", LARGER),
		MISFIT(IEC_IM, 31U, "IM", LARGER),
		MISFIT(PTLB_G, 3U, "G", LARGER),
		MISFIT(PTLB_DID, 0xffffU, "DID", LARGER),
		MISFIT(PTLB_PASID, 0xfffffU, "PASID", LARGER),
		MISFIT(PTLB_AM, 63U, "AM", LARGER),
		MISFIT(PC_G, 3U, "G", LARGER),
		MISFIT(PC_DID, 0xffffU, "DID", LARGER),
		MISFIT(PC_PASID, 0xfffffU, "PASID", LARGER),
		MISFIT(PDTLB_SID, 0xffffU, "SID", LARGER),
		MISFIT(PDTLB_PFSID, 0xffffU, "PFSID", LARGER),
		MISFIT(PDTLB_QDEP, 32U, "MIP", LARGER),
		MISFIT(PDTLB_PASID, 0xfffffU, "PASID", LARGER),
		MISFIT(PDTLB_ORDER, 52U, "ADDR", UNALIGNED),
		MISFIT(PRG_RID, 0xffffU, "RID", LARGER),
		MISFIT(PRG_PASID, 0xfffffU, "PASID", LARGER),
		MISFIT(PRG_RC, 15U, "RC", LARGER),
		MISFIT(PRG_PRGI, 511U, "PRGI", LARGER),
		/* What -1 and the like become. */
		{ CC_DID(1), CC_DID(~0U), "DID", LARGER },
		{ IOTLB_AM(1), IOTLB_AM(~0U), "AM", LARGER },
		{ IOTLB_DRAIN(0), IOTLB_DRAIN(~0ULL), "reserved", NO_FLAG },
		{ DTLB_ORDER(1), DTLB_ORDER(~0U), "ADDR", UNALIGNED },
		{ PC_PASID(1), PC_PASID(~0U), "PASID", LARGER },
		/* The one beside it is not what was meant. */
		{ qi_desc_dev_tlb(0, 0, 0, 0x4000, 2), qi_desc_dev_tlb(0, 0, 0, 0x5000, 2), "ADDR",
		  UNALIGNED },
		{ qi_desc_dev_tlb_pasid(0, 0, 0, 0, false, 0x4000, 2),
		  qi_desc_dev_tlb_pasid(0, 0, 0, 0, false, 0x6000, 2), "ADDR", UNALIGNED },
		{ qi_desc_wait(QI_IWD_SW, 4, 0), qi_desc_wait(QI_IWD_SW, 6, 0), "status address",
		  "not a multiple of 4" },
		{ qi_desc_wait(QI_IWD_PD, 4, 0), qi_desc_wait(QI_IWD_PD << 1, 4, 0), "reserved",
		  NO_FLAG },
		{ qi_desc_wait(QI_IWD_PD, 4, 0), qi_desc_wait(QI_IWD_TYPE, 4, 0), "reserved",
		  NO_FLAG },
		/* If several fields do not fit, the first one is reported. */
		{ qi_desc_context(1, 1, 1, 1), qi_desc_context(1, 1 << 16, 1, 4), "DID", LARGER },
		{ qi_desc_dev_tlb(1, 1, 1, 0, 0), qi_desc_dev_tlb(1, 1 << 16, 33, 0, 53), "MIP",
		  LARGER },
	};
	unsigned i, width;

	(void)state;
	for (width = 128; width <= 256; width += 128) {
		struct qi_rules rules;

		qi_rules_init(&rules, CAP_ALL, ECAP_ALL, width);
		for (i = 0; i < sizeof(misfits) / sizeof(misfits[0]); i++) {
			const struct misfit *m = &misfits[i];
			struct qi_refusal why = qi_desc_refusal(&rules, &m->does_not);

			assert_int_equal(qi_desc_misfit(&m->fits), QI_F_NONE);
			assert_int_equal(m->fits.qw2 | m->fits.qw3, 0);
			assert_int_not_equal(qi_desc_misfit(&m->does_not), QI_F_NONE);
			/* Should it reach a ring by another way, any unit refuses type 0. */
			assert_int_equal(m->does_not.qw0 | m->does_not.qw1, 0);
			assert_false(qi_desc_valid(&rules, &m->does_not));
			assert_false(qi_desc_quick(&rules, &m->does_not));
			assert_string_equal(why.field, m->field);
			assert_string_equal(why.reason, m->reason);
		}
	}
}

/* Whatever stands in a descriptor of type 0, and in a misfit's words, nothing is misread. */
static void test_misfits_are_no_others(void **state)
{
	const struct qi_desc made = qi_desc_context(4, 0, 0, 0);
	struct qi_rules rules;
	struct qi_desc d;
	uint64_t i;

	(void)state;
	qi_rules_init(&rules, CAP_ALL, ECAP_ALL, 256);
	for (i = 0; i < 1000; i++) {
		d = made;
		d.qw2 += i - 500;
		assert_in_range(qi_desc_misfit(&d), QI_F_NONE, QI_FIELDS - 1);
		assert_false(qi_desc_valid(&rules, &d));
		assert_non_null(qi_desc_refusal(&rules, &d).reason);
	}
	d = made;
	d.qw0 = 0x11;
	assert_int_equal(qi_desc_misfit(&d), QI_F_NONE);
	d = made;
	d.qw1 = 1;
	assert_int_equal(qi_desc_misfit(&d), QI_F_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_build),
		cmocka_unit_test(test_dev_tlb_sizes),
		cmocka_unit_test(test_nothing_is_cut),
		cmocka_unit_test(test_misfits_are_no_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
