/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The oracle: uses of cached translations that may no longer be, each planted in what the unit
 * makes of a request; and what looks like one and is none.
 */
#include "scene.h"

#include <string.h>

#define IOVA 0x12345000ULL
#define FRAME 0x40000000ULL

static struct scene s;
static uint64_t table, *pte;

static void start_again(void)
{
	scene_start(&s, 0);
	table = scene_page(&s);
	scene_attach(&s, SID, DID, table, 1);
	scene_context(&s, SID)[0] |= 1 << 2;
	pte = scene_entry(&s, table, 3, IOVA, 1);
	*pte = FRAME | PTE_RW;
	scene_command(&s, VTD_GCMD_IRE, true);
	*scene_at(&s, SCENE_IRT + 16) = 1;
}

static void start(void)
{
	scene_config(&s);
	start_again();
}

static uint8_t use(void)
{
	return scene_dma(&s, IOVA, VTD_READ).use;
}

static struct qi_desc unmapped(void)
{
	return qi_desc_iotlb(QI_IOTLB_PAGE, DID, IOVA, 0, true, 0);
}

/* ---- Plants: the unit reads something else than was submitted ---- */

static bool is(const uint64_t *qw, unsigned type)
{
	return (qw[0] & 0xf) == type;
}

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

static void plant_dropped(struct scene *sc, uint64_t *qw)
{
	(void)sc;
	if (!is(qw, QI_IWD_TYPE)) {
		qw[0] = QI_IWD_TYPE;
		qw[1] = 0;
	}
}

static void plant_hint(struct scene *sc, uint64_t *qw)
{
	(void)sc;
	if (is(qw, QI_IOTLB_TYPE))
		qw[1] |= 1 << 6;
}

/* Change, submit, use. What the oracle says without the plant is that the use is fresh. */
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
			 VTD_USE_FRESH); /* of a leaf it changes nothing */
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

/*
 * A page that is found by way of a table that is due has the age of the table; but not where what
 * the table is due by covers another page.
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
			/* Once its descriptor is overwritten, nothing is claimed. */
			for (i = 0; laps && i < 200; i++)
				scene_submit(&s, qi_desc_iec(QI_IEC_GLOBAL, 0, 0));
			if (laps)
				assert_int_equal(scene_dma(&s, other, VTD_READ).use, VTD_USE_STALE);
			assert_int_equal(scene_dma(&s, other, VTD_READ).use,
					 page || laps ? VTD_USE_WINDOW : VTD_USE_STALE);
			assert_int_equal(s.judged_kind, VTD_LINE_LEAF);
		}
	}
	/* With the queue off there is no ring to look at. */
	scene_command(&s, VTD_GCMD_QIE, false);
	scene_run(&s);
	scene_dma(&s, IOVA + 0x2000, VTD_READ);
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

/* By PASID: the entry, and the first stage's pages and tables. */
static uint8_t pasid_use(void)
{
	return scene_request(&s,
			     (struct vtd_request){
				     .addr = IOVA, .pasid = 3, .sid = SID, .access = VTD_READ })
		.use;
}

static uint64_t start_scalable(void)
{
	uint64_t *e, first;

	scene_config(&s);
	scene_start(&s, 1 << 10);
	e = scene_pasid(&s, SID, 3);
	scene_scalable_context(&s, SID)[0] |= 1 << 3;
	first = scene_page(&s);
	e[0] = 1 << 6 | 1;
	e[1] = DID;
	e[2] = first;
	pte = scene_first_entry(&s, first, 4, IOVA, 1);
	*pte = FRAME | 7;
	pasid_use();
	return first;
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

/* Part of a large page: what the descriptor covers of it counts, and the rest does not. */
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
		/* Where it still leads to the same place nothing is wrong. */
		assert_int_equal(scene_dma(&s, iova + 5 * 0x1000, VTD_READ).use, VTD_USE_FRESH);
	}
}

/* ---- What is none ---- */

/* Until the wait completes, and when the change came after the doorbell. */
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

/* A refused descriptor has removed nothing, and the oracle was not told so. */
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
	/* As a driver does it: a wait without a purpose in its place. */
	*scene_at(&s, SCENE_RING) = QI_IWD_TYPE;
	scene_write(&s, DMAR_FSTS_REG, VTD_FSTS_IQE);
	scene_run(&s);
	assert_true(scene_waited(&s));
	assert_int_equal(use(), VTD_USE_WINDOW);
}

/* Fewer rights in the cache than in the tables; back where it was; the queue on again. */
static void check_harmless(void **state)
{
	(void)state;
	start();
	*pte = FRAME | PTE_R;
	use();
	*pte = FRAME | PTE_RW;
	assert_int_equal(use(), VTD_USE_FRESH);
	*pte = FRAME | PTE_W; /* but fewer in the tables are not */
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

/* Round the ring many times, with changes and plants at random: all that are planted are found. */
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
		planted += plant && i > 0; /* the first change is none */
		found += use() == VTD_USE_STALE;
		s.spoil = NULL;
		scene_submit(&s, qi_desc_iotlb(QI_IOTLB_DOMAIN, DID, 0, 0, false, 0));
	}
	assert_true(planted > 100);
	assert_int_equal(found, planted);
}

/* By register, at once. */
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

/* Without a peek of its own the oracle reads what the unit reads; `judged` may be NULL. */
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
	/* A ring that is not there, a tail beyond it. */
	s.hole = SCENE_RING;
	scene_put(&s, unmapped());
	scene_ring(&s);
	scene_write(&s, DMAR_IQT_REG, 0x7fff0);
	s.t.cfg.judge = false;
	scene_run(&s);
	assert_int_equal(scene_read(&s, DMAR_FSTS_REG), VTD_FSTS_IQE);
}

/* Each member of what is cached counts: the context's upper half, rights, what was missing. */
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
	scene_context(&s, SID)[0] ^= 1; /* gone */
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

/* In caching mode what is missing is cached, and stale like anything else. */
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

/* ---- More than one line on the way ---- */

/* Submit d, which the unit does not do, and e likewise, in one submission. */
static void lose(struct qi_desc d, struct qi_desc e)
{
	s.spoil = plant_dropped;
	scene_put(&s, d);
	scene_put(&s, e);
	scene_put(&s, scene_wait(&s, 0));
	scene_ring(&s);
	scene_run(&s);
	assert_true(scene_waited(&s));
}

/* A context and a page are due, whichever of them before. */
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

/* An entry of a PASID that is found by way of a context that is due. */
static void check_pasid_by_way_of(void **state)
{
	const struct vtd_request q = { .addr = IOVA, .pasid = 4, .sid = SID, .access = VTD_READ };
	uint64_t *e;

	(void)state;
	start_scalable();
	e = scene_pasid(&s, SID, 4);
	e[0] = 4 << 6 | 1;
	e[1] = DID;
	scene_scalable_context(&s, SID)[0] = 1 << 3; /* another directory, with nothing in it */
	scene_pasid(&s, SID, 4);
	scene_scalable_context(&s, SID)[0] |= 1;
	lose(qi_desc_context(QI_CC_GLOBAL, 0, 0, 0), qi_desc_pasid_cache(QI_PC_GLOBAL, 0, 0));
	assert_int_equal(scene_request(&s, q).use, VTD_USE_STALE); /* the context */
	assert_int_equal(s.judged[VTD_USE_STALE], 1);
	assert_int_equal(scene_request(&s, q).use, VTD_USE_STALE);
	assert_int_equal(s.judged[VTD_USE_STALE], 3); /* both */
}

/* By way of a table that is due: a descriptor with IH makes a page due, and no table. */
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
		*scene_entry(&s, table, 3, IOVA, 3) = 0; /* other tables, in which */
		*scene_entry(&s, table, 3, other, 1) = (FRAME + 0x1000) | PTE_RW;
		lose(qi_desc_iotlb(QI_IOTLB_PAGE, DID, IOVA, 0, false, 0),
		     qi_desc_iotlb(QI_IOTLB_PAGE, DID, other, 0, true, 0));
		assert_int_equal(scene_dma(&s, other, VTD_READ).use, VTD_USE_STALE);
		assert_int_equal(s.judged_kind, VTD_LINE_TABLE);
		assert_int_equal(scene_dma(&s, other, VTD_READ).use, VTD_USE_STALE);
		assert_int_equal(s.judged_kind, VTD_LINE_LEAF);
		/* The lower table is legal as long as nothing without IH covers it. */
		assert_int_equal(scene_dma(&s, other + 0x1000, VTD_READ).use, VTD_USE_WINDOW);
		assert_int_equal(s.judged_kind, VTD_LINE_TABLE);
	}
}

/* Where nobody can read the ring any more, or there is none, nothing more is claimed. */
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

/* How a table can lead elsewhere: no context, another domain, fewer levels, a page in its place. */
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

/* Waits that complete in any order: what has completed does not go back. */
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
		cmocka_unit_test(check_pages),		cmocka_unit_test(check_tables),
		cmocka_unit_test(check_contexts),	cmocka_unit_test(check_interrupts),
		cmocka_unit_test(check_devices),	cmocka_unit_test(check_pasids),
		cmocka_unit_test(check_large),		cmocka_unit_test(check_window),
		cmocka_unit_test(check_refused),	cmocka_unit_test(check_harmless),
		cmocka_unit_test(check_laps),		cmocka_unit_test(check_registers),
		cmocka_unit_test(check_quiet),		cmocka_unit_test(check_by_way_of),
		cmocka_unit_test(check_members),	cmocka_unit_test(check_missing),
		cmocka_unit_test(check_two_due),	cmocka_unit_test(check_pasid_by_way_of),
		cmocka_unit_test(check_hint_by_way_of), cmocka_unit_test(check_no_ring),
		cmocka_unit_test(check_other_tables),	cmocka_unit_test(check_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
