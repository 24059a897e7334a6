/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The first stage: levels, sizes, rights, accessed and dirty. */
#include "pasid.h"

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
	/* A read sets A in each entry and not D; the cached leaf permits reads only. */
	assert_int_equal(go(VTD_READ).access, VTD_READ | VTD_EXECUTE);
	assert_int_equal(*pte, FRAME | P | RW | US | A);
	assert_int_equal(*scene_first_entry(&s, table, 4, IOVA, 4) & (A | D), A);
	assert_int_equal(go(VTD_WRITE).access, VTD_READ | VTD_WRITE | VTD_EXECUTE);
	assert_int_equal(*pte, FRAME | P | RW | US | A | D);
	assert_true(go(VTD_WRITE).cached);
	/* A request that is blocked sets neither. */
	start();
	pte = map_first(PASID, P | US, 0);
	assert_int_equal(go(VTD_WRITE).reason, 0x85);
	assert_int_equal(*pte & (A | D), 0);
	/* If they cannot be set the request is blocked. */
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

static void check_contended(void **state)
{
	(void)state;
	start();
	map_first(PASID, P | RW | US, 0);
	s.change = 1 << 9;
	s.changes = 3;
	assert_int_equal(go(VTD_WRITE).reason, 0);
	vtd_forget(&s.t, VTD_LINE_FREE);
	map_first(PASID, P | RW | US, 0);
	s.changes = 1000;
	assert_int_equal(go(VTD_WRITE).reason, 0x90);
}

/* A translation request gets the rights that there are; a read-only page does not become dirty. */
static void check_translation_request(void **state)
{
	struct vtd_request q = request(VTD_READ | VTD_WRITE);
	uint64_t *pte;

	(void)state;
	start();
	scene_scalable_context(&s, SID)[0] |= 1 << 2;
	pte = map_first(PASID, P | US, 0);
	q.at = VTD_TRANSLATION;
	assert_int_equal(scene_request(&s, q).access, VTD_READ | VTD_EXECUTE);
	assert_int_equal(*pte & (A | D), A);
	*pte |= RW;
	assert_int_equal(scene_request(&s, q).access, VTD_READ | VTD_WRITE | VTD_EXECUTE);
	assert_int_equal(*pte & (A | D), A | D);
}

/* An entry cached for a read does not permit a write. */
static void check_cached_rights(void **state)
{
	(void)state;
	start();
	map_first(PASID, P | RW | US | XD, ERE);
	assert_int_equal(go(VTD_READ).addr, FRAME);
	assert_int_equal(go(VTD_READ | VTD_EXECUTE).reason, 0x82);
	assert_true(go(VTD_READ).cached);
}

/* ---- QEMU 10.0's unit with its first stage ---- */

static void start_qemu(void)
{
	start();
	s.u.cfg.profile = VTD_QEMU_10_0;
	assert_true(vtd_translation_init(&s.t, &s.tcfg));
}

/* It checks rights before reserved bits, in each entry. */
static void check_rights_first(void **state)
{
	static const struct {
		uint64_t flags;
		unsigned access, reason;
	} cases[] = {
		{ P | RW | US, VTD_WRITE, 0 },
		{ P | RW, VTD_READ, 0x81 },
		{ P | US, VTD_WRITE, 0x85 },
		{ P | US, VTD_READ, 0 },
		{ P | RW | 1ULL << 50, VTD_READ, 0x81 },
		{ P | US | 1ULL << 50, VTD_WRITE, 0x85 },
		{ P | RW | US | 1ULL << 50, VTD_WRITE, 0x72 },
	};
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		start_qemu();
		map_first(PASID, cases[i].flags, 0);
		if (go(cases[i].access).reason != cases[i].reason)
			fail_msg("case %u: 0x%x", i, go(cases[i].access).reason);
	}
}

/* AW limits addresses if it is less than the levels' width, and no page becomes dirty. */
static void check_width(void **state)
{
	struct vtd_request q = request(VTD_READ);
	uint64_t *pte, aw;

	(void)state;
	for (aw = 0; aw <= 3; aw++) {
		start_qemu();
		pte = map_first(PASID, P | RW | US, 0);
		scene_pasid(&s, SID, PASID)[0] |= aw << 2;
		assert_int_equal(go(VTD_WRITE).addr, FRAME);
		assert_int_equal(*pte & (A | D), A);
		q.addr = 1ULL << (aw < 2 ? 29 + 9 * aw : 47);
		assert_int_equal(scene_request(&s, q).reason, 0x80);
		q.addr--;
		assert_int_equal(scene_request(&s, q).reason, 0x71);
	}
}

/* It ignores RID_PRIV and a RID_PASID beyond the directory, and checks FSPM. */
static void check_lax(void **state)
{
	(void)state;
	start_qemu();
	map_first(PASID, P | RW | US, 0);
	scene_scalable_context(&s, SID)[1] = PASID | 1 << 20;
	assert_int_equal(scene_dma(&s, IOVA, VTD_WRITE).addr, FRAME);
	scene_scalable_context(&s, SID)[1] = 1 << 13;
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(scene_dma(&s, IOVA, VTD_WRITE).reason, 0x51);
	map_first(PASID, P | RW | US, 2 << 2);
	assert_int_equal(go(VTD_READ).reason, 0x5b);
}

/* A wrong entry is reported as such even if it is absent; FPD counts only if memory is there. */
static void check_entry_before_presence(void **state)
{
	uint64_t *e, *context, directory;

	(void)state;
	start_qemu();
	e = scene_pasid(&s, SID, PASID);
	context = scene_scalable_context(&s, SID);
	directory = context[0] & ~0xfffULL;
	e[0] = FIRST;
	assert_int_equal(go(VTD_READ).reason, 0x59);
	assert_true(go(VTD_READ).recorded);
	context[0] |= 2; /* FPD */
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(go(VTD_READ).reason, 0x59);
	assert_false(go(VTD_READ).recorded);
	e[0] = 0;
	assert_int_equal(go(VTD_READ).reason, 0x5b);
	assert_false(go(VTD_READ).recorded);
	s.hole = *scene_at(&s, directory + (PASID >> 6) * 8) & ~0xfffULL;
	assert_int_equal(go(VTD_READ).reason, 0x58);
	assert_true(go(VTD_READ).recorded);
	s.hole = directory;
	assert_int_equal(go(VTD_READ).reason, 0x50);
	assert_true(go(VTD_READ).recorded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_first),
		cmocka_unit_test(check_five_levels),
		cmocka_unit_test(check_large),
		cmocka_unit_test(check_rights),
		cmocka_unit_test(check_accessed_dirty),
		cmocka_unit_test(check_extended_accessed),
		cmocka_unit_test(check_contended),
		cmocka_unit_test(check_translation_request),
		cmocka_unit_test(check_cached_rights),
		cmocka_unit_test(check_rights_first),
		cmocka_unit_test(check_width),
		cmocka_unit_test(check_lax),
		cmocka_unit_test(check_entry_before_presence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
