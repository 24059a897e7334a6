/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The unit with translation, with arbitrary memory, registers, requests and choices: the harness of
 * libFuzzer (fuzz/translation.c, whose assertions count) with pseudo-random input that is the same
 * each time, so that every build and every sanitizer runs it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define INPUTS 6000
#define BYTES 1200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* SplitMix64 */
static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static void check_any(void **state)
{
	static uint8_t data[BYTES];
	uint64_t random = 1;

	(void)state;
	for (unsigned i = 0; i < INPUTS; i++) {
		size_t size = next(&random) % BYTES;

		for (size_t k = 0; k < size; k++)
			data[k] = (uint8_t)next(&random);
		/* Mostly a unit with all capabilities. */
		if (i % 4)
			for (size_t k = 1; k < 17 && k < size; k++)
				data[k] = 0xff;
		LLVMFuzzerTestOneInput(data, size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(check_any) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
