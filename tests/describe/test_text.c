/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Descriptors: parsing, and conversion to fields, ranges and lines of text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <describe/describe.h>

#define ALL_ADDR 0x7ffffffffffff000ULL /* with S: the whole address space */

static struct qi_desc raw(uint64_t qw0, uint64_t qw1)
{
	struct qi_desc d = { qw0, qw1, 0, 0 };

	return d;
}

static uint64_t random64(void)
{
	static uint64_t state = 0x853c49e6748fea9bULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * 0x2545f4914f6cdd1dULL;
}

struct sample {
	struct qi_desc desc;
	const char *text;
};

static const struct sample samples[] = {
	{ { 0x11, 0, 0, 0 }, "Context-cache Invalidation: global" },
	{ { 0x70021, 0, 0, 0 }, "Context-cache Invalidation: domain, DID 7" },
	{ { 0x020000070031, 0, 0, 0 }, "Context-cache Invalidation: device, DID 7, SID 02:00.0" },
	{ { 0x3020000070031, 0, 0, 0 },
	  "Context-cache Invalidation: device, DID 7, SID 02:00.0, all functions" },
	{ { 0x01, 0, 0, 0 }, "Context-cache Invalidation: G 0 (undefined), DID 0" },
	{ { 0x41, 0x10, 0, 0 },
	  "Context-cache Invalidation: G 0 (undefined), DID 0, reserved qw0 0x40, "
	  "reserved qw1 0x10" },
	{ { 0xd2, 0, 0, 0 }, "IOTLB Invalidation: global, DR DW" },
	{ { 0x100e2, 0x12345, 1, 1 },
	  "IOTLB Invalidation: domain, DID 1, DR DW, "
	  "reserved qw1 0x300" },
	{ { 0x800f2, 0xf9a00005, 0, 0 },
	  "IOTLB Invalidation: page, DID 8, ADDR 0xf9a00000-0xf9a1ffff (AM 5), DR DW" },
	{ { 0x800b2, 0xf9a01045, 0, 0 },
	  "IOTLB Invalidation: page, DID 8, ADDR 0xf9a00000-0xf9a1ffff (AM 5, not aligned), "
	  "IH DR" },
	{ { 0x80032, 63, 0, 0 }, "IOTLB Invalidation: page, DID 8, whole address space (AM 63)" },
	{ { 0x1000000003, 0x7ffffffffffff001, 0, 0 },
	  "Device-TLB Invalidation: SID 00:02.0, whole address space" },
	{ { 0xaf0300100003, 0x7ffffffffffff001, 0, 0 },
	  "Device-TLB Invalidation: SID af:00.3, whole address space, MIP 16" },
	{ { 0x001002000001d003, 0x5000, 0, 0 },
	  "Device-TLB Invalidation: SID 02:00.0, ADDR 0x5000-0x5fff, MIP 1, PFSID 00:03.5" },
	{ { 0x020000000003, 0xfffffffffffff001, 0, 0 },
	  "Device-TLB Invalidation: SID 02:00.0, ADDR 0xfffffffffffff000 (no size)" },
	{ { 0x04, 0, 0, 0 }, "Interrupt Entry Cache Invalidation: global" },
	{ { 0x14, 0, 0, 0 }, "Interrupt Entry Cache Invalidation: index, IIDX 0" },
	{ { 0x1300000014 | 2 << 27, 0, 0, 0 },
	  "Interrupt Entry Cache Invalidation: index, IIDX 16-19 (IM 2)" },
	{ { 0x1300000014 | 31U << 27, 0, 0, 0 },
	  "Interrupt Entry Cache Invalidation: index, IIDX 0-65535 (IM 31)" },
	{ { 0x200000025, 0x10005f634, 0, 0 }, "Invalidation Wait: SW data 2 to 0x10005f634" },
	{ { 0x2000000f5, 0x10005f634, 0, 0 },
	  "Invalidation Wait: SW data 2 to 0x10005f634, IF FN PD" },
	{ { 0x15, 0, 0, 0 }, "Invalidation Wait: IF" },
	{ { 0x45, 0, 0, 0 }, "Invalidation Wait: neither SW nor IF, FN" },
	{ { 0x26, 0x1049, 0, 0 }, "PASID-based IOTLB Invalidation: PASID, DID 0, PASID 0x0" },
	{ { 0x000abcde00070036, 0x200049, 0, 0 },
	  "PASID-based IOTLB Invalidation: page, DID 7, PASID 0xabcde, "
	  "ADDR 0x200000-0x3fffff (AM 9), IH" },
	{ { 0x500070007, 0, 0, 0 }, "PASID-cache Invalidation: domain, DID 7" },
	{ { 0x500070017, 0, 0, 0 }, "PASID-cache Invalidation: PASID, DID 7, PASID 0x5" },
	{ { 0x500070037, 0, 0, 0 }, "PASID-cache Invalidation: global" },
	{ { 0x502000008, 0x5800, 0, 0 },
	  "PASID-based Device-TLB Invalidation: SID 02:00.0, PASID 0x5, ADDR 0x4000-0x7fff" },
	{ { 0x502000028, 0x7ffffffffffff801, 0, 0 },
	  "PASID-based Device-TLB Invalidation: SID 02:00.0, all PASIDs, whole address space, "
	  "MIP 2" },
	{ { 0x500501019, 0xc, 0, 0 },
	  "Page Group Response: invalid request, RID 00:0a.0, PASID 0x5, PRGI 1, LPIG" },
	{ { 0x500502009, 0x8, 0, 0 },
	  "Page Group Response: RC 2 (undefined), RID 00:0a.0, PRGI 1" },
	{ { 0, 0, 0, 0 }, "UNKNOWN: type 0, qw0 0x0, qw1 0x0" },
	{ { 0xe01, 0xffffffffffffffff, 0, 0 },
	  "UNKNOWN: type 113, qw0 0xe01, qw1 0xffffffffffffffff" },
};

#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

static void test_text(void **state)
{
	char text[256];
	size_t i;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		assert_int_equal(qi_desc_text(&samples[i].desc, text, sizeof(text)),
				 strlen(samples[i].text));
		assert_string_equal(text, samples[i].text);
	}
}

/* Every size of the buffer, in a block of exactly that size and between guards. */
static void assert_text_bounded(const struct qi_desc *d)
{
	char whole[256], guarded[256];
	const size_t length = qi_desc_text(d, whole, sizeof(whole));
	size_t size, i;
	char *exact;

	assert_in_range(length, 1, sizeof(whole) - 1);
	assert_int_equal(strlen(whole), length);
	assert_int_equal(qi_desc_text(d, NULL, 0), length);
	for (size = 0; size < length + 3; size++) {
		exact = malloc(size + !size);
		memset(guarded, '#', sizeof(guarded));
		assert_int_equal(qi_desc_text(d, guarded + 1, size), length);
		assert_int_equal(qi_desc_text(d, exact, size), length);
		assert_int_equal(guarded[0], '#');
		for (i = size + 1; i < sizeof(guarded); i++)
			assert_int_equal(guarded[i], '#');
		if (size) {
			assert_memory_equal(guarded + 1, exact, strlen(exact) + 1);
			assert_int_equal(strlen(exact), length < size ? length : size - 1);
			assert_memory_equal(exact, whole, strlen(exact));
		}
		free(exact);
	}
}

static void test_text_bounded(void **state)
{
	struct qi_desc d;
	size_t i;

	(void)state;
	for (i = 0; i < SAMPLES; i++)
		assert_text_bounded(&samples[i].desc);
	for (i = 0; i < 160; i++) {
		d = raw((random64() & ~0xe0fULL) | i % 16, random64());
		assert_text_bounded(&d);
	}
}

static void assert_fields(const struct qi_desc *d, const struct qi_field *expected, unsigned n)
{
	struct qi_field field[QI_DESC_MAX_FIELDS];
	unsigned i;

	assert_int_equal(qi_desc_fields(d, field), n);
	for (i = 0; i < n; i++) {
		assert_string_equal(field[i].name, expected[i].name);
		assert_int_equal(field[i].value, expected[i].value);
		assert_int_equal(!field[i].meaning, !expected[i].meaning);
		if (field[i].meaning)
			assert_string_equal(field[i].meaning, expected[i].meaning);
	}
}

#define ASSERT_FIELDS(qw0, qw1, ...)                                                      \
	do {                                                                              \
		const struct qi_desc desc_ = { qw0, qw1, ~0ULL, ~0ULL };                  \
		const struct qi_field expected_[] = { __VA_ARGS__ };                      \
		assert_fields(&desc_, expected_, sizeof(expected_) / sizeof(*expected_)); \
	} while (0)

static void test_fields(void **state)
{
	struct qi_field none[QI_DESC_MAX_FIELDS];
	struct qi_desc d;

	(void)state;
	ASSERT_FIELDS(0x00021234abcd0031, 0, { "G", 3, "device" }, { "DID", 0xabcd, NULL },
		      { "SID", 0x1234, NULL }, { "FM", 2, "function bits 2:1 masked" });
	ASSERT_FIELDS(0x800b2, 0xf9a00045, { "G", 3, "page" }, { "DW", 0, NULL },
		      { "DR", 1, "drain reads" }, { "DID", 8, NULL }, { "AM", 5, NULL },
		      { "IH", 1, "leaf entries only" }, { "ADDR", 0xf9a00000, NULL });
	ASSERT_FIELDS(0xabc0020000000003 | 0xd << 12, 0x7ffffffffffff001, { "PFSID", 0xabcd, NULL },
		      { "MIP", 0, "32 pending" }, { "SID", 0x200, NULL },
		      { "S", 1, "ADDR gives the size" }, { "ADDR", ALL_ADDR, NULL });
	ASSERT_FIELDS(0x1234a8000014, 0, { "G", 1, "index" }, { "IM", 0x15, NULL },
		      { "IIDX", 0x1234, NULL });
	ASSERT_FIELDS(0x2000000e5, 0x10005f634, { "IF", 0, NULL }, { "SW", 1, "status write" },
		      { "FN", 1, "fence" }, { "PD", 1, "drain page requests" },
		      { "status data", 2, NULL }, { "status address", 0x10005f634, NULL });
	ASSERT_FIELDS(0x000abcde00070016, 0x200009, { "G", 1, NULL }, { "DID", 7, NULL },
		      { "PASID", 0xabcde, NULL }, { "AM", 9, NULL }, { "IH", 0, NULL },
		      { "ADDR", 0x200000, NULL });
	ASSERT_FIELDS(0x000abcde00070007, 0, { "G", 0, "domain" }, { "DID", 7, NULL },
		      { "PASID", 0xabcde, NULL });
	ASSERT_FIELDS(0xabc123450200d038, 0x5801, { "MIP", 3, NULL }, { "PFSID", 0xabcd, NULL },
		      { "SID", 0x200, NULL }, { "PASID", 0x12345, NULL }, { "G", 1, "all PASIDs" },
		      { "S", 1, "ADDR gives the size" }, { "ADDR", 0x5000, NULL });
	ASSERT_FIELDS(0x000123450050f019, 0xffc, { "PP", 1, "PASID present" },
		      { "RC", 15, "failure" }, { "RID", 0x50, NULL }, { "PASID", 0x12345, NULL },
		      { "LPIG", 1, "last page in group" }, { "PRGI", 0x1ff, NULL });
	d = raw(0xa, 0);
	assert_int_equal(qi_desc_fields(&d, none), 0);
	d = raw(0x201, 0);
	assert_int_equal(qi_desc_fields(&d, none), 0);
}

static void test_names(void **state)
{
	static const char *const trace[QI_TYPES] = {
		NULL,	    "cc_inv",	   "iotlb_inv", "dev_tlb_inv",	 "iec_inv",
		"inv_wait", "p_iotlb_inv", "pc_inv",	"p_dev_tlb_inv", "page_grp_resp",
	};
	unsigned type;

	(void)state;
	for (type = 1; type < QI_TYPES; type++)
		assert_string_equal(qi_type_trace_name(type), trace[type]);
	assert_null(qi_type_trace_name(0));
	assert_null(qi_type_trace_name(QI_TYPES));
	assert_null(qi_type_trace_name(~0U));
	assert_string_equal(qi_type_name(QI_DEIOTLB_TYPE), "PASID-based Device-TLB Invalidation");
	assert_string_equal(qi_type_name(0), "UNKNOWN");
	assert_string_equal(qi_type_name(QI_TYPES), "UNKNOWN");
	assert_string_equal(qi_type_name(~0U), "UNKNOWN");
}

static void assert_range(uint64_t qw0, uint64_t qw1, uint64_t first, uint64_t last)
{
	const struct qi_desc d = raw(qw0, qw1);
	uint64_t f, l;

	assert_true(qi_desc_range(&d, &f, &l));
	assert_int_equal(f, first);
	assert_int_equal(l, last);
}

static void assert_no_range(uint64_t qw0, uint64_t qw1)
{
	const struct qi_desc d = raw(qw0, qw1);
	uint64_t f, l;

	assert_false(qi_desc_range(&d, &f, &l));
}

static void test_range(void **state)
{
	(void)state;
	assert_range(0x32, 0xf9a00005, 0xf9a00000, 0xf9a1ffff);
	assert_range(0x36, 0xf9a01040, 0xf9a01000, 0xf9a01fff);
	assert_range(0x32, 0xf9a01001, 0xf9a00000, 0xf9a01fff);
	assert_range(0x32, 1ULL << 63 | 51, 1ULL << 63, ~0ULL);
	assert_range(0x32, 1ULL << 63 | 52, 0, ~0ULL);
	assert_range(0x32, 63, 0, ~0ULL);
	assert_range(3, 0x5000, 0x5000, 0x5fff);
	assert_range(3, 0x4001, 0x4000, 0x5fff);
	assert_range(3, 0x5001, 0x4000, 0x7fff);
	assert_range(3, ALL_ADDR | 1, 0, ~0ULL);
	assert_range(3, ~0xfffULL, ~0xfffULL, ~0ULL);
	assert_range(8, 0x5001, 0x5000, 0x5fff);
	assert_range(8, 0x5800, 0x4000, 0x7fff);
	assert_no_range(3, ~0xfffULL | 1);
	assert_no_range(8, ~0xfffULL | 1 << 11);
	assert_no_range(0x12, 0x1000);
	assert_no_range(0x22, 0x1000);
	assert_no_range(0x26, 0x1000);
	assert_no_range(0x31, 0);
	assert_no_range(0x35, 0x1000);
	assert_no_range(0x37, 0);
	assert_no_range(0x232, 0x1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),   cmocka_unit_test(test_text_bounded),
		cmocka_unit_test(test_fields), cmocka_unit_test(test_names),
		cmocka_unit_test(test_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
