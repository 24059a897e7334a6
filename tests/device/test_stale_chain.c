/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The oracle: lines that are filled through other lines, which are due themselves. */
#include "stale.h"

/*
 * A page that is filled through a table that is due is due as well, unless the descriptor by which
 * the table is due covers other pages only.
 */
static void check_by_way_of(void **state)
{
	const uint64_t other = IOVA + 0x1000;
	unsigned page, laps, i;

	(void)state;
	for (page = 0; page < 2; page++) {
		for (laps = 0; laps < 2; laps++) {
			start();
			s.ops.choose = NULL;
			*scene_entry(&s, table, 3, other, 1) = FRAME | PTE_RW;
			use();
			s.spoil = plant_dropped;
			*scene_entry(&s, table, 3, IOVA, 2) = 0;
			*scene_entry(&s, table, 3, other, 1) = (FRAME + 0x1000) | PTE_RW;
			scene_put(&s, qi_desc_iotlb(page ? QI_IOTLB_PAGE : QI_IOTLB_DOMAIN, DID,
						    page ? IOVA : 0, 0, false, 0));
			scene_put(&s, scene_wait(&s, 0));
			scene_ring(&s);
			if (!laps)
				assert_int_equal(scene_dma(&s, other, VTD_READ).use,
						 VTD_USE_WINDOW);
			scene_run(&s);
			/* After its descriptor has been overwritten, it makes nothing due. */
			for (i = 0; laps && i < 200; i++)
				scene_submit(&s, qi_desc_iec(QI_IEC_GLOBAL, 0, 0));
			if (laps)
				assert_int_equal(scene_dma(&s, other, VTD_READ).use, VTD_USE_STALE);
			assert_int_equal(scene_dma(&s, other, VTD_READ).use,
					 page || laps ? VTD_USE_WINDOW : VTD_USE_STALE);
			assert_int_equal(s.judged_kind, VTD_LINE_LEAF);
		}
	}
	/* With the queue off there is no ring to read. */
	scene_command(&s, VTD_GCMD_QIE, false);
	scene_run(&s);
	scene_dma(&s, IOVA + 0x2000, VTD_READ);
}

/* A context and a page are due, in either order. */
static void check_two_due(void **state)
{
	const struct qi_desc context = qi_desc_context(QI_CC_DEVICE, DID, SID, 0);
	unsigned first;

	(void)state;
	for (first = 0; first < 2; first++) {
		start();
		use();
		scene_context(&s, SID)[0] |= 2; /* FPD */
		*pte = (FRAME + 0x1000) | PTE_RW;
		lose(first ? unmapped() : context, first ? context : unmapped());
		assert_int_equal(use(), VTD_USE_STALE);
		assert_int_equal(s.judged[VTD_USE_STALE], 2);
	}
}

/* The entry of a PASID that is found through a context that is due. */
static void check_pasid_by_way_of(void **state)
{
	const struct vtd_request q = { .addr = IOVA, .pasid = 4, .sid = SID, .access = VTD_READ };
	uint64_t *e;

	(void)state;
	start_scalable();
	e = scene_pasid(&s, SID, 4);
	e[0] = 4 << 6 | 1;
	e[1] = DID;
	scene_scalable_context(&s, SID)[0] = 1 << 3; /* another directory, which is empty */
	scene_pasid(&s, SID, 4);
	scene_scalable_context(&s, SID)[0] |= 1;
	lose(qi_desc_context(QI_CC_GLOBAL, 0, 0, 0), qi_desc_pasid_cache(QI_PC_GLOBAL, 0, 0));
	assert_int_equal(scene_request(&s, q).use, VTD_USE_STALE); /* the context */
	assert_int_equal(s.judged[VTD_USE_STALE], 1);
	assert_int_equal(scene_request(&s, q).use, VTD_USE_STALE);
	assert_int_equal(s.judged[VTD_USE_STALE], 3); /* both */
}

/* Through a table that is due: a descriptor with IH makes a page due, but no table. */
static void check_hint_by_way_of(void **state)
{
	const uint64_t other = IOVA + 0x200000;
	unsigned laps, i;

	(void)state;
	for (laps = 0; laps < 2; laps++) {
		start();
		s.ops.choose = NULL;
		for (i = 0; laps && i < 300; i++)
			scene_submit(&s, qi_desc_iec(QI_IEC_GLOBAL, 0, 0));
		*scene_entry(&s, table, 3, other, 1) = FRAME | PTE_RW;
		use();
		*scene_entry(&s, table, 3, IOVA, 3) =
			0; /* other tables, with the page elsewhere: */
		*scene_entry(&s, table, 3, other, 1) = (FRAME + 0x1000) | PTE_RW;
		lose(qi_desc_iotlb(QI_IOTLB_PAGE, DID, IOVA, 0, false, 0),
		     qi_desc_iotlb(QI_IOTLB_PAGE, DID, other, 0, true, 0));
		assert_int_equal(scene_dma(&s, other, VTD_READ).use, VTD_USE_STALE);
		assert_int_equal(s.judged_kind, VTD_LINE_TABLE);
		assert_int_equal(scene_dma(&s, other, VTD_READ).use, VTD_USE_STALE);
		assert_int_equal(s.judged_kind, VTD_LINE_LEAF);
		/* The lower table is in the window until a descriptor without IH covers it. */
		assert_int_equal(scene_dma(&s, other + 0x1000, VTD_READ).use, VTD_USE_WINDOW);
		assert_int_equal(s.judged_kind, VTD_LINE_TABLE);
	}
}

/* If the ring can no longer be read, or there is none, nothing more becomes due. */
static void check_no_ring(void **state)
{
	const uint64_t other = IOVA + 0x1000;
	unsigned off;

	(void)state;
	for (off = 0; off < 2; off++) {
		start();
		s.ops.choose = NULL;
		*scene_entry(&s, table, 3, other, 1) = FRAME | PTE_RW;
		use();
		*scene_entry(&s, table, 3, IOVA, 2) = 0;
		*scene_entry(&s, table, 3, other, 1) = (FRAME + 0x1000) | PTE_RW;
		lose(unmapped(), qi_desc_iotlb(QI_IOTLB_DOMAIN, DID, 0, 0, false, 0));
		if (off) {
			scene_command(&s, VTD_GCMD_QIE, false);
			scene_run(&s);
		} else {
			s.hole = SCENE_RING;
		}
		assert_int_equal(scene_dma(&s, other, VTD_READ).use, VTD_USE_STALE); /* the table */
		assert_int_equal(scene_dma(&s, other, VTD_READ).use, VTD_USE_WINDOW);
	}
}

/* Changes by which a table differs: no context, another domain, fewer levels, a page instead. */
static void check_other_tables(void **state)
{
	const uint64_t next = IOVA + 0x1000, far = IOVA + 0x40000000;
	unsigned i;

	(void)state;
	for (i = 0; i < 4; i++) {
		start();
		scene_attach(&s, SID, DID, table, 2);
		*scene_entry(&s, table, 4, IOVA, 1) = FRAME | PTE_RW;
		*scene_entry(&s, table, 4, next, 1) = FRAME | PTE_RW;
		*scene_entry(&s, table, 4, far, 1) = FRAME | PTE_RW;
		use();
		switch (i) {
		case 0:
			scene_context(&s, SID)[0] = 0;
			break;
		case 1:
			scene_context(&s, SID)[1] ^= 1 << 8;
			break;
		case 2:
			scene_context(&s, SID)[1] ^= 3; /* 3 levels */
			break;
		default:
			*scene_entry(&s, table, 4, IOVA, 2) = FRAME | PTE_RW | PTE_LARGE;
		}
		assert_int_equal(scene_dma(&s, i == 2 ? far : next, VTD_READ).use, VTD_USE_WINDOW);
		assert_int_equal(s.judged_kind, VTD_LINE_TABLE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_by_way_of),	 cmocka_unit_test(check_two_due),
		cmocka_unit_test(check_pasid_by_way_of), cmocka_unit_test(check_hint_by_way_of),
		cmocka_unit_test(check_no_ring),	 cmocka_unit_test(check_other_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
