/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* History: defects of hardware models, which the unit in device/ must not have. */
#include "../device/rig.h"

#include <string.h>

/* 17, in the unit: slots of 256 bits are 32 bytes apart, and IQH counts bytes. */
static void h17_wide_descriptors_are_fetched_one_by_one(void **state)
{
	struct rig r;
	unsigned i;

	(void)state;
	rig_start(&r, 256);
	for (i = 0; i < 300; i++) {
		rig_put_wait(&r, QI_IWD_SW, 0, i);
		rig_doorbell(&r);
		rig_run(&r);
		assert_int_equal(rig_status(&r, 0), i);
		assert_int_equal(rig_read(&r, DMAR_IQH_REG), (i + 1) % 256 * 32);
		rig_forget_log(&r);
	}
	assert_int_equal(rig_read(&r, DMAR_FSTS_REG), 0);
}

/* 15, in the unit: the head wraps, and a tail outside the ring is an error and not a long walk. */
static void h15_a_tail_outside_the_ring_is_refused(void **state)
{
	struct rig r;

	(void)state;
	rig_start(&r, 128);
	rig_put_wait(&r, QI_IWD_SW, 0, 1);
	rig_write(&r, DMAR_IQT_REG, 256 * 16);
	rig_run(&r);
	assert_int_equal(rig_read(&r, DMAR_FSTS_REG), VTD_FSTS_IQE);
	assert_int_equal(VTD_IQERCD_IQEI(rig_read(&r, DMAR_IQERCD_REG)), VTD_IQEI_TAIL);
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0);
}

/* 18: bit 4 of the tail was not looked at in a queue of 256-bit descriptors. */
static void h18_a_tail_between_two_slots_is_refused(void **state)
{
	struct rig r;

	(void)state;
	rig_start(&r, 256);
	rig_put_wait(&r, QI_IWD_SW, 0, 1);
	rig_write(&r, DMAR_IQT_REG, 0x30);
	rig_run(&r);
	assert_int_equal(rig_read(&r, DMAR_FSTS_REG), VTD_FSTS_IQE);
	assert_int_equal(VTD_IQERCD_IQEI(rig_read(&r, DMAR_IQERCD_REG)), VTD_IQEI_TAIL_ALIGN);
	assert_int_equal(rig_status(&r, 0), 0);
}

/* 18: nor were the upper half of a wide descriptor ... */
static void h18_an_upper_half_that_is_not_zero_is_refused(void **state)
{
	struct qi_desc d = qi_desc_iotlb(QI_IOTLB_GLOBAL, 0, 0, 0, false, 0);
	struct rig r;
	unsigned bit;

	(void)state;
	rig_start(&r, 256);
	assert_int_equal(rig_try(&r, d), -1);
	for (bit = 0; bit < 64; bit++) {
		d.qw2 = 1ULL << bit;
		assert_int_equal(rig_try(&r, d), VTD_IQEI_RESERVED);
		d.qw2 = 0;
		d.qw3 = 1ULL << bit;
		assert_int_equal(rig_try(&r, d), VTD_IQEI_RESERVED);
		d.qw3 = 0;
	}
	assert_int_equal(rig_try(&r, d), -1);
}

/* 18: ... and reserved bits. By the table of the specification, bit by bit. */
static void h18_reserved_bits_are_refused(void **state)
{
	static const struct {
		struct qi_desc valid;
		uint64_t defined0, defined1;
	} type[] = {
		{ { QI_CC_TYPE | QI_CC_GLOBAL << 4, 0, 0, 0 }, 0x0003ffffffff003f, 0 },
		{ { QI_IOTLB_TYPE | QI_IOTLB_GLOBAL << 4, 0, 0, 0 }, 0xffff00ff, ~0xf80ULL },
		{ { QI_DIOTLB_TYPE, 0, 0, 0 }, 0xfff0ffff001ff00f, ~0xffeULL },
		{ { QI_IEC_TYPE, 0, 0, 0 }, 0xfffff800001f, 0 },
		{ { QI_IWD_TYPE | QI_IWD_SW, RIG_STATUS, 0, 0 }, 0xffffffff000000ff, ~3ULL },
		{ { QI_EIOTLB_TYPE | QI_PIOTLB_PASID << 4, 0, 0, 0 }, 0xfffffffff003f, ~0xf80ULL },
		{ { QI_PC_TYPE | QI_PC_GLOBAL << 4, 0, 0, 0 }, 0xfffffffff003f, 0 },
		{ { QI_DEIOTLB_TYPE, 0, 0, 0 }, 0xfffffffffffff1ff, ~0x7feULL },
		{ { QI_PGRP_RESP_TYPE, 0, 0, 0 }, 0xffffffffff01f, 0xffc },
	};
	struct rig r;
	unsigned i, bit;

	(void)state;
	rig_start(&r, 128);
	for (i = 0; i < sizeof(type) / sizeof(type[0]); i++) {
		assert_int_equal(rig_try(&r, type[i].valid), -1);
		for (bit = 4; bit < 64; bit++) {
			struct qi_desc d = type[i].valid;

			d.qw0 ^= 1ULL << bit;
			if (!(type[i].defined0 >> bit & 1))
				assert_int_equal(rig_try(&r, d), bit >= 9 && bit <= 11
									 ? VTD_IQEI_TYPE
									 : VTD_IQEI_RESERVED);
		}
		for (bit = 0; bit < 64; bit++) {
			struct qi_desc d = type[i].valid;

			d.qw1 ^= 1ULL << bit;
			if (!(type[i].defined1 >> bit & 1))
				assert_int_equal(rig_try(&r, d), VTD_IQEI_RESERVED);
		}
	}
}

/*
 * 19: a wait that asks for the status write and the interrupt ended a model by an assertion. It is
 * allowed, and an interrupt handler must find the status written.
 */
static void h19_a_wait_may_ask_for_status_and_interrupt(void **state)
{
	struct rig r;

	(void)state;
	rig_start(&r, 128);
	rig_write(&r, DMAR_IECTL_REG, 0);
	rig_put_wait(&r, QI_IWD_SW | QI_IWD_IF, 0, 0x1234);
	rig_doorbell(&r);
	rig_run(&r);
	assert_int_equal(rig_status(&r, 0), 0x1234);
	assert_int_equal(rig_read(&r, DMAR_ICS_REG), VTD_ICS_IWC);
	assert_string_equal(r.log, "xwm");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(h15_a_tail_outside_the_ring_is_refused),
		cmocka_unit_test(h17_wide_descriptors_are_fetched_one_by_one),
		cmocka_unit_test(h18_a_tail_between_two_slots_is_refused),
		cmocka_unit_test(h18_an_upper_half_that_is_not_zero_is_refused),
		cmocka_unit_test(h18_reserved_bits_are_refused),
		cmocka_unit_test(h19_a_wait_may_ask_for_status_and_interrupt),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
