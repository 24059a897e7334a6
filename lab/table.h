/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* table.h - hashes, and hash tables of numbers. */
#ifndef LAB_TABLE_H
#define LAB_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A word that is often written has a cache line of its own, as all CPUs read its neighbours. */
#define LINE __attribute__((aligned(64)))

/*
 * An open-addressing table of words: a number in the low half, and the high 32 bits of its hash
 * above. The highest bits decide where a search begins. 0: empty.
 */
struct table {
	uint64_t *slot;
	uint64_t size; /* a power of two */
	uint64_t used LINE;
};

static inline uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
	return hash << 29 | hash >> 35;
}

static inline uint64_t word_at(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

/*
 * `length` is a multiple of four. The quality of the hash affects speed only, as contents are
 * compared.
 */
static inline uint64_t hash_of(const void *bytes, size_t length)
{
	const char *p = bytes, *end = p + length;
	uint64_t a = length, b = 0, c = 0, d = 0;
	uint32_t rest;

	for (; end - p >= 32; p += 32) {
		a = mix(a, word_at(p));
		b = mix(b, word_at(p + 8));
		c = mix(c, word_at(p + 16));
		d = mix(d, word_at(p + 24));
	}
	for (; end - p >= 8; p += 8)
		a = mix(a, word_at(p));
	if (p < end) {
		memcpy(&rest, p, sizeof(rest));
		a = mix(a, rest);
	}
	return mix(mix(a, b), mix(c, d));
}

static inline uint64_t entry(uint64_t hash, uint32_t id)
{
	return (hash & ~0xffffffffULL) | id;
}

/* The slot at which a search for this hash or entry begins. */
static inline uint64_t slot_of(const struct table *t, uint64_t hash)
{
	return hash >> (64 - __builtin_ctzll(t->size));
}

static inline uint64_t next_slot(const struct table *t, uint64_t at)
{
	return (at + 1) & (t->size - 1);
}

#endif
