/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * line.h - the lines of pasted text, cleaned.
 *
 * It removes quotation marks of mail and tables, list marks, quoted-printable, colours, UTF-16,
 * CRLF, and line breaks at a terminal's last column, and reverses logs with the newest line first.
 * Unprintable bytes become blanks or '?'. A line that mail or a terminal has wrapped is followed by
 * its continuation, and one that holds several records becomes several lines. So the text of a line
 * is one record of the log, as far as that can be known: see struct line.
 */
#ifndef DECODE_LINE_H
#define DECODE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_MAX_BYTES 65536 /* a longer line is split into pieces */
#define LINE_FOLLOW 3	     /* lines that may continue a line */
#define LINE_FOLLOW_BYTES 1024

/*
 * text[0..own) is the line itself. If the next lines do not start records of their own, they follow
 * after a '\n', up to text[len]: words that begin in the line may continue there.
 */
struct line {
	const char *text; /* NUL-terminated */
	size_t own, len;
	size_t indent; /* columns of quotation marks and blanks before it */
	size_t body;   /* where the record's text starts, after time stamps, levels, host names */
	uint64_t number, last; /* of the line, and of the last line that was joined to it */
	bool record;	       /* it has such prefixes */
	bool ended;	       /* it had a newline, so nothing is missing */
	bool open_end;	       /* the text that follows it had no newline */
	/* It ends at the column at which others are cut: the last word may be truncated. */
	bool cut;
	bool repeated;	/* it says that the message of an earlier line was repeated */
	uint64_t times; /* "message repeated 52 times": 52; otherwise 1 */
	/* "last message repeated 17 times", about the previous line: 17; otherwise 0 */
	uint64_t again;
	bool timed;
	double time;	 /* seconds since boot */
	uint64_t caller; /* the task or CPU that printed it; 0: unknown */
};

/* The contents of a line's prefixes: see struct line. */
struct line_stamp {
	bool timed;
	double time;
	bool dated;
	double date; /* seconds of the calendar, for comparison with other lines */
	uint64_t caller;
};

/* The end of the prefixes of @s: "<4>", "[  1.5]", "[  T12]", "Jan 25 12:00:00 host kernel:". */
size_t line_prefix(const char *s, struct line_stamp *stamp);

/* The rest of @s after quotation marks, list marks and blanks. */
const char *line_unquoted(const char *s);

/*
 * The offset after @from of the next record, in a line that holds several, as when a log was pasted
 * as a paragraph. 0: none.
 */
size_t line_split(const char *s, size_t from);

/*
 * True if the line is from source code or a manual: it names messages, or contains them with their
 * formats, and nothing has happened.
 */
bool line_is_source(const struct line *l);

/*
 * Clean @size bytes without newline into @to, which has room for as many and a NUL. Returns the new
 * length. @from and @to may be equal.
 */
size_t line_clean(char *to, const char *from, size_t size);

/*
 * Decode "=3D" in place, if the text looks like quoted-printable, or @sure. Returns the new length.
 */
size_t line_unquote_printable(char *s, size_t size, bool sure);

/* True if the line starts a record, or a sentence that does not continue another line. */
bool line_starts_record(const char *s);

/* ---- The lines of a file ---- */

struct lines;

/* NULL: lines_error() says why the file cannot be read. */
struct lines *lines_open(const char *path);
void lines_close(struct lines *r);

/* The first bytes, which tell the type of file; *size: their number. NULL: it cannot be read. */
const unsigned char *lines_head(struct lines *r, size_t *size);

/*
 * The next line. With @every false, only lines in which the prefilter finds a word; others are
 * skipped and counted. False: the end, or an error.
 */
bool lines_next(struct lines *r, bool every, struct line *out);
/*
 * True if lines_next() returned not at the end, but because nothing was written for a second. The
 * next call waits for more.
 */
bool lines_paused(const struct lines *r);

/* Count the lines of a storm instead of reading each: see storm.h. */
void lines_count_storms(struct lines *r);
/* Lines that equal the last one except for times and addresses may be counted instead of read. */
void lines_alike(struct lines *r);

struct prefilter;
void lines_filter(struct lines *r, const struct prefilter *f);
uint64_t lines_count(const struct lines *r);
/* True if the newest line came first, so that the file was read from its end. */
bool lines_reversed(const struct lines *r);
uint64_t lines_total(const struct lines *r);
/* The column at which lines are cut off, or wrapped (*broken); 0: none. */
unsigned lines_column(const struct lines *r, bool *broken);
uint64_t lines_bytes(const struct lines *r);
/* "" if there was no error. */
const char *lines_error(const struct lines *r);

#endif
