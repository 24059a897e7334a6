/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Which devices are in a domain: domains.c of linux/, with tables made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <qinval/regs.h>

#include "domains.h"

#define PAGES 16
#define WORDS 512 /* of a page */
#define BAD 9	  /* a page that cannot be read */

#define AT(page) ((uint64_t)(page) << PAGE_SHIFT)
#define LEGACY AT(1)
#define SCALABLE (AT(1) | VTD_TTM_SCALABLE << 10)

static uint64_t memory[PAGES][WORDS];

bool pfn_valid(unsigned long pfn)
{
	return pfn < PAGES;
}

const void *phys_to_virt(u64 at)
{
	return (const char *)memory + at;
}

long copy_from_kernel_nofault(void *to, const void *from, size_t bytes)
{
	size_t page = (size_t)((const char *)from - (const char *)memory) >> PAGE_SHIFT;

	if (page == BAD)
		return -EFAULT;
	memcpy(to, from, bytes);
	return 0;
}

static int setup(void **state)
{
	(void)state;
	memset(memory, 0, sizeof(memory));
	return 0;
}

/* ---- legacy mode: page 1 is the root, page 2 the context table of bus 1 ---- */

static void legacy(void **state)
{
	(void)state;
	memory[1][2 * 1] = AT(2) | 1;
	memory[2][2 * 0x18] = AT(5) | 1;
	memory[2][2 * 0x18 + 1] = 0x1234 << 8 | 2;
	memory[2][2 * 0xff] = AT(5) | 1;
	memory[2][2 * 0xff + 1] = 7 << 8 | 2;
	assert_true(domains_may_have(LEGACY, 0x118, 0x1234));
	assert_false(domains_may_have(LEGACY, 0x118, 0x34));
	assert_false(domains_may_have(LEGACY, 0x118, 7));
	assert_true(domains_may_have(LEGACY, 0x1ff, 7));

	/* No entry, and no table of the bus. */
	assert_false(domains_may_have(LEGACY, 0x119, 0));
	assert_false(domains_may_have(LEGACY, 0x018, 0x1234));
	memory[2][2 * 0x18] = AT(5);
	assert_false(domains_may_have(LEGACY, 0x118, 0x1234));
}

/* ---- scalable mode: page 3 for the upper half, 4 and 10 the directories, 6 and 7 PASIDs ---- */

static void make_scalable(void)
{
	memory[1][2 * 1] = AT(2) | 1;
	memory[1][2 * 1 + 1] = AT(3) | 1;
	memory[2][4 * 0x18] = AT(4) | 1;
	memory[3][4 * 0x18] = AT(10) | 1;
	memory[4][0] = AT(6) | 1;
	memory[6][0] = 1;
	memory[6][1] = 0x1234;
	memory[10][127] = AT(7) | 1;
	memory[7][8 * 63] = 1;
	memory[7][8 * 63 + 1] = 1ULL << 16 | 5;
}

static void scalable(void **state)
{
	(void)state;
	make_scalable();
	assert_true(domains_may_have(SCALABLE, 0x118, 0x1234));
	assert_false(domains_may_have(SCALABLE, 0x118, 5));
	assert_true(domains_may_have(SCALABLE, 0x198, 5));
	assert_false(domains_may_have(SCALABLE, 0x198, 0x1234));
	assert_false(domains_may_have(SCALABLE, 0x198, 0));

	assert_false(domains_may_have(SCALABLE, 0x119, 0x1234));
	memory[6][0] = 0;
	assert_false(domains_may_have(SCALABLE, 0x118, 0x1234));
	memory[3][4 * 0x18] = AT(10);
	assert_false(domains_may_have(SCALABLE, 0x198, 5));
}

/* A directory has as many entries as PDTS says, in several pages. */
static void directory(void **state)
{
	(void)state;
	make_scalable();
	memory[10][127] = 0;
	memory[11][511] = AT(7) | 1;
	assert_false(domains_may_have(SCALABLE, 0x198, 5));
	memory[3][4 * 0x18] |= 2 << 9; /* 512 */
	assert_false(domains_may_have(SCALABLE, 0x198, 5));
	memory[3][4 * 0x18] |= 3 << 9; /* 1024 */
	assert_true(domains_may_have(SCALABLE, 0x198, 5));
}

/* ---- what is not known ---- */

static void doubt(void **state)
{
	(void)state;
	assert_true(domains_may_have(0, 0x118, 3));
	assert_true(domains_may_have(~0ULL, 0x118, 3));
	assert_true(domains_may_have(AT(1) | VTD_TTM_ABORT << 10, 0x118, 3));
	assert_true(domains_may_have(AT(PAGES), 0x118, 3));
	assert_true(domains_may_have(AT(BAD), 0x118, 3));

	memory[1][2 * 1] = AT(BAD) | 1;
	assert_true(domains_may_have(LEGACY, 0x118, 3));
	assert_true(domains_may_have(SCALABLE, 0x118, 3));
	make_scalable();
	memory[4][1] = AT(BAD) | 1;
	assert_true(domains_may_have(SCALABLE, 0x118, 3));
	memory[3][4 * 0x18] = AT(BAD) | 1;
	assert_true(domains_may_have(SCALABLE, 0x198, 3));
}

#define T(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(legacy),
		T(scalable),
		T(directory),
		T(doubt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
