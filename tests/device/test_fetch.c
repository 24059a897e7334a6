/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The ring: on and off, fetching in order, queue errors. device/fetch.c */
#include "rig.h"

static struct rig r;

static const struct qi_desc bad = { 0, 0, 0, 0 };

static struct qi_desc good(void)
{
	return qi_desc_context(QI_CC_GLOBAL, 0, 0, 0);
}

static unsigned iqei(void)
{
	return VTD_IQERCD_IQEI(rig_read(&r, DMAR_IQERCD_REG));
}

static void start_small(unsigned slots, unsigned width)
{
	rig_config(&r, VTD_SPEC);
	r.cfg.slots = slots;
	rig_init(&r);
	rig_write(&r, DMAR_IQA_REG, RIG_MEM | (width == 256 ? VTD_IQA_DW : 0));
	rig_command(&r, VTD_GCMD_QIE, true);
}

static void fill_and_run(unsigned n)
{
	while (n--)
		rig_put_wait(&r, QI_IWD_SW, 0, 1);
	rig_doorbell(&r);
	rig_run(&r);
}

static void test_slots_and_laps(void **state)
{
	unsigned slots, width, i;

	(void)state;
	for (width = 128; width <= 256; width += 128) {
		for (slots = 4; slots <= 16; slots *= 2) {
			start_small(slots, width);
			for (i = 0; i < 7; i++)
				fill_and_run(slots - 1);
			assert_int_equal(r.nevent, 7 * (slots - 1));
			for (i = 0; i < r.nevent; i++) {
				assert_int_equal(r.event[i].slot, i % slots);
				assert_int_equal(r.event[i].lap, i / slots);
			}
			assert_int_equal(rig_read(&r, DMAR_IQH_REG), rig_read(&r, DMAR_IQT_REG));
		}
	}
}

/* The end of the ring, for each value of IQA.QS. */
static void test_ring_sizes(void **state)
{
	uint64_t qs, bytes, dw;

	(void)state;
	for (qs = 0; qs < 8; qs++) {
		for (dw = 0; dw <= VTD_IQA_DW; dw += VTD_IQA_DW) {
			rig_config(&r, VTD_SPEC);
			rig_init(&r);
			bytes = 4096ULL << qs;
			rig_write(&r, DMAR_IQA_REG, RIG_MEM | dw | qs);
			rig_command(&r, VTD_GCMD_QIE, true);
			if (qs < 7) { /* IQT cannot exceed the largest ring */
				rig_write(&r, DMAR_IQT_REG, bytes);
				rig_run(&r);
				assert_int_equal(iqei(), VTD_IQEI_TAIL);
				assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0);
				rig_write(&r, DMAR_IQT_REG, 0);
				rig_write(&r, DMAR_FSTS_REG, VTD_FSTS_IQE);
			}
			rig_write(&r, DMAR_IQT_REG, bytes - (dw ? 32 : 16));
			rig_run(&r);
			assert_int_equal(iqei(), VTD_IQEI_TYPE); /* there is no descriptor */
		}
	}
}

static void test_tail_in_the_small_ring(void **state)
{
	(void)state;
	start_small(4, 128);
	rig_write(&r, DMAR_IQT_REG, 0x40);
	rig_run(&r);
	assert_int_equal(iqei(), VTD_IQEI_TAIL);
}

static void test_bad_tail_is_seen_again(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_put(&r, good());
	rig_write(&r, DMAR_IQT_REG, 0x1000);
	rig_run(&r);
	assert_int_equal(iqei(), VTD_IQEI_TAIL);
	rig_write(&r, DMAR_FSTS_REG, VTD_FSTS_IQE);
	rig_run(&r);
	assert_int_equal(iqei(), VTD_IQEI_TAIL);
	rig_doorbell(&r);
	rig_write(&r, DMAR_FSTS_REG, VTD_FSTS_IQE);
	rig_run(&r);
	assert_int_equal(rig_read(&r, DMAR_FSTS_REG), 0);
	assert_string_equal(r.log, "x");
}

static void test_misaligned_tail(void **state)
{
	(void)state;
	rig_start(&r, 256);
	rig_put(&r, good());
	rig_write(&r, DMAR_IQT_REG, 0x30);
	rig_run(&r);
	assert_int_equal(iqei(), VTD_IQEI_TAIL_ALIGN);
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0);
}

static void test_tail_before_the_queue_is_on(void **state)
{
	(void)state;
	rig_config(&r, VTD_SPEC);
	rig_init(&r);
	rig_write(&r, DMAR_IQA_REG, RIG_MEM);
	rig_put(&r, good());
	rig_doorbell(&r);
	rig_run(&r);
	assert_string_equal(r.log, "");
	rig_command(&r, VTD_GCMD_QIE, true);
	rig_run(&r);
	assert_string_equal(r.log, "x");
}

static void test_no_memory(void **state)
{
	(void)state;
	rig_config(&r, VTD_SPEC);
	rig_init(&r);
	rig_write(&r, DMAR_IQA_REG, RIG_MEM - 0x1000);
	rig_command(&r, VTD_GCMD_QIE, true);
	rig_write(&r, DMAR_IQT_REG, 0x10);
	rig_run(&r);
	assert_int_equal(iqei(), VTD_IQEI_FETCH);
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0);
}

static void test_width_needs_scalable_mode(void **state)
{
	(void)state;
	rig_config(&r, VTD_SPEC);
	r.cfg.ecap &= ~VTD_ECAP_SMTS;
	rig_init(&r);
	rig_write(&r, DMAR_IQA_REG, RIG_MEM | VTD_IQA_DW);
	rig_command(&r, VTD_GCMD_QIE, true);
	assert_int_equal(rig_try(&r, good()), VTD_IQEI_WIDTH);
	assert_int_equal(rig_try(&r, bad), VTD_IQEI_WIDTH);
}

static void test_scalable_mode_needs_width(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_write(&r, DMAR_RTADDR_REG, 1 << 10);
	assert_int_equal(rig_try(&r, good()), -1); /* not latched yet */
	rig_command(&r, VTD_GCMD_SRTP, true);
	assert_int_equal(rig_try(&r, good()), VTD_IQEI_WIDTH);
	rig_write(&r, DMAR_RTADDR_REG, 3 << 10);
	rig_command(&r, VTD_GCMD_SRTP, true);
	assert_int_equal(rig_try(&r, good()), -1);

	rig_start(&r, 256);
	rig_write(&r, DMAR_RTADDR_REG, 1 << 10);
	rig_command(&r, VTD_GCMD_SRTP, true);
	assert_int_equal(rig_try(&r, good()), -1);
}

static void test_reserved_translation_mode(void **state)
{
	unsigned type;

	(void)state;
	rig_start(&r, 256);
	rig_write(&r, DMAR_RTADDR_REG, 2 << 10);
	rig_command(&r, VTD_GCMD_SRTP, true);
	assert_int_equal(rig_try(&r, good()), -1);
	assert_int_equal(rig_try(&r, qi_desc_page_response(0, false, 0, 0, 0, false)), -1);
	for (type = 6; type <= 8; type++) { /* the width is checked first */
		struct qi_desc d = { type | 0xfULL << 60, ~0ULL, 1, 1 };

		assert_int_equal(rig_try(&r, d), VTD_IQEI_TTM);
		d.qw0 |= 1 << 9; /* is another type */
		assert_int_equal(rig_try(&r, d), VTD_IQEI_TYPE);
	}
}

static void test_queue_error(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_put(&r, good());
	rig_put(&r, bad);
	rig_put_wait(&r, QI_IWD_SW, 0, 7);
	rig_doorbell(&r);
	rig_run(&r);
	assert_string_equal(r.log, "x"); /* what was fetched before it */
	assert_int_equal(rig_read(&r, DMAR_FSTS_REG), VTD_FSTS_IQE);
	assert_int_equal(iqei(), VTD_IQEI_TYPE);
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0x10);

	rig_doorbell(&r); /* does not help */
	rig_run(&r);
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0x10);
	rig_write(&r, DMAR_FSTS_REG, VTD_FSTS_IQE); /* nor does this alone */
	rig_run(&r);
	assert_int_equal(rig_read(&r, DMAR_FSTS_REG), VTD_FSTS_IQE);
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0x10);

	rig_defuse(&r, 1);
	rig_write(&r, DMAR_FSTS_REG, VTD_FSTS_IQE); /* IQT need not be written */
	rig_run(&r);
	assert_int_equal(rig_read(&r, DMAR_FSTS_REG), 0);
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0x30);
	assert_string_equal(r.log, "xxxw");
	assert_int_equal(rig_status(&r, 0), 7);
}

static void test_fetched_work_survives_a_queue_error(void **state)
{
	unsigned i;

	(void)state;
	rig_start(&r, 128);
	for (i = 0; i < 5; i++)
		rig_put_wait(&r, QI_IWD_SW, i, i + 1);
	rig_put(&r, bad);
	rig_doorbell(&r);
	for (i = 0; i < 5; i++)
		r.script[i] = i + 1; /* of the waits that could complete and the next fetch */
	for (i = 0; i < 6; i++)
		assert_int_equal(vtd_step(&r.u), VTD_FETCHED);
	assert_string_equal(r.log, "");
	assert_int_equal(rig_read(&r, DMAR_FSTS_REG), VTD_FSTS_IQE);
	rig_run(&r);
	for (i = 0; i < 5; i++)
		assert_int_equal(rig_status(&r, i), i + 1);
}

static void test_window(void **state)
{
	struct vtd_fault silent = { .kind = VTD_FAULT_SILENT, .sid = VTD_ANY_SID };
	unsigned window, i;

	(void)state;
	for (window = 1; window <= VTD_WINDOW; window++) {
		rig_config(&r, VTD_SPEC);
		r.cfg.window = window;
		rig_init(&r);
		rig_write(&r, DMAR_IQA_REG, RIG_MEM);
		rig_command(&r, VTD_GCMD_QIE, true);
		vtd_fault_arm(&r.u, &silent);
		for (i = 0; i < VTD_WINDOW + 8; i++)
			rig_put(&r, qi_desc_dev_tlb(1, 0, 0, 0, 0));
		rig_doorbell(&r);
		while (vtd_step(&r.u) != VTD_FAULTED)
			;
		assert_int_equal(rig_read(&r, DMAR_IQH_REG), window * 16);
	}
}

static void test_head_means_fetched(void **state)
{
	(void)state;
	rig_start(&r, 128);
	rig_put(&r, good());
	rig_doorbell(&r);
	assert_int_equal(vtd_step(&r.u), VTD_FETCHED);
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), rig_read(&r, DMAR_IQT_REG));
	assert_string_equal(r.log, "");
	assert_int_equal(vtd_step(&r.u), VTD_EXECUTED);
	assert_string_equal(r.log, "x");
	assert_int_equal(vtd_step(&r.u), VTD_IDLE);
}

static void test_off(void **state)
{
	(void)state;
	start_small(4, 128);
	fill_and_run(3);
	fill_and_run(3);
	rig_forget_log(&r);
	rig_put(&r, good());
	rig_put(&r, good());
	rig_doorbell(&r);
	assert_int_equal(vtd_step(&r.u), VTD_FETCHED);
	rig_command(&r, VTD_GCMD_QIE, false);
	assert_int_equal(rig_read(&r, DMAR_GSTS_REG), VTD_GSTS_QIES);
	assert_int_equal(vtd_step(&r.u), VTD_EXECUTED); /* what was fetched */
	assert_string_equal(r.log, "x");
	assert_int_equal(rig_read(&r, DMAR_GSTS_REG), VTD_GSTS_QIES);
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0x30);
	assert_int_equal(vtd_step(&r.u), VTD_EXECUTED); /* QIES */
	assert_int_equal(rig_read(&r, DMAR_GSTS_REG), 0);
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0);
	assert_int_equal(rig_read(&r, DMAR_IQT_REG), 0); /* was there already */
	assert_int_equal(vtd_step(&r.u), VTD_IDLE);
	assert_string_equal(r.log, "x"); /* the second was never fetched */

	rig_command(&r, VTD_GCMD_QIE, false); /* of no consequence */
	assert_int_equal(vtd_step(&r.u), VTD_IDLE);
	r.tail = 0;
	rig_command(&r, VTD_GCMD_QIE, true);
	fill_and_run(1);
	assert_int_equal(r.event[1].slot, 0);
	assert_int_equal(r.event[1].lap, 0);
}

static void test_off_and_on_again_at_once(void **state)
{
	(void)state;
	rig_start(&r, 128);
	fill_and_run(1);
	rig_command(&r, VTD_GCMD_QIE, false);
	rig_write(&r, DMAR_GCMD_REG, VTD_GCMD_QIE);
	fill_and_run(1);
	assert_string_equal(r.log, "xwxw");
	assert_int_equal(rig_read(&r, DMAR_GSTS_REG), VTD_GSTS_QIES);
	assert_int_equal(rig_read(&r, DMAR_IQH_REG), 0x20); /* never off, never reset */
}

/* It has no such tables, and no types that need them. */
static void test_table_mode_without_scalable_mode(void **state)
{
	unsigned mode;

	(void)state;
	for (mode = 0; mode < 4; mode++) {
		rig_config(&r, VTD_SPEC);
		r.cfg.ecap &= ~VTD_ECAP_SMTS;
		rig_init(&r);
		rig_write(&r, DMAR_IQA_REG, RIG_MEM);
		rig_write(&r, DMAR_RTADDR_REG, mode << 10);
		rig_command(&r, VTD_GCMD_SRTP, true);
		rig_command(&r, VTD_GCMD_QIE, true);
		assert_int_equal(rig_try(&r, good()), -1);
		assert_int_equal(rig_try(&r, qi_desc_pasid_cache(QI_PC_GLOBAL, 0, 0)),
				 VTD_IQEI_TYPE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slots_and_laps),
		cmocka_unit_test(test_ring_sizes),
		cmocka_unit_test(test_tail_in_the_small_ring),
		cmocka_unit_test(test_bad_tail_is_seen_again),
		cmocka_unit_test(test_misaligned_tail),
		cmocka_unit_test(test_tail_before_the_queue_is_on),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_width_needs_scalable_mode),
		cmocka_unit_test(test_scalable_mode_needs_width),
		cmocka_unit_test(test_reserved_translation_mode),
		cmocka_unit_test(test_table_mode_without_scalable_mode),
		cmocka_unit_test(test_queue_error),
		cmocka_unit_test(test_fetched_work_survives_a_queue_error),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_head_means_fetched),
		cmocka_unit_test(test_off),
		cmocka_unit_test(test_off_and_on_again_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
