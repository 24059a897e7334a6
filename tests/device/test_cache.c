/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Cached entries, and which of them each descriptor removes: device/cache.c. */
#include "rig.h"

#include <string.h>

static struct rig r;

/* Cache `e`, execute `d`, and tell whether `e` has gone. */
static bool removes(struct qi_desc d, struct vtd_entry e)
{
	assert_int_not_equal(vtd_touch(&r.u, &e), 0);
	assert_int_equal(rig_try(&r, d), -1);
	return !vtd_cached(&r.u, &e);
}

static struct vtd_entry context(uint16_t did, uint16_t sid, uint8_t fm)
{
	return (struct vtd_entry){ .kind = VTD_CONTEXT, .did = did, .sid = sid, .fm = fm };
}

static struct vtd_entry pasid_entry(uint16_t did, uint32_t pasid)
{
	return (struct vtd_entry){ .kind = VTD_PASID, .did = did, .pasid = pasid };
}

static struct vtd_entry index_entry(uint64_t index)
{
	return (struct vtd_entry){ .kind = VTD_IEC, .addr = index };
}

static struct vtd_entry iotlb(uint16_t did, uint32_t pasid, uint64_t addr)
{
	return rig_page(VTD_IOTLB, did, pasid, addr);
}

static struct vtd_entry devtlb(uint16_t sid, uint32_t pasid, uint64_t addr)
{
	return rig_page(VTD_DEVTLB, sid, pasid, addr);
}

static void test_touch(void **state)
{
	struct vtd_entry e = iotlb(1, VTD_NO_PASID, 0x5000), same_page = e, other;
	uint64_t first, second;

	(void)state;
	rig_start(&r, 128);
	assert_int_equal(vtd_cached(&r.u, &e), 0);
	first = vtd_touch(&r.u, &e);
	assert_int_not_equal(first, 0);
	assert_int_equal(vtd_touch(&r.u, &e), first);
	assert_int_equal(vtd_cached(&r.u, &e), first);
	same_page.addr += 0xfff;
	assert_int_equal(vtd_touch(&r.u, &same_page), first);

	assert_int_equal(rig_try(&r, qi_desc_iotlb(QI_IOTLB_GLOBAL, 0, 0, 0, false, 0)), -1);
	second = vtd_touch(&r.u, &e);
	assert_true(second > first);

	other = e, other.kind = VTD_DEVTLB;
	assert_int_equal(vtd_cached(&r.u, &other), 0);
	other = e, other.did ^= 1;
	assert_int_equal(vtd_cached(&r.u, &other), 0);
	other = e, other.sid ^= 1;
	assert_int_equal(vtd_cached(&r.u, &other), 0);
	other = e, other.fm ^= 1;
	assert_int_equal(vtd_cached(&r.u, &other), 0);
	other = e, other.pasid ^= 1;
	assert_int_equal(vtd_cached(&r.u, &other), 0);
	other = e, other.addr ^= 1ULL << 63;
	assert_int_equal(vtd_cached(&r.u, &other), 0);
}

static void test_indices_are_not_pages(void **state)
{
	struct vtd_entry five = index_entry(5), six = index_entry(6);

	(void)state;
	rig_start(&r, 128);
	vtd_touch(&r.u, &five);
	assert_int_equal(vtd_cached(&r.u, &six), 0);
}

static void test_oldest_makes_room(void **state)
{
	struct vtd_entry e;
	unsigned i, j;

	(void)state;
	rig_start(&r, 128);
	for (i = 0; i < 3 * RIG_ROOM; i++) {
		e = index_entry(i);
		vtd_touch(&r.u, &e);
		for (j = 0; j <= i; j++) {
			e = index_entry(j);
			assert_int_equal(vtd_cached(&r.u, &e), j + RIG_ROOM > i ? j + 1 : 0);
		}
	}
}

static void test_no_room(void **state)
{
	struct vtd_entry e = index_entry(1);

	(void)state;
	rig_config(&r, VTD_SPEC);
	r.cfg.cache_room = 0;
	rig_init(&r);
	assert_int_equal(vtd_touch(&r.u, &e), 0);
	assert_int_equal(vtd_cached(&r.u, &e), 0);
}

/* Equal contents are equal in every byte, whatever happened before. */
static void test_vacated_entries_are_cleared(void **state)
{
	static const struct vtd_entry none[RIG_ROOM];
	struct vtd_entry e = context(1, 2, 0), f = iotlb(1, 2, 0x3000);

	(void)state;
	rig_start(&r, 128);
	vtd_touch(&r.u, &e);
	vtd_touch(&r.u, &f);
	rig_try(&r, qi_desc_context(QI_CC_GLOBAL, 0, 0, 0));
	assert_int_not_equal(vtd_cached(&r.u, &f), 0);
	assert_memory_equal(&r.cache[1], none, sizeof(none) - sizeof(none[0]));
	rig_try(&r, qi_desc_iotlb(QI_IOTLB_GLOBAL, 0, 0, 0, false, 0));
	assert_memory_equal(r.cache, none, sizeof(none));
}

/* Each type affects its own cache only, even with a global granularity. */
static void test_kinds(void **state)
{
	static const struct {
		struct qi_desc all;
		unsigned kinds; /* the kinds of which the entry below is removed */
	} c[] = {
		{ { 0x11, 0, 0, 0 }, 1 << VTD_CONTEXT },
		{ { 0x12, 0, 0, 0 }, 1 << VTD_IOTLB },
		{ { 0x03, 0x7ffffffffffff001, 0, 0 }, 0 }, /* the entry has a PASID */
		{ { 0x04, 0, 0, 0 }, 1 << VTD_IEC },
		{ { 0x26, 0, 0, 0 }, 1 << VTD_IOTLB },
		{ { 0x37, 0, 0, 0 }, 1 << VTD_PASID },
		{ { 0x08, 0x7ffffffffffff801, 0, 0 }, 1 << VTD_DEVTLB },
		{ { 0x09, 0, 0, 0 }, 0 },
		{ { 0x05, 0, 0, 0 }, 0 },
	};
	unsigned i, kind;

	(void)state;
	rig_start(&r, 256);
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		for (kind = 0; kind < VTD_CACHES; kind++) {
			struct vtd_entry e = { .kind = (uint8_t)kind };

			assert_int_equal(removes(c[i].all, e), c[i].kinds >> kind & 1);
		}
	}
}

static void test_context(void **state)
{
	static const uint16_t free_bits[] = { 0, 4, 6, 7 };
	unsigned fm, entry_fm, bit;

	(void)state;
	rig_start(&r, 128);
	assert_true(removes(qi_desc_context(QI_CC_GLOBAL, 9, 9, 0), context(1, 2, 0)));
	assert_true(removes(qi_desc_context(QI_CC_DOMAIN, 1, 9, 0), context(1, 2, 0)));
	assert_false(removes(qi_desc_context(QI_CC_DOMAIN, 0x101, 2, 0), context(1, 2, 0)));
	assert_false(removes(qi_desc_context(QI_CC_DEVICE, 2, 2, 3), context(1, 2, 0)));
	for (fm = 0; fm < 4; fm++) {
		for (entry_fm = 0; entry_fm < 4; entry_fm++) {
			struct vtd_entry e = context(1, 0x1235, (uint8_t)entry_fm);

			assert_true(removes(qi_desc_context(QI_CC_DEVICE, 1, 0x1235, fm), e));
			for (bit = 0; bit < 16; bit++) {
				uint16_t sid = (uint16_t)(0x1235 ^ 1 << bit);
				unsigned free = free_bits[fm] | free_bits[entry_fm];

				assert_int_equal(removes(qi_desc_context(QI_CC_DEVICE, 1, sid, fm),
							 e),
						 free >> bit & 1);
			}
		}
	}
}

static void test_iotlb(void **state)
{
	struct vtd_entry e = iotlb(1, VTD_NO_PASID, 0x40000), p = iotlb(1, 7, 0x40000);

	(void)state;
	rig_start(&r, 128);
	assert_true(removes(qi_desc_iotlb(QI_IOTLB_GLOBAL, 9, 0, 0, false, 0), e));
	assert_true(removes(qi_desc_iotlb(QI_IOTLB_DOMAIN, 1, 0, 0, false, 0), e));
	assert_true(removes(qi_desc_iotlb(QI_IOTLB_DOMAIN, 1, 0, 0, false, 0), p));
	assert_false(removes(qi_desc_iotlb(QI_IOTLB_DOMAIN, 2, 0, 0, false, 0), e));
	assert_true(removes(qi_desc_iotlb(QI_IOTLB_PAGE, 1, 0x40000, 0, false, 0), e));
	assert_true(removes(qi_desc_iotlb(QI_IOTLB_PAGE, 1, 0x40000, 0, true, QI_IOTLB_DR), p));
	assert_false(removes(qi_desc_iotlb(QI_IOTLB_PAGE, 2, 0x40000, 0, false, 0), e));
	assert_false(removes(qi_desc_iotlb(QI_IOTLB_PAGE, 1, 0x41000, 0, false, 0), e));
}

static void test_iotlb_ranges(void **state)
{
	unsigned am;

	(void)state;
	rig_start(&r, 128);
	for (am = 0; am <= 18; am++) {
		uint64_t size = 0x1000ULL << am, first = 3 * size;
		struct qi_desc d = qi_desc_iotlb(QI_IOTLB_PAGE, 1, first, am, false, 0);

		assert_false(removes(d, iotlb(1, VTD_NO_PASID, first - 0x1000)));
		assert_true(removes(d, iotlb(1, VTD_NO_PASID, first)));
		assert_true(removes(d, iotlb(1, VTD_NO_PASID, first + size - 0x1000)));
		assert_false(removes(d, iotlb(1, VTD_NO_PASID, first + size)));
		d = qi_desc_piotlb(QI_PIOTLB_PAGE, 1, 7, first, am, false);
		assert_false(removes(d, iotlb(1, 7, first - 0x1000)));
		assert_true(removes(d, iotlb(1, 7, first)));
		assert_true(removes(d, iotlb(1, 7, first + size - 0x1000)));
		assert_false(removes(d, iotlb(1, 7, first + size)));
	}
}

/*
 * The unit ignores the bits of ADDR below the mask: the aligned block around ADDR is invalidated.
 */
static void test_unaligned_ranges(void **state)
{
	unsigned am, width;
	uint64_t offset;

	(void)state;
	for (width = 128; width <= 256; width += 128) {
		rig_start(&r, width);
		for (am = 1; am <= 18; am++) {
			uint64_t size = 0x1000ULL << am, first = 3 * size;

			for (offset = 0x1000; offset < size; offset = 2 * offset + 0x1000) {
				struct qi_desc d = { 0x10032, (first + offset) | am, 0, 0 };

				assert_false(removes(d, iotlb(1, VTD_NO_PASID, first - 0x1000)));
				assert_true(removes(d, iotlb(1, VTD_NO_PASID, first)));
				assert_true(removes(d, iotlb(1, VTD_NO_PASID, first + size - 1)));
				assert_false(removes(d, iotlb(1, VTD_NO_PASID, first + size)));
				d.qw0 = 0x700010036;
				assert_false(removes(d, iotlb(1, 7, first - 0x1000)));
				assert_true(removes(d, iotlb(1, 7, first)));
				assert_true(removes(d, iotlb(1, 7, first + size - 1)));
				assert_false(removes(d, iotlb(1, 7, first + size)));
			}
		}
	}
}

static void test_largest_range(void **state)
{
	(void)state;
	rig_start(&r, 128);
	r.u.cfg.cap |= 63ULL << VTD_CAP_MAMV_SHIFT;
	assert_true(
		removes((struct qi_desc){ 0x10032, 63, 0, 0 }, iotlb(1, VTD_NO_PASID, ~0xfffULL)));
	assert_true(
		removes((struct qi_desc){ 0x10032, 52, 0, 0 }, iotlb(1, VTD_NO_PASID, ~0xfffULL)));
	assert_false(
		removes((struct qi_desc){ 0x10032, 51, 0, 0 }, iotlb(1, VTD_NO_PASID, ~0xfffULL)));
}

static void test_pasid_iotlb(void **state)
{
	struct vtd_entry e = iotlb(1, 0xfffff, 0x40000);

	(void)state;
	rig_start(&r, 256);
	assert_true(removes(qi_desc_piotlb(QI_PIOTLB_PASID, 1, 0xfffff, 0, 0, false), e));
	assert_false(removes(qi_desc_piotlb(QI_PIOTLB_PASID, 2, 0xfffff, 0, 0, false), e));
	assert_false(removes(qi_desc_piotlb(QI_PIOTLB_PASID, 1, 0x7ffff, 0, 0, false), e));
	assert_true(removes(qi_desc_piotlb(QI_PIOTLB_PAGE, 1, 0xfffff, 0x40000, 0, false), e));
	assert_false(removes(qi_desc_piotlb(QI_PIOTLB_PAGE, 2, 0xfffff, 0x40000, 0, false), e));
	assert_false(removes(qi_desc_piotlb(QI_PIOTLB_PAGE, 1, 0, 0x40000, 0, false), e));
	assert_false(removes(qi_desc_piotlb(QI_PIOTLB_PAGE, 1, 0xfffff, 0x50000, 0, false), e));
	e.pasid = VTD_NO_PASID; /* has all bits of that PASID, and is none */
	assert_false(removes(qi_desc_piotlb(QI_PIOTLB_PASID, 1, 0xfffff, 0, 0, false), e));
}

static void test_pasid_cache(void **state)
{
	struct vtd_entry e = pasid_entry(1, 7);

	(void)state;
	rig_start(&r, 256);
	assert_true(removes(qi_desc_pasid_cache(QI_PC_GLOBAL, 9, 9), e));
	assert_true(removes(qi_desc_pasid_cache(QI_PC_DOMAIN, 1, 9), e));
	assert_false(removes(qi_desc_pasid_cache(QI_PC_DOMAIN, 2, 7), e));
	assert_true(removes(qi_desc_pasid_cache(QI_PC_PASID, 1, 7), e));
	assert_false(removes(qi_desc_pasid_cache(QI_PC_PASID, 1, 6), e));
	assert_false(removes(qi_desc_pasid_cache(QI_PC_PASID, 2, 7), e));
}

static void test_interrupt_entries(void **state)
{
	unsigned im;

	(void)state;
	rig_start(&r, 128);
	assert_true(removes(qi_desc_iec(QI_IEC_GLOBAL, 0, 0), index_entry(0xffff)));
	for (im = 0; im < 16; im++) { /* the index's low bits are ignored */
		uint16_t index = 0x2345;
		uint64_t first = index >> im << im, next = first + (1ULL << im);

		assert_true(removes(qi_desc_iec(QI_IEC_INDEX, index, im), index_entry(first)));
		assert_true(removes(qi_desc_iec(QI_IEC_INDEX, index, im), index_entry(next - 1)));
		assert_false(removes(qi_desc_iec(QI_IEC_INDEX, index, im), index_entry(next)));
		if (first)
			assert_false(removes(qi_desc_iec(QI_IEC_INDEX, index, im),
					     index_entry(first - 1)));
	}
}

static void device_ranges(uint32_t pasid, struct qi_desc (*desc)(uint64_t addr, unsigned order))
{
	unsigned order;

	for (order = 0; order < 51; order++) {
		uint64_t size = 0x1000ULL << order, first = order < 50 ? 3 * size : size;
		struct qi_desc d = desc(first, order);

		assert_false(removes(d, devtlb(5, pasid, first - 0x1000)));
		assert_true(removes(d, devtlb(5, pasid, first)));
		assert_true(removes(d, devtlb(5, pasid, first + size - 0x1000)));
		assert_false(removes(d, devtlb(5, pasid, first + size)));
		assert_false(removes(d, devtlb(4, pasid, first)));
	}
	assert_true(removes(desc(0, 51), devtlb(5, pasid, ~0ULL >> 1)));
	assert_false(removes(desc(0, 51), devtlb(5, pasid, ~0ULL)));
	assert_true(removes(desc(0, QI_DEV_TLB_ALL), devtlb(5, pasid, 0)));
	assert_true(removes(desc(0, QI_DEV_TLB_ALL), devtlb(5, pasid, ~0ULL)));
}

static struct qi_desc without_pasid(uint64_t addr, unsigned order)
{
	return qi_desc_dev_tlb(5, 0, 0, addr, order);
}

static struct qi_desc with_pasid(uint64_t addr, unsigned order)
{
	return qi_desc_dev_tlb_pasid(5, 0, 0, 7, false, addr, order);
}

static void test_device_tlb(void **state)
{
	(void)state;
	rig_start(&r, 128);
	device_ranges(VTD_NO_PASID, without_pasid);
	assert_false(removes(without_pasid(0, QI_DEV_TLB_ALL), devtlb(5, 0, 0)));
	assert_false(removes(without_pasid(0, QI_DEV_TLB_ALL), devtlb(5, 0xfffff, 0)));
}

static void test_pasid_device_tlb(void **state)
{
	struct qi_desc global = qi_desc_dev_tlb_pasid(5, 0, 0, 7, true, 0x5000, 0);

	(void)state;
	rig_start(&r, 256);
	device_ranges(7, with_pasid);
	assert_false(removes(with_pasid(0, QI_DEV_TLB_ALL), devtlb(5, 6, 0)));
	assert_false(removes(with_pasid(0, QI_DEV_TLB_ALL), devtlb(5, VTD_NO_PASID, 0)));
	assert_true(removes(global, devtlb(5, 0xfffff, 0x5000)));
	assert_false(removes(global, devtlb(5, 0xfffff, 0x6000)));
	assert_false(removes(global, devtlb(4, 0xfffff, 0x5000)));
	assert_false(removes(global, devtlb(5, VTD_NO_PASID, 0x5000)));
}

/* A device's translation is removed when the device answers, not when the request is sent. */
static void test_device_tlb_goes_with_the_answer(void **state)
{
	struct vtd_entry e = devtlb(5, VTD_NO_PASID, 0x1000);

	(void)state;
	rig_start(&r, 128);
	vtd_touch(&r.u, &e);
	rig_put(&r, without_pasid(0x1000, 0));
	rig_doorbell(&r);
	assert_int_equal(vtd_step(&r.u), VTD_FETCHED);
	assert_int_equal(vtd_step(&r.u), VTD_EXECUTED);
	assert_int_not_equal(vtd_cached(&r.u, &e), 0);
	assert_string_equal(r.log, "");
	assert_int_equal(vtd_step(&r.u), VTD_EXECUTED);
	assert_int_equal(vtd_cached(&r.u, &e), 0);
	assert_string_equal(r.log, "x");
}

/* The oracle for entries without tables: an entry cached later is another entry. */
static void check_stale(void **state)
{
	struct vtd_entry e = rig_page(VTD_IOTLB, 1, VTD_NO_PASID, 0x1000);

	(void)state;
	rig_start(&r, 128);
	assert_false(vtd_stale(&r.u, &e));
	e.stamp = vtd_touch(&r.u, &e);
	assert_true(vtd_stale(&r.u, &e));
	rig_put(&r, qi_desc_iotlb(QI_IOTLB_DOMAIN, 1, 0, 0, false, 0));
	rig_submit(&r);
	assert_false(vtd_stale(&r.u, &e));
	assert_true(vtd_touch(&r.u, &e) > e.stamp);
	assert_false(vtd_stale(&r.u, &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_touch),
		cmocka_unit_test(test_indices_are_not_pages),
		cmocka_unit_test(test_oldest_makes_room),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_vacated_entries_are_cleared),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_context),
		cmocka_unit_test(test_iotlb),
		cmocka_unit_test(test_iotlb_ranges),
		cmocka_unit_test(test_unaligned_ranges),
		cmocka_unit_test(test_largest_range),
		cmocka_unit_test(test_pasid_iotlb),
		cmocka_unit_test(test_pasid_cache),
		cmocka_unit_test(test_interrupt_entries),
		cmocka_unit_test(test_device_tlb),
		cmocka_unit_test(test_pasid_device_tlb),
		cmocka_unit_test(test_device_tlb_goes_with_the_answer),
		cmocka_unit_test(check_stale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
