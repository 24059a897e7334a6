/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "footprint.h"

#include <string.h>
#include <sys/mman.h>

#define WORD 4	  /* bytes */
#define PROBES 64 /* bits to try before a word shares one */

/*
 * The bit of a word is its place in this table of open addressing, which all processes share. An
 * entry is written once, by compare-and-swap, and never removed. So a word that finds its
 * neighbourhood full will always find it full, and always gets the same bit.
 */
static uint64_t *word_of;

bool footprint_open(void)
{
	void *p = mmap(NULL, FOOTPRINT_THINGS * sizeof(*word_of), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	word_of = p == MAP_FAILED ? NULL : p;
	return word_of;
}

static unsigned thing_at(uint64_t word)
{
	const unsigned n = FOOTPRINT_THINGS - FOOTPRINT_WORDS;
	unsigned first = (unsigned)((word * 0x9e3779b97f4a7c15ULL) >> 32) % n, i;

	for (i = 0; i < PROBES; i++) {
		uint64_t *at = &word_of[FOOTPRINT_WORDS + (first + i) % n], is;

		is = __atomic_load_n(at, __ATOMIC_RELAXED);
		if (!is && __atomic_compare_exchange_n(at, &is, word, false, __ATOMIC_RELAXED,
						       __ATOMIC_RELAXED))
			is = word;
		if (is == word)
			return FOOTPRINT_WORDS + (first + i) % n;
	}
	return FOOTPRINT_WORDS + first;
}

void footprint_memory(struct footprint *f, uintptr_t addr, size_t size, bool write)
{
	uint64_t word;

	for (word = addr / WORD; word <= (addr + size - 1) / WORD; word++) {
		if (write)
			footprint_write(f, thing_at(word));
		else
			footprint_read(f, thing_at(word));
	}
}

void footprint_anything(struct footprint *f)
{
	memset(f, 0xff, sizeof(*f));
}

bool footprint_is_anything(const struct footprint *f)
{
	struct footprint all;

	footprint_anything(&all);
	return !memcmp(f, &all, sizeof(all));
}

bool footprint_add(struct footprint *to, const struct footprint *more)
{
	uint64_t news = 0;
	unsigned i;

	for (i = 0; i < FOOTPRINT_THINGS / 64; i++) {
		news |= (more->read[i] & ~to->read[i]) | (more->write[i] & ~to->write[i]);
		to->read[i] |= more->read[i];
		to->write[i] |= more->write[i];
	}
	return news;
}

/* All of these things are in the first word. */
#define MAKES_POSSIBLE (1ULL << FOOTPRINT_END | 1ULL << FOOTPRINT_LOCKS)

static uint64_t common(const struct footprint *a, const struct footprint *b, uint64_t but)
{
	uint64_t both = 0, here;
	unsigned i;

	for (i = 0; i < FOOTPRINT_THINGS / 64; i++) {
		here = (a->write[i] & (b->read[i] | b->write[i])) | (a->read[i] & b->write[i]);
		both |= i ? here : here & ~but;
	}
	return both;
}

bool footprint_conflict(const struct footprint *a, const struct footprint *b)
{
	return common(a, b, MAKES_POSSIBLE);
}

bool footprint_concern(const struct footprint *a, const struct footprint *b)
{
	return common(a, b, 0);
}
