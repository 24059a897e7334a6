/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Makes one line: joins what line breaks have moved to the next lines, and splits several records.
 */
#include "lines.h"

#include <stdlib.h>
#include <string.h>

#define JOINS 16	  /* breaks that are joined in one line */
#define SYSLOG_HEAD 64	  /* the length of a host name and a program name */
#define PRINTABLE_FOR 400 /* lines after a sign of quoted-printable for which it counts */

bool lines_soft_break(const struct lines *r, uint64_t number, const char *line, size_t n,
		      const char *next)
{
	const size_t left = r->buffer + r->end - next;

	return n && line[n - 1] == '=' && left &&
	       (number < r->printable_until || memmem(line, n, "=3D", 3) ||
		memmem(next, left < 400 ? left : 400, "=3D", 3));
}

const char *lines_end(const struct lines *r, const char *s, const char **next)
{
	const char *end = r->buffer + r->end, *newline;
	size_t most = end - s < LINE_MAX_BYTES ? (size_t)(end - s) : LINE_MAX_BYTES;

	newline = memchr(s, '\n', most);
	if (!newline) {
		*next = s + most;
		return s + most;
	}
	*next = newline + 1;
	return newline > s && newline[-1] == '\r' ? newline - 1 : newline;
}

static const char *unquoted(const char *s)
{
	while (*s == '>')
		s += 1 + (s[1] == ' ');
	return s;
}

/* True if a line of this length continues in the next line, at @next. */
static bool broken_here(const struct lines *r, size_t length, const char *next)
{
	char clean[LINE_FOLLOW_BYTES + 1];
	const char *behind;
	size_t n;

	if (!r->layout.broken || length != r->layout.column || next == r->buffer + r->end)
		return false;
	n = (size_t)(lines_end(r, next, &behind) - next);
	line_clean(clean, next, n < LINE_FOLLOW_BYTES ? n : LINE_FOLLOW_BYTES);
	return *clean && !line_starts_record(clean);
}

size_t lines_gather(struct lines *r, struct line *out)
{
	const char *s = r->buffer + r->start, *next;
	size_t n = 0;

	out->cut = false;
	for (unsigned joins = 0;; joins++) {
		const char *stop = lines_end(r, s, &next);
		const size_t length = layout_length(s, (size_t)(stop - s));

		out->ended = next > s && next[-1] == '\n';
		if (stop - s > (long)(LINE_MAX_BYTES - n))
			stop = s + LINE_MAX_BYTES - n;
		memcpy(r->text + n, s, stop - s);
		n += stop - s;
		r->number += out->ended;
		if (joins == JOINS)
			break;
		if (lines_soft_break(r, out->number, r->text, n, next)) {
			n--;
			r->printable_until = r->number + PRINTABLE_FOR;
		} else if (!broken_here(r, length, next)) {
			out->cut = length && length == r->layout.column && !r->layout.broken;
			break;
		} else if (layout_number_between(r->text, n, unquoted(next)) &&
			   n < LINE_MAX_BYTES) {
			r->text[n++] = '\n';
		}
		s = unquoted(next);
	}
	r->start = next - r->buffer;
	return n;
}

/* It begins with a time, as most lines of a log do: no closer look is necessary. */
static bool stamped(const char *s, const char *end)
{
	if (s == end || *s != '[')
		return false;
	for (s++; s < end && (*s == ' ' || *s == '.' || (*s >= '0' && *s <= '9')); s++)
		;
	return s < end && *s == ']' && s[-1] >= '0' && s[-1] <= '9';
}

/* Append the lines that may continue this one. */
static size_t follow(struct lines *r, size_t n, bool *open_end)
{
	const char *s = r->buffer + r->start, *next;
	const char *end = r->buffer + r->end;
	char clean[LINE_FOLLOW_BYTES + 1];

	for (unsigned i = 0; i < LINE_FOLLOW && s < end; i++, s = next) {
		const char *stop = lines_end(r, s, &next), *rest;
		size_t size;

		if (next == end && next[-1] != '\n' && !r->eof)
			break; /* it is still being written */
		if (stamped(s, stop))
			break;
		size = stop - s < LINE_FOLLOW_BYTES ? (size_t)(stop - s) : LINE_FOLLOW_BYTES;
		size = line_clean(clean, s, size);
		size = line_unquote_printable(clean, size, false);
		if (line_starts_record(clean))
			break;
		rest = line_unquoted(clean);
		*open_end = next[-1] != '\n';
		r->text[n++] = '\n';
		memcpy(r->text + n, rest, strlen(rest));
		n += strlen(rest);
	}
	r->text[n] = '\0';
	return n;
}

/* The distance from @s to "last message repeated"; 0: it is there, or not near. */
static size_t last_message(const char *s, const char *end)
{
	const char *at = s;

	end = end - s > SYSLOG_HEAD ? s + SYSLOG_HEAD : end;
	for (; at < end && (at = memchr(at, 'l', (size_t)(end - at))); at++)
		if (!strncmp(at, "last message repeated ", 22))
			return (size_t)(at - s);
	return 0;
}

/* "message repeated 52 times: [ DMAR: ...]", "last message repeated 17 times" */
static void repetition(struct lines *r, struct line *out)
{
	char *s = r->text + (out->text - r->text) + out->body, *end;
	struct line_stamp stamp;
	unsigned long long times;

	/* Only syslog's own line counts: it has a host name before it. */
	if (out->record)
		s += last_message(s, out->text + out->own);
	s += strspn(s, "- \t");
	if (!strncmp(s, "last ", 5))
		s += 5;
	if (strncmp(s, "message repeated ", 17))
		return;
	times = strtoull(s + 17, &end, 10);
	if (!times || strncmp(end, " times", 6))
		return;
	s = end + 6;
	if (strncmp(s, ": [", 3)) {
		out->again = times;
		return;
	}
	s += 3 + strspn(s + 3, " ");
	s += line_prefix(s, &stamp);
	if (!out->timed && stamp.timed) {
		out->timed = true;
		out->time = stamp.time;
	}
	out->times = times;
	out->repeated = true;
	out->body = (size_t)(s - out->text);
	end = r->text + (out->text - r->text) + out->own;
	if (end > s && end[-1] == ']') {
		end[-1] = '\0';
		out->own--;
	}
}

void lines_piece(struct lines *r, size_t start, size_t end, struct line *out)
{
	struct line_stamp stamp;
	const size_t split = line_split(r->text + start, 0);

	*out = r->whole;
	out->text = r->text + start;
	r->rest = split ? start + split : end;
	r->rest_end = end;
	out->own = (split ? start + split : end) - start;
	if (split) {
		while (out->own && strchr(" \t`", out->text[out->own - 1]))
			out->own--;
		r->text[start + out->own] = '\0';
		out->ended = true;
		out->cut = false;
		out->last = out->number;
	}
	out->body = line_prefix(out->text, &stamp);
	out->timed = stamp.timed;
	out->time = stamp.time;
	out->caller = stamp.caller;
	out->record = out->body > 0;
	out->times = 1;
	out->again = 0;
	out->repeated = false;
	repetition(r, out);
	out->open_end = false;
	out->len = split ? out->own : follow(r, start + out->own, &out->open_end) - start;
}
