/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The caches of the tables: what they hold, what removes it, what may stay: IH, CM, registers. */
#include "scene.h"

#include <string.h>

#define IOVA 0x12345000ULL
#define NEXT (IOVA + 0x1000)	/* in the same table */
#define OTHER (IOVA + 0x200000) /* in another */
#define FRAME 0x40000000ULL

static struct scene s;
static uint64_t table;

static void start(void)
{
	scene_start(&s, 0);
	table = scene_page(&s);
	scene_attach(&s, SID, DID, table, 1);
	*scene_entry(&s, table, 3, IOVA, 1) = FRAME | PTE_RW;
	*scene_entry(&s, table, 3, NEXT, 1) = (FRAME + 0x1000) | PTE_RW;
	*scene_entry(&s, table, 3, OTHER, 1) = (FRAME + 0x2000) | PTE_RW;
}

static void start_plain(void)
{
	scene_config(&s);
	start();
}

static uint64_t reach(uint64_t iova)
{
	return scene_dma(&s, iova, VTD_READ).addr;
}

static unsigned reads(uint64_t iova)
{
	unsigned before = s.reads;

	assert_true(scene_dma(&s, iova, VTD_READ).access);
	return s.reads - before;
}

static struct qi_desc page(uint64_t iova, unsigned am, bool ih)
{
	return qi_desc_iotlb(QI_IOTLB_PAGE, DID, iova, am, ih, 0);
}

/* How many reads caching saves. Judging is off, as it reads tables, too. */
static void check_walks(void **state)
{
	(void)state;
	scene_config(&s);
	s.tcfg.judge = false;
	start();
	assert_int_equal(reads(IOVA), 5);  /* root, context, three levels */
	assert_int_equal(reads(IOVA), 0);  /* a leaf */
	assert_int_equal(reads(NEXT), 1);  /* its table was known */
	assert_int_equal(reads(OTHER), 2); /* the table above it was */
	scene_submit(&s, qi_desc_iotlb(QI_IOTLB_DOMAIN, DID, 0, 0, false, 0));
	s.reads = 0;
	assert_int_equal(reads(IOVA), 3);
	scene_submit(&s, qi_desc_context(QI_CC_DEVICE, DID, SID, 0));
	assert_int_equal(reads(IOVA), 2); /* the context, but not the IOTLB */
	scene_submit(&s, page(IOVA, 0, true));
	assert_int_equal(reads(IOVA), 1);
	scene_submit(&s, page(IOVA, 0, false));
	assert_int_equal(reads(IOVA), 3);
	assert_int_equal(reads(OTHER), 2); /* by the upper table of this last walk */
}

/* A whole table is replaced: with IH the walk continues in the old one. */
static void check_ih(void **state)
{
	uint64_t *upper;

	(void)state;
	start_plain();
	assert_int_equal(reach(IOVA), FRAME);
	upper = scene_entry(&s, table, 3, IOVA, 2);
	*upper = 0;
	*scene_entry(&s, table, 3, IOVA, 1) = (FRAME + 0x10000) | PTE_RW;
	scene_submit(&s, page(IOVA, 0, true));
	/* Outdated, but legal: no invalidation covers the table. */
	assert_int_equal(reach(IOVA), FRAME);
	assert_int_equal(s.judged[VTD_USE_WINDOW], 1);
	assert_int_equal(s.judged_kind, VTD_LINE_TABLE);
	scene_submit(&s, page(IOVA, 0, false));
	assert_int_equal(reach(IOVA), FRAME + 0x10000);
	assert_int_equal(s.judged[VTD_USE_STALE], 0);
}

/* The unit may nevertheless remove the tables. */
static bool kept, dropped;

static void play_ih(struct scene *sc)
{
	uint64_t *upper;

	(void)sc;
	s.tcfg.judge = false;
	start();
	reach(IOVA);
	upper = scene_entry(&s, table, 3, IOVA, 2);
	*upper = 0;
	*scene_entry(&s, table, 3, IOVA, 1) = (FRAME + 0x10000) | PTE_RW;
	scene_submit(&s, page(IOVA, 0, true));
	if (reach(IOVA) == FRAME)
		kept = true;
	else
		dropped = true;
}

static void check_ih_choice(void **state)
{
	(void)state;
	kept = dropped = false;
	assert_true(scene_explore(&s, play_ih) > 1);
	assert_true(kept && dropped);
}

/* Pages that overlap the range are removed, and no others. */
static void check_pages(void **state)
{
	static const struct {
		uint64_t addr;
		unsigned am;
		bool iova, next, other;
	} cases[] = {
		{ IOVA, 0, true, false, false },	  { NEXT, 0, false, true, false },
		{ IOVA - 0x1000, 1, true, false, false }, { IOVA - 0x5000, 3, true, true, false },
		{ IOVA, 9, true, true, false },		  { IOVA, 11, true, true, true },
	};
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		scene_config(&s);
		s.tcfg.judge = false;
		start();
		reach(IOVA);
		reach(NEXT);
		reach(OTHER);
		scene_submit(&s, page(cases[i].addr, cases[i].am, true));
		assert_int_equal(reads(IOVA) != 0, cases[i].iova);
		assert_int_equal(reads(NEXT) != 0, cases[i].next);
		assert_int_equal(reads(OTHER) != 0, cases[i].other);
	}
}

/* Invalidating one page of a large page removes the large page. */
static void check_large(void **state)
{
	const uint64_t iova = 0x40200000;

	(void)state;
	start_plain();
	*scene_entry(&s, table, 3, iova, 2) = FRAME | PTE_RW | PTE_LARGE;
	assert_int_equal(reach(iova + 0x5000), FRAME + 0x5000);
	*scene_entry(&s, table, 3, iova, 2) = (FRAME + 0x200000) | PTE_RW | PTE_LARGE;
	scene_submit(&s, page(iova + 0x7000, 0, true));
	assert_int_equal(reach(iova + 0x5000), FRAME + 0x205000);
}

/* Other domains' entries stay; a global invalidation removes them. */
static void check_domains(void **state)
{
	const uint16_t sid = SID + 8;
	struct vtd_request q = {
		.addr = IOVA, .pasid = VTD_NO_PASID, .sid = sid, .access = VTD_READ
	};

	(void)state;
	start_plain();
	scene_attach(&s, sid, DID + 1, table, 1);
	assert_false(scene_request(&s, q).cached);
	assert_false(scene_dma(&s, IOVA, VTD_READ).cached);
	scene_submit(&s, qi_desc_iotlb(QI_IOTLB_DOMAIN, DID, 0, 0, false, 0));
	assert_true(scene_request(&s, q).cached);
	assert_false(scene_dma(&s, IOVA, VTD_READ).cached);
	scene_submit(&s, qi_desc_iotlb(QI_IOTLB_GLOBAL, 0, 0, 0, false, 0));
	assert_false(scene_request(&s, q).cached);
}

/* More rights than are cached need no invalidation. */
static void check_more_rights(void **state)
{
	(void)state;
	start_plain();
	*scene_entry(&s, table, 3, IOVA, 1) = FRAME | PTE_R;
	assert_int_equal(scene_dma(&s, IOVA, VTD_READ).access, VTD_READ);
	assert_int_equal(scene_dma(&s, IOVA, VTD_WRITE).reason, 5);
	*scene_entry(&s, table, 3, IOVA, 1) = FRAME | PTE_RW;
	assert_int_equal(scene_dma(&s, IOVA, VTD_WRITE).reason, 0);
}

/* Missing pages are cached in caching mode only. */
static void check_caching_mode(void **state)
{
	unsigned cm;

	(void)state;
	for (cm = 0; cm < 2; cm++) {
		scene_config(&s);
		s.cfg.cap |= cm ? VTD_CAP_CM : 0;
		start();
		*scene_entry(&s, table, 3, IOVA, 1) = 0;
		assert_int_equal(scene_dma(&s, IOVA, VTD_READ).reason, 6);
		*scene_entry(&s, table, 3, IOVA, 1) = FRAME | PTE_RW;
		assert_int_equal(scene_dma(&s, IOVA, VTD_READ).reason, cm ? 6 : 0);
		scene_submit(&s, page(IOVA, 0, true));
		assert_int_equal(scene_dma(&s, IOVA, VTD_READ).reason, 0);
		assert_int_equal(s.judged[VTD_USE_STALE], 0);
	}
}

/* Contexts that are not present belong to domain 0. */
static void check_caching_mode_context(void **state)
{
	unsigned cm;

	(void)state;
	for (cm = 0; cm < 2; cm++) {
		scene_config(&s);
		s.cfg.cap |= cm ? VTD_CAP_CM : 0;
		start();
		scene_context(&s, SID)[0] &= ~1ULL;
		assert_int_equal(scene_dma(&s, IOVA, VTD_READ).reason, 2);
		scene_context(&s, SID)[0] |= 1;
		assert_int_equal(scene_dma(&s, IOVA, VTD_READ).reason, cm ? 2 : 0);
		scene_submit(&s, qi_desc_context(QI_CC_DOMAIN, DID, 0, 0));
		assert_int_equal(scene_dma(&s, IOVA, VTD_READ).reason, cm ? 2 : 0);
		scene_submit(&s, qi_desc_context(QI_CC_DEVICE, 0, SID, 0));
		assert_int_equal(scene_dma(&s, IOVA, VTD_READ).reason, 0);
	}
}

/* A changed context is used after its invalidation, by each granularity, and not before. */
static void check_context(void **state)
{
	const struct qi_desc d[] = { qi_desc_context(QI_CC_GLOBAL, 0, 0, 0),
				     qi_desc_context(QI_CC_DOMAIN, DID, 0, 0),
				     qi_desc_context(QI_CC_DEVICE, DID, SID, 0),
				     qi_desc_context(QI_CC_DEVICE, DID, SID ^ 1, 3) };
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(d) / sizeof(*d); i++) {
		start_plain();
		assert_int_equal(reach(IOVA), FRAME);
		scene_context(&s, SID)[0] = 1 | 2 << 2;
		assert_int_equal(reach(IOVA), FRAME);
		scene_submit(&s, qi_desc_context(QI_CC_DEVICE, DID, SID + 8, 3));
		scene_submit(&s, qi_desc_context(QI_CC_DOMAIN, DID + 1, 0, 0));
		assert_int_equal(reach(IOVA), FRAME);
		scene_submit(&s, d[i]);
		assert_int_equal(reach(IOVA), IOVA);
		assert_int_equal(s.judged[VTD_USE_STALE], 0);
	}
}

/* ---- By register ---- */

#define CCMD 0x28
#define IVA 0x500
#define IOTLB 0x508
#define GO (1ULL << 63)

static void check_registers(void **state)
{
	(void)state;
	start_plain();
	scene_command(&s, VTD_GCMD_QIE, false);
	scene_run(&s);
	assert_int_equal(reach(IOVA), FRAME);
	*scene_entry(&s, table, 3, IOVA, 1) = (FRAME + 0x10000) | PTE_RW;
	scene_write(&s, IVA, NEXT);
	scene_write(&s, IOTLB, GO | 3ULL << 60 | (uint64_t)DID << 32);
	assert_int_equal(scene_read(&s, IOTLB), 3ULL << 60 | 3ULL << 57 | (uint64_t)DID << 32);
	assert_int_equal(reach(IOVA), FRAME);
	scene_write(&s, IVA, IOVA);
	scene_write(&s, IOTLB, GO | 3ULL << 60 | (uint64_t)DID << 32);
	assert_int_equal(reach(IOVA), FRAME + 0x10000);

	*scene_entry(&s, table, 3, IOVA, 1) = FRAME | PTE_RW;
	scene_write(&s, IOTLB, GO | 2ULL << 60 | (uint64_t)(DID + 1) << 32);
	assert_int_equal(reach(IOVA), FRAME + 0x10000);
	scene_write(&s, IOTLB, GO | 2ULL << 60 | (uint64_t)DID << 32);
	assert_int_equal(scene_read(&s, IOTLB) >> 57 & 3, 2);
	assert_int_equal(reach(IOVA), FRAME);

	scene_context(&s, SID)[0] = 1 | 2 << 2;
	scene_write(&s, CCMD, GO | 3ULL << 61 | (uint64_t)(SID + 1) << 16 | DID);
	assert_int_equal(reach(IOVA), FRAME);
	scene_write(&s, CCMD, GO | 3ULL << 61 | 1ULL << 32 | (uint64_t)(SID | 4) << 16 | DID);
	assert_int_equal(scene_read(&s, CCMD) >> 59, 3 << 2 | 3);
	assert_int_equal(reach(IOVA), IOVA);
	scene_context(&s, SID)[0] = table | 1;
	scene_write(&s, CCMD, GO | 1ULL << 61);
	assert_int_equal(scene_read(&s, CCMD) >> 59, 1 << 2 | 1);
	assert_int_equal(reach(IOVA), FRAME);
	assert_int_equal(s.judged[VTD_USE_STALE], 0);
}

/*
 * The registers do nothing while the queue is on, or for a reserved granularity, and report that.
 */
static void check_registers_refused(void **state)
{
	(void)state;
	start_plain();
	reach(IOVA);
	*scene_entry(&s, table, 3, IOVA, 1) = (FRAME + 0x10000) | PTE_RW;
	scene_write(&s, IOTLB, GO | 1ULL << 60);
	assert_int_equal(scene_read(&s, IOTLB), 1ULL << 60);
	scene_write(&s, CCMD, GO | 1ULL << 61);
	assert_int_equal(scene_read(&s, CCMD), 1ULL << 61);
	scene_command(&s, VTD_GCMD_QIE, false);
	scene_run(&s);
	scene_write(&s, IOTLB, GO);
	assert_int_equal(scene_read(&s, IOTLB), 0);
	assert_int_equal(reach(IOVA), FRAME);
	/* The low half alone starts nothing; the high half does. */
	vtd_write(&s.u, IOTLB, 0xffffffff, 4);
	assert_int_equal(reach(IOVA), FRAME);
	vtd_write(&s.u, IOTLB + 4, (GO | 1ULL << 60) >> 32, 4);
	assert_int_equal(reach(IOVA), FRAME + 0x10000);
}

/* Without PSI a page-selective invalidation becomes domain-selective. */
static void check_registers_psi(void **state)
{
	(void)state;
	scene_config(&s);
	s.cfg.cap &= ~VTD_CAP_PSI;
	start();
	scene_command(&s, VTD_GCMD_QIE, false);
	scene_run(&s);
	scene_write(&s, IOTLB, GO | 3ULL << 60 | (uint64_t)DID << 32);
	assert_int_equal(scene_read(&s, IOTLB) >> 57 & 3, 2);
	s.u.cfg.cap |= VTD_CAP_PSI;
	scene_write(&s, IVA, 19);
	scene_write(&s, IOTLB, GO | 3ULL << 60 | (uint64_t)DID << 32);
	assert_int_equal(scene_read(&s, IOTLB) >> 57 & 3, 2);
	scene_write(&s, IVA, 18);
	scene_write(&s, IOTLB, GO | 3ULL << 60 | (uint64_t)DID << 32);
	assert_int_equal(scene_read(&s, IOTLB) >> 57 & 3, 3);
}

static unsigned seen_granularity[4];

static void play_coarser(struct scene *sc)
{
	(void)sc;
	s.tcfg.judge = false;
	start();
	scene_command(&s, VTD_GCMD_QIE, false);
	scene_run(&s);
	scene_write(&s, IVA, IOVA);
	scene_write(&s, IOTLB, GO | 3ULL << 60 | (uint64_t)DID << 32);
	seen_granularity[scene_read(&s, IOTLB) >> 57 & 3]++;
}

static void check_coarser(void **state)
{
	(void)state;
	memset(seen_granularity, 0, sizeof(seen_granularity));
	scene_explore(&s, play_coarser);
	assert_int_equal(seen_granularity[0], 0);
	assert_true(seen_granularity[1] && seen_granularity[2] && seen_granularity[3]);
}

/* ---- New tables ---- */

static void check_srtp(void **state)
{
	unsigned by_itself;

	(void)state;
	for (by_itself = 0; by_itself < 2; by_itself++) {
		uint64_t root;

		scene_config(&s);
		s.cfg.cap |= by_itself ? VTD_CAP_ESRTPS : 0;
		start();
		assert_int_equal(reach(IOVA), FRAME);
		root = scene_page(&s);
		scene_write(&s, DMAR_RTADDR_REG, root);
		assert_int_equal(reach(IOVA), FRAME); /* takes effect with SRTP */
		scene_command(&s, VTD_GCMD_SRTP, true);
		assert_int_equal(scene_dma(&s, IOVA, VTD_READ).reason, by_itself ? 1 : 0);
		scene_submit(&s, qi_desc_context(QI_CC_GLOBAL, 0, 0, 0));
		assert_int_equal(scene_dma(&s, IOVA, VTD_READ).reason, 1);
		assert_int_equal(s.judged[VTD_USE_STALE], 0);
	}
}

/* Modes of RTADDR in which all requests are blocked. */
static void check_modes(void **state)
{
	(void)state;
	start_plain();
	scene_write(&s, DMAR_RTADDR_REG, SCENE_ROOT | 3 << 10);
	scene_command(&s, VTD_GCMD_SRTP, true);
	assert_int_equal(scene_dma(&s, IOVA, VTD_READ).access, 0);
	assert_int_equal(scene_read(&s, DMAR_FSTS_REG), 0);
	scene_write(&s, DMAR_RTADDR_REG, SCENE_ROOT | 2 << 10);
	scene_command(&s, VTD_GCMD_SRTP, true);
	assert_int_equal(scene_dma(&s, IOVA, VTD_READ).reason, 0x30);
}

/* With more pages than lines each page is still found, if necessary by a walk. */
static void check_eviction(void **state)
{
	unsigned i, round;

	(void)state;
	scene_config(&s);
	s.tcfg.lines = 8;
	start();
	for (i = 0; i < 200; i++)
		*scene_entry(&s, table, 3, i * 0x1000ULL, 1) = (FRAME + i * 0x1000ULL) | PTE_RW;
	for (round = 0; round < 2; round++) {
		for (i = 0; i < 200; i++)
			assert_int_equal(reach(i * 0x1000ULL), FRAME + i * 0x1000ULL);
	}
	assert_int_equal(s.judged[VTD_USE_WINDOW] + s.judged[VTD_USE_STALE], 0);
}

static void check_config(void **state)
{
	struct vtd_translation t;
	struct vtd_translation_config good;

	(void)state;
	start_plain();
	good = s.tcfg;
	assert_true(vtd_translation_init(&t, &good));
#define BAD(member, value)                                    \
	do {                                                  \
		struct vtd_translation_config bad = good;     \
		bad.member = value;                           \
		assert_false(vtd_translation_init(&t, &bad)); \
	} while (0)
	BAD(unit, NULL);
	BAD(line, NULL);
	BAD(lines, 0);
	BAD(lines, 2);
	BAD(lines, 12);
	BAD(haw, 31);
	BAD(haw, 53);
	BAD(dma_write, NULL);
	s.u.cfg.ecap &= ~VTD_ECAP_PRS;
	good.dma_write = NULL;
	assert_true(vtd_translation_init(&t, &good));
	good.haw = 0;
	assert_true(vtd_translation_init(&t, &good));
	assert_int_equal(t.haw_reserved, ~0ULL << 52);
	s.u.cfg.cap = (s.u.cfg.cap & ~(0x3fULL << 16)) | 38ULL << 16;
	assert_true(vtd_translation_init(&t, &good));
	assert_int_equal(t.haw_reserved, ~0ULL << 39);
}

/*
 * The lab's states contain a struct vtd_unit and its entries, without translation. These sizes must
 * not grow.
 */
static void check_nothing_grew(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct vtd_unit), 3192);
	assert_int_equal(sizeof(struct vtd_entry), 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_walks),
		cmocka_unit_test(check_ih),
		cmocka_unit_test(check_ih_choice),
		cmocka_unit_test(check_pages),
		cmocka_unit_test(check_large),
		cmocka_unit_test(check_domains),
		cmocka_unit_test(check_more_rights),
		cmocka_unit_test(check_caching_mode),
		cmocka_unit_test(check_caching_mode_context),
		cmocka_unit_test(check_context),
		cmocka_unit_test(check_registers),
		cmocka_unit_test(check_registers_refused),
		cmocka_unit_test(check_registers_psi),
		cmocka_unit_test(check_coarser),
		cmocka_unit_test(check_srtp),
		cmocka_unit_test(check_modes),
		cmocka_unit_test(check_eviction),
		cmocka_unit_test(check_config),
		cmocka_unit_test(check_nothing_grew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
