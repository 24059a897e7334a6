/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* lines.h - a file that is being split into lines, shared by lines.c and lines_join.c. */
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
	bool head_seen;	 /* the type of file is known */
	bool quiet;	 /* no data for a while: handle what is there before the next read */
	bool told;	 /* the caller has been told so */
	bool paused;	 /* lines_next() has returned for this reason */
	uint64_t number; /* of the line that begins at `start`, from 1 */
	uint64_t printable_until;
	uint64_t bytes;
	bool laid_out; /* `layout` is known */
	struct layout layout;
	struct newest *newest; /* the source of the lines if the newest is first */
	size_t rest, rest_end; /* in text: the remaining records of the line */
	struct line whole;     /* the line that holds these records */
	bool storms;	       /* count storms */
	struct storm storm;
	/* The last line in the buffer; raw_size 0: it is not there in one piece. */
	size_t raw, raw_size;
	const struct prefilter *filter;
	const char
		/* Where the prefilter found the last word, or the end if there is none; or NULL. */
		*hit;
};

/*
 * True if mail continues the line after the '=' at the end of @n bytes at @line. Without other
 * signs of quoted-printable, the line was wrapped there. @next: what follows.
 */
bool lines_soft_break(const struct lines *r, uint64_t number, const char *line, size_t n,
		      const char *next);

/* The end of the line at @s: a newline, the end of the file, or the maximum length. */
const char *lines_end(const struct lines *r, const char *s, const char **next);

/* Collect the line's bytes, including those that line breaks have moved to the next lines. */
size_t lines_gather(struct lines *r, struct line *out);

/* Make a line of text[start..end), which may contain the beginning of the next record. */
void lines_piece(struct lines *r, size_t start, size_t end, struct line *out);

#endif
