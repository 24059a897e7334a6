/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Cleans the bytes of a line: colours, quoted-printable, unprintable characters. */
#include "line.h"

#include <ctype.h>
#include <string.h>

#define COMMAND_MOST 200 /* the most bytes of one command */

/* The length of a terminal's control sequence after an escape character, as for colours. */
static size_t control(const char *s, size_t left)
{
	size_t n = 1;

	if (!left || s[0] != '[')
		return 0;
	while (n < left && (isdigit((unsigned char)s[n]) || s[n] == ';' || s[n] == '?'))
		n++;
	return n < left ? n + 1 : n;
}

/* A command of a terminal, such as a title: up to BEL, or ESC and a backslash. */
static size_t command(const char *s, size_t left)
{
	size_t n = 1;

	if (!left || !strchr("]P^_X", s[0]))
		return 0;
	while (n < left && n < COMMAND_MOST && s[n] != '\a' && s[n] != 0x1b)
		n++;
	if (n == left || n == COMMAND_MOST)
		return 1; /* it has no end: what follows is text */
	return n + 1 + (s[n] == 0x1b && n + 1 < left && s[n + 1] == '\\');
}

static size_t escape(const char *s, size_t left)
{
	size_t n = control(s + 1, left - 1);

	if (!n)
		n = command(s + 1, left - 1);
	return 1 + n;
}

/*
 * Printable forms of the escape character in programs that show control characters. Returns the
 * length.
 */
static size_t shown_escape(const char *s, size_t left)
{
	static const struct {
		const char *text;
		size_t size;
	} shown[] = { { "^[", 2 },	     { "#033", 4 },	   { "\\033", 4 },   { "\\x1b", 4 },
		      { "\\x1B", 4 },	     { "\\u001b", 6 },	   { "\\u001B", 6 }, { "\\e", 2 },
		      { "\xe2\x90\x9b", 3 }, { "\xef\xbf\xbd", 3 } };

	for (unsigned i = 0; i < sizeof(shown) / sizeof(*shown); i++) {
		const size_t n = shown[i].size;

		if (left > n && s[0] == shown[i].text[0] && !memcmp(s, shown[i].text, n) &&
		    s[n] == '[')
			return n;
	}
	return 0;
}

/*
 * "[0m", "[01;31m", "[K": a colour whose escape character may have been lost. Such a one is told
 * from text by its characters.
 */
static size_t colour(const char *s, size_t left)
{
	const size_t before = *s == '[' ? 0 : shown_escape(s, left);
	size_t n = before + 1;

	if (*s != '[' && !before)
		return 0;
	while (n < left && n < before + 16 && (isdigit((unsigned char)s[n]) || s[n] == ';'))
		n++;
	if (n == left || (s[n] != 'm' && s[n] != 'K') || (n + 1 < left && s[n + 1] == ']'))
		return 0;
	return n + 1;
}

/* U+00A0, which web pages and some mailers use as a blank, and the byte-order mark. */
static size_t utf8_blank(const char *s, size_t left)
{
	if (left >= 2 && !memcmp(s, "\xc2\xa0", 2))
		return 2;
	return left >= 3 && !memcmp(s, "\xef\xbb\xbf", 3) ? 3 : 0;
}

/* True if a colour may begin here. */
static bool may_colour(unsigned char c)
{
	static const bool begins[256] = { ['['] = true,	 ['^'] = true,	['#'] = true,
					  ['\\'] = true, [0xe2] = true, [0xef] = true };

	return begins[c];
}

/*
 * True if the character needs no change and begins nothing. Nearly all characters of a log are
 * such.
 */
static bool is_plain(unsigned char c)
{
	return c >= ' ' && c < 0x7f && !may_colour(c);
}

#define EIGHT(c) (0x0101010101010101ULL * (c))

/* Eight bytes at once: the upper bit of each byte that is at least @c, if all are below 0x80. */
static uint64_t not_below(uint64_t s, unsigned char c)
{
	return s + EIGHT(0x80 - c);
}

/* True if the eight bytes at @s are plain for certain. '[', '\\', ']' and '^' are neighbours. */
static bool eight_plain(const char *s)
{
	uint64_t word;

	memcpy(&word, s, sizeof(word));
	return !((word | not_below(word, 0x7f) | ~not_below(word, ' ') |
		  (not_below(word, '[') & ~not_below(word, '_')) |
		  (not_below(word, '#') & ~not_below(word, '$'))) &
		 EIGHT(0x80));
}

size_t line_clean(char *to, const char *from, size_t size)
{
	const char *end = from + size;
	char *out = to;

	while (from < end) {
		unsigned char c;
		size_t n;

		for (; end - from >= 8 && eight_plain(from); from += 8, out += 8)
			memmove(out, from, 8); /* the two may overlap */
		while (from < end && is_plain((unsigned char)*from))
			*out++ = *from++;
		if (from == end)
			break;
		c = (unsigned char)*from;
		if (may_colour(c) && (n = colour(from, (size_t)(end - from)))) {
			from += n;
		} else if (c >= ' ' && c < 0x7f) {
			*out++ = *from++;
		} else if (c == '\t' || c == '\n') {
			*out++ = *from++;
		} else if (c == 0x1b) {
			from += escape(from, (size_t)(end - from));
		} else if ((n = utf8_blank(from, (size_t)(end - from)))) {
			*out++ = ' ';
			from += n;
		} else {
			*out++ = c < ' ' ? ' ' : '?';
			from++;
		}
	}
	while (out > to && out[-1] == ' ')
		out--;
	*out = '\0';
	return (size_t)(out - to);
}

static int upper_hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/*
 * In quoted-printable every '=' is followed by two digits, and a real '=' is "=3D". The kernel
 * prints no such escape by accident, as its hexadecimal digits are lower case.
 */
static bool looks_quoted(const char *s, size_t size)
{
	const char *end = s + size;
	bool equals = false;

	for (; (s = memchr(s, '=', (size_t)(end - s))); s++) {
		if (end - s <= 2 || upper_hex(s[1]) < 0 || upper_hex(s[2]) < 0)
			return false;
		equals |= s[1] == '3' && s[2] == 'D';
	}
	return equals;
}

size_t line_unquote_printable(char *s, size_t size, bool sure)
{
	size_t n = 0;

	if (!sure && !looks_quoted(s, size))
		return size;
	for (size_t i = 0; i < size; i++) {
		if (s[i] == '=' && i + 2 < size && upper_hex(s[i + 1]) >= 0 &&
		    upper_hex(s[i + 2]) >= 0) {
			s[n++] = (char)(upper_hex(s[i + 1]) << 4 | upper_hex(s[i + 2]));
			i += 2;
		} else {
			s[n++] = s[i];
		}
	}
	return line_clean(s, s, n);
}
