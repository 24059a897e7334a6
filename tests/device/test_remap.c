/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Interrupts: formats, entries, verification of the source, posting, the IEC, fault reasons. */
#include "scene.h"

#define FRCD 0x400
#define F (1ULL << 63)
#define INDEX 0x21
#define VECTOR 0x55ULL
#define DESTINATION 0x12ULL

static struct scene s;

static uint64_t *entry(unsigned index)
{
	return scene_at(&s, SCENE_IRT + index * 16);
}

static void start(uint64_t irta)
{
	scene_start(&s, 0);
	if (irta) {
		scene_write(&s, DMAR_IRTA_REG, SCENE_IRT | irta);
		scene_command(&s, VTD_GCMD_SIRTP, true);
	}
	scene_command(&s, VTD_GCMD_IRE, true);
	entry(INDEX)[0] = 1 | VECTOR << 16 | DESTINATION << 40;
	entry(INDEX)[1] = 0;
}

static void start_plain(void)
{
	scene_config(&s);
	start(0);
}

/* An address in the remappable format. */
static uint64_t handle(unsigned index)
{
	return 0xfee00010 | (index & 0x7fffULL) << 5 | (index >> 15) << 2;
}

static struct vtd_interrupt send(uint64_t addr, uint32_t data)
{
	const struct vtd_message m = { addr, data, SID };
	struct vtd_interrupt i;
	bool passes = vtd_remap(&s.t, &m, &i);

	assert_int_equal(passes, !i.reason);
	return i;
}

static unsigned reason(unsigned index)
{
	return send(handle(index), 0).reason;
}

static void check_remapped(void **state)
{
	struct vtd_interrupt i;

	(void)state;
	start_plain();
	i = send(handle(INDEX), 0);
	assert_int_equal(i.vector, VECTOR);
	assert_int_equal(i.destination, DESTINATION);
	assert_int_equal(i.addr, 0xfee12000);
	assert_int_equal(i.data, VECTOR);
	assert_false(i.logical || i.redirect || i.level || i.posted || i.cached);
	/* All other fields, with a handle and a subhandle. */
	entry(INDEX + 3)[0] = 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | VECTOR << 16 | 0xffULL << 40;
	i = send(handle(INDEX) | 8, 3);
	assert_true(i.logical && i.redirect && i.level);
	assert_int_equal(i.delivery, 1);
	assert_int_equal(i.addr, 0xfeeff00c);
	assert_int_equal(i.data, 0xc000 | 1 << 8 | VECTOR);
	/* Bit 2 of the address is bit 15 of the handle. */
	assert_int_equal(reason(0x8000), 0x21);
}

static void check_extended(void **state)
{
	struct vtd_interrupt i;

	(void)state;
	scene_config(&s);
	start(7 | 1 << 11);
	entry(INDEX)[0] = 1 | VECTOR << 16 | 0x12345678ULL << 32;
	i = send(handle(INDEX), 0);
	assert_int_equal(i.destination, 0x12345678);
	assert_int_equal(i.addr, 0x12345600fee78000);
}

static void check_compatibility(void **state)
{
	struct vtd_interrupt i;

	(void)state;
	start_plain();
	assert_int_equal(send(0xfee12000, 0x41).reason, 0x25);
	scene_command(&s, VTD_GCMD_CFI, true);
	i = send(0xfee1200c, 0x8141);
	assert_int_equal(i.reason, 0);
	assert_int_equal(i.addr, 0xfee1200c);
	assert_int_equal(i.data, 0x8141);
	assert_int_equal(i.vector, 0x41);
	assert_int_equal(i.destination, 0x12);
	assert_int_equal(i.delivery, 1);
	assert_true(i.logical && i.redirect && i.level);
	/* Not with extended interrupt mode. */
	scene_write(&s, DMAR_IRTA_REG, SCENE_IRT | 7 | 1 << 11);
	scene_command(&s, VTD_GCMD_SIRTP, true);
	assert_int_equal(send(0xfee12000, 0x41).reason, 0x25);
	/* Without remapping all messages pass, in both formats. */
	scene_command(&s, VTD_GCMD_IRE, false);
	assert_int_equal(send(handle(INDEX), 7).addr, handle(INDEX));
}

static void check_reasons(void **state)
{
	(void)state;
	start_plain();
	assert_int_equal(send(handle(INDEX) | 8, 0x10000).reason, 0x20);
	assert_int_equal(send(handle(INDEX) | 1ULL << 32, 0).reason, 0x20);
	assert_int_equal(reason(255), 0x22);
	assert_int_equal(reason(256), 0x21);
	assert_int_equal(send(handle(255) | 8, 1).reason, 0x21);
	scene_write(&s, DMAR_FSTS_REG, VTD_FSTS_PFO);
	vtd_write(&s.u, FRCD + 12, 1U << 31, 4);
	s.hole = SCENE_IRT;
	assert_int_equal(reason(INDEX), 0x23);
	assert_int_equal(scene_read(&s, FRCD), (uint64_t)INDEX << 48);
	assert_int_equal(scene_read(&s, FRCD + 8), F | 0x23ULL << 32 | SID);
}

static void check_fpd(void **state)
{
	(void)state;
	start_plain();
	entry(INDEX)[0] = 2;
	assert_int_equal(reason(INDEX), 0x22);
	entry(INDEX)[0] = 3 | 1 << 12;
	assert_int_equal(reason(INDEX), 0x24);
	assert_int_equal(scene_read(&s, DMAR_FSTS_REG), 0);
	entry(INDEX)[0] = 1 | 1 << 12;
	assert_int_equal(reason(INDEX), 0x24);
	assert_int_equal(scene_read(&s, DMAR_FSTS_REG), VTD_FSTS_PPF);
}

/* Every single bit of a valid entry. */
static void check_flips(void **state)
{
	static const uint64_t reserved[2] = { 0xffff00ffff007000, 0xfffffffffff00000 };
	unsigned word, bit, wanted;

	(void)state;
	start_plain();
	for (word = 0; word < 2; word++) {
		for (bit = 0; bit < 64; bit++) {
			wanted = reserved[word] >> bit & 1 ? 0x24 : 0;
			if (word == 0 && bit == 0)
				wanted = 0x22;
			if (word == 0 && bit == 15) /* posted, which it cannot */
				wanted = 0x24;
			if (word == 1 && bit == 18) /* of source 0 */
				wanted = 0x26;
			if (word == 1 && bit == 19) /* of bus 0 */
				wanted = 0x26;
			entry(INDEX)[word] ^= 1ULL << bit;
			assert_int_equal(reason(INDEX), wanted);
			entry(INDEX)[word] ^= 1ULL << bit;
			vtd_forget(&s.t, VTD_LINE_INTERRUPT);
		}
	}
	for (bit = 0; bit < 8; bit++) {
		entry(INDEX)[0] = 1 | bit << 5;
		assert_int_equal(reason(INDEX), bit == 3 || bit == 6 ? 0x24 : 0);
		vtd_forget(&s.t, VTD_LINE_INTERRUPT);
	}
}

static void check_source(void **state)
{
	static const uint16_t ignored[] = { 0, 4, 6, 7 };
	unsigned sq, bit;

	(void)state;
	start_plain();
	for (sq = 0; sq < 4; sq++) {
		for (bit = 0; bit < 16; bit++) {
			entry(INDEX)[1] = (SID ^ 1U << bit) | sq << 16 | 1 << 18;
			assert_int_equal(reason(INDEX), ignored[sq] >> bit & 1 ? 0 : 0x26);
			vtd_forget(&s.t, VTD_LINE_INTERRUPT);
		}
	}
	/* From bus, in 15:8, to bus, in 7:0. */
	entry(INDEX)[1] = 0x0103 | 2 << 18;
	assert_int_equal(reason(INDEX), 0);
	entry(INDEX)[1] = 0x0202 | 2 << 18;
	vtd_forget(&s.t, VTD_LINE_INTERRUPT);
	assert_int_equal(reason(INDEX), 0);
	entry(INDEX)[1] = 0x0304 | 2 << 18;
	vtd_forget(&s.t, VTD_LINE_INTERRUPT);
	assert_int_equal(reason(INDEX), 0x26);
	entry(INDEX)[1] = 0x0001 | 2 << 18;
	vtd_forget(&s.t, VTD_LINE_INTERRUPT);
	assert_int_equal(reason(INDEX), 0x26);
	entry(INDEX)[1] = 3 << 18;
	vtd_forget(&s.t, VTD_LINE_INTERRUPT);
	assert_int_equal(reason(INDEX), 0x24);
}

static void check_cache(void **state)
{
	(void)state;
	start_plain();
	assert_false(send(handle(INDEX), 0).cached);
	assert_true(send(handle(INDEX), 0).cached);
	entry(INDEX)[0] += 1 << 16;
	assert_int_equal(send(handle(INDEX), 0).vector, VECTOR);
	assert_int_equal(send(handle(INDEX), 0).use, VTD_USE_WINDOW);
	scene_submit(&s, qi_desc_iec(QI_IEC_INDEX, INDEX ^ 2, 1));
	assert_int_equal(send(handle(INDEX), 0).vector, VECTOR);
	scene_submit(&s, qi_desc_iec(QI_IEC_INDEX, INDEX ^ 1, 1));
	assert_int_equal(send(handle(INDEX), 0).vector, VECTOR + 1);
	entry(INDEX)[0] += 1 << 16;
	scene_submit(&s, qi_desc_iec(QI_IEC_GLOBAL, 0, 0));
	assert_int_equal(send(handle(INDEX), 0).vector, VECTOR + 2);
	assert_int_equal(s.judged[VTD_USE_STALE], 0);
}

static void check_caching_mode(void **state)
{
	(void)state;
	scene_config(&s);
	s.cfg.cap |= VTD_CAP_CM;
	start(0);
	assert_int_equal(reason(7), 0x22);
	*entry(7) = 1;
	assert_int_equal(reason(7), 0x22);
	scene_submit(&s, qi_desc_iec(QI_IEC_INDEX, 7, 0));
	assert_int_equal(reason(7), 0);
}

static void check_sirtp(void **state)
{
	unsigned by_itself;

	(void)state;
	for (by_itself = 0; by_itself < 2; by_itself++) {
		scene_config(&s);
		s.cfg.cap |= by_itself ? VTD_CAP_ESIRTPS : 0;
		start(0);
		assert_int_equal(reason(INDEX), 0);
		scene_write(&s, DMAR_IRTA_REG, scene_page(&s) | 7);
		assert_int_equal(reason(INDEX), 0);
		scene_command(&s, VTD_GCMD_SIRTP, true);
		assert_int_equal(reason(INDEX), by_itself ? 0x22 : 0);
	}
}

/* ---- Posted ---- */

static uint64_t descriptor;

static void start_posted(uint64_t irta, uint64_t urgent)
{
	scene_config(&s);
	s.cfg.cap |= 1ULL << 59;
	start(irta);
	descriptor = scene_page(&s) + 0x40;
	entry(INDEX)[0] = 1 | urgent | 1 << 15 | VECTOR << 16 | descriptor << 32;
	scene_at(&s, descriptor)[4] = 0x77 << 16 | 0x3ULL << 40;
}

static void check_posted(void **state)
{
	struct vtd_interrupt i;

	(void)state;
	start_posted(0, 0);
	i = send(handle(INDEX), 0);
	assert_true(i.posted && i.notify);
	assert_int_equal(i.vector, 0x77);
	assert_int_equal(i.destination, 3);
	assert_int_equal(scene_at(&s, descriptor)[VECTOR / 64], 1ULL << VECTOR % 64);
	assert_int_equal(scene_at(&s, descriptor)[4] & 3, 1);
	/* A notification is outstanding. */
	assert_false(send(handle(INDEX), 0).notify);
	/* Suppressed: the vector is noted, without a notification. */
	scene_at(&s, descriptor)[1] = 0;
	scene_at(&s, descriptor)[4] ^= 3;
	assert_false(send(handle(INDEX), 0).notify);
	assert_int_equal(scene_at(&s, descriptor)[1], 1ULL << VECTOR % 64);
	assert_int_equal(scene_at(&s, descriptor)[4] & 3, 2);
	/* An urgent one is not suppressed. */
	start_posted(7 | 1 << 11, 1 << 14);
	scene_at(&s, descriptor)[4] = 2 | 0x77 << 16 | 0x12345678ULL << 32;
	i = send(handle(INDEX), 0);
	assert_true(i.notify);
	assert_int_equal(i.destination, 0x12345678);
}

static void check_posted_reserved(void **state)
{
	static const uint64_t reserved[2] = { 0x0000003fff0030fc, 0x00000000fff00000 };
	unsigned word, bit;

	(void)state;
	for (word = 0; word < 2; word++) {
		for (bit = 0; bit < 64; bit++) {
			if (!(reserved[word] >> bit & 1))
				continue;
			start_posted(0, 0);
			entry(INDEX)[word] |= 1ULL << bit;
			assert_int_equal(reason(INDEX), 0x24);
		}
	}
	start_posted(0, 0);
	entry(INDEX)[1] = 1ULL << 40; /* where there is no memory */
	assert_int_equal(reason(INDEX), 0x27);
	start_posted(0, 0);
	s.frozen = true;
	assert_int_equal(reason(INDEX), 0x27);
	s.frozen = false;
	s.t.cfg.dma_swap = NULL;
	assert_int_equal(reason(INDEX), 0x27);
}

/* A processor changes the word at the same time as the unit, some times or for ever. */
static void check_posted_contended(void **state)
{
	(void)state;
	start_posted(0, 0);
	s.change = 1ULL << 63;
	s.changes = 3;
	assert_true(send(handle(INDEX), 0).notify);
	assert_int_equal(scene_at(&s, descriptor)[1] & 1ULL << VECTOR % 64, 1ULL << VECTOR % 64);
	scene_at(&s, descriptor)[1] = 0;
	s.changes = 10000;
	assert_int_equal(reason(INDEX), 0x27);
}

/* EIME has a meaning only for units with extended interrupt mode. */
static void check_no_eim(void **state)
{
	(void)state;
	scene_config(&s);
	s.cfg.ecap &= ~VTD_ECAP_EIM;
	start(7 | 1 << 11);
	assert_int_equal(send(handle(INDEX), 0).destination, DESTINATION);
}

/* The permitted sender is cached, too: a use is judged by the upper half of the entry as well. */
static void check_judged(void **state)
{
	(void)state;
	start_plain();
	assert_int_equal(send(handle(INDEX), 0).use, VTD_USE_FRESH);
	entry(INDEX)[1] = 1 << 18 | (SID ^ 1);
	assert_int_equal(send(handle(INDEX), 0).use, VTD_USE_WINDOW);
	scene_submit(&s, qi_desc_iec(QI_IEC_GLOBAL, 0, 0));
	assert_int_equal(send(handle(INDEX), 0).reason, 0x26);
}

/* QEMU's unit reads the last bus of a range as its first, so that the range has at most one bus. */
static void check_bus_range(void **state)
{
	static const struct {
		uint64_t range;
		bool spec, qemu;
	} cases[] = {
		{ 0x0202, true, true },	  { 0x0103, true, false },  { 0x0301, false, true },
		{ 0x0101, false, false }, { 0x0303, false, false },
	};
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		start_plain();
		entry(INDEX)[1] = 2 << 18 | cases[i].range;
		assert_int_equal(!reason(INDEX), cases[i].spec);
		s.u.cfg.profile = VTD_QEMU_7_2;
		assert_true(vtd_translation_init(&s.t, &s.tcfg));
		assert_int_equal(!reason(INDEX), cases[i].qemu);
	}
}

/* The vector is noted already, and the notification cannot be. */
static void check_posted_half(void **state)
{
	(void)state;
	start_posted(0, 0);
	scene_at(&s, descriptor)[VECTOR / 64] = 1ULL << VECTOR % 64;
	s.frozen = true;
	assert_int_equal(reason(INDEX), 0x27);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_remapped),
		cmocka_unit_test(check_extended),
		cmocka_unit_test(check_compatibility),
		cmocka_unit_test(check_reasons),
		cmocka_unit_test(check_fpd),
		cmocka_unit_test(check_flips),
		cmocka_unit_test(check_source),
		cmocka_unit_test(check_cache),
		cmocka_unit_test(check_caching_mode),
		cmocka_unit_test(check_sirtp),
		cmocka_unit_test(check_posted),
		cmocka_unit_test(check_posted_reserved),
		cmocka_unit_test(check_posted_contended),
		cmocka_unit_test(check_no_eim),
		cmocka_unit_test(check_judged),
		cmocka_unit_test(check_bus_range),
		cmocka_unit_test(check_posted_half),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
