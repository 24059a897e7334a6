/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "words.h"
#include "judge.h"
#include "scan.h"

#include <stdlib.h>
#include <string.h>

#define LINE_WORDS 8

/* As given; otherwise guessed: with 256 bits every third and fourth word is zero. */
static unsigned words_each(const struct decode *d, const uint64_t *word, unsigned count)
{
	const struct decode_facts *f = decode_facts((struct decode *)d);

	if (f->width || count % 4)
		return f->width == 256 ? 4 : 2;
	for (unsigned i = 0; i < count; i += 4)
		if (word[i + 2] || word[i + 3])
			return 2;
	return 4;
}

static void add_words(const struct decode *d, struct block *b, uint64_t line, const uint64_t *word,
		      unsigned count)
{
	const unsigned each = words_each(d, word, count);

	b->wide |= each == 4;
	for (unsigned i = 0; i < count; i += each) {
		struct row *r = block_row(b, line, NULL);

		for (unsigned w = 0; w < each && i + w < count; w++)
			row_word(r, w, word[i + w]);
	}
}

void words_block(struct decode *d, const uint64_t *word, unsigned count)
{
	struct block *b = block_new("words", 0, "raw words");

	add_words(d, b, 0, word, count);
	decode_block(d, b);
}

/* ---- words in a text: lines of words only, or "qw0 = 0x..., qw1 = 0x..." ---- */

/* Every unit refuses most of what a table in source code contains. */
static bool valid(const struct decode *d, const uint64_t *word, unsigned n)
{
	const unsigned each = words_each(d, word, n);
	struct qi_rules rules;
	uint64_t cap, ecap;

	judge_any_caps(&cap, &ecap);
	qi_rules_init(&rules, cap, ecap, each * 64);
	for (unsigned i = 0; i < n; i += each) {
		struct qi_desc desc = { .qw0 = word[i], .qw1 = word[i + 1] };

		qi_desc_align(&desc);
		if (!qi_desc_valid(&rules, &desc))
			return false;
	}
	return true;
}

/*
 * "0xaf0300100003, 0x7ffffffffffff001": returns the number of words; 0 if there is anything else. A
 * table in source code has a trailing comma, a list of descriptors does not.
 */
static unsigned bare_words(const struct line *l, uint64_t *word)
{
	const char *s = l->text + l->body, *own = l->text + l->own;
	unsigned n = 0;

	while (n < LINE_WORDS && s < own) {
		if (strncmp(s, "0x", 2) || scan_hex(l, &s, &word[n]) != SCAN_OK)
			return 0;
		n++;
		if (*s == ',' && s + 1 + strspn(s + 1, " \t") >= own)
			return 0;
		s += strspn(s, ", \t");
	}
	return s >= own && n >= 2 && n % 2 == 0 ? n : 0;
}

/* Names of words in a text: "qw0 = 0x20, qw1 = 0x0" or "low=20, high=0". */
static const char *const names[][4] = { { "qw0", "qw1", "qw2", "qw3" },
					{ "low", "high", NULL, NULL } };

/* "qw0 = 0x20" and so on: with an equals sign, or alone in the line. "qw0 63:32" is text. */
static void named_words(struct decode *d, const struct line *l, const char *const *name,
			const char *s)
{
	struct block *b = block_new("words", l->number, "a descriptor in a text");
	struct row *r = block_row(b, l->number, NULL);
	bool equals = false;

	for (unsigned i = 0; i < 4 && name[i]; i++) {
		uint64_t value;

		s += strspn(s, ", \t\n");
		if (!scan_words(&s, name[i]))
			break;
		scan_blanks(&s);
		equals |= *s == '=';
		scan_equals(&s);
		if ((!equals && strncmp(s, "0x", 2)) || scan_hex(l, &s, &value) != SCAN_OK ||
		    *s == ':')
			break;
		row_word(r, i, value);
		r->open = scan_open(l, s);
	}
	b->wide = r->words == 4;
	if (r->known & 1 && (equals || row_whole(r))) {
		decode_take(d);
		decode_block(d, b);
	} else {
		block_free(b);
	}
}

/* If the previous line belongs to another recogniser, this one may be its continuation. */
struct neighbour {
	uint64_t line, own; /* the last line of another recogniser, and of this one */
};

/*
 * Nothing marks the words as descriptors. They count as such if the file has nothing else, or if
 * they look so.
 */
static bool are_ours(const struct decode *d, const struct neighbour *before, const struct line *l,
		     const uint64_t *word, unsigned n)
{
	const uint64_t in_file = l->number & ((1ULL << DECODE_FILE_SHIFT) - 1);

	/* Indented words belong to something else, such as a list of numbers. */
	return (in_file == 1 && !l->indent) || (before->own && before->own + 1 == l->number) ||
	       valid(d, word, n);
}

static bool line(struct decode *d, void *state, const struct line *l)
{
	struct neighbour *other = state;
	uint64_t word[LINE_WORDS];
	unsigned n;

	if (decode_taken(d)) {
		other->line = l->last;
		return false;
	}
	n = bare_words(l, word);
	if (n && other->line && l->number == other->line + 1) {
		other->line = l->last;
	} else if (n && are_ours(d, other, l, word, n)) {
		struct block *b = block_new("words", l->number, "raw words");

		other->own = l->last;
		decode_take(d);
		add_words(d, b, l->number, word, n);
		decode_block(d, b);
		return true; /* more of them may follow */
	}
	for (unsigned i = 0; i < 2; i++) {
		const char *s = l->text;

		while ((s = scan_find(l, s, names[i][0], NULL))) {
			named_words(d, l, names[i], s);
			s++;
		}
	}
	return false;
}

static const char *const words[] = { "qw0 ", "qw0=", NULL };

const struct recogniser words_recogniser = { "words", words, sizeof(struct neighbour),
					     line,    NULL,  false };
