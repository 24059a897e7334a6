/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The oracle: uses of outdated lines that are legal, and changes that make no line outdated. */
#include "stale.h"

/* A use is legal until the wait completes, and if the change came after the doorbell. */
static void check_window(void **state)
{
	(void)state;
	start();
	s.spoil = plant_dropped;
	use();
	*pte = (FRAME + 0x1000) | PTE_RW;
	scene_put(&s, unmapped());
	scene_put(&s, scene_wait(&s, 0));
	scene_ring(&s);
	while (!scene_waited(&s)) {
		assert_int_equal(use(), VTD_USE_WINDOW);
		vtd_step(&s.u);
	}
	assert_int_equal(use(), VTD_USE_STALE);

	start();
	s.spoil = plant_dropped;
	use();
	scene_submit(&s, unmapped());
	*pte = (FRAME + 0x1000) | PTE_RW;
	scene_submit(&s, qi_desc_iotlb(QI_IOTLB_PAGE, DID, IOVA + 0x1000, 0, true, 0));
	assert_int_equal(use(), VTD_USE_WINDOW);
}

/* A refused descriptor has removed nothing, and the oracle must know that. */
static void check_refused(void **state)
{
	const struct vtd_fault refuse = {
		.kind = VTD_FAULT_REFUSE, .iqei = 4, .type = QI_IOTLB_TYPE, .count = 1
	};

	(void)state;
	start();
	use();
	*pte = (FRAME + 0x1000) | PTE_RW;
	assert_true(vtd_fault_arm(&s.u, &refuse));
	scene_put(&s, unmapped());
	scene_put(&s, scene_wait(&s, 0));
	scene_ring(&s);
	scene_run(&s);
	assert_int_equal(scene_read(&s, DMAR_FSTS_REG), VTD_FSTS_IQE);
	/* As drivers do: replace it with a wait that does nothing. */
	*scene_at(&s, SCENE_RING) = QI_IWD_TYPE;
	scene_write(&s, DMAR_FSTS_REG, VTD_FSTS_IQE);
	scene_run(&s);
	assert_true(scene_waited(&s));
	assert_int_equal(use(), VTD_USE_WINDOW);
}

/* Fewer rights in the cache than in the tables; a change that was undone; the queue on again. */
static void check_harmless(void **state)
{
	(void)state;
	start();
	*pte = FRAME | PTE_R;
	use();
	*pte = FRAME | PTE_RW;
	assert_int_equal(use(), VTD_USE_FRESH);
	*pte = FRAME | PTE_W; /* fewer rights in the tables do matter */
	assert_int_equal(use(), VTD_USE_WINDOW);
	*pte = FRAME | PTE_RW;
	s.spoil = plant_dropped;
	*pte = (FRAME + 0x1000) | PTE_RW;
	scene_submit(&s, unmapped());
	*pte = FRAME | PTE_RW;
	assert_int_equal(use(), VTD_USE_FRESH);
	*pte = (FRAME + 0x1000) | PTE_RW;
	assert_int_equal(use(), VTD_USE_STALE);
	scene_command(&s, VTD_GCMD_QIE, false);
	scene_run(&s);
	scene_write(&s, DMAR_IQT_REG, 0);
	s.tail = 0;
	scene_command(&s, VTD_GCMD_QIE, true);
	assert_int_equal(use(), VTD_USE_WINDOW);
}

/* Many laps of the ring with random changes and plants: all that are planted are found. */
static void check_laps(void **state)
{
	uint64_t random = 1;
	unsigned i, planted = 0, found = 0;

	(void)state;
	start();
	s.ops.choose = NULL;
	for (i = 0; i < 3000; i++) {
		bool plant =
			(random = random * 6364136223846793005 + 1442695040888963407) >> 62 == 0;

		use();
		*pte = (FRAME + 0x1000 * (i % 7)) | PTE_RW;
		s.spoil = plant ? plant_dropped : NULL;
		if (s.t.completed % 5 == 4)
			scene_submit(&s, qi_desc_context(QI_CC_DEVICE, DID + 1, SID, 0));
		scene_submit(&s, unmapped());
		planted += plant && i > 0; /* the first one changes nothing */
		found += use() == VTD_USE_STALE;
		s.spoil = NULL;
		scene_submit(&s, qi_desc_iotlb(QI_IOTLB_DOMAIN, DID, 0, 0, false, 0));
	}
	assert_true(planted > 100);
	assert_int_equal(found, planted);
}

/* Invalidation by register takes effect at once. */
static void check_registers(void **state)
{
	(void)state;
	start();
	scene_command(&s, VTD_GCMD_QIE, false);
	scene_run(&s);
	use();
	*pte = (FRAME + 0x1000) | PTE_RW;
	scene_write(&s, 0x508, 1ULL << 63 | 2ULL << 60 | (uint64_t)(DID + 1) << 32);
	assert_int_equal(use(), VTD_USE_WINDOW);
	scene_write(&s, 0x508, 1ULL << 63 | 2ULL << 60 | (uint64_t)DID << 32);
	assert_int_equal(use(), VTD_USE_FRESH);
}

/* Without peek() the oracle reads what the unit reads; judged() may be NULL. */
static void check_quiet(void **state)
{
	(void)state;
	start();
	s.t.cfg.peek = NULL;
	s.t.cfg.judged = NULL;
	use();
	*pte = (FRAME + 0x1000) | PTE_RW;
	scene_submit(&s, unmapped());
	assert_int_equal(use(), VTD_USE_FRESH);
	assert_int_equal(s.t.used[VTD_USE_STALE], 0);
	/* A ring without memory, and a tail beyond it. */
	s.hole = SCENE_RING;
	scene_put(&s, unmapped());
	scene_ring(&s);
	scene_write(&s, DMAR_IQT_REG, 0x7fff0);
	s.t.cfg.judge = false;
	scene_run(&s);
	assert_int_equal(scene_read(&s, DMAR_FSTS_REG), VTD_FSTS_IQE);
}

/* Waits may complete in any order: the last position that has completed never goes back. */
static void play_waits(struct scene *sc)
{
	(void)sc;
	start_again();
	scene_put(&s, scene_wait(&s, 0));
	scene_put(&s, scene_wait(&s, 0));
	scene_put(&s, scene_wait(&s, 0));
	scene_ring(&s);
	scene_run(&s);
	assert_int_equal(s.t.completed, 3);
}

static void check_waits(void **state)
{
	(void)state;
	assert_true(scene_explore(&s, play_waits) > 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_window),	   cmocka_unit_test(check_refused),
		cmocka_unit_test(check_harmless),  cmocka_unit_test(check_laps),
		cmocka_unit_test(check_registers), cmocka_unit_test(check_quiet),
		cmocka_unit_test(check_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
