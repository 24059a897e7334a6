/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "prefilter.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PAIRS 65536
#define WORDS 254

/*
 * A window of PREFILTER_LEAST bytes slides over the text. The pair of bytes at its end says how far
 * it may go without missing a word's first bytes: usually past the pair.
 */
struct prefilter {
	uint8_t shift[PAIRS];
	uint8_t first[PAIRS]; /* of the words with this pair at the window's end: number + 1 */
	uint8_t next[WORDS];
	const char *word[WORDS];
	size_t length[WORDS];
	uint64_t owner[WORDS];	/* of one word, one bit each */
	uint8_t begins[PAIRS];	/* is there a word with such first bytes, by their hash? */
	uint32_t window[WORDS]; /* the first bytes: most candidates fail here */
};

static unsigned pair(const char *s)
{
	return (uint8_t)s[0] | (unsigned)(uint8_t)s[1] << 8;
}

static unsigned hash(uint32_t window)
{
	return window * 0x9e3779b1U >> 16;
}

/* Which of the first @n words it is; @n: none. */
static unsigned same_word(const struct prefilter *f, unsigned n, const char *word)
{
	unsigned i = 0;

	while (i < n && strcmp(f->word[i], word))
		i++;
	return i;
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

		if (same < n) {
			f->owner[same] |= 1ULL << *owner;
			continue;
		}
		assert(n < WORDS && strlen(*words) >= PREFILTER_LEAST);
		f->word[n] = *words;
		f->owner[n] = 1ULL << *owner;
		memcpy(&f->window[n], *words, PREFILTER_LEAST);
		f->begins[hash(f->window[n])] = 1;
		f->length[n] = strlen(*words);
		for (unsigned i = 0; i + 1 < PREFILTER_LEAST; i++) {
			uint8_t *shift = &f->shift[pair(*words + i)];

			if (*shift > PREFILTER_LEAST - 2 - i)
				*shift = PREFILTER_LEAST - 2 - i;
		}
		f->next[n] = f->first[pair(*words + PREFILTER_LEAST - 2)];
		f->first[pair(*words + PREFILTER_LEAST - 2)] = ++n;
	}
	return f;
}

void prefilter_free(struct prefilter *f)
{
	free(f);
}

/* Does a word begin at @s, where the window has no way to go? Its owners, or 0. */
static uint64_t owners_at(const struct prefilter *f, const char *s, const char *end)
{
	uint64_t owners = 0;
	uint32_t window;

	memcpy(&window, s, PREFILTER_LEAST);
	if (!f->begins[hash(window)])
		return 0;
	for (unsigned n = f->first[pair(s + PREFILTER_LEAST - 2)]; n; n = f->next[n - 1])
		if (window == f->window[n - 1] && (size_t)(end - s) >= f->length[n - 1] &&
		    !memcmp(s, f->word[n - 1], f->length[n - 1]))
			owners |= f->owner[n - 1];
	return owners;
}

const char *prefilter_find(const struct prefilter *f, const char *s, const char *end)
{
	while (end - s >= PREFILTER_LEAST) {
		const unsigned shift = f->shift[pair(s + PREFILTER_LEAST - 2)];

		if (!shift && owners_at(f, s, end))
			return s;
		s += shift ? shift : 1;
	}
	return NULL;
}

uint64_t prefilter_owners(const struct prefilter *f, const char *s, const char *end)
{
	uint64_t owners = 0;

	while ((s = prefilter_find(f, s, end)))
		owners |= owners_at(f, s++, end);
	return owners;
}
