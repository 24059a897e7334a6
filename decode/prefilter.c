/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "prefilter.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PAIRS 65536
#define WORDS 254

/*
 * A window of PREFILTER_LEAST bytes slides over the text. The pair of bytes at its end says how far
 * it may be moved without missing a word: usually past the pair. The search is for the
 * rarest PREFILTER_LEAST bytes of each word.
 */
struct prefilter {
	uint8_t shift[PAIRS];
	uint8_t first[PAIRS]; /* the first word with this pair at the window's end: number + 1 */
	uint8_t next[WORDS];
	const char *word[WORDS];
	size_t length[WORDS];
	size_t at[WORDS];      /* offset in the word of the bytes that are searched */
	uint64_t owner[WORDS]; /* owners of each word, one bit each */
	uint8_t begins[PAIRS]; /* by hash of the bytes: a word with such bytes exists */
	/* The bytes that are searched: most candidates fail this comparison. */
	uint32_t window[WORDS];
};

static unsigned pair(const char *s)
{
	uint16_t two; /* byte order does not matter: it is an index */

	memcpy(&two, s, sizeof(two));
	return two;
}

static unsigned hash(uint32_t window)
{
	return window * 0x9e3779b1U >> 16;
}

/* The index of an equal word among the first @n; @n: none. */
static unsigned same_word(const struct prefilter *f, unsigned n, const char *word)
{
	unsigned i = 0;

	while (i < n && strcmp(f->word[i], word))
		i++;
	return i;
}

/* Roughly how frequent a byte is in logs. */
static unsigned common(char c)
{
	static const char often[] = " :0123456789etaoinsrhldcum.fpgwybvkxjqz";
	const char *rank = c ? strchr(often, c) : NULL;

	return rank ? (unsigned)(sizeof(often) - (size_t)(rank - often)) + 1 : 2;
}

/*
 * The offset in a word of the bytes to search: those whose last pair, which decides, is the rarest.
 */
static size_t rarest(const char *word)
{
	const size_t n = strlen(word) - PREFILTER_LEAST;
	size_t best = 0;

	for (size_t i = 1; i <= n; i++)
		if (common(word[i + PREFILTER_LEAST - 2]) * common(word[i + PREFILTER_LEAST - 1]) <
		    common(word[best + PREFILTER_LEAST - 2]) *
			    common(word[best + PREFILTER_LEAST - 1]))
			best = i;
	return best;
}

struct prefilter *prefilter_new(const char *const *words, const unsigned char *owner)
{
	struct prefilter *f = calloc(1, sizeof(*f));
	unsigned n = 0;

	if (!f)
		return NULL;
	memset(f->shift, PREFILTER_LEAST - 1, sizeof(f->shift));
	for (; *words; words++, owner++) {
		const unsigned same = same_word(f, n, *words);
		const char *window;

		if (same < n) {
			f->owner[same] |= 1ULL << *owner;
			continue;
		}
		assert(n < WORDS && strlen(*words) >= PREFILTER_LEAST);
		f->word[n] = *words;
		f->owner[n] = 1ULL << *owner;
		f->at[n] = rarest(*words);
		window = *words + f->at[n];
		memcpy(&f->window[n], window, PREFILTER_LEAST);
		f->begins[hash(f->window[n])] = 1;
		f->length[n] = strlen(*words);
		for (unsigned i = 0; i + 1 < PREFILTER_LEAST; i++) {
			uint8_t *shift = &f->shift[pair(window + i)];

			if (*shift > PREFILTER_LEAST - 2 - i)
				*shift = PREFILTER_LEAST - 2 - i;
		}
		f->next[n] = f->first[pair(window + PREFILTER_LEAST - 2)];
		f->first[pair(window + PREFILTER_LEAST - 2)] = ++n;
	}
	return f;
}

void prefilter_free(struct prefilter *f)
{
	free(f);
}

/* A cheap test of one byte, which most candidates fail. */
static inline bool candidate(const struct prefilter *f, const char *s)
{
	uint32_t window;

	memcpy(&window, s, PREFILTER_LEAST);
	return f->begins[hash(window)];
}

/*
 * The owners of words in [@begin, @end) around @s, where the window cannot be moved on; 0: no word.
 */
static uint64_t owners_at(const struct prefilter *f, const char *begin, const char *s,
			  const char *end)
{
	uint64_t owners = 0;
	uint32_t window;

	memcpy(&window, s, PREFILTER_LEAST);
	for (unsigned n = f->first[pair(s + PREFILTER_LEAST - 2)]; n; n = f->next[n - 1])
		if (window == f->window[n - 1] && (size_t)(s - begin) >= f->at[n - 1] &&
		    (size_t)(end - s) >= f->length[n - 1] - f->at[n - 1] &&
		    !memcmp(s - f->at[n - 1], f->word[n - 1], f->length[n - 1]))
			owners |= f->owner[n - 1];
	return owners;
}

/* The next place from @s on with a word. */
static const char *find(const struct prefilter *f, const char *begin, const char *s,
			const char *end)
{
	while (end - s >= PREFILTER_LEAST) {
		const unsigned shift = f->shift[pair(s + PREFILTER_LEAST - 2)];

		if (!shift && candidate(f, s) && owners_at(f, begin, s, end))
			return s;
		s += shift ? shift : 1;
	}
	return NULL;
}

const char *prefilter_find(const struct prefilter *f, const char *s, const char *end)
{
	return find(f, s, s, end);
}

uint64_t prefilter_owners(const struct prefilter *f, const char *s, const char *end)
{
	const char *begin = s;
	uint64_t owners = 0;

	while ((s = find(f, begin, s, end)))
		owners |= owners_at(f, begin, s++, end);
	return owners;
}
