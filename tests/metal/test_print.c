/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Formatting for the bare-metal consoles, compared with the C library's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The same source as in the bare-metal kernel. */
#include <metal/print.c>

void console_write(const char *text, size_t n)
{
	(void)text;
	(void)n;
}

#define SAME(...)                                                                   \
	do {                                                                        \
		char ours[64], theirs[64];                                          \
		size_t n = format(ours, sizeof(ours), __VA_ARGS__);                 \
                                                                                    \
		assert_int_equal(n, snprintf(theirs, sizeof(theirs), __VA_ARGS__)); \
		assert_string_equal(ours, theirs);                                  \
	} while (0)

static void formats_as_the_library(void **state)
{
	(void)state;
	SAME("plain");
	SAME("100%%");
	SAME("%s|%5s|%-5s|%2s", "abc", "abc", "abc", "abc");
	SAME("%c%3c|%-3c|", 'x', 'y', 'z');
	SAME("%u %5u %-5u| %05u", 42U, 42U, 42U, 42U);
	SAME("%d %d %4d %d", -1, INT32_MIN, -7, INT32_MAX);
	SAME("%x %8x %08x", 0xbeefU, 0xbeefU, 0xbeefU);
	SAME("%lu %lx %ld", UINT64_MAX, UINT64_MAX, INT64_MIN);
	SAME("%llu %llx", 0ULL, 1ULL << 63);
}

static void cuts_what_does_not_fit(void **state)
{
	char buf[6];

	(void)state;
	memset(buf, 'x', sizeof(buf));
	assert_int_equal(format(buf, 4, "%s", "abcdef"), 3);
	assert_memory_equal(buf, "abc\0xx", 6);
	assert_int_equal(format(buf, 1, "%u", 7U), 0);
	assert_string_equal(buf, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_as_the_library),
		cmocka_unit_test(cuts_what_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
