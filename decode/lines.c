/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* From a file to clean lines, with memory that does not depend on the file's size. */
#include "lines.h"
#include "newest.h"
#include "prefilter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER (1 << 20)
/* Before a line is cleaned, so many bytes after its beginning are read, unless the file ends. */
#define AHEAD (2 * LINE_MAX_BYTES)
/*
 * If nothing is written for this time, the line is complete. Slow consoles pause less within a
 * record.
 */
#define PAUSE_MILLISECONDS 1000

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
	newest_free(r->newest);
	free(r->buffer);
	free(r->text);
	free(r);
}

void lines_filter(struct lines *r, const struct prefilter *f)
{
	r->filter = f;
}

void lines_count_storms(struct lines *r)
{
	r->storms = true;
}

void lines_alike(struct lines *r)
{
	if (r->storms && r->raw_size)
		storm_learn(&r->storm, r->buffer + r->raw, r->raw_size);
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

/*
 * UTF-16, which Windows calls "Unicode": a byte-order mark, or every other byte of the first text
 * is 0.
 */
static bool looks_utf16(const char *s, size_t size, bool big)
{
	if (size < 2)
		return false;
	if (!memcmp(s, big ? "\xfe\xff" : "\xff\xfe", 2))
		return true;
	for (size_t i = 0; i < 8 && size >= 8; i += 2)
		if (s[i + !big] || s[i + big] < '\t' || s[i + big] == 0x7f)
			return false;
	return size >= 8;
}

/* The low bytes are enough to recognise anything. */
static size_t narrow(char *s, size_t size, bool big)
{
	size_t n = 0;

	for (size_t i = 0; i + 1 < size; i += 2) {
		const char low = s[i + big], high = s[i + !big];

		s[n++] = (char)(low == (char)0xff || high == (char)0xff ? ' ' : high ? '?' : low);
	}
	return n;
}

/*
 * True if it is time to read. A read that would wait (as for `dmesg -w`) is put off while there are
 * complete lines, or the caller has not been told that there are no more. Before the type of file
 * is known, true for text only.
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
	if (size || r->told) /* in the middle of a line, wait for its end */
		return true;
	r->paused = r->told = true;
	return false;
}

static bool read_more(struct lines *r)
{
	char *to = r->buffer + r->end;
	size_t room = BUFFER - r->end, had = 0;

	if (r->eof || !room || (!r->newest && !may_read(r)))
		return false;
	if (r->newest) {
		had = newest_read(r->newest, to, room);
		r->eof = !had;
		r->end += had;
		r->buffer[r->end] = '\0';
		return had;
	}
	while (had < room) {
		long n = input_read(&r->in, to + had, room - had);

		if (n <= 0) {
			r->eof = true;
			break;
		}
		had += (size_t)n;
		if (!r->bytes && r->units == BYTES)
			r->units = looks_utf16(to, had, false)	? UTF16_LITTLE
				   : looks_utf16(to, had, true) ? UTF16_BIG
								: BYTES;
		if (!(r->units != BYTES && had & 1) && !input_ready(&r->in, 0))
			break;
	}
	r->quiet = r->told = false;
	r->bytes += had;
	r->end += r->units != BYTES ? narrow(to, had, r->units == UTF16_BIG) : had;
	r->buffer[r->end] = '\0';
	return had > 0;
}

/* Read until there are at least @wanted bytes from `start` on, or the file ends. */
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

/* Read the whole file, and start again from its end. */
static void turn_round(struct lines *r)
{
	struct newest *n = newest_new();
	bool ok = n;

	while (ok && r->start < r->end) {
		ok = newest_put(n, r->buffer + r->start, r->end - r->start);
		r->start = r->end = 0;
		while (ok && !r->end && !r->eof) {
			r->quiet = false;
			read_more(r);
		}
	}
	if (!ok) {
		if (!r->in.error[0])
			snprintf(r->in.error, sizeof(r->in.error),
				 "%s: no temporary file to read it from its end", r->in.name);
		newest_free(n);
		return;
	}
	r->newest = n;
	r->eof = r->paused = false;
	r->hit = NULL;
}

static void lay_out(struct lines *r)
{
	r->laid_out = true;
	r->layout = layout_of(r->buffer + r->start, r->end - r->start, r->eof);
	if (r->layout.newest_first)
		turn_round(r);
}

bool lines_reversed(const struct lines *r)
{
	return r->newest;
}

uint64_t lines_total(const struct lines *r)
{
	return r->newest ? newest_lines(r->newest) : lines_count(r);
}

unsigned lines_column(const struct lines *r, bool *broken)
{
	*broken = r->layout.broken;
	return r->layout.column;
}

const unsigned char *lines_head(struct lines *r, size_t *size)
{
	have(r, AHEAD);
	r->head_seen = true;
	*size = r->end - r->start;
	return r->in.error[0] ? NULL : (const unsigned char *)r->buffer + r->start;
}

/* ---- skipping lines ---- */

/* True if a word may be broken at the end of this line. */
static bool soft_end(const struct lines *r, const char *start, const char *newline)
{
	const size_t n = newline - start;

	return lines_soft_break(r, r->number, start, n - (n && newline[-1] == '\r'), newline + 1);
}

/* Move `start` to the line that holds @to, or to an earlier one that may continue there. */
static void walk_to(struct lines *r, const char *to)
{
	char *s = r->buffer + r->start;
	const char *end = r->buffer + r->end;

	for (;;) {
		char *newline = memchr(s, '\n', end - s);

		if (!newline || newline >= to ||
		    (newline > s && (newline[-1] == '=' || newline[-1] == '\r') &&
		     soft_end(r, s, newline)))
			break;
		s = newline + 1;
		r->number++;
	}
	r->start = s - r->buffer;
}

/* Find the next line with a word of the prefilter. */
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
		/* The rest is the beginning of a line: read on after all but its last bytes. */
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

/* Skip lines of a storm that need not be read; @every as in lines_next(). */
static bool pass_storm(struct lines *r, bool every)
{
	for (;;) {
		const char *start, *stop, *next;

		if (!every && !seek(r))
			return false;
		have(r, AHEAD);
		if (r->start == r->end || r->paused)
			return false;
		start = r->buffer + r->start;
		stop = lines_end(r, start, &next);
		if (!r->storms || r->layout.column || next == start || next[-1] != '\n' ||
		    !storm_take(&r->storm, start, (size_t)(stop - start), r->number, next,
				r->buffer + r->end))
			return true;
		r->start = (size_t)(next - r->buffer);
		r->number++;
	}
}

/* Lines that represent those that were skipped. */
static bool storm_line(struct lines *r, struct line *out)
{
	const char *text;
	size_t size;
	uint64_t times;

	if (!storm_next(&r->storm, &text, &size, &out->number, &times))
		return false;
	memcpy(r->text, text, size);
	size = line_clean(r->text, r->text, size);
	out->ended = true;
	out->cut = false;
	out->last = out->number;
	out->indent = 0;
	r->whole = *out;
	lines_piece(r, 0, size, out);
	r->text[out->own] = '\0';
	out->len = out->own;
	out->times = times;
	return true;
}

/* The length of the last line, without its newline. */
static size_t raw_size(const struct lines *r)
{
	const char *s = r->buffer + r->raw, *next;

	return (size_t)(lines_end(r, s, &next) - s);
}

bool lines_next(struct lines *r, bool every, struct line *out)
{
	size_t quoted, own;

	r->paused = false;
	r->raw_size = 0;
	if (r->rest < r->rest_end) {
		lines_piece(r, r->rest, r->rest_end, out);
		return true;
	}
	if (!r->laid_out)
		lay_out(r);
	if (!pass_storm(r, every))
		return storm_line(r, out);
	out->number = r->number;
	r->raw = r->start;
	own = line_clean(r->text, r->text, lines_gather(r, out));
	if (r->start == r->end && r->eof && !out->ended)
		r->number++;
	out->last = r->number > out->number ? r->number - 1 : out->number;
	own = line_unquote_printable(r->text, own, out->number < r->printable_until);
	quoted = line_unquoted(r->text) - r->text;
	if (quoted && r->text[quoted - 1] == '`')
		while (own > quoted && r->text[own - 1] == '`')
			r->text[--own] = '\0';
	memmove(r->text, r->text + quoted, own - quoted + 1);
	out->indent = quoted;
	r->whole = *out;
	lines_piece(r, 0, own - quoted, out);
	if (out->last == out->number && r->rest == r->rest_end && out->times == 1 && out->ended)
		r->raw_size = raw_size(r);
	if (out->again)
		storm_again(&r->storm, out->number, out->again);
	return true;
}
