/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * assembly.c - code is searched for a few bytes, not disassembled. Constants may contain the same
 * bytes; so a short pattern counts only if the source has assembly there.
 */
#include "assembly.h"

#include <stdbool.h>
#include <string.h>

#include "story_source.h"
#include "symbol.h"

#define LOCK 0xf0
#define NEAR 3 /* lines */

static bool is_in_source(const uint8_t *at)
{
	struct symbol_place p = symbol_place((uintptr_t)at + 1);
	const char *text;
	int line;

	for (line = p.line - NEAR; line <= p.line + NEAR; line++) {
		text = p.path ? story_source(&p, line, NULL) : NULL;
		if (text && strstr(text, "asm"))
			return true;
	}
	return false;
}

/* CMPXCHG, XADD, BTS, BTR, BTC with a memory operand: 0f after the prefixes. */
static bool is_long(const uint8_t *at)
{
	return at[0] == 0x0f && memchr("\xb0\xb1\xc0\xc1\xab\xb3\xbb\xba", at[1], 8) &&
	       at[2] >> 6 != 3;
}

/* ADD and similar instructions, INC, DEC, NOT, NEG. */
static bool is_short(const uint8_t *at)
{
	unsigned reg = at[1] >> 3 & 7;

	if (at[1] >> 6 == 3)
		return false;
	if (at[0] < 0x38)
		return (at[0] & 7) <= 1;
	return ((at[0] == 0x80 || at[0] == 0x81 || at[0] == 0x83) && reg != 7) ||
	       ((at[0] == 0xf6 || at[0] == 0xf7) && (reg == 2 || reg == 3)) ||
	       ((at[0] == 0xfe || at[0] == 0xff) && reg <= 1);
}

static bool is_locked(const uint8_t *at)
{
	const uint8_t *op = at + 1;

	if (at[0] != LOCK)
		return false;
	if (*op == 0x66)
		op++;
	if ((*op & 0xf0) == 0x40)
		op++;
	return is_long(op) || (is_short(op) && is_in_source(at));
}

const uint8_t *assembly_find(const uint8_t *code, size_t n)
{
	size_t i;

	for (i = 0; i + 6 <= n; i++) {
		if (!memcmp(code + i, "\x0f\xae\xf0", 3) || is_locked(code + i)) /* MFENCE */
			return code + i;
	}
	return NULL;
}
