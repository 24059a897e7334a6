/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* lines.h - a file on its way to lines, as lines.c and lines_join.c share it. */
#ifndef DECODE_LINES_H
#define DECODE_LINES_H

#include "layout.h"
#include "line.h"
#include "storm.h"

#include "input/input.h"

struct newest;
struct prefilter;

struct lines {
	struct input in;
	char *buffer;
	char *text; /* the cleaned line */
	size_t start, end;
	bool eof;
	enum { BYTES, UTF16_LITTLE, UTF16_BIG } units;
	bool opened;
	bool head_seen;	 /* it is known what kind of file this is */
	bool quiet;	 /* nothing has come for a while: first what is here, then the next read */
	bool told;	 /* of that */
	bool paused;	 /* lines_next() has returned because of it */
	uint64_t number; /* of the line that begins at start, from 1 */
	uint64_t printable_until;
	uint64_t bytes;
	bool laid_out; /* layout is known */
	struct layout layout;
	struct newest *newest; /* where the lines come from, if the newest is first */
	size_t rest, rest_end; /* of text: records that the line holds besides */
	struct line whole;     /* that line */
	bool storms;	       /* are counted */
	struct storm storm;
	size_t raw, raw_size; /* of the last line, in the buffer; raw_size 0: it is not by itself */
	const struct prefilter *filter;
	const char
		*hit; /* where the prefilter found a word last, the end if there is none; or NULL */
};

/*
 * Does mail go on behind the '=' at the end of a line with @n bytes at @line? Without any other
 * sign of quoted-printable this is a line that was wrapped there. @next: what follows.
 */
bool lines_soft_break(const struct lines *r, uint64_t number, const char *line, size_t n,
		      const char *next);

/* Where the line at @s ends: at a newline, at the file's end, or at the longest. */
const char *lines_end(const struct lines *r, const char *s, const char **next);

/* The line's bytes, with those that line breaks have moved into the next ones. */
size_t lines_gather(struct lines *r, struct line *out);

/* What stands in text[start..end), of which the next record may begin in the midst. */
void lines_piece(struct lines *r, size_t start, size_t end, struct line *out);

#endif
