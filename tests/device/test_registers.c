/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The unit's configuration and registers: device/unit.c, device/error.c. */
#include "rig.h"

#include <string.h>

static struct rig r;

static const struct qi_desc bad = { 0, 0, 0, 0 };

static void test_config(void **state)
{
	static const unsigned good_slots[] = { 0, 4, 8, 16 };
	struct vtd_unit u;
	struct vtd_config cfg;
	struct vtd_ops ops;
	unsigned i;

	(void)state;
	rig_config(&r, VTD_SPEC);
	assert_true(vtd_init(&u, &r.cfg));
	for (i = 0; i < 4; i++) {
		cfg = r.cfg;
		cfg.slots = good_slots[i];
		assert_true(vtd_init(&u, &cfg));
		cfg.slots = good_slots[i] + 1;
		assert_false(vtd_init(&u, &cfg));
	}
	cfg = r.cfg;
	cfg.window = VTD_WINDOW;
	assert_true(vtd_init(&u, &cfg));
	cfg.window = VTD_WINDOW + 1;
	assert_false(vtd_init(&u, &cfg));
	cfg = r.cfg;
	cfg.profile = VTD_PROFILES;
	assert_false(vtd_init(&u, &cfg));
	cfg = r.cfg;
	cfg.cache = NULL;
	assert_false(vtd_init(&u, &cfg));
	cfg.cache_room = 0;
	assert_true(vtd_init(&u, &cfg));

	cfg = r.cfg;
	cfg.ops = NULL;
	assert_false(vtd_init(&u, &cfg));
	cfg.ops = &ops;
	ops = r.ops;
	ops.dma_read = NULL;
	assert_false(vtd_init(&u, &cfg));
	ops = r.ops;
	ops.dma_write32 = NULL;
	assert_false(vtd_init(&u, &cfg));
	ops = r.ops;
	ops.msi = NULL;
	assert_false(vtd_init(&u, &cfg));
	ops = r.ops;
	ops.choose = NULL;
	ops.executed = NULL;
	assert_true(vtd_init(&u, &cfg));
}

static void test_default_capabilities(void **state)
{
	uint64_t cap, ecap;

	(void)state;
	rig_config(&r, VTD_QEMU_7_2);
	r.cfg.cap = r.cfg.ecap = 0;
	rig_init(&r);
	vtd_profile_caps(VTD_QEMU_7_2, &cap, &ecap);
	assert_int_equal(rig_read(&r, DMAR_CAP_REG), cap);
	assert_int_equal(rig_read(&r, DMAR_ECAP_REG), ecap);

	r.cfg.ecap = VTD_ECAP_QI; /* with one of them given, neither is the profile's */
	rig_init(&r);
	assert_int_equal(rig_read(&r, DMAR_CAP_REG), 0);
	assert_int_equal(rig_read(&r, DMAR_ECAP_REG), VTD_ECAP_QI);
}

/* Every register, its value after reset, and which bits a write of all ones leaves set. */
static const struct {
	unsigned reg, size;
	uint64_t reset, ones;
} map[] = {
	{ DMAR_VER_REG, 4, 0x10, 0x10 },
	{ DMAR_CAP_REG, 8, 0x1234, 0x1234 },
	{ DMAR_ECAP_REG, 8, 0x5670, 0x5670 }, /* no QI, so that QIE is ignored */
	{ DMAR_GCMD_REG, 4, 0, 0 },
	{ DMAR_GSTS_REG, 4, 0, 0 },
	{ DMAR_RTADDR_REG, 8, 0, ~0x3ffULL },
	{ DMAR_FSTS_REG, 4, 0, 0 },
	{ DMAR_FECTL_REG, 4, 0x80000000, 0x80000000 },
	{ DMAR_FEDATA_REG, 4, 0, 0xffffffff },
	{ DMAR_FEADDR_REG, 4, 0, 0xfffffffc },
	{ DMAR_FEUADDR_REG, 4, 0, 0xffffffff },
	{ DMAR_IQH_REG, 8, 0, 0 },
	{ DMAR_IQT_REG, 8, 0, 0x7fff0 },
	{ DMAR_IQA_REG, 8, 0, 0xfffffffffffff807 },
	{ DMAR_ICS_REG, 4, 0, 0 },
	{ DMAR_IECTL_REG, 4, 0x80000000, 0x80000000 },
	{ DMAR_IEDATA_REG, 4, 0, 0xffffffff },
	{ DMAR_IEADDR_REG, 4, 0, 0xfffffffc },
	{ DMAR_IEUADDR_REG, 4, 0, 0xffffffff },
	{ DMAR_IQERCD_REG, 8, 0, 0 },
	{ DMAR_IRTA_REG, 8, 0, 0xfffffffffffff80f },
	{ 0x28, 8, 0, 0 }, /* CCMD, not modelled */
	{ 0xc0, 8, 0, 0 },
	{ 0x1000, 4, 0, 0 },
};

#define MAP_SIZE (sizeof(map) / sizeof(map[0]))

static void blank(void)
{
	rig_config(&r, VTD_SPEC);
	r.cfg.cap = 0x1234;
	r.cfg.ecap = 0x5670;
	rig_init(&r);
}

static void test_map(void **state)
{
	unsigned i, j;

	(void)state;
	blank();
	for (i = 0; i < MAP_SIZE; i++)
		assert_int_equal(vtd_read(&r.u, map[i].reg, map[i].size), map[i].reset);
	for (i = 0; i < MAP_SIZE; i++) {
		blank();
		vtd_write(&r.u, map[i].reg, ~0ULL, map[i].size);
		for (j = 0; j < MAP_SIZE; j++) {
			uint64_t expected = j == i ? map[j].ones : map[j].reset;

			if (map[i].reg == DMAR_GCMD_REG && map[j].reg == DMAR_GSTS_REG)
				expected = 0xe3800000; /* all but WBF, EAFL, QIE */
			assert_int_equal(vtd_read(&r.u, map[j].reg, map[j].size), expected);
		}
		vtd_write(&r.u, map[i].reg, 0, map[i].size);
		if (map[i].reset != 0x80000000)
			assert_int_equal(vtd_read(&r.u, map[i].reg, map[i].size), map[i].reset);
	}
}

static void test_halves(void **state)
{
	(void)state;
	blank();
	vtd_write(&r.u, DMAR_IQA_REG + 4, 0x12345678, 4);
	assert_int_equal(rig_read(&r, DMAR_IQA_REG), 0x1234567800000000);
	vtd_write(&r.u, DMAR_IQA_REG, 0x9abcd003, 4);
	assert_int_equal(rig_read(&r, DMAR_IQA_REG), 0x123456789abcd003);
	assert_int_equal(vtd_read(&r.u, DMAR_IQA_REG, 4), 0x9abcd003);
	assert_int_equal(vtd_read(&r.u, DMAR_IQA_REG + 4, 4), 0x12345678);

	rig_write(&r, DMAR_IQT_REG, 0x40);
	vtd_write(&r.u, DMAR_IQT_REG + 4, 0, 4);
	assert_int_equal(rig_read(&r, DMAR_IQT_REG), 0x40);

	/* The register beside GCMD is read-only: a write of it must not act as a command. */
	rig_command(&r, VTD_GCMD_TE, true);
	vtd_write(&r.u, DMAR_GSTS_REG, 0, 4);
	assert_int_equal(rig_read(&r, DMAR_GSTS_REG), VTD_GSTS_TES);
}

static void test_pairs(void **state)
{
	(void)state;
	blank();
	vtd_write(&r.u, DMAR_FEADDR_REG, 0x1111111122222220, 8);
	assert_int_equal(rig_read(&r, DMAR_FEADDR_REG), 0x22222220);
	assert_int_equal(rig_read(&r, DMAR_FEUADDR_REG), 0x11111111);
	vtd_write(&r.u, DMAR_IECTL_REG, 0x3333333300000000, 8);
	assert_int_equal(vtd_read(&r.u, DMAR_IECTL_REG, 8), 0x3333333300000000);
	vtd_write(&r.u, DMAR_FECTL_REG, 0x4444444400000000, 8);
	assert_int_equal(vtd_read(&r.u, DMAR_FECTL_REG, 8), 0x4444444400000000);
	/* Nor does a write of the data change the control register. */
	rig_write(&r, DMAR_FEDATA_REG, 5);
	assert_int_equal(rig_read(&r, DMAR_FECTL_REG), 0);
}

static void test_no_access(void **state)
{
	static const unsigned size[] = { 0, 1, 2, 3, 5, 16 };
	unsigned i;

	(void)state;
	blank();
	rig_write(&r, DMAR_IQA_REG, 0x5000);
	for (i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
		vtd_write(&r.u, DMAR_IQA_REG, 0x7000, size[i]);
		assert_int_equal(vtd_read(&r.u, DMAR_IQA_REG, size[i]), 0);
	}
	for (i = 1; i < 8; i++) {
		vtd_write(&r.u, DMAR_IQA_REG + i, ~0ULL, 8);
		assert_int_equal(vtd_read(&r.u, DMAR_IQA_REG + i, 8), 0);
		if (i % 4)
			vtd_write(&r.u, DMAR_IQA_REG + i, ~0ULL, 4);
	}
	assert_int_equal(rig_read(&r, DMAR_IQA_REG), 0x5000);
}

static void test_commands(void **state)
{
	(void)state;
	rig_config(&r, VTD_SPEC);
	rig_init(&r);
	rig_command(&r, VTD_GCMD_TE, true);
	rig_command(&r, VTD_GCMD_CFI, true);
	rig_command(&r, VTD_GCMD_IRE, true);
	assert_int_equal(rig_read(&r, DMAR_GSTS_REG), VTD_GSTS_TES | VTD_GSTS_CFIS | VTD_GSTS_IRES);
	rig_command(&r, VTD_GCMD_TE, false);
	assert_int_equal(rig_read(&r, DMAR_GSTS_REG), VTD_GSTS_CFIS | VTD_GSTS_IRES);

	rig_write(&r, DMAR_RTADDR_REG, 0xabc000);
	assert_int_equal(r.u.root, 0);
	rig_command(&r, VTD_GCMD_SRTP, true);
	assert_int_equal(r.u.root, 0xabc000);
	rig_write(&r, DMAR_IRTA_REG, 0xdef000);
	assert_int_equal(r.u.irt, 0);
	rig_command(&r, VTD_GCMD_SIRTP, true);
	assert_int_equal(r.u.irt, 0xdef000);
	rig_command(&r, VTD_GCMD_WBF, true);
	assert_int_equal(rig_read(&r, DMAR_GSTS_REG),
			 VTD_GSTS_CFIS | VTD_GSTS_IRES | VTD_GSTS_RTPS | VTD_GSTS_IRTPS);
	rig_write(&r, DMAR_RTADDR_REG, 0);
	rig_write(&r, DMAR_IRTA_REG, 0);
	rig_command(&r, VTD_GCMD_TE, true);
	assert_int_equal(r.u.root, 0xabc000);
	assert_int_equal(r.u.irt, 0xdef000);
}

static void test_no_queue(void **state)
{
	(void)state;
	rig_config(&r, VTD_SPEC);
	r.cfg.ecap &= ~VTD_ECAP_QI;
	rig_init(&r);
	rig_command(&r, VTD_GCMD_QIE, true);
	rig_run(&r);
	assert_int_equal(rig_read(&r, DMAR_GSTS_REG), 0);
}

static void test_address_is_fixed_while_on(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_write(&r, DMAR_IQA_REG, 0x5000);
	assert_int_equal(rig_read(&r, DMAR_IQA_REG), RIG_MEM);
	rig_command(&r, VTD_GCMD_QIE, false);
	rig_write(&r, DMAR_IQA_REG, 0x5000); /* QIES is still set */
	assert_int_equal(rig_read(&r, DMAR_IQA_REG), RIG_MEM);
	rig_run(&r);
	rig_write(&r, DMAR_IQA_REG, 0x5000);
	assert_int_equal(rig_read(&r, DMAR_IQA_REG), 0x5000);
}

/* ICE, IQE and ITE, one after the other. */
static void raise_all(void)
{
	struct vtd_fault wrong = { .kind = VTD_FAULT_WRONG, .sid = 0x1234 };

	rig_put(&r, qi_desc_dev_tlb(0x1234, 0, 0, 0, 0));
	rig_put(&r, bad);
	assert_true(vtd_fault_arm(&r.u, &wrong));
	rig_doorbell(&r);
	rig_run(&r);
	assert_int_equal(rig_read(&r, DMAR_FSTS_REG), VTD_FSTS_QI);
	assert_int_equal(rig_read(&r, DMAR_IQERCD_REG), 0x1234123400000003);
}

static void test_fault_status(void **state)
{
	(void)state;
	rig_start(&r, 128);
	raise_all();
	rig_write(&r, DMAR_FSTS_REG, ~VTD_FSTS_QI); /* zeros leave a bit as it is */
	assert_int_equal(rig_read(&r, DMAR_FSTS_REG), VTD_FSTS_QI);
	rig_write(&r, DMAR_FSTS_REG, VTD_FSTS_ICE);
	assert_int_equal(rig_read(&r, DMAR_FSTS_REG), VTD_FSTS_IQE | VTD_FSTS_ITE);
	assert_int_equal(rig_read(&r, DMAR_IQERCD_REG), 0x0000123400000003);
	rig_write(&r, DMAR_FSTS_REG, VTD_FSTS_IQE);
	assert_int_equal(rig_read(&r, DMAR_FSTS_REG), VTD_FSTS_ITE);
	assert_int_equal(rig_read(&r, DMAR_IQERCD_REG), 0x0000123400000000);
	rig_run(&r); /* ITE keeps it from fetching the bad one again */
	assert_int_equal(rig_read(&r, DMAR_FSTS_REG), VTD_FSTS_ITE);
	rig_write(&r, DMAR_FSTS_REG, VTD_FSTS_ITE);
	assert_int_equal(rig_read(&r, DMAR_FSTS_REG), 0);
	assert_int_equal(rig_read(&r, DMAR_IQERCD_REG), 0);
}

static void program_events(void)
{
	rig_write(&r, DMAR_FEDATA_REG, 0x41);
	rig_write(&r, DMAR_FEADDR_REG, 0xfee01000);
	rig_write(&r, DMAR_FEUADDR_REG, 0x2);
	rig_write(&r, DMAR_IEDATA_REG, 0x42);
	rig_write(&r, DMAR_IEADDR_REG, 0xfee02000);
	rig_write(&r, DMAR_IEUADDR_REG, 0x3);
}

static void test_fault_event(void **state)
{
	(void)state;
	rig_start(&r, 128);
	program_events();
	rig_write(&r, DMAR_FECTL_REG, 0);
	raise_all();
	assert_string_equal(r.log, "m"); /* one for all three */
	assert_int_equal(r.msi_addr, 0x2fee01000);
	assert_int_equal(r.msi_data, 0x41);
	assert_int_equal(rig_read(&r, DMAR_FECTL_REG), 0);
	rig_write(&r, DMAR_FSTS_REG, VTD_FSTS_QI);
	rig_run(&r); /* the bad descriptor again */
	assert_string_equal(r.log, "mm");
}

static void test_masked_fault_event(void **state)
{
	(void)state;
	rig_start(&r, 128);
	program_events();
	raise_all();
	assert_string_equal(r.log, "");
	assert_int_equal(rig_read(&r, DMAR_FECTL_REG), VTD_IECTL_IM | VTD_IECTL_IP);
	rig_write(&r, DMAR_FECTL_REG, VTD_IECTL_IM);
	assert_int_equal(rig_read(&r, DMAR_FECTL_REG), VTD_IECTL_IM | VTD_IECTL_IP);
	rig_write(&r, DMAR_FECTL_REG, 0);
	assert_string_equal(r.log, "m");
	assert_int_equal(r.msi_addr, 0x2fee01000);
	assert_int_equal(rig_read(&r, DMAR_FECTL_REG), 0);
	rig_write(&r, DMAR_FECTL_REG, VTD_IECTL_IM);
	rig_write(&r, DMAR_FECTL_REG, 0);
	assert_string_equal(r.log, "m");
}

static void test_pending_goes_with_its_causes(void **state)
{
	(void)state;
	rig_start(&r, 128);
	raise_all();
	rig_write(&r, DMAR_FSTS_REG, VTD_FSTS_IQE | VTD_FSTS_ICE);
	assert_int_equal(rig_read(&r, DMAR_FECTL_REG), VTD_IECTL_IM | VTD_IECTL_IP);
	rig_write(&r, DMAR_FSTS_REG, VTD_FSTS_ITE);
	assert_int_equal(rig_read(&r, DMAR_FECTL_REG), VTD_IECTL_IM);
	rig_write(&r, DMAR_FECTL_REG, 0);
	assert_string_equal(r.log, "");
}

static void wait_with_interrupt(void)
{
	rig_put_wait(&r, QI_IWD_IF, 0, 0);
	rig_doorbell(&r);
	rig_run(&r);
}

static void test_completion_event(void **state)
{
	(void)state;
	rig_start(&r, 128);
	program_events();
	rig_write(&r, DMAR_IECTL_REG, 0);
	wait_with_interrupt();
	wait_with_interrupt();
	assert_string_equal(r.log, "xmx"); /* none for the second while IWC is set */
	assert_int_equal(r.msi_addr, 0x3fee02000);
	assert_int_equal(r.msi_data, 0x42);
	assert_int_equal(rig_read(&r, DMAR_ICS_REG), VTD_ICS_IWC);
	rig_write(&r, DMAR_ICS_REG, ~VTD_ICS_IWC);
	assert_int_equal(rig_read(&r, DMAR_ICS_REG), VTD_ICS_IWC);
	rig_write(&r, DMAR_ICS_REG, VTD_ICS_IWC);
	assert_int_equal(rig_read(&r, DMAR_ICS_REG), 0);
	wait_with_interrupt();
	assert_string_equal(r.log, "xmxxm");
}

static void test_masked_completion_event(void **state)
{
	(void)state;
	rig_start(&r, 128);
	program_events();
	wait_with_interrupt();
	assert_string_equal(r.log, "x");
	assert_int_equal(rig_read(&r, DMAR_IECTL_REG), VTD_IECTL_IM | VTD_IECTL_IP);
	rig_write(&r, DMAR_IECTL_REG, 0);
	assert_string_equal(r.log, "xm");
	assert_int_equal(rig_read(&r, DMAR_IECTL_REG), 0);

	rig_write(&r, DMAR_IECTL_REG, VTD_IECTL_IM);
	rig_write(&r, DMAR_ICS_REG, VTD_ICS_IWC);
	wait_with_interrupt();
	assert_int_equal(rig_read(&r, DMAR_IECTL_REG), VTD_IECTL_IM | VTD_IECTL_IP);
	rig_write(&r, DMAR_ICS_REG, VTD_ICS_IWC);
	assert_int_equal(rig_read(&r, DMAR_IECTL_REG), VTD_IECTL_IM);
	rig_write(&r, DMAR_IECTL_REG, 0);
	assert_string_equal(r.log, "xmx");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_config),
		cmocka_unit_test(test_default_capabilities),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_halves),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_no_access),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_no_queue),
		cmocka_unit_test(test_address_is_fixed_while_on),
		cmocka_unit_test(test_fault_status),
		cmocka_unit_test(test_fault_event),
		cmocka_unit_test(test_masked_fault_event),
		cmocka_unit_test(test_pending_goes_with_its_causes),
		cmocka_unit_test(test_completion_event),
		cmocka_unit_test(test_masked_completion_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
