/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Which descriptors are refused, and with which code: device/check.c. */
#include "rig.h"

static struct rig r;

#define BITS(hi, lo) (~0ULL >> (63 - (hi)) >> (lo) << (lo))
#define ADDR BITS(63, 12)
#define PASID BITS(51, 32)

/* For each type: a valid descriptor, the fields in which any value is valid, and the others. */
static const struct shape {
	const char *name;
	struct qi_desc base;
	uint64_t any0, any1, some0, some1;
} shapes[] = {
	{ "context",
	  { 0x31, 0, 0, 0 },
	  BITS(31, 16) | BITS(47, 32) | BITS(49, 48),
	  0,
	  BITS(5, 4),
	  0 },
	{ "iotlb", { 0x22, 0, 0, 0 }, BITS(7, 6) | BITS(31, 16), BITS(6, 0) | ADDR, BITS(5, 4), 0 },
	{ "iotlb page",
	  { 0x32, 0, 0, 0 },
	  BITS(7, 6) | BITS(31, 16),
	  BITS(6, 6) | ADDR,
	  BITS(5, 4),
	  BITS(5, 0) },
	{ "device tlb",
	  { 0x3, 0, 0, 0 },
	  BITS(20, 12) | BITS(47, 32) | BITS(63, 52),
	  BITS(0, 0) | ADDR,
	  0,
	  0 },
	{ "iec", { 0x14, 0, 0, 0 }, BITS(4, 4) | BITS(30, 27) | BITS(47, 32), 0, BITS(31, 31), 0 },
	{ "wait", { 0x5, 0, 0, 0 }, BITS(7, 6) | BITS(63, 32), ADDR | BITS(11, 2), BITS(5, 4), 0 },
	{ "pasid iotlb",
	  { 0x26, 0, 0, 0 },
	  BITS(4, 4) | BITS(31, 16) | PASID,
	  BITS(6, 0) | ADDR,
	  BITS(5, 5),
	  0 },
	{ "pasid iotlb page",
	  { 0x36, 0, 0, 0 },
	  BITS(4, 4) | BITS(31, 16) | PASID,
	  BITS(6, 6) | ADDR,
	  BITS(5, 5),
	  BITS(5, 0) },
	{ "pasid", { 0x17, 0, 0, 0 }, BITS(4, 4) | BITS(31, 16) | PASID, 0, BITS(5, 5), 0 },
	{ "pasid device tlb",
	  { 0x8, 0, 0, 0 },
	  BITS(8, 4) | BITS(31, 12) | PASID | BITS(63, 52),
	  BITS(0, 0) | BITS(11, 11) | ADDR,
	  0,
	  0 },
	{ "response",
	  { 0x9, 0, 0, 0 },
	  BITS(4, 4) | BITS(12, 12) | BITS(31, 16) | PASID,
	  BITS(11, 2),
	  BITS(15, 13),
	  0 },
};

static int expected(const struct shape *s, unsigned qword, unsigned bit)
{
	uint64_t any = qword ? s->any1 : s->any0;

	if (!qword && bit >= 9 && bit <= 11)
		return VTD_IQEI_TYPE;
	return any >> bit & 1 ? -1 : VTD_IQEI_RESERVED;
}

static void flip_each_bit(const struct shape *s)
{
	unsigned qword, bit;

	assert_int_equal(rig_try(&r, s->base), -1);
	for (qword = 0; qword < 2; qword++) {
		for (bit = qword ? 0 : 4; bit < 64; bit++) {
			struct qi_desc d = s->base;
			int code;

			if ((qword ? s->some1 : s->some0) >> bit & 1)
				continue;
			*(qword ? &d.qw1 : &d.qw0) ^= 1ULL << bit;
			code = rig_try(&r, d);
			if (code != expected(s, qword, bit))
				fail_msg("%s: qw%u bit %u: %d", s->name, qword, bit, code);
		}
	}
}

static void test_each_bit(void **state)
{
	unsigned width, i;

	(void)state;
	for (width = 128; width <= 256; width += 128) {
		rig_start(&r, width);
		for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
			flip_each_bit(&shapes[i]);
	}
}

static void test_upper_half(void **state)
{
	struct qi_desc d;
	unsigned i, bit;

	(void)state;
	rig_start(&r, 256);
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		for (bit = 0; bit < 64; bit++) {
			d = shapes[i].base;
			d.qw2 = 1ULL << bit;
			assert_int_equal(rig_try(&r, d), VTD_IQEI_RESERVED);
			d = shapes[i].base;
			d.qw3 = 1ULL << bit;
			assert_int_equal(rig_try(&r, d), VTD_IQEI_RESERVED);
		}
	}
}

static void test_types(void **state)
{
	unsigned type;

	(void)state;
	rig_start(&r, 256);
	for (type = 0; type < 128; type++) { /* reserved bits are checked only then */
		struct qi_desc d = { (type & 0xf) | (type & 0x70) << 5 | 0x30, 0, 1, 0 };
		bool known = type >= 1 && type <= 9;

		assert_int_equal(rig_try(&r, d), known ? VTD_IQEI_RESERVED : VTD_IQEI_TYPE);
	}
}

static void test_granularities(void **state)
{
	static const struct {
		unsigned type, good;
	} g[] = { { 1, 0xe }, { 2, 0xe }, { 6, 0xc }, { 7, 0xb } };
	unsigned i, j;

	(void)state;
	rig_start(&r, 256);
	for (i = 0; i < 4; i++) {
		for (j = 0; j < 4; j++) {
			struct qi_desc d = { g[i].type | j << 4, 0, 0, 0 };

			assert_int_equal(rig_try(&r, d), g[i].good >> j & 1 ? -1 : 4);
		}
	}
}

static void start_without(uint64_t cap, uint64_t ecap)
{
	rig_config(&r, VTD_SPEC);
	r.cfg.cap &= ~cap;
	r.cfg.ecap &= ~ecap;
	rig_init(&r);
	rig_write(&r, DMAR_IQA_REG, RIG_MEM);
	rig_command(&r, VTD_GCMD_QIE, true);
}

static void assert_types_missing(uint64_t ecap, unsigned missing)
{
	unsigned i;

	start_without(0, ecap);
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		bool gone = missing >> (shapes[i].base.qw0 & 0xf) & 1;

		assert_int_equal(rig_try(&r, shapes[i].base), gone ? VTD_IQEI_TYPE : -1);
	}
}

static void test_types_that_need_a_capability(void **state)
{
	(void)state;
	assert_types_missing(VTD_ECAP_DT, 1 << 3 | 1 << 8);
	assert_types_missing(VTD_ECAP_IR, 1 << 4);
	assert_types_missing(VTD_ECAP_SMTS, 1 << 6 | 1 << 7 | 1 << 8);
	assert_types_missing(VTD_ECAP_PASID, 1 << 8);
	assert_types_missing(VTD_ECAP_PRS, 1 << 9);
}

static void assert_field_missing(uint64_t cap, uint64_t ecap, struct qi_desc d, uint64_t field)
{
	unsigned bit;

	start_without(cap, ecap);
	assert_int_equal(rig_try(&r, d), -1);
	for (bit = 0; bit < 64; bit++) {
		struct qi_desc with = d;

		with.qw0 |= 1ULL << bit;
		if (field >> bit & 1)
			assert_int_equal(rig_try(&r, with), VTD_IQEI_RESERVED);
	}
}

static void test_fields_that_need_a_capability(void **state)
{
	const uint64_t pfsid = BITS(15, 12) | BITS(63, 52);

	(void)state;
	assert_field_missing(VTD_CAP_DWD, 0, (struct qi_desc){ 0x92, 0, 0, 0 }, BITS(6, 6));
	assert_field_missing(VTD_CAP_DRD, 0, (struct qi_desc){ 0x52, 0, 0, 0 }, BITS(7, 7));
	assert_field_missing(0, VTD_ECAP_DIT, (struct qi_desc){ 0x1f0003, 0, 0, 0 }, pfsid);
	assert_field_missing(0, VTD_ECAP_DIT, (struct qi_desc){ 0x1f8, 0, 0, 0 }, pfsid);
	assert_field_missing(0, VTD_ECAP_PDS, (struct qi_desc){ 0x75, 0, 0, 0 }, BITS(7, 7));
	assert_field_missing(0, VTD_ECAP_PASID, (struct qi_desc){ 0x9, 0, 0, 0 },
			     BITS(4, 4) | PASID);
	assert_field_missing(0, VTD_ECAP_PASID, (struct qi_desc){ 0x26, 0, 0, 0 }, PASID);
	assert_field_missing(0, VTD_ECAP_PASID, (struct qi_desc){ 0x17, 0, 0, 0 }, PASID);
}

static void test_pasid_width(void **state)
{
	static const struct qi_desc with_pasid[] = {
		{ 0x26, 0, 0, 0 }, { 0x17, 0, 0, 0 }, { 0x8, 0, 0, 0 }, { 0x9, 0, 0, 0 }
	};
	unsigned pss, bit, i;

	(void)state;
	for (pss = 0; pss < 32; pss++) {
		start_without(0, (uint64_t)(~pss & 0x1f) << VTD_ECAP_PSS_SHIFT);
		r.u.cfg.ecap |= (uint64_t)pss << VTD_ECAP_PSS_SHIFT;
		for (i = 0; i < 4; i++) {
			for (bit = 0; bit < 20; bit++) {
				struct qi_desc d = with_pasid[i];

				d.qw0 |= 1ULL << (32 + bit);
				assert_int_equal(rig_try(&r, d), bit <= pss ? -1 : 4);
			}
		}
	}
}

static void test_page_ranges(void **state)
{
	unsigned mamv, am, i;

	(void)state;
	for (mamv = 0; mamv < 64; mamv += 9) {
		start_without(BITS(53, 48), 0);
		r.u.cfg.cap |= (uint64_t)mamv << VTD_CAP_MAMV_SHIFT;
		for (i = 0; i < 2; i++) {
			for (am = 0; am < 64; am++) {
				struct qi_desc d = { i ? 0x36 : 0x32, am, 0, 0 };
				uint64_t unaligned = am < 53 ? 1ULL << (11 + am) : 1ULL << 63;

				assert_int_equal(rig_try(&r, d), am <= mamv ? -1 : 4);
				if (am < 52)
					d.qw1 |= 1ULL << (12 + am);
				assert_int_equal(rig_try(&r, d), am <= mamv ? -1 : 4);
				d.qw1 |= unaligned;
				if (am)
					assert_int_equal(rig_try(&r, d), am <= mamv ? -1 : 4);
				d.qw0 = (i ? 0x26 : 0x22); /* looks at neither */
				if (am)
					assert_int_equal(rig_try(&r, d), -1);
			}
		}
	}
}

static void test_page_selective_needs_psi(void **state)
{
	(void)state;
	start_without(VTD_CAP_PSI, 0);
	assert_int_equal(rig_try(&r, qi_desc_iotlb(QI_IOTLB_PAGE, 1, 0, 0, false, 0)), 4);
	assert_int_equal(rig_try(&r, qi_desc_iotlb(QI_IOTLB_DOMAIN, 1, 0, 0, false, 0)), -1);
	assert_int_equal(rig_try(&r, qi_desc_piotlb(QI_PIOTLB_PAGE, 1, 1, 0, 0, false)), -1);
}

static void test_index_mask(void **state)
{
	unsigned mhmv, im;

	(void)state;
	for (mhmv = 0; mhmv < 16; mhmv++) {
		start_without(0, BITS(23, 20));
		r.u.cfg.ecap |= (uint64_t)mhmv << VTD_ECAP_MHMV_SHIFT;
		for (im = 0; im < 32; im++) {
			assert_int_equal(rig_try(&r, qi_desc_iec(QI_IEC_INDEX, 0xffff, im)),
					 im <= mhmv ? -1 : 4);
			assert_int_equal(rig_try(&r, qi_desc_iec(QI_IEC_GLOBAL, 0xffff, im)), -1);
		}
	}
}

static void test_size_of_device_ranges(void **state)
{
	const uint64_t s8 = 1 << 11, ones = ADDR;
	unsigned bit;

	(void)state;
	rig_start(&r, 128);
	assert_int_equal(rig_try(&r, (struct qi_desc){ 3, ones, 0, 0 }), -1);
	assert_int_equal(rig_try(&r, (struct qi_desc){ 3, ones | 1, 0, 0 }), 4);
	assert_int_equal(rig_try(&r, (struct qi_desc){ 8, ones | 1, 0, 0 }), -1); /* G, not S */
	assert_int_equal(rig_try(&r, (struct qi_desc){ 8, ones | s8, 0, 0 }), 4);
	for (bit = 12; bit < 64; bit++) {
		uint64_t hole = ones & ~(1ULL << bit);

		assert_int_equal(rig_try(&r, (struct qi_desc){ 3, hole | 1, 0, 0 }), -1);
		assert_int_equal(rig_try(&r, (struct qi_desc){ 8, hole | s8, 0, 0 }), -1);
	}
}

static void test_waits_and_responses(void **state)
{
	unsigned flags, rc;

	(void)state;
	rig_start(&r, 128);
	for (flags = 0; flags < 16; flags++) {
		struct qi_desc d = qi_desc_wait(flags << 4, RIG_STATUS, 0);

		assert_int_equal(rig_try(&r, d), -1);
		d.qw1 |= 2; /* also where nothing will be written */
		assert_int_equal(rig_try(&r, d), 4);
	}
	for (rc = 0; rc < 16; rc++)
		assert_int_equal(rig_try(&r, qi_desc_page_response(1, true, 1, rc, 0, false)),
				 rc == 0 || rc == 1 || rc == 15 ? -1 : 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_bit),
		cmocka_unit_test(test_upper_half),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_granularities),
		cmocka_unit_test(test_types_that_need_a_capability),
		cmocka_unit_test(test_fields_that_need_a_capability),
		cmocka_unit_test(test_pasid_width),
		cmocka_unit_test(test_page_ranges),
		cmocka_unit_test(test_page_selective_needs_psi),
		cmocka_unit_test(test_index_mask),
		cmocka_unit_test(test_size_of_device_ranges),
		cmocka_unit_test(test_waits_and_responses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
