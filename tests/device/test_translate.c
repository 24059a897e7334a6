/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Legacy mode: tables of 3 to 5 levels, large pages, permissions, caches. */
#include "scene.h"

#define IOVA 0x12345000ULL
#define FRAME 0x40000000ULL

static struct scene s;

static void start(unsigned aw, uint64_t *table)
{
	scene_config(&s);
	scene_start(&s, 0);
	*table = scene_page(&s);
	scene_attach(&s, SID, DID, *table, aw);
}

static void check_levels(void **state)
{
	unsigned aw;
	uint64_t table;

	(void)state;
	for (aw = 1; aw <= 3; aw++) {
		const uint64_t iova = IOVA | 1ULL << (29 + 9 * aw);
		struct vtd_result r;

		start(aw, &table);
		*scene_entry(&s, table, aw + 2, iova, 1) = FRAME | PTE_RW;
		r = scene_dma(&s, iova | 0x123, VTD_WRITE);
		assert_int_equal(r.addr, FRAME | 0x123);
		assert_int_equal(r.reason, 0);
		assert_int_equal(r.shift, 12);
		assert_int_equal(r.access, VTD_READ | VTD_WRITE);
		assert_int_equal(r.did, DID);
		assert_false(r.cached);
		r = scene_dma(&s, iova | 0x124, VTD_READ);
		assert_int_equal(r.addr, FRAME | 0x124);
		assert_true(r.cached);
		/* The first bit above the width. */
		r = scene_dma(&s, 1ULL << (30 + 9 * aw), VTD_READ);
		assert_int_equal(r.reason, 4);
	}
}

static void check_large(void **state)
{
	uint64_t table;
	unsigned level;

	(void)state;
	for (level = 2; level <= 3; level++) {
		const uint64_t size = 1ULL << (12 + 9 * (level - 1));
		struct vtd_result r;

		start(2, &table);
		*scene_entry(&s, table, 4, 5 * size, level) = 7 * size | PTE_R | PTE_LARGE;
		r = scene_dma(&s, 5 * size + 0x54321, VTD_READ);
		assert_int_equal(r.addr, 7 * size + 0x54321);
		assert_int_equal(1ULL << r.shift, size);
		assert_int_equal(r.access, VTD_READ);
		r = scene_dma(&s, 6 * size - 1, VTD_READ);
		assert_true(r.cached);
		assert_int_equal(r.addr, 8 * size - 1);
	}
}

static void check_permissions(void **state)
{
	static const struct {
		uint64_t upper, lower;
		unsigned access, reason;
	} cases[] = {
		{ PTE_RW, PTE_R, VTD_READ, 0 },
		{ PTE_RW, PTE_R, VTD_WRITE, 5 },
		{ PTE_RW, PTE_W, VTD_WRITE, 0 },
		{ PTE_RW, PTE_W, VTD_READ, 6 },
		{ PTE_R, PTE_RW, VTD_WRITE, 5 },
		{ PTE_W, PTE_RW, VTD_READ, 6 },
		{ PTE_R, PTE_W, VTD_READ, 6 },
		{ PTE_R, PTE_W, VTD_WRITE, 5 },
		{ PTE_RW, 0, VTD_READ, 6 },
		{ PTE_RW, 0, VTD_WRITE, 5 },
		{ 0, 0, VTD_READ, 6 },
		{ PTE_RW, PTE_R, VTD_READ | VTD_WRITE, 5 },
		{ PTE_RW, PTE_W, VTD_READ | VTD_WRITE, 6 },
		{ PTE_RW, PTE_RW, VTD_READ | VTD_WRITE, 0 },
	};
	uint64_t table, *upper;
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		start(1, &table);
		*scene_entry(&s, table, 3, IOVA, 1) = FRAME | cases[i].lower;
		upper = scene_entry(&s, table, 3, IOVA, 2);
		*upper = (*upper & ~PTE_RW) | cases[i].upper;
		assert_int_equal(scene_dma(&s, IOVA, cases[i].access).reason, cases[i].reason);
		/* From what is cached it is the same. */
		assert_int_equal(scene_dma(&s, IOVA, cases[i].access).reason, cases[i].reason);
	}
}

static void check_off(void **state)
{
	uint64_t table;

	(void)state;
	start(1, &table);
	assert_int_equal(scene_dma(&s, IOVA, VTD_READ).reason, 6);
	scene_command(&s, VTD_GCMD_TE, false);
	assert_int_equal(scene_dma(&s, IOVA, VTD_READ).addr, IOVA);
	assert_int_equal(scene_dma(&s, IOVA, VTD_READ).reason, 0);
}

static void check_pass_through(void **state)
{
	uint64_t table;

	(void)state;
	start(3, &table);
	scene_context(&s, SID)[0] = 1 | 2 << 2;
	assert_int_equal(scene_dma(&s, IOVA, VTD_WRITE).addr, IOVA);
	assert_int_equal(scene_dma(&s, 1ULL << 57, VTD_READ).reason, 4);
}

static void check_interrupt_range(void **state)
{
	uint64_t table;

	(void)state;
	start(1, &table);
	assert_true(scene_dma(&s, 0xfee00000, VTD_WRITE).interrupt);
	assert_true(scene_dma(&s, 0xfeefffff, VTD_WRITE).interrupt);
	assert_false(scene_dma(&s, 0xfef00000, VTD_WRITE).interrupt);
	assert_false(scene_dma(&s, 0xfedfffff, VTD_WRITE).interrupt);
}

/* Pages that lead there, by themselves or as a part of a large one: writes could forge messages. */
static void check_leads_to_interrupts(void **state)
{
	const uint64_t big = 1ULL << 30;
	struct vtd_request q = { .addr = 5 * big + 0x3ee00000,
				 .pasid = VTD_NO_PASID,
				 .sid = SID,
				 .at = VTD_TRANSLATION,
				 .access = VTD_WRITE };
	uint64_t table, *pasid;

	(void)state;
	start(2, &table);
	*scene_entry(&s, table, 4, IOVA, 1) = 0xfee12000 | PTE_RW;
	*scene_entry(&s, table, 4, 5 * big, 3) = 0xc0000000 | PTE_RW | PTE_LARGE;
	assert_int_equal(scene_dma(&s, IOVA, VTD_WRITE).reason, 0xe);
	assert_int_equal(scene_dma(&s, IOVA, VTD_READ).reason, 0xe); /* from the cache, too */
	assert_int_equal(scene_dma(&s, q.addr, VTD_WRITE).reason, 0xe);
	assert_int_equal(scene_dma(&s, q.addr - 1, VTD_WRITE).addr, 0xfedfffff);
	assert_int_equal(scene_dma(&s, q.addr + 0x100000, VTD_WRITE).addr, 0xfef00000);
	scene_context(&s, SID)[0] |= 1 << 2;
	scene_submit(&s, qi_desc_context(QI_CC_GLOBAL, 0, 0, 0));
	assert_int_equal(scene_request(&s, q).reason, 0xe);

	scene_config(&s);
	scene_start(&s, 1 << 10);
	pasid = scene_pasid(&s, SID, 0);
	table = scene_page(&s);
	pasid[1] = DID;
	pasid[0] = table | 2 << 2 | 2 << 6 | 1;
	*scene_entry(&s, table, 4, IOVA, 1) = 0xfee12000 | PTE_RW;
	assert_int_equal(scene_dma(&s, IOVA, VTD_WRITE).reason, 0x87);
}

/* The same request again, where uses are not judged: no table is read until a line is removed. */
static void check_recent(void **state)
{
	const struct vtd_request privileged = { .addr = IOVA,
						.pasid = VTD_NO_PASID,
						.sid = SID,
						.access = VTD_READ,
						.privileged = true };
	uint64_t table, *pte;
	unsigned before;

	(void)state;
	start(1, &table);
	s.t.cfg.judge = false;
	pte = scene_entry(&s, table, 3, IOVA, 1);
	*pte = FRAME | PTE_R;
	*scene_entry(&s, table, 3, IOVA + 0x1000, 1) = (FRAME + 0x1000) | PTE_RW;
	assert_int_equal(scene_dma(&s, IOVA | 0x10, VTD_READ).addr, FRAME | 0x10);
	before = s.reads;
	assert_int_equal(scene_dma(&s, IOVA | 0x20, VTD_READ).addr, FRAME | 0x20);
	assert_true(scene_dma(&s, IOVA | 0x20, VTD_READ).cached);
	assert_int_equal(s.reads, before);
	/* Other requests are not that one: writes, pages, privileges, requesters. */
	assert_int_equal(scene_dma(&s, IOVA, VTD_WRITE).reason, 5);
	assert_int_equal(scene_dma(&s, IOVA + 0x1000, VTD_READ).addr, FRAME + 0x1000);
	assert_int_equal(scene_request(&s, privileged).addr, FRAME);
	assert_int_equal(scene_dma(&s, IOVA + 0x40000 * 64, VTD_READ).reason, 6);
	assert_int_equal(scene_request(&s, (struct vtd_request){ .addr = IOVA,
								 .pasid = VTD_NO_PASID,
								 .sid = SID ^ 0x4000,
								 .access = VTD_READ })
				 .reason,
			 1);
	assert_int_equal(scene_request(&s, (struct vtd_request){ .addr = IOVA,
								 .pasid = VTD_NO_PASID ^ 0x40,
								 .sid = SID,
								 .access = VTD_READ })
				 .reason,
			 0x31);
	/* Invalidations, another table, translation off and on. */
	*pte = (FRAME + 0x2000) | PTE_R;
	assert_int_equal(scene_dma(&s, IOVA, VTD_READ).addr, FRAME);
	scene_submit(&s, qi_desc_iotlb(QI_IOTLB_PAGE, DID, IOVA, 0, true, 0));
	assert_int_equal(scene_dma(&s, IOVA, VTD_READ).addr, FRAME + 0x2000);
	scene_command(&s, VTD_GCMD_TE, false);
	assert_int_equal(scene_dma(&s, IOVA, VTD_READ).addr, IOVA);
	assert_int_equal(scene_dma(&s, IOVA, VTD_READ).addr, IOVA);
	scene_command(&s, VTD_GCMD_TE, true);
	assert_int_equal(scene_dma(&s, IOVA, VTD_READ).addr, FRAME + 0x2000);
	vtd_forget(&s.t, VTD_LINE_CONTEXT);
	scene_context(&s, SID)[0] = 0;
	assert_int_equal(scene_dma(&s, IOVA, VTD_READ).reason, 2);
}

/* A domain-selective invalidation makes the new translation seen, none does not. */
static void check_invalidation(void **state)
{
	struct vtd_result r;
	uint64_t table, *pte;

	(void)state;
	start(1, &table);
	pte = scene_entry(&s, table, 3, IOVA, 1);
	*pte = FRAME | PTE_RW;
	scene_dma(&s, IOVA, VTD_READ);
	*pte = (FRAME + 0x1000) | PTE_RW;
	r = scene_dma(&s, IOVA, VTD_READ);
	assert_int_equal(r.addr, FRAME);
	assert_int_equal(r.use, VTD_USE_WINDOW);
	scene_submit(&s, qi_desc_iotlb(QI_IOTLB_DOMAIN, DID, 0, 0, false, 0));
	r = scene_dma(&s, IOVA, VTD_READ);
	assert_int_equal(r.addr, FRAME + 0x1000);
	assert_int_equal(r.use, VTD_USE_FRESH);
}

/* A unit with all 64 bits of an address passes all through. */
static void check_pass_all_bits(void **state)
{
	uint64_t table;

	(void)state;
	start(1, &table);
	scene_capabilities(&s, SCENE_CAP | 0x3fULL << 16, SCENE_ECAP);
	scene_context(&s, SID)[0] = 2 << 2 | 1;
	assert_int_equal(scene_dma(&s, ~0xfffULL, VTD_READ).addr, ~0xfffULL);
}

/* In legacy mode a request with PASID is wrong for that, also at an interrupt's address. */
static void check_pasid_in_legacy(void **state)
{
	uint64_t table;

	(void)state;
	start(1, &table);
	assert_int_equal(scene_request(&s, (struct vtd_request){ .addr = 0xfee00000,
								 .pasid = 3,
								 .sid = SID,
								 .access = VTD_WRITE })
				 .reason,
			 0x31);
}

/* QEMU's: a large page with an interrupt's address in it is not for its other pages either. */
static void check_large_over_interrupts(void **state)
{
	static const uint64_t leads[] = { 0xfec00000, 0xfee00000, 0xff000000 };
	uint64_t table;
	unsigned i;

	(void)state;
	for (i = 0; i < 3; i++) {
		start(1, &table);
		*scene_entry(&s, table, 3, IOVA, 2) = leads[i] | PTE_RW | PTE_LARGE;
		assert_int_equal(scene_dma(&s, IOVA | 1 << 20, VTD_READ).reason, 0);
		s.u.cfg.profile = VTD_QEMU_7_2;
		assert_true(vtd_translation_init(&s.t, &s.tcfg));
		assert_int_equal(scene_dma(&s, IOVA | 1 << 20, VTD_READ).reason, i == 1 ? 0x87 : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_levels),
		cmocka_unit_test(check_large),
		cmocka_unit_test(check_permissions),
		cmocka_unit_test(check_off),
		cmocka_unit_test(check_pass_through),
		cmocka_unit_test(check_interrupt_range),
		cmocka_unit_test(check_leads_to_interrupts),
		cmocka_unit_test(check_recent),
		cmocka_unit_test(check_invalidation),
		cmocka_unit_test(check_pass_all_bits),
		cmocka_unit_test(check_pasid_in_legacy),
		cmocka_unit_test(check_large_over_interrupts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
