/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * hooks_copy.c - the memory functions of the C library. They work in words if both addresses are
 * aligned alike.
 */
#include <string.h>

#include "foreign.h"
#include "op.h"

/* Compilers call these; no header declares them. */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"

struct wide {
	uint64_t word[4];
} __attribute__((packed, may_alias));

struct narrow {
	uint64_t word;
} __attribute__((packed, may_alias));

/* For calls outside of actors, that is from the rest of the program. Most copies are small. */
static void plain_copy(void *to, const void *from, size_t n)
{
	for (; n >= sizeof(struct wide); n -= sizeof(struct wide)) {
		*(struct wide *)to = *(const struct wide *)from;
		to = (struct wide *)to + 1;
		from = (const struct wide *)from + 1;
	}
	for (; n >= sizeof(struct narrow); n -= sizeof(struct narrow)) {
		*(struct narrow *)to = *(const struct narrow *)from;
		to = (struct narrow *)to + 1;
		from = (const struct narrow *)from + 1;
	}
	for (; n; n--, to = (char *)to + 1, from = (const char *)from + 1)
		*(char *)to = *(const char *)from;
}

static void plain_set(void *to, uint64_t word, size_t n)
{
	const struct wide wide = { { word, word, word, word } };

	for (; n >= sizeof(wide); n -= sizeof(wide), to = (struct wide *)to + 1)
		*(struct wide *)to = wide;
	for (; n >= sizeof(word); n -= sizeof(word), to = (struct narrow *)to + 1)
		((struct narrow *)to)->word = word;
	for (; n; n--, to = (char *)to + 1)
		*(uint8_t *)to = (uint8_t)word;
}

static void copy_back(void *to, const void *from, size_t n)
{
	char *d = (char *)to + n - 1;
	const char *s = (const char *)from + n - 1;

	__asm__ volatile("std; rep movsb; cld" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
}

static size_t word_at(uintptr_t to, uintptr_t from, size_t n)
{
	size_t size = 8;

	while (size > n || (to | from) & (size - 1))
		size /= 2;
	return size;
}

static void move_word(uintptr_t to, uintptr_t from, size_t size, const void *here)
{
	uint64_t value = lab_trap(OP_WHAT(OP_LOAD, size), from, 0, 0, here);

	lab_trap(OP_WHAT(OP_STORE, size), to, value, 0, here);
}

static void actor_copy(uintptr_t to, uintptr_t from, size_t n, const void *here)
{
	size_t size;

	for (; n; n -= size, to += size, from += size) {
		size = word_at(to, from, n);
		move_word(to, from, size, here);
	}
}

static void actor_copy_back(uintptr_t to, uintptr_t from, size_t n, const void *here)
{
	size_t size;

	for (; n; n -= size) {
		size = word_at(to + n, from + n, n);
		move_word(to + n - size, from + n - size, size, here);
	}
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	if (lab_mode)
		actor_copy((uintptr_t)to, (uintptr_t)from, n, OP_HERE);
	else
		plain_copy(to, from, n);
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	bool overlap = (uintptr_t)to - (uintptr_t)from < n;

	if (lab_mode && overlap)
		actor_copy_back((uintptr_t)to, (uintptr_t)from, n, OP_HERE);
	else if (lab_mode)
		actor_copy((uintptr_t)to, (uintptr_t)from, n, OP_HERE);
	else if (overlap && n)
		copy_back(to, from, n);
	else
		plain_copy(to, from, n);
	return to;
}

void *memset(void *to, int c, size_t n)
{
	uint64_t word = 0x0101010101010101ULL * (uint8_t)c;
	uintptr_t at = (uintptr_t)to;
	size_t size;

	if (!lab_mode) {
		plain_set(to, word, n);
		return to;
	}
	for (; n; n -= size, at += size) {
		size = word_at(at, 0, n);
		lab_trap(OP_WHAT(OP_STORE, size), at, word, 0, OP_HERE);
	}
	return to;
}

void *__tsan_memcpy(void *restrict to, const void *restrict from, size_t n)
{
	return memcpy(to, from, n);
}

void *__tsan_memmove(void *to, const void *from, size_t n)
{
	return memmove(to, from, n);
}

void *__tsan_memset(void *to, int c, size_t n)
{
	return memset(to, c, n);
}

int foreign_memcmp(const void *one, const void *other, size_t n)
{
	uintptr_t p = (uintptr_t)one, q = (uintptr_t)other;
	uint64_t a, b;
	size_t size;

	for (; n; n -= size, p += size, q += size) {
		size = word_at(p, q, n);
		a = lab_trap(OP_WHAT(OP_LOAD, size), p, 0, 0, OP_HERE);
		b = lab_trap(OP_WHAT(OP_LOAD, size), q, 0, 0, OP_HERE);
		if (a != b) /* compare in memory order */
			return __builtin_bswap64(a) < __builtin_bswap64(b) ? -1 : 1;
	}
	return 0;
}
