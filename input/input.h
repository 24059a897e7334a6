/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * input.h - the lines, or the bytes, of a file or of a trace.dat's text; either may be compressed
 * with gzip, bzip2, xz or zstd, or be the first file of a zip archive.
 */
#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INPUT_LINE_MAX 65535

struct input {
	char name[4352];  /* for messages: printable */
	uint32_t line;	  /* number of the line that input_line() returned last */
	bool ended;	  /* that line ended with a newline, so nothing of it is missing */
	char error[4608]; /* what went wrong, with the file's name and, if there is one, the line */
	struct archive *archive;
	struct dat
		*dat; /* not NULL: it is a trace.dat file, and this is where its text comes from */
	int fd;
	char *block; /* as it was read, perhaps compressed */
	char *buf;
	size_t start, end; /* what of buf has been read and not been returned yet */
	const char *unpacked;
	size_t left; /* of the archive's last block */
	bool live;   /* a pipe, a terminal, a device: more may be written at any time */
	bool eof;
};

/* @path: "-" is the standard input. False: see in->error; there is nothing to close. */
bool input_open(struct input *in, const char *path);
void input_close(struct input *in);

/*
 * The next line without its line end, NUL-terminated and printable; valid until the next call. NULL
 * at the end of the file, or if the file cannot be read on or is no text: then in->error is not
 * empty.
 */
char *input_line(struct input *in);

/*
 * Instead of lines: the next bytes, at most @size, of whatever kind. Returns their number, 0 at the
 * end, -1 if the file cannot be read on: see in->error.
 */
long input_read(struct input *in, void *to, size_t size);

/* False: nothing was written for so long, and input_read() would wait. */
bool input_ready(const struct input *in, int milliseconds);

#endif
