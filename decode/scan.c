/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "scan.h"

#include <ctype.h>
#include <string.h>

/* A shorter line was not wrapped after a number. */
#define WRAP_LEAST 36

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

void scan_blanks(const char **s)
{
	while (blank(**s))
		++*s;
}

/* True if @words are at *s. With @typed, lower-case letters of @words match both cases. */
static inline bool words_at(const char **s, const char *words, bool typed)
{
	const char *t = *s;

	for (; *words; words++) {
		if (*words != ' ') {
			const char c = *t++;

			if ((typed ? (char)tolower((unsigned char)c) : c) != *words)
				return false;
			continue;
		}
		if (!blank(*t))
			return false;
		scan_blanks(&t);
	}
	*s = t;
	return true;
}

bool scan_words(const char **s, const char *words)
{
	return words_at(s, words, false);
}

/*
 * A line is short, and the words are rarely there: comparing two letters decides, and memmem()
 * would build a table first. After @end there is a newline, which no first word contains.
 */
static const char *find_words(const char *s, const char *end, const char *words,
			      const char **behind)
{
	const char second = words[0] ? words[1] : '\0';

	for (; s < end && (s = memchr(s, *words, (size_t)(end - s))); s++) {
		const char *t = s;

		if ((second && second != ' ' && s[1] != second) || !scan_words(&t, words))
			continue;
		if (behind)
			*behind = t;
		return s;
	}
	return NULL;
}

/* Words that begin in the line may end in its continuation, but not the first word. */
const char *scan_find(const struct line *l, const char *from, const char *words,
		      const char **behind)
{
	return find_words(from, l->text + l->own, words, behind);
}

const char *scan_find_on(const struct line *l, const char *from, const char *words,
			 const char **behind)
{
	return find_words(from, l->text + l->len, words, behind);
}

const char *scan_find_typed(const struct line *l, const char *from, const char *words,
			    const char **behind)
{
	const char capital = (char)toupper((unsigned char)*words);

	for (const char *s = from; s < l->text + l->len; s++) {
		const char *t = s;

		if ((*s != *words && *s != capital) || !words_at(&t, words, true))
			continue;
		if (behind)
			*behind = t;
		return s;
	}
	return NULL;
}

void scan_equals(const char **s)
{
	scan_blanks(s);
	if (**s == '=')
		++*s;
	scan_blanks(s);
}

static int digit(char c, unsigned base)
{
	int n = c >= '0' && c <= '9'   ? c - '0'
		: c >= 'a' && c <= 'f' ? c - 'a' + 10
		: c >= 'A' && c <= 'F' ? c - 'A' + 10
				       : 99;

	return n < (int)base ? n : -1;
}

/*
 * After a number of so many digits: true if the next line may begin with more of them. A number
 * that begins with 0 has no more digits, except in columns.
 */
static bool may_go_on(const struct line *l, const char *s, unsigned digits, unsigned base)
{
	unsigned more = 0;

	if (*s != '\n' || s - l->text < WRAP_LEAST)
		return false;
	if (digits == 1 && s[-1] == '0')
		return s[1] == 'x';
	while (digit(s[1 + more], base) >= 0)
		more++;
	return more && digits + more <= 16 && (!s[1 + more] || strchr(" \t\n,])", s[1 + more]));
}

static enum scan number(const struct line *l, const char **s, uint64_t *value, unsigned base)
{
	const char *t = *s;
	unsigned digits = 0;

	if (base == 16 && t[0] == '0' && (t[1] == 'x' || t[1] == 'X'))
		t += 2;
	for (*value = 0; digit(*t, base) >= 0; t++, digits++)
		*value = *value * base + (unsigned)digit(*t, base);
	if (!strncmp(t, "..", 2) || !strncmp(t, "???", 3)) /* an ellipsis, also as one character */
		return SCAN_CUT;
	/* On a serial line another message has begun in the middle of this one. */
	if (*t == '[' || (*t == '<' && isdigit((unsigned char)t[1])))
		return SCAN_CUT;
	if (!digits)
		return !*t || *t == '\n' ? SCAN_CUT : SCAN_NOT;
	if (digits > (base == 16 ? 16 : 19) || isalnum((unsigned char)*t))
		return SCAN_NOT;
	if (may_go_on(l, t, digits, base) || (!*t && l->open_end && t > l->text + l->own))
		return SCAN_CUT;
	if (l->cut && t == l->text + l->own)
		return SCAN_CUT;
	*s = t;
	return SCAN_OK;
}

enum scan scan_hex(const struct line *l, const char **s, uint64_t *value)
{
	return number(l, s, value, 16);
}

enum scan scan_dec(const struct line *l, const char **s, uint64_t *value)
{
	return number(l, s, value, 10);
}

enum scan scan_0x(const struct line *l, const char **s, uint64_t *value)
{
	const char *t = *s + (**s == '0');

	if (strncmp(*s, "0x", 2))
		return !*t || *t == '\n' ? SCAN_CUT : SCAN_NOT;
	return scan_hex(l, s, value);
}

enum scan scan_0x_inner(const struct line *l, const char **s, uint64_t *value)
{
	const enum scan found = scan_0x(l, s, value);

	return found == SCAN_OK && !**s ? SCAN_CUT : found;
}

bool scan_open(const struct line *l, const char *s)
{
	if (l->ended || s != l->text + l->own || s == l->text || !isxdigit((unsigned char)s[-1]))
		return false;
	/* A number that begins with 0 has no more digits. */
	return s[-1] != '0' || (s - 1 > l->text && isxdigit((unsigned char)s[-2]));
}

unsigned scan_digits(const char **s, uint64_t *value)
{
	unsigned digits = 0;

	for (*value = 0; digits < 16 && digit(**s, 16) >= 0; ++*s, digits++)
		*value = *value << 4 | (unsigned)digit(**s, 16);
	return digits;
}

bool scan_bdf(const char **s, unsigned *segment, unsigned *sid)
{
	const char *t = *s;
	uint64_t part[4];
	unsigned n = 0;

	do {
		const char *start = t;

		if (!strncmp(t, "0x", 2))
			start = t += 2;
		scan_digits(&t, &part[n]);
		if (t == start)
			return false;
	} while (++n < 4 && (*t == ':' || *t == '.') && t++);
	if (n < 3 || (n == 3 && t[-2] != '.') || (n == 4 && t[-2] != '.'))
		return false;
	*segment = n == 4 ? (unsigned)part[0] : 0;
	if (part[n - 3] > 0xff || part[n - 2] > 0x1f || part[n - 1] > 7)
		return false;
	*sid = (unsigned)(part[n - 3] << 8 | part[n - 2] << 3 | part[n - 1]);
	*s = t;
	return true;
}

size_t scan_word(const char *s, const char *stop)
{
	size_t n = 0;

	while (s[n] && !blank(s[n]) && (!*stop || !strchr(stop, s[n])))
		n++;
	return n;
}
