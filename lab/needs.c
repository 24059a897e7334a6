/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "needs.h"

#include "memory.h"

#define WORD 4 /* bytes */

/* The addresses of the words that have numbers, and a hash table of numbers + 1. */
#define PLACES (4 * NEEDS)
static uintptr_t address[NEEDS];
static uint16_t number_at[PLACES];
static unsigned nwords = 1;

/* The number of a word for which no number is left. A set that contains it is not complete. */
#define TOO_MANY 0

static unsigned number_of(uintptr_t word)
{
	unsigned at = (unsigned)(word * 0x9e3779b97f4a7c15ULL >> 40) % PLACES;

	for (; number_at[at]; at = (at + 1) % PLACES) {
		if (address[number_at[at] - 1] == word)
			return number_at[at] - 1U;
	}
	if (nwords == NEEDS)
		return TOO_MANY;
	address[nwords] = word;
	number_at[at] = (uint16_t)++nwords;
	return nwords - 1;
}

void needs_add(struct needs *w, uintptr_t addr, size_t size)
{
	uintptr_t at;
	unsigned number;

	/* Constants are not part of the state. */
	if (!memory_valid(addr, size))
		return;
	for (at = addr & ~(uintptr_t)(WORD - 1); at < addr + size; at += WORD) {
		number = number_of(at);
		w->bit[number / 64] |= 1ULL << number % 64;
	}
}

bool needs_merge(struct needs *to, const struct needs *more)
{
	uint64_t news = 0;
	unsigned i;

	for (i = 0; i < NEEDS / 64; i++) {
		news |= more->bit[i] & ~to->bit[i];
		to->bit[i] |= more->bit[i];
	}
	return news;
}

bool needs_complete(const struct needs *w)
{
	return !(w->bit[TOO_MANY / 64] & 1ULL << TOO_MANY % 64);
}

uintptr_t needs_address(unsigned number)
{
	return address[number];
}
