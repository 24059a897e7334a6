/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Each single bit of valid entries is flipped, and each table made unreadable: the fault has the
 * specification's reason. Bits that no line names change at most the destination of the request.
 */
#include "scene.h"

#include <string.h>

#define IOVA 0x12345000ULL
#define FRAME 0x40000000ULL

#define BITS(high, low) ((~0ULL >> (63 - (high))) & (~0ULL << (low)))
#define BIT(n) BITS(n, n)
#define NO_MEMORY BITS(63, 46) /* the scene has 46 bits of host address */
#define ADDRESS BITS(45, 12)

/* An address bit may lead anywhere, so the reason is not one of the entry itself. */
#define ELSEWHERE 0xff

struct expectation {
	uint64_t bits;
	uint8_t reason;
};

static struct scene s;

static struct vtd_request request = {
	.addr = IOVA, .pasid = VTD_NO_PASID, .sid = SID, .access = VTD_WRITE
};

static unsigned expected(const struct expectation *e, unsigned bit)
{
	for (; e->bits; e++) {
		if (e->bits >> bit & 1)
			return e->reason;
	}
	return 0;
}

/* Flip each bit of the 64-bit word at addr. */
static void flip_all(uint64_t addr, const struct expectation *e)
{
	uint64_t *word = scene_at(&s, addr), good = *word;
	unsigned bit, reason, wanted;

	for (bit = 0; bit < 64; bit++) {
		vtd_forget(&s.t, VTD_LINE_FREE);
		*word = good ^ BIT(bit);
		reason = scene_request(&s, request).reason;
		*word = good;
		wanted = expected(e, bit);
		if (wanted != ELSEWHERE && reason != wanted)
			fail_msg("word 0x%llx, bit %u: reason 0x%x, expected 0x%x",
				 (unsigned long long)addr, bit, reason, wanted);
		if (wanted == ELSEWHERE && reason == expected(e, 63))
			fail_msg("word 0x%llx, bit %u: reason 0x%x, that of reserved bits",
				 (unsigned long long)addr, bit, reason);
	}
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(scene_request(&s, request).reason, 0);
}

static void unreadable(uint64_t addr, unsigned wanted)
{
	vtd_forget(&s.t, VTD_LINE_FREE);
	s.hole = addr;
	assert_int_equal(scene_request(&s, request).reason, wanted);
	s.hole = 0;
}

static uint64_t addr_of(const uint64_t *word)
{
	return (uint64_t)(word - s.mem) * 8;
}

/* ---- Legacy mode ---- */

static uint64_t start_legacy(void)
{
	uint64_t table;

	scene_config(&s);
	s.cfg.cap &= ~(0x1fULL << 8);
	s.cfg.cap |= 4ULL << 8; /* 4 levels, nothing else */
	scene_start(&s, 0);
	table = scene_page(&s);
	scene_attach(&s, SID, DID, table, 2);
	*scene_entry(&s, table, 4, IOVA, 1) = FRAME | PTE_RW;
	return table;
}

static void check_legacy_root(void **state)
{
	static const struct expectation low[] = {
		{ BIT(0), 0x1 }, { BITS(11, 1) | NO_MEMORY, 0xa }, { ADDRESS, ELSEWHERE }, { 0, 0 }
	};
	static const struct expectation high[] = { { ~0ULL, 0xa }, { 0, 0 } };
	uint64_t root = SCENE_ROOT + (SID >> 8) * 16;

	(void)state;
	start_legacy();
	flip_all(root, low);
	flip_all(root + 8, high);
	unreadable(root, 0x8);
}

static void check_legacy_context(void **state)
{
	static const struct expectation low[] = {
		{ BIT(0), 0x2 }, { BITS(11, 4) | NO_MEMORY, 0xb }, { ADDRESS, ELSEWHERE }, { 0, 0 }
	};
	static const struct expectation high[] = { { BITS(2, 0), 0x3 },
						   { BIT(7) | BITS(63, 24), 0xb },
						   { 0, 0 } };
	uint64_t context;

	(void)state;
	start_legacy();
	context = addr_of(scene_context(&s, SID));
	flip_all(context, low);
	flip_all(context + 8, high);
	unreadable(context, 0x9);
	/* Both bits of TT. */
	*scene_at(&s, context) |= 3 << 2;
	assert_int_equal(scene_request(&s, request).reason, 0x3);
}

static void check_legacy_tables(void **state)
{
	static const struct expectation leaf[] = { { BIT(1), 0x5 },
						   { BITS(51, 46), 0xc },
						   { 0, 0 } };
	static const struct expectation table[] = { { BIT(1), 0x5 },
						    { BITS(51, 46) | BIT(62) | BIT(11) | BIT(7),
						      0xc },
						    { ADDRESS, ELSEWHERE },
						    { 0, 0 } };
	uint64_t root, entry;
	unsigned level;

	(void)state;
	root = start_legacy();
	for (level = 4; level >= 1; level--) {
		entry = addr_of(scene_entry(&s, root, 4, IOVA, level));
		flip_all(entry, level == 1 ? leaf : table);
		unreadable(entry, 0x7);
	}
}

/* A large page: the bits of the offset are reserved. Without SSLPS, the size itself is. */
static void check_legacy_large(void **state)
{
	static const struct expectation large[] = { { BIT(1), 0x5 },
						    { BITS(51, 46) | BITS(20, 12), 0xc },
						    { BIT(7), ELSEWHERE },
						    { 0, 0 } };
	static const struct expectation unsupported[] = {
		{ BIT(1), 0x5 },
		{ BITS(51, 46) | BIT(62) | BIT(11) | BIT(7), 0xc },
		{ ADDRESS, ELSEWHERE },
		{ 0, 0 }
	};
	uint64_t table;

	(void)state;
	table = start_legacy();
	*scene_entry(&s, table, 4, IOVA, 2) = FRAME | PTE_RW | PTE_LARGE;
	flip_all(addr_of(scene_entry(&s, table, 4, IOVA, 2)), large);
	table = start_legacy();
	scene_capabilities(&s, SCENE_CAP & ~(0xfULL << 34), SCENE_ECAP);
	flip_all(addr_of(scene_entry(&s, table, 4, IOVA, 2)), unsupported);
}

/* Bits that are reserved because of capabilities. */
static void check_legacy_capabilities(void **state)
{
	static const struct expectation leaf[] = { { BIT(1), 0x5 },
						   { BITS(51, 46) | BIT(62) | BIT(11), 0xc },
						   { 0, 0 } };
	uint64_t table;

	(void)state;
	table = start_legacy();
	scene_capabilities(&s, SCENE_CAP, SCENE_ECAP & ~(VTD_ECAP_SC | VTD_ECAP_DT));
	flip_all(addr_of(scene_entry(&s, table, 4, IOVA, 1)), leaf);
	scene_context(&s, SID)[0] |= 1 << 2;
	vtd_forget(&s.t, VTD_LINE_FREE);
	assert_int_equal(scene_request(&s, request).reason, 0x3);
	scene_context(&s, SID)[0] ^= 3 << 2;
	assert_int_equal(scene_request(&s, request).reason, 0);
	scene_capabilities(&s, SCENE_CAP, SCENE_ECAP & ~VTD_ECAP_PT);
	assert_int_equal(scene_request(&s, request).reason, 0x3);
}

/* ---- Scalable mode ---- */

static uint64_t start_scalable(unsigned pgtt)
{
	uint64_t table, second, *entry;

	scene_config(&s);
	s.cfg.cap &= ~(0x1fULL << 8 | 1ULL << 60);
	s.cfg.cap |= 4ULL << 8;
	scene_start(&s, 1 << 10);
	entry = scene_pasid(&s, SID, 0);
	table = scene_page(&s);
	if (pgtt == 2) {
		*scene_entry(&s, table, 4, IOVA, 1) = FRAME | PTE_RW;
		entry[0] = table | 2 << 2 | 2 << 6 | 1;
	} else {
		*scene_first_entry(&s, table, 4, IOVA, 1) = FRAME | 7;
		entry[0] = pgtt << 6 | 1;
		entry[2] = table;
	}
	entry[1] = DID;
	if (pgtt == 3) {
		second = scene_page(&s);
		/* Maps all of the scene's memory, and the frame, to themselves. */
		*scene_entry(&s, second, 4, 0, 2) = 0 | PTE_RW | PTE_LARGE;
		*scene_entry(&s, second, 4, FRAME, 1) = (FRAME + 0x5000) | PTE_RW;
		entry[0] |= second | 2 << 2;
	}
	return table;
}

static void check_scalable_upper_tables(void **state)
{
	static const struct expectation root[] = { { BIT(0), 0x39 },
						   { BITS(11, 1) | NO_MEMORY, 0x3a },
						   { ADDRESS, ELSEWHERE },
						   { 0, 0 } };
	static const struct expectation context0[] = {
		{ BIT(0), 0x41 }, { BITS(8, 5) | NO_MEMORY, 0x42 }, { ADDRESS, ELSEWHERE }, { 0, 0 }
	};
	static const struct expectation context1[] = { { BITS(5, 0), 0x59 },
						       { BITS(12, 6), 0x51 },
						       { BITS(19, 13), 0x48 },
						       { BITS(63, 21), 0x42 },
						       { 0, 0 } };
	static const struct expectation reserved_context[] = { { ~0ULL, 0x42 }, { 0, 0 } };
	static const struct expectation directory[] = { { BIT(0), 0x51 },
							{ BITS(11, 2) | NO_MEMORY, 0x52 },
							{ ADDRESS, ELSEWHERE },
							{ 0, 0 } };
	static const struct expectation nothing[] = { { 0, 0 } };
	uint64_t context, entry;

	(void)state;
	start_scalable(2);
	flip_all(SCENE_ROOT + (SID >> 8) * 16, root);
	flip_all(SCENE_ROOT + (SID >> 8) * 16 + 8, nothing); /* of devices 16 to 31 */
	unreadable(SCENE_ROOT, 0x38);
	context = addr_of(scene_scalable_context(&s, SID));
	flip_all(context, context0);
	flip_all(context + 8, context1);
	flip_all(context + 16, reserved_context);
	flip_all(context + 24, reserved_context);
	unreadable(context, 0x40);
	entry = *scene_at(&s, context) & ADDRESS;
	flip_all(entry, directory);
	unreadable(entry, 0x50);
}

static const struct expectation all_reserved[] = { { ~0ULL, 0x5a }, { 0, 0 } };

static void check_pasid_entry(void **state)
{
	static const struct expectation word0[] = { { BIT(0), 0x59 },
						    { BITS(4, 2) | BITS(8, 7), 0x5b },
						    { BIT(5) | BITS(11, 10) | NO_MEMORY, 0x5a },
						    { ADDRESS | BIT(6), ELSEWHERE },
						    { 0, 0 } };
	static const struct expectation word1[] = { { BITS(63, 25) | BITS(23, 16), 0x5a },
						    { 0, 0 } };
	static const struct expectation word2[] = { { NO_MEMORY | BITS(11, 5), 0x5a }, { 0, 0 } };
	uint64_t entry;
	unsigned i;

	(void)state;
	start_scalable(2);
	entry = addr_of(scene_pasid(&s, SID, 0));
	flip_all(entry, word0);
	flip_all(entry + 8, word1);
	flip_all(entry + 16, word2);
	for (i = 3; i < 8; i++)
		flip_all(entry + i * 8, all_reserved);
	unreadable(entry, 0x58);
}

static void check_scalable_second(void **state)
{
	static const struct expectation leaf[] = { { BIT(1), 0x85 },
						   { BITS(51, 46), 0x7a },
						   { 0, 0 } };
	static const struct expectation table[] = { { BIT(1), 0x85 },
						    { BITS(51, 46) | BIT(62) | BIT(11) | BIT(7),
						      0x7a },
						    { ADDRESS, ELSEWHERE },
						    { 0, 0 } };
	uint64_t root, entry;
	unsigned level;

	(void)state;
	root = start_scalable(2);
	for (level = 4; level >= 1; level--) {
		entry = addr_of(scene_entry(&s, root, 4, IOVA, level));
		flip_all(entry, level == 1 ? leaf : table);
		unreadable(entry, level == 4 ? 0x7b : 0x78);
	}
	*scene_at(&s, entry) = 0;
	assert_int_equal(scene_request(&s, request).reason, 0x79);
	request.addr = 1ULL << 48;
	assert_int_equal(scene_request(&s, request).reason, 0x84);
	request.addr = IOVA;
}

static void check_first(void **state)
{
	static const struct expectation leaf[] = { { BIT(0), 0x71 },
						   { BIT(1), 0x85 },
						   { BIT(2), 0x81 },
						   { BITS(51, 46), 0x72 },
						   { 0, 0 } };
	static const struct expectation table[] = {
		{ BIT(0), 0x71 },	{ BIT(1), 0x85 },
		{ BIT(2), 0x81 },	{ BITS(51, 46) | BIT(7), 0x72 },
		{ ADDRESS, ELSEWHERE }, { 0, 0 }
	};
	uint64_t root, entry;
	unsigned level;

	(void)state;
	root = start_scalable(1);
	for (level = 4; level >= 1; level--) {
		entry = addr_of(scene_first_entry(&s, root, 4, IOVA, level));
		flip_all(entry, level == 1 ? leaf : table);
		unreadable(entry, level == 4 ? 0x73 : 0x70);
	}
	request.addr = 1ULL << 47;
	assert_int_equal(scene_request(&s, request).reason, 0x80);
	request.addr = IOVA;
}

static void check_nested(void **state)
{
	/* The second stage's entry of the page with the first stage's tables. */
	static const struct expectation tables[] = { { BITS(51, 46) | BITS(20, 12), 0x7a },
						     { BIT(0), 0x75 },
						     { BIT(1), 0x77 }, /* A cannot be set */
						     { ADDRESS | BIT(7), ELSEWHERE },
						     { 0, 0 } };
	static const struct expectation frame[] = { { BIT(1), 0x85 },
						    { BITS(51, 46), 0x7a },
						    { 0, 0 } };
	uint64_t root, second, *pte;

	(void)state;
	root = start_scalable(3);
	second = *scene_pasid(&s, SID, 0) & ADDRESS;
	pte = scene_first_entry(&s, root, 4, IOVA, 1);
	assert_int_equal(scene_request(&s, request).addr, FRAME + 0x5000);
	/* A and D are set: from now on tables need not be written. */
	flip_all(addr_of(scene_entry(&s, second, 4, FRAME, 1)), frame);
	*pte &= ~(1ULL << 6);
	*scene_first_entry(&s, root, 4, IOVA, 4) &= ~(1ULL << 5);
	{
		uint64_t addr = addr_of(scene_entry(&s, second, 4, 0, 2)),
			 good = *scene_at(&s, addr);
		unsigned bit;

		for (bit = 0; bit < 64; bit++) {
			unsigned reason, wanted = expected(tables, bit);

			vtd_forget(&s.t, VTD_LINE_FREE);
			*pte &= ~(1ULL << 6);
			*scene_at(&s, addr) = good ^ BIT(bit);
			reason = scene_request(&s, request).reason;
			*scene_at(&s, addr) = good;
			if (wanted != ELSEWHERE && reason != wanted)
				fail_msg("bit %u: reason 0x%x, expected 0x%x", bit, reason, wanted);
		}
	}
	/* A first-stage table beyond the second stage's width. */
	scene_pasid(&s, SID, 0)[2] = 1ULL << 45;
	scene_capabilities(&s, (SCENE_CAP & ~(0x3fULL << 16)) | 40ULL << 16, SCENE_ECAP);
	assert_int_equal(scene_request(&s, request).reason, 0x74);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_legacy_root),
		cmocka_unit_test(check_legacy_context),
		cmocka_unit_test(check_legacy_tables),
		cmocka_unit_test(check_legacy_large),
		cmocka_unit_test(check_legacy_capabilities),
		cmocka_unit_test(check_scalable_upper_tables),
		cmocka_unit_test(check_pasid_entry),
		cmocka_unit_test(check_scalable_second),
		cmocka_unit_test(check_first),
		cmocka_unit_test(check_nested),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
