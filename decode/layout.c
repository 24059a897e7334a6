/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "layout.h"
#include "line.h"

#include <ctype.h>
#include <string.h>

#define LEAST_COLUMN 38
#define MOST_COLUMN 260
#define LINES 2000 /* lines that are examined */

/* Columns at which terminals, mail programs and serial consoles cut or wrap lines. */
static bool is_console(unsigned column)
{
	static const unsigned columns[] = { 40,	 60,  64,  70,	72,  76,  78,  79,  80,	 96,
					    100, 110, 120, 128, 131, 132, 160, 180, 200, 240 };

	for (unsigned i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		if (column == columns[i])
			return true;
	return false;
}

/* The next line of @s, without its newline; NULL after the last one. */
static const char *next_line(const char *s, const char *end, bool whole, size_t *length)
{
	const char *newline = memchr(s, '\n', (size_t)(end - s));

	if (!newline && (!whole || s == end))
		return NULL;
	*length = (size_t)((newline ? newline : end) - s);
	if (*length && s[*length - 1] == '\r')
		--*length;
	return newline ? newline + 1 : end;
}

static bool starts_record(const char *s, size_t length)
{
	char clean[LINE_FOLLOW_BYTES + 1];

	line_clean(clean, s, length < LINE_FOLLOW_BYTES ? length : LINE_FOLLOW_BYTES);
	return line_starts_record(clean);
}

/* True if both are equal except for digits: many such lines end at one column anyway. */
static bool same_shape(const char *a, const char *b, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (a[i] != b[i] &&
		    !(isxdigit((unsigned char)a[i]) && isxdigit((unsigned char)b[i])))
			return false;
	return true;
}

size_t layout_length(const char *line, size_t length)
{
	size_t n = 0;

	while (n < length && line[n] == '>')
		n += 1 + (n + 1 < length && line[n + 1] == ' ');
	return length - n;
}

struct widths {
	size_t most;
	unsigned at_most;     /* records of maximum length */
	bool differ;	      /* not all of them are alike */
	unsigned go_on;	      /* those that continue in the next line */
	unsigned go_on_early; /* shorter records that continue in the next line */
};

static struct widths measure(const char *text, const char *end, bool whole)
{
	struct widths w = { 0 };
	const char *first = NULL, *next;
	size_t length, below;
	unsigned lines = 0;

	for (const char *s = text; (next = next_line(s, end, whole, &length)) && lines < LINES;
	     s = next, lines++)
		w.most = layout_length(s, length) > w.most ? layout_length(s, length) : w.most;
	if (w.most < LEAST_COLUMN || w.most > MOST_COLUMN)
		return w;
	lines = 0;
	for (const char *s = text; (next = next_line(s, end, whole, &length)) && lines < LINES;
	     s = next, lines++) {
		const bool record = starts_record(s, length);
		const bool goes_on = record && next < end && next_line(next, end, whole, &below) &&
				     below && !starts_record(next, below);

		if (layout_length(s, length) < w.most) {
			w.go_on_early += goes_on;
			continue;
		}
		if (!record) /* all rows of a table end at one column */
			continue;
		w.at_most++;
		w.go_on += goes_on;
		w.differ |= first && !same_shape(first, s, length);
		first = first ? first : s;
	}
	return w;
}

/* True if the newest lines come first, by their times or dates. */
static bool newest_first(const char *text, const char *end, bool whole)
{
	unsigned earlier = 0, later = 0, lines = 0;
	struct line_stamp last = { .timed = false };
	const char *next;
	size_t length;

	for (const char *s = text; (next = next_line(s, end, whole, &length)) && lines < LINES;
	     s = next, lines++) {
		char clean[LINE_FOLLOW_BYTES + 1];
		struct line_stamp now;

		line_clean(clean, s, length < LINE_FOLLOW_BYTES ? length : LINE_FOLLOW_BYTES);
		line_prefix(clean, &now);
		if (now.timed && last.timed) {
			earlier += now.time < last.time;
			later += now.time > last.time;
		} else if (now.dated && last.dated) {
			earlier += now.date < last.date;
			later += now.date > last.date;
		}
		if (now.timed || now.dated)
			last = now;
	}
	return earlier >= 2 && later * 8 <= earlier;
}

struct layout layout_of(const char *text, size_t size, bool whole)
{
	const char *end = text + size;
	const struct widths w = measure(text, end, whole);
	struct layout layout = { .newest_first = newest_first(text, end, whole) };

	if (w.most < LEAST_COLUMN || w.most > MOST_COLUMN)
		return layout;
	layout.broken = w.go_on && w.go_on >= w.go_on_early &&
			(w.go_on >= 2 || is_console((unsigned)w.most));
	if (layout.broken || (is_console((unsigned)w.most) && w.at_most >= 2 && w.differ))
		layout.column = (unsigned)w.most;
	return layout;
}

bool layout_number_between(const char *line, size_t length, const char *next)
{
	size_t n = length;
	bool digit = false;

	if (!length || !isxdigit((unsigned char)*next))
		return false;
	while (n && isxdigit((unsigned char)line[n - 1]))
		digit |= !!isdigit((unsigned char)line[--n]);
	if (n && line[n - 1] == 'x')
		return true;
	if (n && isalpha((unsigned char)line[n - 1]))
		return false;
	return n < length && (digit || isdigit((unsigned char)*next));
}
