/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * scan.h - scans a line's text, across the places where it is wrapped, and never beyond its end.
 *
 * A blank in @words matches any number of blanks and newlines. `const char **s` is a position in
 * the line's text, which moves on after a match.
 */
#ifndef DECODE_SCAN_H
#define DECODE_SCAN_H

#include "line.h"

/*
 * Find @words that begin in the line itself, from @from on. Returns NULL if they are not there;
 * *behind: where they end.
 */
const char *scan_find(const struct line *l, const char *from, const char *words,
		      const char **behind);

/* The same; the words may also begin in a continuation of the line. */
const char *scan_find_on(const struct line *l, const char *from, const char *words,
			 const char **behind);

/* The same for text that may have been typed: upper and lower case are equal. */
const char *scan_find_typed(const struct line *l, const char *from, const char *words,
			    const char **behind);

/* Match @words here. */
bool scan_words(const char **s, const char *words);
/* Skip blanks and newlines. */
void scan_blanks(const char **s);
/* Skip " = ", also as changed by mail. */
void scan_equals(const char **s);

enum scan {
	SCAN_OK,
	SCAN_CUT, /* digits are missing, or may be */
	SCAN_NOT, /* something else */
};

/*
 * Scan a number: hexadecimal with or without 0x, or decimal. If the line ends inside or after it
 * and the next line begins with digits, it is SCAN_CUT, as these may belong to it.
 */
enum scan scan_hex(const struct line *l, const char **s, uint64_t *value);
enum scan scan_dec(const struct line *l, const char **s, uint64_t *value);
/*
 * The same for a format that never omits 0x: a single "0" is the beginning of a truncated number.
 */
enum scan scan_0x(const struct line *l, const char **s, uint64_t *value);
/* The same if the record continues after it: at the end of the input the number is truncated. */
enum scan scan_0x_inner(const struct line *l, const char **s, uint64_t *value);

/* True if the input ends at @s, after a number, without a newline: digits may be missing. */
bool scan_open(const struct line *l, const char *s);

/* Scan up to 16 digits without 0x, whatever follows; for columns. Returns their number. */
unsigned scan_digits(const char **s, uint64_t *value);

/*
 * Scan "bb:dd.f", with or without "ssss:" before it, and with or without "0x" before each number.
 */
bool scan_bdf(const char **s, unsigned *segment, unsigned *sid);

/* The length of a word: up to a blank, a newline or a character of @stop. */
size_t scan_word(const char *s, const char *stop);

#endif
