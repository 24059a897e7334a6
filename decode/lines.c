/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* From a file to clean lines, in memory that does not depend on the file's size. */
#include "line.h"
#include "prefilter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/input.h"

#define BUFFER (1 << 20)
/* Before a line is cleaned there is so much behind its beginning, unless the file ends there. */
#define AHEAD (2 * LINE_MAX_BYTES)
#define SOFT_JOINS 8 /* a line of mail that is soft-wrapped more often is cut there */
#define BYTE_ORDER_MARK "\xff\xfe"
#define PRINTABLE_FOR 400 /* lines for which a sign of quoted-printable is believed */
/*
 * Nobody has written for so long: what there is is whole. Slow consoles pause less within a record.
 */
#define PAUSE_MILLISECONDS 1000

struct lines {
	struct input in;
	char *buffer;
	char *text; /* the cleaned line */
	size_t start, end;
	bool eof;
	bool utf16;
	bool opened;
	bool head_seen;	 /* it is known what kind of file this is */
	bool quiet;	 /* nothing has come for a while: first what is here, then the next read */
	bool told;	 /* of that */
	bool paused;	 /* lines_next() has returned because of it */
	uint64_t number; /* of the line that begins at start, from 1 */
	uint64_t printable_until;
	uint64_t bytes;
	const struct prefilter *filter;
	const char
		*hit; /* where the prefilter found a word last, the end if there is none; or NULL */
};

struct lines *lines_open(const char *path)
{
	struct lines *r = calloc(1, sizeof(*r));

	if (!r)
		abort();
	r->buffer = malloc(BUFFER + 1);
	r->text = malloc(LINE_MAX_BYTES + LINE_FOLLOW * (LINE_FOLLOW_BYTES + 1) + 1);
	if (!r->buffer || !r->text)
		abort();
	r->number = 1;
	r->opened = input_open(&r->in, path);
	r->eof = !r->opened;
	return r;
}

void lines_close(struct lines *r)
{
	if (r->opened)
		input_close(&r->in);
	free(r->buffer);
	free(r->text);
	free(r);
}

void lines_filter(struct lines *r, const struct prefilter *f)
{
	r->filter = f;
}

uint64_t lines_count(const struct lines *r)
{
	return r->number - 1;
}

uint64_t lines_bytes(const struct lines *r)
{
	return r->bytes;
}

const char *lines_error(const struct lines *r)
{
	return r->in.error;
}

bool lines_paused(const struct lines *r)
{
	return r->paused;
}

/* ---- reading ---- */

/* What Windows saves as "Unicode". Nothing that is recognised needs more than the low bytes. */
static size_t narrow(char *s, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i + 1 < size; i += 2)
		s[n++] = !memcmp(s + i, BYTE_ORDER_MARK, 2) ? ' ' : s[i + 1] ? '?' : s[i];
	return n;
}

/*
 * Is it time to read? Not while nobody writes, as for `dmesg -w`, and there are whole lines to be
 * dealt with, or their reader is to be told that there are no more. Before it is known what kind of
 * file it is that holds for text only.
 */
static bool may_read(struct lines *r)
{
	const char *here = r->buffer + r->start;
	const size_t size = r->end - r->start;

	if (!r->quiet && input_ready(&r->in, PAUSE_MILLISECONDS))
		return true;
	if (!r->head_seen && (!memchr(here, '\n', size) || memchr(here, '\0', size)))
		return true;
	r->quiet = true;
	if (memchr(here, '\n', size))
		return false;
	if (size || r->told) /* in the midst of a line it is not over */
		return true;
	r->paused = r->told = true;
	return false;
}

static bool read_more(struct lines *r)
{
	char *to = r->buffer + r->end;
	size_t room = BUFFER - r->end, had = 0;

	if (r->eof || !room || !may_read(r))
		return false;
	while (had < room) {
		long n = input_read(&r->in, to + had, room - had);

		if (n <= 0) {
			r->eof = true;
			break;
		}
		had += (size_t)n;
		if (!r->bytes && had >= 2 && !memcmp(to, BYTE_ORDER_MARK, 2))
			r->utf16 = true;
		if (!(r->utf16 && had & 1) && !input_ready(&r->in, 0))
			break;
	}
	r->quiet = r->told = false;
	r->bytes += had;
	r->end += r->utf16 ? narrow(to, had) : had;
	r->buffer[r->end] = '\0';
	return had > 0;
}

/* Have at least @wanted bytes from start on, or all that there are. */
static void have(struct lines *r, size_t wanted)
{
	if (r->end - r->start >= wanted || r->eof)
		return;
	memmove(r->buffer, r->buffer + r->start, r->end - r->start);
	r->end -= r->start;
	r->start = 0;
	r->hit = NULL;
	while (r->end < wanted && read_more(r))
		;
}

const unsigned char *lines_head(struct lines *r, size_t *size)
{
	have(r, AHEAD);
	r->head_seen = true;
	*size = r->end - r->start;
	return r->in.error[0] ? NULL : (const unsigned char *)r->buffer + r->start;
}

/* ---- passing by ---- */

/*
 * Does mail go on behind the '=' at the end of a line with @n bytes at @line? Without any other
 * sign of quoted-printable this is a line that was wrapped there. @next: what follows.
 */
static bool soft_break(const struct lines *r, uint64_t number, const char *line, size_t n,
		       const char *next)
{
	const size_t left = r->buffer + r->end - next;

	return n && line[n - 1] == '=' && left &&
	       (number < r->printable_until || memmem(line, n, "=3D", 3) ||
		memmem(next, left < 400 ? left : 400, "=3D", 3));
}

/* The word that counts may be broken at the end of this line. */
static bool soft_end(const struct lines *r, const char *start, const char *newline)
{
	const size_t n = newline - start;

	return soft_break(r, r->number, start, n - (n && newline[-1] == '\r'), newline + 1);
}

/* Move start to the line that holds @to, or to one before it that may continue there. */
static void walk_to(struct lines *r, const char *to)
{
	char *s = r->buffer + r->start;
	const char *end = r->buffer + r->end;

	for (;;) {
		char *newline = memchr(s, '\n', end - s);

		if (!newline || newline >= to || soft_end(r, s, newline))
			break;
		s = newline + 1;
		r->number++;
	}
	r->start = s - r->buffer;
}

/* The next line with a word of the prefilter. */
static bool seek(struct lines *r)
{
	for (;;) {
		const char *start, *end, *newline;

		have(r, AHEAD);
		start = r->buffer + r->start;
		end = r->buffer + r->end;
		if (start == end || r->paused)
			return false;
		if (!r->hit || r->hit < start)
			r->hit = prefilter_find(r->filter, start, end);
		if (!r->hit)
			r->hit = end;
		walk_to(r, r->hit);
		start = r->buffer + r->start;
		newline = memchr(start, '\n', end - start);
		if (r->hit < end || (newline && soft_end(r, start, newline)))
			return true;
		/*
		 * What is left is the beginning of a line: read on behind all but its last bytes.
		 */
		if (end - start > LINE_MAX_BYTES)
			r->start = r->end - 64;
		if (r->eof) {
			r->number += start < end;
			r->start = r->end;
			return false;
		}
		have(r, r->end - r->start + 1);
	}
}

/* ---- one line ---- */

/* Where the line at @s ends: at a newline, at the file's end, or at the longest. */
static const char *line_end(const struct lines *r, const char *s, const char **next)
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

/* The line's bytes, with those that soft line breaks have moved into the next ones. */
static size_t gather(struct lines *r, struct line *out)
{
	const char *s = r->buffer + r->start, *next;
	size_t n = 0;

	for (unsigned joins = 0;; joins++) {
		const char *stop = line_end(r, s, &next);

		out->ended = next > s && next[-1] == '\n';
		if (stop - s > (long)(LINE_MAX_BYTES - n))
			stop = s + LINE_MAX_BYTES - n;
		memcpy(r->text + n, s, stop - s);
		n += stop - s;
		r->number += out->ended;
		if (joins == SOFT_JOINS || !soft_break(r, out->number, r->text, n, next))
			break;
		n--;
		r->printable_until = r->number + PRINTABLE_FOR;
		s = next;
		while (*s == '>')
			s += 1 + (s[1] == ' ');
	}
	r->start = next - r->buffer;
	return n;
}

/* Behind the line, what may continue it. */
static size_t follow(struct lines *r, size_t n, bool *open_end)
{
	const char *s = r->buffer + r->start, *next;
	const char *end = r->buffer + r->end;
	char clean[LINE_FOLLOW_BYTES + 1];

	for (unsigned i = 0; i < LINE_FOLLOW && s < end; i++, s = next) {
		const char *stop = line_end(r, s, &next), *rest;
		size_t size;

		if (next == end && next[-1] != '\n' && !r->eof)
			break; /* its writer is at it */
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

bool lines_next(struct lines *r, bool every, struct line *out)
{
	struct line_stamp stamp;
	size_t quoted;

	r->paused = false;
	if (!every && !seek(r))
		return false;
	have(r, AHEAD);
	if (r->start == r->end || r->paused)
		return false;
	out->number = r->number;
	out->own = line_clean(r->text, r->text, gather(r, out));
	if (r->start == r->end && r->eof && !out->ended)
		r->number++;
	out->last = r->number > out->number ? r->number - 1 : out->number;
	out->own = line_unquote_printable(r->text, out->own, out->number < r->printable_until);
	quoted = line_unquoted(r->text) - r->text;
	memmove(r->text, r->text + quoted, out->own - quoted + 1);
	out->own -= quoted;
	out->text = r->text;
	out->body = line_prefix(r->text, &stamp);
	out->timed = stamp.timed;
	out->time = stamp.time;
	out->caller = stamp.caller;
	out->record = out->body > 0;
	out->open_end = false;
	out->len = follow(r, out->own, &out->open_end);
	return true;
}
