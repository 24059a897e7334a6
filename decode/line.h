/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * line.h - the lines of pasted text, cleaned.
 *
 * Undone are: quotation marks of mail and tables, list marks, quoted-printable, colours, UTF-16,
 * CRLF, lines broken at a terminal's last column, logs with the newest line first. Bytes that are
 * not printable ASCII become blanks or '?'. A line that mail or a terminal has wrapped is followed
 * by its continuation, and one that holds several records is several: one line's text is a record
 * of the log as far as one can tell, see struct line.
 */
#ifndef DECODE_LINE_H
#define DECODE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_MAX_BYTES 65536 /* of a longer line the pieces are lines */
#define LINE_FOLLOW 3	     /* lines that may continue one */
#define LINE_FOLLOW_BYTES 1024

/*
 * text[0..own) is the line itself. What follows it, if the next lines do not start records of their
 * own, stands behind a '\n', up to text[len]: words may be looked for there if they began in the
 * line.
 */
struct line {
	const char *text; /* NUL-terminated */
	size_t own, len;
	size_t indent; /* columns that quotation marks and blanks took before it */
	size_t body;   /* where the record's text starts, behind time stamps, levels, host names */
	uint64_t number, last; /* of the line, and of the last one that was joined to it */
	bool record;	       /* there are such prefixes */
	bool ended;	       /* it had a line end: nothing is missing */
	bool open_end;	       /* what follows it had none */
	bool cut;	       /* at the column at which others end: the last word may be longer */
	bool repeated;	       /* it tells that the message of an earlier line came again */
	uint64_t times;	       /* "message repeated 52 times": as often; else 1 */
	uint64_t again;	       /* "last message repeated 17 times": the line before; else 0 */
	bool timed;
	double time;	 /* seconds since boot */
	uint64_t caller; /* the task or CPU that printed it; 0: not said */
};

/* What the prefixes of a line say: see struct line. */
struct line_stamp {
	bool timed;
	double time;
	bool dated;
	double date; /* seconds of the calendar, to be compared with those of other lines */
	uint64_t caller;
};

/* Where the prefixes of @s end: "<4>", "[  1.5]", "[  T12]", "Jan 25 12:00:00 host kernel:". */
size_t line_prefix(const char *s, struct line_stamp *stamp);

/* Quotation marks, list marks and blanks at the beginning: the rest of @s. */
const char *line_unquoted(const char *s);

/*
 * Where the next record begins in a line that holds several, as of a paragraph that was made of a
 * log: behind @from. 0: nowhere.
 */
size_t line_split(const char *s, size_t from);

/*
 * It is a program's or a manual's: it names messages, or holds them with their formats, and
 * nothing has happened.
 */
bool line_is_source(const struct line *l);

/*
 * Clean @size bytes without their line end into @to, which has room for as many and a NUL. Returns
 * the length. @from and @to may be the same.
 */
size_t line_clean(char *to, const char *from, size_t size);

/* Undo "=3D" in place if this is how the text looks (or @sure). Returns the new length. */
size_t line_unquote_printable(char *s, size_t size, bool sure);

/* Does this line start a record, or a sentence that continues no other line? */
bool line_starts_record(const char *s);

/* ---- The lines of a file ---- */

struct lines;

/* lines_error() says why a file cannot be read. */
struct lines *lines_open(const char *path);
void lines_close(struct lines *r);

/* The first bytes, to tell what kind of file it is; *size of them. NULL if it cannot be read. */
const unsigned char *lines_head(struct lines *r, size_t *size);

/*
 * The next line. With @every false, only one in which the prefilter finds a word: the others are
 * passed by, and counted. False at the end, or if the rest cannot be read.
 */
bool lines_next(struct lines *r, bool every, struct line *out);
/* Not at the end: nothing was written for a second. The next call waits for more. */
bool lines_paused(const struct lines *r);

/* Count lines of a storm instead of reading each: storm.h. */
void lines_count_storms(struct lines *r);
/* Others like the last line, but for times and addresses, say nothing more: they may be counted. */
void lines_alike(struct lines *r);

struct prefilter;
void lines_filter(struct lines *r, const struct prefilter *f);
uint64_t lines_count(const struct lines *r);
/* The newest line came first: it was read from its end. */
bool lines_reversed(const struct lines *r);
uint64_t lines_total(const struct lines *r);
/* The column at which lines are cut off, or broken; 0: none. */
unsigned lines_column(const struct lines *r, bool *broken);
uint64_t lines_bytes(const struct lines *r);
/* "" if nothing went wrong. */
const char *lines_error(const struct lines *r);

#endif
