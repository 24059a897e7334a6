/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Fuzzing against a model: no difference between equal units, and precise reports of planted ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <conform/fuzz_internal.h>
#include <qinval/desc.h>
#include <qinval/regs.h>

static struct fuzz_result r;

static const struct conform_device *start(enum vtd_profile profile, uint64_t seed)
{
	const struct conform_sim_config cfg = { .profile = profile, .seed = seed };
	const struct conform_device *dev = conform_sim_start(&cfg);

	assert_non_null(dev);
	return dev;
}

/* Software sees no difference, whatever a unit chooses where the specification permits it. */
static void test_silent(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 10; seed++) {
		enum vtd_profile profile = seed % 3 ? VTD_SPEC : VTD_QEMU_7_2;
		const struct conform_device *dev = start(profile, seed);

		assert_true(fuzz_run(dev, profile, seed, 20000, NULL, &r));
		if (r.differs)
			fail_msg("seed %d: %s", (int)seed, r.difference);
		assert_true(r.descriptors >= 20000);
		assert_in_range(r.executed, r.descriptors / 2, r.descriptors * 2);
		assert_in_range(r.refused, r.descriptors / 200, r.descriptors / 5);
		assert_true(r.messages > r.descriptors / 200);
		assert_int_equal(r.fatal != 0, profile == VTD_QEMU_7_2);
		assert_int_equal(r.nfatals, profile == VTD_QEMU_7_2);
		conform_sim_stop(dev);
	}
}

static bool is_fatal(const struct fuzz_op *op)
{
	return op->kind == FUZZ_PUT && (op->qw[0] & 0xff) == (QI_IWD_TYPE | QI_IWD_SW | QI_IWD_IF);
}

/* Streams that stop the unit are listed separately, minimised. */
static void test_fatal(void **state)
{
	const struct conform_device *dev = start(VTD_QEMU_7_2, 1);

	(void)state;
	assert_true(fuzz_run(dev, VTD_QEMU_7_2, 1, 20000, NULL, &r));
	assert_int_equal(r.nfatals, 1);
	for (unsigned k = 0; k < r.nfatals; k++) {
		const struct fuzz_stream *s = &r.fatals[k];
		unsigned fatal = 0;

		assert_in_range(s->ops, 3, 5);
		for (unsigned i = 0; i < s->ops; i++)
			fatal += is_fatal(&s->op[i]);
		assert_int_equal(fatal, 1);
	}
	conform_sim_stop(dev);
}

/* The stream is minimal: without any one of its operations there is no difference. */
static void check_minimal(const struct conform_device *dev, enum vtd_profile profile)
{
	struct fuzz_stream *s = malloc(sizeof(*s));
	struct fuzz_pair pair;

	assert_non_null(s);
	assert_true(fuzz_pair_start(&pair, dev, profile));
	*s = r.stream;
	assert_int_equal(fuzz_replay(&pair, s, false), FUZZ_DIFFER);
	for (unsigned i = 0; i < r.stream.ops; i++) {
		*s = r.stream;
		memmove(s->op + i, s->op + i + 1, (s->ops - i - 1) * sizeof(*s->op));
		s->ops--;
		assert_int_not_equal(fuzz_replay(&pair, s, false), FUZZ_DIFFER);
	}
	fuzz_pair_stop(&pair);
	free(s);
}

static void test_difference(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		const struct conform_device *dev = start(VTD_QEMU_7_2, seed);

		assert_true(fuzz_run(dev, VTD_SPEC, seed, 20000, NULL, &r));
		assert_true(r.differs);
		assert_true(*r.difference);
		assert_in_range(r.stream.ops, 1, 8);
		check_minimal(dev, VTD_SPEC);
		conform_sim_stop(dev);
	}
}

/* ---- A device that stops if the last descriptor invalidates interrupt entries ---- */

static const struct conform_device *real;
static bool ended;

static bool ending_reset(void *ctx)
{
	ended = false;
	return real->reset(ctx);
}

static uint64_t ending_read(void *ctx, unsigned reg, unsigned size)
{
	if (ended)
		return size == 8 ? ~0ULL : 0xffffffff;
	return real->read(ctx, reg, size);
}

static void ending_write(void *ctx, unsigned reg, uint64_t value, unsigned size)
{
	uint64_t qw0;

	if (reg == DMAR_IQT_REG && value >= 16 && value < 0x4000) {
		real->load(ctx, real->memory + value - 16, &qw0, sizeof(qw0));
		ended |= (qw0 & 0xf) == QI_IEC_TYPE;
	}
	real->write(ctx, reg, value, size);
}

static void test_end(void **state)
{
	struct conform_device dev;
	bool found = false;

	(void)state;
	real = start(VTD_SPEC, 1);
	dev = *real;
	dev.reset = ending_reset;
	dev.read = ending_read;
	dev.write = ending_write;
	assert_true(fuzz_run(&dev, VTD_SPEC, 1, 20000, NULL, &r));
	assert_true(r.differs);
	assert_string_equal(r.difference, "the device stops answering");
	for (unsigned i = 0; i < r.stream.ops; i++)
		found |= r.stream.op[i].kind == FUZZ_PUT &&
			 (r.stream.op[i].qw[0] & 0xf) == QI_IEC_TYPE;
	assert_true(found);
	assert_in_range(r.stream.ops, 1, 2);
	conform_sim_stop(real);
}

/* The same seed makes the same streams. */
static void test_seed(void **state)
{
	const struct conform_device *dev = start(VTD_SPEC, 1);
	uint64_t executed, refused;

	(void)state;
	assert_true(fuzz_run(dev, VTD_SPEC, 7, 5000, NULL, &r));
	executed = r.executed;
	refused = r.refused;
	assert_true(fuzz_run(dev, VTD_SPEC, 7, 5000, NULL, &r));
	assert_int_equal(r.executed, executed);
	assert_int_equal(r.refused, refused);
	assert_true(fuzz_run(dev, VTD_SPEC, 8, 5000, NULL, &r));
	assert_int_not_equal(r.executed, executed);
	conform_sim_stop(dev);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_silent),	   cmocka_unit_test(test_fatal),
		cmocka_unit_test(test_difference), cmocka_unit_test(test_end),
		cmocka_unit_test(test_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
