/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Two instructions of the wait loop can be recognised alone: the comparison of a word in memory
 * with QI_ABORT (3), and the read at offset 0x34, that of FSTS. Their operands name the registers
 * that hold the slot and the value of FSTS.
 */
#include "code_bytes.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define QI_ABORT 3
#define STATUS_BYTES 1024
#define SLOTS 256
#define FSTS 0x34

static int hex_digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void code_read(struct code *c, const char *s)
{
	c->bytes = 0;
	c->at = -1;
	while (c->bytes < CODE_BYTES) {
		bool marked;

		s += strspn(s, " \t\n");
		marked = *s == '<';
		s += marked;
		/* A byte that is split by the line's end, or the end of the bytes. */
		if (hex_digit(s[0]) < 0 || hex_digit(s[1]) < 0)
			return;
		if (marked)
			c->at = (int)c->bytes;
		c->byte[c->bytes++] = (uint8_t)(hex_digit(s[0]) << 4 | hex_digit(s[1]));
		s += 2 + (marked && s[2] == '>');
	}
}

/* Which register's name ends at @colon: "RAX:", "R08:", "R8:"; CODE_REGISTERS: none's. */
static unsigned register_before(const char *s, const char *colon)
{
	static const char names[CODE_REGISTERS][4] = { "RAX", "RCX", "RDX", "RBX", "RSP", "RBP",
						       "RSI", "RDI", "R08", "R09", "R10", "R11",
						       "R12", "R13", "R14", "R15" };
	unsigned i = 0;

	if (colon - s >= 2 && colon[-2] == 'R' && (colon[-1] == '8' || colon[-1] == '9'))
		return (unsigned)(colon[-1] - '0');
	if (colon - s < 3 || colon[-3] != 'R')
		return CODE_REGISTERS;
	while (i < CODE_REGISTERS && memcmp(colon - 3, names[i], 3))
		i++;
	return i;
}

void code_registers(struct code *c, const char *s)
{
	for (const char *at = s; (at = strchr(at, ':')); at++) {
		const unsigned i = register_before(s, at);
		const char *digits = at + 1 + strspn(at + 1, " ");

		if (i == CODE_REGISTERS || strspn(digits, "0123456789abcdef") != 16)
			continue;
		c->reg[i] = strtoull(digits, NULL, 16);
		c->known[i] = true;
	}
}

/* Cmpl $3, (base,index,scale), with or without a REX prefix. */
static bool compare_abort(const struct code *c, unsigned i, unsigned *slot)
{
	unsigned rex = 0, base, index, scale, value;
	uint64_t offset;

	if ((c->byte[i] & 0xf0) == 0x40)
		rex = c->byte[i++];
	if (i + 3 > c->bytes || c->byte[i] != 0x83)
		return false;
	/*
	 * R13 and RBP as base need an offset, which is 0 here; without offset the encoding means
	 * "no base".
	 */
	if (c->byte[i + 1] == 0x3c && (c->byte[i + 2] & 7) != 5)
		value = i + 3;
	else if (c->byte[i + 1] == 0x7c && i + 3 < c->bytes && !c->byte[i + 3])
		value = i + 4;
	else
		return false;
	if (value >= c->bytes || c->byte[value] != QI_ABORT)
		return false;
	scale = 1U << (c->byte[i + 2] >> 6);
	index = (c->byte[i + 2] >> 3 & 7) | (rex & 2) << 2;
	base = (c->byte[i + 2] & 7) | (rex & 1) << 3;
	if (!c->known[index] || !c->known[base])
		return false;
	/*
	 * Either register may be the array's address; the other one, times the scale, is the
	 * offset.
	 */
	if (!(c->reg[base] % STATUS_BYTES))
		offset = c->reg[index] * scale;
	else if (scale == 1 && !(c->reg[index] % STATUS_BYTES))
		offset = c->reg[base];
	else
		return false;
	if (offset >= STATUS_BYTES || offset % 4)
		return false;
	*slot = (unsigned)offset / 4;
	return true;
}

bool code_slot(const struct code *c, unsigned *slot)
{
	for (unsigned i = 0; i < c->bytes; i++)
		if (compare_abort(c, i, slot))
			return true;
	return false;
}

/* Movl FSTS(base), reg directly before the marked instruction: reg has not changed since. */
bool code_fault_status(const struct code *c, uint32_t *fsts)
{
	unsigned reg, i = (unsigned)c->at - 3;

	if (c->at < 3 || c->byte[i] != 0x8b || c->byte[i + 2] != FSTS ||
	    (c->byte[i + 1] & 0xc0) != 0x40 || (c->byte[i + 1] & 7) == 4)
		return false;
	reg = c->byte[i + 1] >> 3 & 7;
	if (c->at >= 4 && (c->byte[i - 1] & 0xf8) == 0x40)
		reg |= (c->byte[i - 1] & 4U) << 1;
	if (!c->known[reg] || c->reg[reg] > UINT32_MAX)
		return false;
	*fsts = (uint32_t)c->reg[reg];
	return true;
}

/* True if the four bytes of the constant @value occur. */
static bool has_constant(const struct code *c, unsigned value)
{
	for (unsigned i = 0; i + 4 <= c->bytes; i++)
		if (c->byte[i] == value && !c->byte[i + 1] && !c->byte[i + 2] && !c->byte[i + 3])
			return true;
	return false;
}

/* A slot in a register; after the addition it may exceed 255 until it is taken modulo 256. */
static bool register_slot(const struct code *c, unsigned reg, unsigned *slot)
{
	if (!c->known[reg] || c->reg[reg] >= 2 * SLOTS)
		return false;
	*slot = (unsigned)c->reg[reg] % SLOTS;
	return true;
}

/* Cmpl reg, reg; jne back: compares two slots. */
static bool compared_slots(const struct code *c, unsigned *head, unsigned *tail)
{
	for (unsigned i = 0; i + 4 <= c->bytes; i++) {
		const unsigned rex = i && (c->byte[i - 1] & 0xf8) == 0x40 ? c->byte[i - 1] : 0;
		const unsigned a = (c->byte[i + 1] >> 3 & 7) | (rex & 4) << 1;
		const unsigned b = (c->byte[i + 1] & 7) | (rex & 1) << 3;

		if (c->byte[i] != 0x39 || c->byte[i + 1] < 0xc0 || c->byte[i + 2] != 0x75 ||
		    c->byte[i + 3] < 0x80)
			continue;
		if (register_slot(c, a, head) && register_slot(c, b, tail))
			return true;
	}
	return false;
}

/* addl $254, reg */
static bool added_slot(const struct code *c, unsigned *head)
{
	for (unsigned i = 0; i + 6 <= c->bytes; i++) {
		const unsigned rex = i && (c->byte[i - 1] & 0xf8) == 0x40 ? c->byte[i - 1] : 0;
		const unsigned reg = (c->byte[i + 1] & 7) | (rex & 1) << 3;

		if (c->byte[i] == 0x81 && (c->byte[i + 1] & 0xf8) == 0xc0 &&
		    c->byte[i + 2] == SLOTS - 2 && register_slot(c, reg, head))
			return true;
	}
	return false;
}

bool code_abort_walk(const struct code *c, unsigned *head, unsigned *tail)
{
	/* QI_ABORT is stored, and going back by two is adding 254. */
	if (!has_constant(c, QI_ABORT) || !has_constant(c, SLOTS - 2))
		return false;
	if (compared_slots(c, head, tail))
		return true;
	*tail = CODE_NO_SLOT;
	return added_slot(c, head);
}
