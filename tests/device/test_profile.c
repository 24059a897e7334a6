/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Implementations that differ from the specification: device/profile.c. */
#include "rig.h"

static struct rig r;

static const struct qi_desc bad = { 0, 0, 0, 0 };

static struct qi_desc inv(void)
{
	return qi_desc_iotlb(QI_IOTLB_GLOBAL, 0, 0, 0, false, 0);
}

static void start(unsigned width)
{
	rig_start_as(&r, VTD_QEMU_7_2, width);
}

static void test_names(void **state)
{
	enum vtd_profile p;

	(void)state;
	assert_string_equal(vtd_profile_name(VTD_SPEC), "spec");
	assert_string_equal(vtd_profile_name(VTD_QEMU_7_2), "qemu-7.2");
	assert_true(vtd_profile_find("qemu-7.2", &p));
	assert_int_equal(p, VTD_QEMU_7_2);
	assert_true(vtd_profile_find("spec", &p));
	assert_int_equal(p, VTD_SPEC);
	assert_false(vtd_profile_find("qemu-7", &p));
	assert_false(vtd_profile_find("qemu-7.2.1", &p));
	assert_false(vtd_profile_find("", &p));
}

static void test_capabilities(void **state)
{
	(void)state;
	start(128);
	assert_int_equal(rig_read(&r, DMAR_CAP_REG), 0x00d2008c22260206);
	assert_int_equal(rig_read(&r, DMAR_ECAP_REG), 0x480080f00f4e);
	rig_start(&r, 128);
	assert_int_equal(VTD_ECAP_PSS(rig_read(&r, DMAR_ECAP_REG)), 19);
	assert_int_equal(VTD_CAP_MAMV(rig_read(&r, DMAR_CAP_REG)), 18);
	/* It reports both stages, as Linux does not use scalable mode without them. */
	assert_int_equal(rig_read(&r, DMAR_ECAP_REG) >> 45 & 7, 7);
}

/* When the write of IQT returns all descriptors have been executed, without a step. */
static void test_synchronous(void **state)
{
	(void)state;
	start(128);
	rig_put(&r, inv());
	rig_put(&r, qi_desc_dev_tlb(1, 0, 0, 0, 0));
	rig_put_wait(&r, QI_IWD_SW, 0, 3);
	rig_doorbell(&r);
	assert_string_equal(r.log, "xxxww");
	assert_int_equal(rig_status(&r, 0), 3);
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0x30);
	assert_int_equal(vtd_step(&r.u), VTD_IDLE);
	assert_int_equal(r.nasked, 0);
}

static void test_tail_before_the_queue_is_on(void **state)
{
	(void)state;
	rig_config(&r, VTD_QEMU_7_2);
	rig_init(&r);
	rig_write(&r, DMAR_IQA_REG, RIG_MEM);
	rig_put_wait(&r, QI_IWD_SW, 0, 3);
	rig_doorbell(&r);
	assert_string_equal(r.log, "");
	rig_command(&r, VTD_GCMD_QIE, true);
	assert_string_equal(r.log, "xww");
}

static void test_queue_error(void **state)
{
	(void)state;
	start(128);
	rig_put(&r, inv());
	rig_put(&r, bad);
	rig_put_wait(&r, QI_IWD_SW, 0, 3);
	rig_doorbell(&r);
	assert_string_equal(r.log, "x");
	assert_int_equal(rig_read(&r, DMAR_FSTS_REG), VTD_FSTS_IQE);
	assert_int_equal(rig_read(&r, DMAR_IQERCD_REG), 0);
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0x10);
	rig_put(&r, inv());
	rig_doorbell(&r); /* stored, not processed */
	assert_int_equal(rig_read(&r, DMAR_IQT_REG), 0x40);
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0x10);
	r.mem[2] = inv().qw0;
	rig_write(&r, DMAR_FSTS_REG, VTD_FSTS_IQE); /* does not resume */
	rig_command(&r, VTD_GCMD_QIE, true);	    /* nor does this: it is on already */
	rig_run(&r);
	assert_string_equal(r.log, "x");
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0x10);
	rig_doorbell(&r);
	assert_string_equal(r.log, "xxxwwx");
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0x40);
}

static void test_bad_tails(void **state)
{
	(void)state;
	start(128);
	rig_write(&r, DMAR_IQT_REG, 0x1000);
	assert_int_equal(rig_read(&r, DMAR_FSTS_REG), VTD_FSTS_IQE);
	assert_int_equal(rig_read(&r, DMAR_IQERCD_REG), 0);
	start(256);
	rig_put_wait(&r, QI_IWD_SW, 0, 3);
	rig_write(&r, DMAR_IQT_REG, 0x30); /* as if it had not been written */
	assert_int_equal(rig_read(&r, DMAR_FSTS_REG), 0);
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0);
	assert_int_equal(rig_read(&r, DMAR_IQT_REG), 0x30);
	rig_write(&r, DMAR_IQT_REG, 0x20);
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0x20);
}

/* IQT is converted to a slot when it is written, with the width that IQA has then. */
static void test_tail_before_the_width(void **state)
{
	(void)state;
	rig_config(&r, VTD_QEMU_7_2);
	rig_init(&r);
	r.mem[0] = r.mem[4] = inv().qw0;
	rig_write(&r, DMAR_IQT_REG, 0x20);
	rig_write(&r, DMAR_IQA_REG, RIG_MEM | VTD_IQA_DW | 1);
	rig_command(&r, VTD_GCMD_QIE, true);
	assert_string_equal(r.log, "xx");
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0x40);
	rig_write(&r, DMAR_IQT_REG, 0x40);
	assert_string_equal(r.log, "xx");
}

/* IQA reads the address that is in use, and never the width. */
static void test_queue_address(void **state)
{
	(void)state;
	start(256);
	assert_int_equal(rig_read(&r, DMAR_IQA_REG), RIG_MEM | 1);
	rig_put_wait(&r, QI_IWD_SW, 0, 1);
	rig_doorbell(&r);
	rig_command(&r, VTD_GCMD_QIE, false);
	rig_write(&r, DMAR_IQA_REG, (RIG_MEM + 0x1000) | 2);
	assert_int_equal(rig_read(&r, DMAR_IQA_REG), RIG_MEM | 2);
	rig_write(&r, DMAR_IQT_REG, 0);
	rig_command(&r, VTD_GCMD_QIE, true);
	assert_int_equal(rig_read(&r, DMAR_IQA_REG), (RIG_MEM + 0x1000) | 2);
}

static void test_turning_off(void **state)
{
	(void)state;
	start(128);
	rig_command(&r, VTD_GCMD_QIE, false); /* there has been no wait yet */
	assert_int_equal(rig_read(&r, DMAR_GSTS_REG), VTD_GSTS_QIES);
	rig_put_wait(&r, QI_IWD_SW, 0, 1);
	rig_put(&r, inv());
	rig_doorbell(&r);
	rig_command(&r, VTD_GCMD_QIE, false); /* the last one is not a wait */
	assert_int_equal(rig_read(&r, DMAR_GSTS_REG), VTD_GSTS_QIES);
	rig_put_wait(&r, QI_IWD_SW, 0, 1);
	rig_put(&r, bad);
	rig_doorbell(&r);
	rig_command(&r, VTD_GCMD_QIE, false); /* not empty */
	assert_int_equal(rig_read(&r, DMAR_GSTS_REG), VTD_GSTS_QIES);
	rig_defuse(&r, 3);
	r.mem[6] = QI_IWD_TYPE | QI_IWD_IF;
	rig_write(&r, DMAR_FSTS_REG, VTD_FSTS_IQE);
	rig_doorbell(&r);
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0x40);
	rig_command(&r, VTD_GCMD_QIE, false);
	assert_int_equal(rig_read(&r, DMAR_GSTS_REG), 0);
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0);
	assert_int_equal(rig_read(&r, DMAR_IQT_REG), 0x40);
}

/* The reserved bits of QEMU 7.2.22; all others may have any value. */
static void test_reserved_bits(void **state)
{
	static const struct {
		struct qi_desc base;
		uint64_t reserved0, reserved1, skip0, skip1;
	} c[] = {
		{ { 0x31, 0, 0, 0 }, 0xfffc00000000ffc0, ~0ULL, 0x3f, 0 },
		{ { 0x22, 0, 0, 0 }, 0xffffffff0000ff00, 0xf80, 0x3f, 0 },
		{ { 0x32, 0, 0, 0 }, 0xffffffff0000ff00, 0xfa0, 0x3f, 0 },
		{ { 0x03, 0, 0, 0 }, 0xffff0000ffe0fff0, 0xffe, 0xf, 0 },
		{ { 0x04, 0, 0, 0 }, 0, 0, 0xf, 0 },
		{ { 0x14, 0, 0, 0 }, 0, 0, 0xf, 0 },
		{ { 0x15, 0, 0, 0 }, 0xffffff80, 0x3, 0x3f, 0 },
		{ { 0x25, RIG_STATUS, 0, 0 }, 0xffffff80, 0x3, 0x3f, ~3ULL },
		{ { 0x06, 0, 0, 0 }, 0, 0, 0xf, 0 },
		{ { 0x07, 0, 0, 0 }, 0, 0, 0xf, 0 },
	};
	unsigned width, i, bit;

	(void)state;
	for (width = 128; width <= 256; width += 128) {
		start(width);
		for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
			struct qi_desc d = c[i].base;

			d.qw2 = d.qw3 = ~0ULL;
			assert_int_equal(rig_try(&r, d), -1);
			for (bit = 0; bit < 64; bit++) {
				d = c[i].base;
				d.qw0 ^= 1ULL << bit;
				if (!(c[i].skip0 >> bit & 1))
					assert_int_equal(rig_try(&r, d),
							 c[i].reserved0 >> bit & 1 ? 0 : -1);
				d = c[i].base;
				d.qw1 ^= 1ULL << bit;
				if (!(c[i].skip1 >> bit & 1))
					assert_int_equal(rig_try(&r, d),
							 c[i].reserved1 >> bit & 1 ? 0 : -1);
			}
		}
	}
}

static void test_types(void **state)
{
	unsigned type;

	(void)state;
	start(128);
	for (type = 0; type < 16; type++) {
		struct qi_desc d = { type | 0x10, 0, 0, 0 };
		bool known = (type >= 1 && type <= 7 && type != 3);

		assert_int_equal(rig_try(&r, d), known ? -1 : 0);
		d.qw0 |= 1 << 9;
		known = type == 4 || type == 6 || type == 7;
		assert_int_equal(rig_try(&r, d), known ? -1 : 0);
	}
}

static void test_values(void **state)
{
	(void)state;
	start(128);
	assert_int_equal(rig_try(&r, (struct qi_desc){ 0x01, 0, 0, 0 }), 0);
	assert_int_equal(rig_try(&r, (struct qi_desc){ 0x02, 0, 0, 0 }), 0);
	assert_int_equal(rig_try(&r, qi_desc_iotlb(QI_IOTLB_PAGE, 1, 0x1000, 18, true, 0xc0)), -1);
	assert_int_equal(rig_try(&r, qi_desc_iotlb(QI_IOTLB_PAGE, 1, 0x1000, 19, true, 0)), 0);
	assert_int_equal(rig_try(&r, qi_desc_iotlb(QI_IOTLB_DOMAIN, 1, 0x1000, 19, true, 0)), -1);
	assert_int_equal(rig_try(&r, qi_desc_piotlb(QI_PIOTLB_PAGE, 1, 9, 0x1000, 63, true)), -1);
	assert_int_equal(rig_try(&r, qi_desc_dev_tlb(1, 0, 9, ~0ULL, 0)), -1);
	assert_int_equal(rig_try(&r, (struct qi_desc){ 3, ~0xffeULL, 0, 0 }), -1);
	assert_int_equal(rig_try(&r, qi_desc_iec(QI_IEC_INDEX, 1, 31)), -1);
}

static void test_waits(void **state)
{
	unsigned flags;

	(void)state;
	for (flags = 0; flags < 16; flags++) {
		bool refused = flags & 8 || !(flags & 3);

		if ((flags & 11) == 3) /* SW and IF: below */
			continue;
		start(128);
		assert_int_equal(rig_try(&r, qi_desc_wait(flags << 4, RIG_STATUS, 1)),
				 refused ? 0 : -1);
	}
}

static void test_status_to_nowhere(void **state)
{
	(void)state;
	start(128);
	rig_put(&r, inv());
	rig_put(&r, qi_desc_wait(QI_IWD_SW, 0x10, 1));
	rig_put(&r, inv());
	rig_doorbell(&r);
	assert_int_equal(rig_read(&r, DMAR_FSTS_REG), VTD_FSTS_IQE);
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0x10);
	r.mem[3] = RIG_STATUS;
	rig_write(&r, DMAR_FSTS_REG, VTD_FSTS_IQE);
	rig_doorbell(&r);
	assert_int_equal(rig_status(&r, 0), 1);
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0x30);
}

static void test_status_and_interrupt_end_it(void **state)
{
	(void)state;
	start(128);
	rig_put(&r, inv());
	rig_put_wait(&r, QI_IWD_SW | QI_IWD_IF, 0, 1);
	rig_put(&r, inv());
	rig_doorbell(&r);
	assert_string_equal(r.log, "x");
	assert_int_equal(rig_read(&r, DMAR_GSTS_REG), 0xffffffff);
	assert_int_equal(vtd_step(&r.u), VTD_IDLE);
}

static void test_devices_always_answer(void **state)
{
	struct vtd_fault f = { .kind = VTD_FAULT_SILENT, .sid = VTD_ANY_SID };

	(void)state;
	start(128);
	assert_true(vtd_fault_arm(&r.u, &f));
	assert_int_equal(rig_try(&r, qi_desc_dev_tlb(1, 0, 0, 0, 0)), -1);
	assert_int_equal(rig_read(&r, DMAR_FSTS_REG), 0);
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0x10);
}

/* Faults that do not contradict the emulator's own behaviour can be armed for it, too. */
static void test_faults(void **state)
{
	struct vtd_fault slow = { .kind = VTD_FAULT_SLOW_WRITE, .steps = 3 };
	struct vtd_fault stall = { .kind = VTD_FAULT_STALL };

	(void)state;
	start(128);
	vtd_fault_arm(&r.u, &slow);
	rig_put_wait(&r, QI_IWD_SW, 0, 1);
	rig_doorbell(&r);
	assert_string_equal(r.log, "x");
	vtd_fault_arm(&r.u, &stall);
	rig_put(&r, inv());
	rig_doorbell(&r);
	assert_int_equal(vtd_step(&r.u), VTD_WAITED);
	assert_int_equal(vtd_step(&r.u), VTD_WAITED);
	assert_int_equal(vtd_step(&r.u), VTD_COMPLETED);
	assert_int_equal(vtd_step(&r.u), VTD_IDLE);
	assert_string_equal(r.log, "xw");
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0x10);
}

/* Without scalable mode DW is ignored; with it, translation mode and width need not match. */
static void test_width(void **state)
{
	(void)state;
	rig_config(&r, VTD_QEMU_7_2);
	r.cfg.ecap &= ~VTD_ECAP_SMTS;
	rig_init(&r);
	rig_write(&r, DMAR_IQA_REG, RIG_MEM | VTD_IQA_DW);
	rig_command(&r, VTD_GCMD_QIE, true);
	r.mem[0] = r.mem[2] = r.mem[4] = inv().qw0;
	rig_write(&r, DMAR_IQT_REG, 0x30);
	assert_string_equal(r.log, "xxx");
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0x30);

	start(128);
	rig_write(&r, DMAR_RTADDR_REG, 1 << 10);
	rig_command(&r, VTD_GCMD_SRTP, true);
	assert_int_equal(rig_try(&r, inv()), -1);
	rig_write(&r, DMAR_RTADDR_REG, 2 << 10);
	rig_command(&r, VTD_GCMD_SRTP, true);
	assert_int_equal(rig_try(&r, qi_desc_pasid_cache(QI_PC_GLOBAL, 0, 0)), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_synchronous),
		cmocka_unit_test(test_tail_before_the_queue_is_on),
		cmocka_unit_test(test_queue_error),
		cmocka_unit_test(test_bad_tails),
		cmocka_unit_test(test_tail_before_the_width),
		cmocka_unit_test(test_queue_address),
		cmocka_unit_test(test_turning_off),
		cmocka_unit_test(test_reserved_bits),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_status_to_nowhere),
		cmocka_unit_test(test_status_and_interrupt_end_it),
		cmocka_unit_test(test_devices_always_answer),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
