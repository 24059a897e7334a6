/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * scan.h - reading a line's text, over the places where it is wrapped, and not beyond what is
 * there.
 *
 * A blank in @words stands for any number of blanks and line ends. `const char **s` is a place in
 * the line's text, and moves on where something is found.
 */
#ifndef DECODE_SCAN_H
#define DECODE_SCAN_H

#include "line.h"

/*
 * Where @words begin in the line itself, from @from on; NULL if nowhere. *behind: where they end.
 */
const char *scan_find(const struct line *l, const char *from, const char *words,
		      const char **behind);

/* The same, and they may also begin in what continues the line. */
const char *scan_find_on(const struct line *l, const char *from, const char *words,
			 const char **behind);

/* The same for text that may have been typed: small letters and capitals are equal. */
const char *scan_find_typed(const struct line *l, const char *from, const char *words,
			    const char **behind);

/* @words are here. */
bool scan_words(const char **s, const char *words);
/* Blanks and line ends. */
void scan_blanks(const char **s);
/* " = ", of which mail may have made something else. */
void scan_equals(const char **s);

enum scan {
	SCAN_OK,
	SCAN_CUT, /* there is not enough of it, or it cannot be known whether there is */
	SCAN_NOT, /* it is something else */
};

/*
 * A number, hexadecimal with or without 0x, or decimal. Where a line ends within or behind the
 * number and the next begins with digits, it is cut: whether they belong to it cannot be known.
 */
enum scan scan_hex(const struct line *l, const char **s, uint64_t *value);
enum scan scan_dec(const struct line *l, const char **s, uint64_t *value);
/* The same of a format that never omits 0x: a "0" alone is the beginning of one. */
enum scan scan_0x(const struct line *l, const char **s, uint64_t *value);
/* The same with more of the record to come behind it: at the end of all the number is not whole. */
enum scan scan_0x_inner(const struct line *l, const char **s, uint64_t *value);

/*
 * The input ends at @s, after a number, without a line end: it is not known whether it is whole.
 */
bool scan_open(const struct line *l, const char *s);

/* Digits only, up to 16, no 0x, whatever comes then. For columns. Returns how many. */
unsigned scan_digits(const char **s, uint64_t *value);

/* "bb:dd.f", with "ssss:" before it or not, and with "0x" before each or not. */
bool scan_bdf(const char **s, unsigned *segment, unsigned *sid);

/* A word: everything up to a blank, a line end or one of @stop. */
size_t scan_word(const char *s, const char *stop);

#endif
