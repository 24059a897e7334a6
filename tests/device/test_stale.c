/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The oracle: each kind of cached line is used after the unit failed to invalidate it. */
#include "stale.h"

static void plant_domain(struct scene *sc, uint64_t *qw)
{
	(void)sc;
	if (is(qw, QI_IOTLB_TYPE))
		qw[0] ^= 1 << 20;
}

static void plant_page(struct scene *sc, uint64_t *qw)
{
	(void)sc;
	if (is(qw, QI_IOTLB_TYPE))
		qw[1] -= 0x1000;
}

static void plant_hint(struct scene *sc, uint64_t *qw)
{
	(void)sc;
	if (is(qw, QI_IOTLB_TYPE))
		qw[1] |= 1 << 6;
}

/* Change a page, invalidate it, use it: without a plant the use is fresh. */
static uint8_t changed_page(void (*spoil)(struct scene *, uint64_t *))
{
	start();
	use();
	s.spoil = spoil;
	*pte = (FRAME + 0x1000) | PTE_RW;
	assert_int_equal(use(), VTD_USE_WINDOW);
	scene_submit(&s, unmapped());
	return use();
}

static void check_pages(void **state)
{
	(void)state;
	assert_int_equal(changed_page(NULL), VTD_USE_FRESH);
	assert_int_equal(changed_page(plant_domain), VTD_USE_STALE);
	assert_int_equal(s.judged[VTD_USE_STALE], 1);
	assert_int_equal(s.judged_kind, VTD_LINE_LEAF);
	assert_int_equal(changed_page(plant_page), VTD_USE_STALE);
	assert_int_equal(changed_page(plant_dropped), VTD_USE_STALE);
	assert_int_equal(changed_page(plant_hint),
			 VTD_USE_FRESH); /* IH does not matter for a leaf */
}

static uint8_t changed_table(void (*spoil)(struct scene *, uint64_t *))
{
	start();
	use();
	s.spoil = spoil;
	*scene_entry(&s, table, 3, IOVA, 2) = 0;
	*scene_entry(&s, table, 3, IOVA, 1) = (FRAME + 0x1000) | PTE_RW;
	scene_submit(&s, qi_desc_iotlb(QI_IOTLB_PAGE, DID, IOVA, 0, false, 0));
	return use();
}

static void check_tables(void **state)
{
	(void)state;
	assert_int_equal(changed_table(NULL), VTD_USE_FRESH);
	assert_int_equal(changed_table(plant_hint), VTD_USE_STALE);
	assert_int_equal(s.judged_kind, VTD_LINE_TABLE);
	assert_int_equal(changed_table(plant_domain), VTD_USE_STALE);
}

static uint8_t changed_context(void (*spoil)(struct scene *, uint64_t *))
{
	start();
	use();
	s.spoil = spoil;
	scene_context(&s, SID)[0] = 1 | 2 << 2;
	assert_int_equal(use(), VTD_USE_WINDOW);
	scene_submit(&s, qi_desc_context(QI_CC_DEVICE, DID, SID, 0));
	return use();
}

static void check_contexts(void **state)
{
	(void)state;
	assert_int_equal(changed_context(NULL), VTD_USE_FRESH);
	assert_int_equal(changed_context(plant_dropped), VTD_USE_STALE);
}

static uint8_t interrupt(void)
{
	const struct vtd_message m = { 0xfee00010 | 1 << 5, 0, SID };
	struct vtd_interrupt i;

	vtd_remap(&s.t, &m, &i);
	return i.use;
}

static void check_interrupts(void **state)
{
	unsigned dropped;

	(void)state;
	for (dropped = 0; dropped < 2; dropped++) {
		start();
		interrupt();
		s.spoil = dropped ? plant_dropped : NULL;
		*scene_at(&s, SCENE_IRT + 16) = 0;
		assert_int_equal(interrupt(), VTD_USE_WINDOW);
		scene_submit(&s, qi_desc_iec(QI_IEC_INDEX, 1, 0));
		assert_int_equal(interrupt(), dropped ? VTD_USE_STALE : VTD_USE_FRESH);
	}
}

static void check_devices(void **state)
{
	const struct vtd_request q = {
		.addr = IOVA, .pasid = VTD_NO_PASID, .sid = SID, .access = VTD_READ
	};
	struct vtd_result r;
	unsigned dropped;

	(void)state;
	for (dropped = 0; dropped < 2; dropped++) {
		start();
		vtd_device_translate(&s.t, &q, &r);
		*pte = (FRAME + 0x1000) | PTE_RW;
		scene_submit(&s, unmapped());
		vtd_device_translate(&s.t, &q, &r);
		assert_int_equal(r.use, VTD_USE_WINDOW);
		s.spoil = dropped ? plant_dropped : NULL;
		scene_submit(&s, qi_desc_dev_tlb(SID, 0, 0, IOVA, 0));
		vtd_device_translate(&s.t, &q, &r);
		assert_int_equal(r.use, dropped ? VTD_USE_STALE : VTD_USE_FRESH);
	}
}

static void check_pasids(void **state)
{
	unsigned dropped;
	uint64_t first;

	(void)state;
	for (dropped = 0; dropped < 2; dropped++) {
		uint8_t wanted = dropped ? VTD_USE_STALE : VTD_USE_FRESH;

		start_scalable();
		s.spoil = dropped ? plant_dropped : NULL;
		scene_pasid(&s, SID, 3)[0] = 4 << 6 | 1;
		assert_int_equal(pasid_use(), VTD_USE_WINDOW);
		scene_submit(&s, qi_desc_pasid_cache(QI_PC_PASID, DID, 3));
		assert_int_equal(pasid_use(), wanted);

		start_scalable();
		s.spoil = dropped ? plant_dropped : NULL;
		*pte = (FRAME + 0x1000) | 7;
		assert_int_equal(pasid_use(), VTD_USE_WINDOW);
		scene_submit(&s, qi_desc_piotlb(QI_PIOTLB_PAGE, DID, 3, IOVA, 0, true));
		assert_int_equal(pasid_use(), wanted);

		first = start_scalable();
		s.spoil = dropped ? plant_dropped : NULL;
		*scene_first_entry(&s, first, 4, IOVA, 2) = 0;
		*scene_first_entry(&s, first, 4, IOVA, 1) = (FRAME + 0x1000) | 7;
		scene_submit(&s, qi_desc_piotlb(QI_PIOTLB_PASID, DID, 3, 0, 0, false));
		assert_int_equal(pasid_use(), wanted);

		start_scalable();
		s.spoil = dropped ? plant_dropped : NULL;
		scene_scalable_context(&s, SID)[0] ^= 1 << 2;
		assert_int_equal(pasid_use(), VTD_USE_WINDOW);
		scene_submit(&s, qi_desc_context(QI_CC_GLOBAL, 0, 0, 0));
		assert_int_equal(pasid_use(), wanted);
	}
}

/* A descriptor that covers a part of a large page makes it due only if that part has changed. */
static void check_large(void **state)
{
	const uint64_t iova = 0x40200000;
	unsigned other;
	uint64_t *entry, i;

	(void)state;
	for (other = 0; other < 2; other++) {
		start();
		entry = scene_entry(&s, table, 3, iova, 2);
		*entry = FRAME | PTE_RW | PTE_LARGE;
		scene_dma(&s, iova, VTD_READ);
		*entry = 0;
		for (i = 0; i < 512; i++)
			*scene_entry(&s, table, 3, iova + i * 0x1000, 1) =
				(FRAME + i * 0x1000) | PTE_RW;
		*scene_entry(&s, table, 3, iova + 7 * 0x1000, 1) = 0;
		s.spoil = plant_dropped;
		scene_submit(&s, qi_desc_iotlb(QI_IOTLB_PAGE, DID,
					       iova + (other ? 6 : 7) * 0x1000ULL, 0, true, 0));
		assert_int_equal(scene_dma(&s, iova + 7 * 0x1000, VTD_READ).use,
				 other ? VTD_USE_WINDOW : VTD_USE_STALE);
		/* A part that still leads to the same place is fresh. */
		assert_int_equal(scene_dma(&s, iova + 5 * 0x1000, VTD_READ).use, VTD_USE_FRESH);
	}
}

/* Each member of a line counts: the context's upper half, rights, an entry that is missing now. */
static void check_members(void **state)
{
	struct vtd_request q = {
		.addr = IOVA, .pasid = VTD_NO_PASID, .sid = SID, .access = VTD_READ
	};
	struct vtd_result r;

	(void)state;
	start();
	use();
	scene_context(&s, SID)[1] ^= 1 << 8; /* DID */
	assert_int_equal(use(), VTD_USE_WINDOW);
	scene_context(&s, SID)[1] ^= 1 << 8;
	assert_int_equal(use(), VTD_USE_FRESH);
	scene_context(&s, SID)[0] ^= 1; /* not present */
	assert_int_equal(use(), VTD_USE_WINDOW);
	scene_context(&s, SID)[0] ^= 1;
	s.t.cfg.judged = NULL;
	*pte = FRAME | PTE_W;
	assert_int_equal(use(), VTD_USE_WINDOW);
	*pte = FRAME | PTE_RW;
	vtd_device_translate(&s.t, &q, &r);
	*pte = FRAME | PTE_W;
	vtd_device_translate(&s.t, &q, &r);
	assert_int_equal(r.use, VTD_USE_WINDOW);
	*pte = 0;
	vtd_device_translate(&s.t, &q, &r);
	assert_int_equal(r.use, VTD_USE_WINDOW);
	scene_context(&s, SID)[0] ^= 1;
	vtd_device_translate(&s.t, &q, &r);
	assert_int_equal(r.use, VTD_USE_WINDOW);
}

/* In caching mode a missing page is cached, and can be stale like any other line. */
static void check_missing(void **state)
{
	(void)state;
	start();
	scene_capabilities(&s, SCENE_CAP | VTD_CAP_CM, SCENE_ECAP);
	*pte = 0;
	assert_int_equal(use(), VTD_USE_FRESH);
	assert_int_equal(use(), VTD_USE_FRESH);
	*pte = FRAME | PTE_RW;
	assert_int_equal(use(), VTD_USE_WINDOW);
	scene_submit(&s, unmapped());
	assert_int_equal(use(), VTD_USE_FRESH);
	s.spoil = plant_dropped;
	*pte = 0;
	scene_submit(&s, unmapped());
	assert_int_equal(use(), VTD_USE_STALE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_pages),	  cmocka_unit_test(check_tables),
		cmocka_unit_test(check_contexts), cmocka_unit_test(check_interrupts),
		cmocka_unit_test(check_devices),  cmocka_unit_test(check_pasids),
		cmocka_unit_test(check_large),	  cmocka_unit_test(check_members),
		cmocka_unit_test(check_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
