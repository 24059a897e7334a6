/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Scalable mode: PASIDs, the first stage, nesting, accessed and dirty, their caches. */
#include "scene.h"

#define IOVA 0x12345000ULL
#define FRAME 0x40000000ULL
#define PASID 0x47

#define PGTT(n) ((uint64_t)(n) << 6)
#define FIRST PGTT(1)
#define SECOND PGTT(2)
#define NESTED PGTT(3)
#define PASS PGTT(4)
#define AW4 (2ULL << 2)
#define SRE 1ULL
#define ERE 2ULL
#define WPE 16ULL
#define A 0x20ULL
#define D 0x40ULL
#define SS_A 0x100ULL
#define SS_D 0x200ULL
#define XD (1ULL << 63)
#define P 1ULL
#define RW 2ULL
#define US 4ULL

static struct scene s;
static uint64_t table;

static void start(void)
{
	scene_config(&s);
	scene_start(&s, 1 << 10);
	scene_scalable_context(&s, SID);
	scene_pasid(&s, SID, PASID);
	scene_scalable_context(&s, SID)[0] |= 1 << 3; /* PASIDE */
	table = scene_page(&s);
}

/* A PASID with a first stage that maps IOVA with these flags. */
static uint64_t *map_first(uint32_t pasid, uint64_t flags, uint64_t word2)
{
	uint64_t *e = scene_pasid(&s, SID, pasid), *pte;

	e[0] = FIRST | 1;
	e[1] = DID;
	e[2] = table | word2;
	pte = scene_first_entry(&s, table, 4, IOVA, 1);
	*pte = FRAME | flags;
	return pte;
}

static struct vtd_request request(unsigned access)
{
	return (struct vtd_request){
		.addr = IOVA, .pasid = PASID, .sid = SID, .access = (uint8_t)access
	};
}

static struct vtd_result go(unsigned access)
{
	return scene_request(&s, request(access));
}

static struct vtd_result go_privileged(unsigned access)
{
	struct vtd_request q = request(access);

	q.privileged = true;
	return scene_request(&s, q);
}

static void check_first(void **state)
{
	struct vtd_result r;

	(void)state;
	start();
	map_first(PASID, P | RW | US, 0);
	r = go(VTD_WRITE);
	assert_int_equal(r.addr, FRAME);
	assert_int_equal(r.did, DID);
	assert_int_equal(r.pasid, PASID);
	assert_true(go(VTD_WRITE).cached);
	assert_int_equal(scene_dma(&s, IOVA, VTD_READ).reason, 0x51); /* RID_PASID is 0 */
}

/* Five levels, where the unit has them. */
static void check_five_levels(void **state)
{
	const uint64_t far = IOVA | 1ULL << 52;
	uint64_t *e;
	struct vtd_request q = request(VTD_READ);

	(void)state;
	start();
	e = scene_pasid(&s, SID, PASID);
	e[0] = FIRST | 1;
	e[2] = table | 1 << 2;
	*scene_first_entry(&s, table, 5, far, 1) = FRAME | P | US;
	q.addr = far;
	assert_int_equal(scene_request(&s, q).addr, FRAME);
	q.addr = 1ULL << 56;
	assert_int_equal(scene_request(&s, q).reason, 0x80);
	q.addr = ~0ULL << 56;
	assert_int_equal(scene_request(&s, q).reason, 0x71);
	s.u.cfg.cap &= ~(1ULL << 60);
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(scene_request(&s, q).reason, 0x5b);
	e[2] = table | 2 << 2;
	assert_int_equal(scene_request(&s, q).reason, 0x5b);
}

static void check_large(void **state)
{
	struct vtd_request q = request(VTD_READ);
	struct vtd_result r;
	unsigned level;

	(void)state;
	for (level = 2; level <= 3; level++) {
		const uint64_t size = 1ULL << (12 + 9 * (level - 1));

		start();
		map_first(PASID, P | US, 0);
		*scene_first_entry(&s, table, 4, 5 * size, level) =
			(7 * size) | P | US | 0x80 | 0x1000;
		q.addr = 5 * size + 0x12345;
		r = scene_request(&s, q);
		assert_int_equal(r.addr, 7 * size + 0x12345); /* bit 12 is PAT */
		assert_int_equal(1ULL << r.shift, size);
		assert_true(scene_request(&s, q).cached);
	}
	scene_capabilities(&s, SCENE_CAP & ~(1ULL << 56), SCENE_ECAP);
	assert_int_equal(scene_request(&s, q).reason, 0x72);
}

static void check_rights(void **state)
{
	static const struct {
		uint64_t flags, word2;
		unsigned access;
		bool privileged;
		unsigned reason;
	} cases[] = {
		{ P | RW | US, 0, VTD_WRITE, false, 0 },
		{ P | US, 0, VTD_WRITE, false, 0x85 },
		{ P | US, 0, VTD_READ, false, 0 },
		{ P | US, 0, VTD_READ | VTD_WRITE, false, 0x85 },
		{ P | RW, 0, VTD_READ, false, 0x81 },
		{ 0, 0, VTD_READ, false, 0x71 },
		{ P | RW, 0, VTD_READ, true, 0x5d },
		{ P | RW, SRE, VTD_READ, true, 0 },
		{ P, SRE, VTD_WRITE, true, 0 },
		{ P, SRE | WPE, VTD_WRITE, true, 0x85 },
		{ P | US, WPE, VTD_WRITE, false, 0x85 },
		{ P | US, 0, VTD_READ | VTD_EXECUTE, false, 0x5c },
		{ P | US, ERE, VTD_READ | VTD_EXECUTE, false, 0 },
		{ P | US | XD, ERE, VTD_READ | VTD_EXECUTE, false, 0x82 },
		{ P | US | XD, 0, VTD_READ, false, 0 },
	};
	unsigned i, again;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		start();
		map_first(PASID, cases[i].flags, cases[i].word2);
		for (again = 0; again < 2; again++) {
			struct vtd_result r = cases[i].privileged ? go_privileged(cases[i].access)
								  : go(cases[i].access);

			if (r.reason != cases[i].reason)
				fail_msg("case %u: 0x%x", i, r.reason);
		}
	}
}

static void check_accessed_dirty(void **state)
{
	uint64_t *pte;

	(void)state;
	start();
	pte = map_first(PASID, P | RW | US, 0);
	/* A read sets A everywhere and leaves D; what may be cached of it is reading. */
	assert_int_equal(go(VTD_READ).access, VTD_READ | VTD_EXECUTE);
	assert_int_equal(*pte, FRAME | P | RW | US | A);
	assert_int_equal(*scene_first_entry(&s, table, 4, IOVA, 4) & (A | D), A);
	assert_int_equal(go(VTD_WRITE).access, VTD_READ | VTD_WRITE | VTD_EXECUTE);
	assert_int_equal(*pte, FRAME | P | RW | US | A | D);
	assert_true(go(VTD_WRITE).cached);
	/* One that is refused sets neither. */
	start();
	pte = map_first(PASID, P | US, 0);
	assert_int_equal(go(VTD_WRITE).reason, 0x85);
	assert_int_equal(*pte & (A | D), 0);
	/* And where they cannot be set nothing passes. */
	s.frozen = true;
	assert_int_equal(go(VTD_READ).reason, 0x90);
	s.t.cfg.dma_swap = NULL;
	assert_int_equal(go(VTD_READ).reason, 0x90);
}

static void check_extended_accessed(void **state)
{
	uint64_t *pte;

	(void)state;
	start();
	s.u.cfg.ecap |= 1ULL << 34;
	pte = map_first(PASID, P | US, 1 << 7);
	assert_int_equal(go(VTD_READ).reason, 0);
	assert_int_equal(*pte & (A | 1 << 10), A | 1 << 10);
}

/* Software changes an entry while the unit sets a bit of it. */
static unsigned changes;

static bool contended_swap(void *ctx, uint64_t addr, uint64_t *expected, uint64_t value)
{
	uint64_t *word = scene_at(ctx, addr);

	if (changes) {
		changes--;
		*word ^= 1 << 9;
	}
	if (*word == *expected)
		*word = value;
	else
		*expected = *word;
	return true;
}

static void check_contended(void **state)
{
	(void)state;
	start();
	map_first(PASID, P | RW | US, 0);
	s.t.cfg.dma_swap = contended_swap;
	changes = 3;
	assert_int_equal(go(VTD_WRITE).reason, 0);
	vtd_forget(&s.t, VTD_LINE_FREE);
	map_first(PASID, P | RW | US, 0);
	changes = 1000;
	assert_int_equal(go(VTD_WRITE).reason, 0x90);
}

static void check_rid_pasid(void **state)
{
	(void)state;
	start();
	map_first(PASID, P | RW | US, 0);
	scene_scalable_context(&s, SID)[1] = PASID;
	assert_int_equal(scene_dma(&s, IOVA, VTD_WRITE).addr, FRAME);
	/* RID_PRIV. */
	scene_scalable_context(&s, SID)[1] |= 1 << 20;
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(scene_dma(&s, IOVA, VTD_WRITE).reason, 0x5d);
}

static void check_pasid_limits(void **state)
{
	struct vtd_request q = request(VTD_READ);

	(void)state;
	start();
	q.pasid = 1 << 13; /* beyond a directory of 128 entries */
	assert_int_equal(scene_request(&s, q).reason, 0x46);
	scene_scalable_context(&s, SID)[1] = 1 << 13;
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(scene_dma(&s, IOVA, VTD_READ).reason, 0x48);
	scene_scalable_context(&s, SID)[0] ^= 1 << 3;
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(go(VTD_READ).reason, 0x45);
	q.at = VTD_TRANSLATION;
	assert_int_equal(scene_request(&s, q).reason, 0x44);
	q = request(VTD_WRITE);
	q.addr = 0xfee00000;
	assert_int_equal(scene_request(&s, q).reason, 0x87);
	/* FPD of an entry that is not there. */
	scene_scalable_context(&s, SID)[0] |= 1 << 3;
	scene_pasid(&s, SID, PASID)[0] = 2;
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(go(VTD_READ).reason, 0x59);
	assert_false(go(VTD_READ).recorded);
}

/* What a unit without these has not got. */
static void check_capabilities(void **state)
{
	static const struct {
		uint64_t ecap, word0, word2;
		unsigned reason;
	} cases[] = {
		{ 1ULL << 47, FIRST, 0, 0x5b },
		{ 1ULL << 46, SECOND | AW4, 0, 0x5b },
		{ 1ULL << 26, NESTED | AW4, 0, 0x5b },
		{ VTD_ECAP_PT, PASS, 0, 0x5b },
		{ 1ULL << 45, SECOND | AW4 | 1 << 9, 0, 0x5a },
		{ 1ULL << 31, FIRST, SRE, 0x5a },
		{ 1ULL << 30, FIRST, ERE, 0x5a },
	};
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint64_t *e;

		start();
		e = scene_pasid(&s, SID, PASID);
		e[0] = cases[i].word0 | table | 1;
		e[2] = cases[i].word2 | table;
		assert_int_not_equal(go(VTD_READ).reason, cases[i].reason);
		vtd_forget(&s.t, VTD_LINE_FREE);
		s.u.cfg.ecap &= ~cases[i].ecap;
		assert_int_equal(go(VTD_READ).reason, cases[i].reason);
	}
	/* Bits of the context. */
	start();
	s.u.cfg.ecap &= ~VTD_ECAP_PASID;
	assert_int_equal(go(VTD_READ).reason, 0x42);
	start();
	scene_scalable_context(&s, SID)[0] |= 1 << 2;
	s.u.cfg.ecap &= ~VTD_ECAP_DT;
	assert_int_equal(go(VTD_READ).reason, 0x42);
	start();
	scene_scalable_context(&s, SID)[0] |= 1 << 4;
	s.u.cfg.ecap &= ~VTD_ECAP_PRS;
	assert_int_equal(go(VTD_READ).reason, 0x42);
	/* A unit without scalable mode: the entries are legacy ones. */
	start();
	s.u.cfg.ecap &= ~VTD_ECAP_SMTS;
	assert_int_equal(go(VTD_READ).reason, 0x31);
}

static void check_pass_through(void **state)
{
	struct vtd_request q = request(VTD_WRITE);

	(void)state;
	start();
	scene_pasid(&s, SID, PASID)[0] = PASS | 1;
	assert_int_equal(go(VTD_WRITE).addr, IOVA);
	q.addr = 1ULL << 57;
	assert_int_equal(scene_request(&s, q).reason, 0x83);
}

/* ---- Second stage and nested ---- */

static void check_second_dirty(void **state)
{
	uint64_t *e, *pte;

	(void)state;
	start();
	e = scene_pasid(&s, SID, PASID);
	e[0] = SECOND | AW4 | 1 << 9 | table | 1;
	e[1] = DID;
	pte = scene_entry(&s, table, 4, IOVA, 1);
	*pte = FRAME | PTE_RW;
	assert_int_equal(go(VTD_READ).access, VTD_READ | VTD_EXECUTE);
	assert_int_equal(*pte, FRAME | PTE_RW | SS_A);
	assert_int_equal(go(VTD_WRITE).access, VTD_READ | VTD_WRITE | VTD_EXECUTE);
	assert_int_equal(*pte, FRAME | PTE_RW | SS_A | SS_D);
	*pte = FRAME | PTE_RW;
	vtd_forget(&s.t, VTD_LINE_FREE);
	s.t.cfg.dma_swap = contended_swap;
	changes = 2;
	assert_int_equal(go(VTD_WRITE).reason, 0);
	*pte = FRAME | PTE_RW;
	vtd_forget(&s.t, VTD_LINE_FREE);
	changes = 1000;
	assert_int_equal(go(VTD_WRITE).reason, 0x7c);
	changes = 0;
	s.t.cfg.dma_swap = NULL;
	assert_int_equal(go(VTD_WRITE).reason, 0x7c);
}

#define GUEST 0x100000000ULL /* where the guest believes all to be */

static uint64_t second;

/* The first stage in guest addresses, which are GUEST more than the host's. */
static uint64_t *nested_entry(uint64_t addr, unsigned level)
{
	uint64_t at = table, *entry;
	unsigned l;

	for (l = 4;; l--) {
		entry = scene_at(&s, at + (addr >> (12 + 9 * (l - 1)) & 0x1ff) * 8);
		if (l == level)
			return entry;
		if (!*entry)
			*entry = (scene_page(&s) + GUEST) | P | RW | US;
		at = (*entry & ~0xfffULL) - GUEST;
	}
}

static void start_nested(void)
{
	uint64_t *e, i;

	start();
	second = scene_page(&s);
	for (i = 0; i < SCENE_BYTES; i += 0x1000)
		*scene_entry(&s, second, 4, GUEST + i, 1) = i | PTE_RW;
	*scene_entry(&s, second, 4, 0x77000, 1) = FRAME | PTE_RW;
	e = scene_pasid(&s, SID, PASID);
	e[0] = NESTED | AW4 | second | 1;
	e[1] = DID;
	e[2] = table + GUEST;
	*nested_entry(IOVA, 1) = 0x77000 | P | RW | US;
}

static void check_nested(void **state)
{
	struct vtd_result r;

	(void)state;
	start_nested();
	r = go(VTD_WRITE);
	assert_int_equal(r.reason, 0);
	assert_int_equal(r.addr, FRAME);
	assert_true(r.nested);
	assert_true(go(VTD_WRITE).cached);
	assert_int_equal(go(VTD_WRITE).use, VTD_USE_FRESH);
	/* The second stage's page changes: any page of the domain's second stage reaches it. */
	*scene_entry(&s, second, 4, 0x77000, 1) = (FRAME + 0x1000) | PTE_RW;
	scene_submit(&s, qi_desc_piotlb(QI_PIOTLB_PASID, DID, PASID + 1, 0, 0, false));
	assert_int_equal(go(VTD_WRITE).addr, FRAME);
	scene_submit(&s, qi_desc_iotlb(QI_IOTLB_PAGE, DID, 0x77000, 0, false, 0));
	assert_int_equal(go(VTD_WRITE).addr, FRAME + 0x1000);
	assert_int_equal(s.judged[VTD_USE_STALE], 0);
}

static void check_nested_rights(void **state)
{
	(void)state;
	start_nested();
	*scene_entry(&s, second, 4, 0x77000, 1) = FRAME | PTE_R;
	assert_int_equal(go(VTD_READ).addr, FRAME);
	assert_int_equal(go(VTD_WRITE).reason, 0x85);
	*scene_entry(&s, second, 4, 0x77000, 1) = FRAME | PTE_W;
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(go(VTD_READ).reason, 0x86);
	*scene_entry(&s, second, 4, 0x77000, 1) = 0;
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(go(VTD_READ).reason, 0x79);
	/* A table of the first stage that the second does not let read, the upper one first. */
	*scene_entry(&s, second, 4, 0x77000, 1) = FRAME | PTE_RW;
	*scene_entry(&s, second, 4, *nested_entry(IOVA, 4) & ~0xfffULL, 1) = PTE_W;
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(go(VTD_READ).reason, 0x76);
	*scene_entry(&s, second, 4, table + GUEST, 1) = PTE_W;
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(go(VTD_READ).reason, 0x75);
	*scene_entry(&s, second, 4, table + GUEST, 1) = 0;
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(go(VTD_READ).reason, 0x75);
}

/* A large page of the guest over small ones of the host, and the other way round. */
static void check_nested_sizes(void **state)
{
	struct vtd_request q = request(VTD_READ);
	struct vtd_result r;

	(void)state;
	start_nested();
	*scene_entry(&s, second, 4, 0x40203000, 1) = 0x7000000 | PTE_RW;
	*nested_entry(0x60200000, 2) = 0x40200000 | P | RW | US | 0x80;
	q.addr = 0x60203123;
	r = scene_request(&s, q);
	assert_int_equal(r.addr, 0x7000123);
	assert_int_equal(r.shift, 12);
	start_nested();
	*scene_entry(&s, second, 4, 0x40000000, 3) = 0x80000000 | PTE_RW | PTE_LARGE;
	*nested_entry(0x61005000, 1) = 0x40203000 | P | RW | US;
	q.addr = 0x61005123;
	r = scene_request(&s, q);
	assert_int_equal(r.addr, 0x80203123);
	assert_int_equal(r.shift, 12);
	assert_true(scene_request(&s, q).cached);
}

/* ---- What removes what ---- */

static void check_pasid_cache(void **state)
{
	const struct qi_desc d[] = { qi_desc_pasid_cache(QI_PC_GLOBAL, 0, 0),
				     qi_desc_pasid_cache(QI_PC_DOMAIN, DID, 0),
				     qi_desc_pasid_cache(QI_PC_PASID, DID, PASID) };
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(d) / sizeof(*d); i++) {
		start();
		map_first(PASID, P | RW | US, 0);
		assert_int_equal(go(VTD_READ).addr, FRAME);
		scene_pasid(&s, SID, PASID)[0] = PASS | 1;
		scene_submit(&s, qi_desc_pasid_cache(QI_PC_DOMAIN, DID + 1, 0));
		scene_submit(&s, qi_desc_pasid_cache(QI_PC_PASID, DID, PASID + 1));
		scene_submit(&s, qi_desc_iotlb(QI_IOTLB_DOMAIN, DID, 0, 0, false, 0));
		assert_int_equal(go(VTD_READ).addr, FRAME);
		scene_submit(&s, d[i]);
		assert_int_equal(go(VTD_READ).addr, IOVA);
		assert_int_equal(s.judged[VTD_USE_STALE], 0);
	}
}

static void check_pasid_iotlb(void **state)
{
	uint64_t *pte, *upper;

	(void)state;
	start();
	pte = map_first(PASID, P | RW | US, 0);
	assert_int_equal(go(VTD_READ).addr, FRAME);
	*pte = (FRAME + 0x1000) | P | US;
	scene_submit(&s, qi_desc_piotlb(QI_PIOTLB_PAGE, DID, PASID, IOVA + 0x1000, 0, false));
	scene_submit(&s, qi_desc_piotlb(QI_PIOTLB_PAGE, DID, PASID + 1, IOVA, 0, false));
	scene_submit(&s, qi_desc_piotlb(QI_PIOTLB_PASID, DID + 1, PASID, 0, 0, false));
	assert_int_equal(go(VTD_READ).addr, FRAME);
	scene_submit(&s, qi_desc_piotlb(QI_PIOTLB_PAGE, DID, PASID, IOVA, 0, true));
	assert_int_equal(go(VTD_READ).addr, FRAME + 0x1000);
	/* IH, as in the second stage. */
	upper = scene_first_entry(&s, table, 4, IOVA, 2);
	*upper = 0;
	*scene_first_entry(&s, table, 4, IOVA, 1) = FRAME | P | US;
	scene_submit(&s, qi_desc_piotlb(QI_PIOTLB_PAGE, DID, PASID, IOVA, 0, true));
	assert_int_equal(go(VTD_READ).addr, FRAME + 0x1000);
	scene_submit(&s, qi_desc_piotlb(QI_PIOTLB_PASID, DID, PASID, 0, 0, false));
	assert_int_equal(go(VTD_READ).addr, FRAME);
	assert_int_equal(s.judged[VTD_USE_STALE], 0);
}

/* Contexts have no domain here: only the source id, and global, tell them apart. */
static void check_context(void **state)
{
	(void)state;
	start();
	map_first(PASID, P | RW | US, 0);
	assert_int_equal(go(VTD_READ).addr, FRAME);
	scene_scalable_context(&s, SID)[0] &= ~(1ULL << 3);
	scene_submit(&s, qi_desc_context(QI_CC_DEVICE, 0, SID + 1, 0));
	assert_int_equal(go(VTD_READ).addr, FRAME);
	scene_submit(&s, qi_desc_context(QI_CC_DEVICE, 0, SID, 0));
	assert_int_equal(go(VTD_READ).reason, 0x45);
}

static void check_caching_mode(void **state)
{
	uint64_t *pte;

	(void)state;
	start();
	s.u.cfg.cap |= VTD_CAP_CM;
	scene_pasid(&s, SID, PASID)[0] = 0;
	assert_int_equal(go(VTD_READ).reason, 0x59);
	pte = map_first(PASID, 0, 0);
	assert_int_equal(go(VTD_READ).reason, 0x59);
	scene_submit(&s, qi_desc_pasid_cache(QI_PC_PASID, 0, PASID));
	assert_int_equal(go(VTD_READ).reason, 0x71);
	*pte = FRAME | P | US;
	assert_int_equal(go(VTD_READ).reason, 0x71);
	scene_submit(&s, qi_desc_piotlb(QI_PIOTLB_PAGE, DID, PASID, IOVA, 0, true));
	assert_int_equal(go(VTD_READ).addr, FRAME);
}

/* Devices' TLBs by PASID. */
static void check_device_tlb(void **state)
{
	struct vtd_request q = request(VTD_READ);
	struct vtd_result r;
	uint64_t *pte;

	(void)state;
	start();
	pte = map_first(PASID, P | RW | US, 0);
	scene_scalable_context(&s, SID)[0] |= 1 << 2;
	assert_true(vtd_device_translate(&s.t, &q, &r));
	*pte = (FRAME + 0x1000) | P | US;
	scene_submit(&s, qi_desc_piotlb(QI_PIOTLB_PASID, DID, PASID, 0, 0, false));
	scene_submit(&s, qi_desc_dev_tlb_pasid(SID, 0, 0, PASID + 1, false, IOVA, 0));
	vtd_device_translate(&s.t, &q, &r);
	assert_int_equal(r.addr, FRAME);
	scene_submit(&s, qi_desc_dev_tlb_pasid(SID, 0, 0, PASID, false, IOVA, 0));
	vtd_device_translate(&s.t, &q, &r);
	assert_int_equal(r.addr, FRAME + 0x1000);
	assert_int_equal(s.judged[VTD_USE_STALE], 0);
}

/* Pass-through needs no width, but in QEMU 7.2 (tests/conform/campaign second-10.0, seed 1002). */
static void check_pass_width(void **state)
{
	static const struct {
		enum vtd_profile profile;
		unsigned reason;
	} units[] = { { VTD_SPEC, 0 }, { VTD_QEMU_7_2, 0x58 }, { VTD_QEMU_10_0, 0 } };
	struct vtd_request q = {
		.addr = 0x1000, .pasid = VTD_NO_PASID, .sid = SID, .access = VTD_READ
	};
	uint64_t *entry;
	unsigned i;

	(void)state;
	for (i = 0; i < 3; i++) {
		scene_config(&s);
		s.cfg.profile = units[i].profile;
		s.cfg.ecap &= ~(1ULL << 47); /* no first stage */
		scene_start(&s, 1 << 10);
		entry = scene_pasid(&s, SID, 0);
		entry[0] = 4 << 6 | 1;
		entry[1] = DID;
		assert_int_equal(scene_request(&s, q).reason, units[i].reason);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_first),		cmocka_unit_test(check_five_levels),
		cmocka_unit_test(check_large),		cmocka_unit_test(check_rights),
		cmocka_unit_test(check_accessed_dirty), cmocka_unit_test(check_extended_accessed),
		cmocka_unit_test(check_contended),	cmocka_unit_test(check_rid_pasid),
		cmocka_unit_test(check_pasid_limits),	cmocka_unit_test(check_capabilities),
		cmocka_unit_test(check_pass_through),	cmocka_unit_test(check_second_dirty),
		cmocka_unit_test(check_nested),		cmocka_unit_test(check_nested_rights),
		cmocka_unit_test(check_nested_sizes),	cmocka_unit_test(check_pasid_cache),
		cmocka_unit_test(check_pasid_iotlb),	cmocka_unit_test(check_context),
		cmocka_unit_test(check_caching_mode),	cmocka_unit_test(check_device_tlb),
		cmocka_unit_test(check_pass_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
