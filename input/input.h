/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * input.h - the lines or the bytes of a file, or of a trace.dat's text. The file may be compressed
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
	bool ended;	  /* the last line ended with a newline, so it is complete */
	char error[4608]; /* what went wrong, with the file's name and, if there is one, the line */
	struct archive *archive;
	struct dat *dat; /* if not NULL, the file is a trace.dat, and this is its text */
	int fd;
	char *block; /* bytes as they were read, perhaps compressed */
	char *buf;
	size_t start, end; /* the part of buf that has not been returned yet */
	const char *unpacked;
	size_t left; /* of the archive's last block */
	bool live;   /* a pipe, a terminal, a device: more may be written at any time */
	bool eof;
};

/*
 * @path: "-" is the standard input. If it returns false, in->error says why, and there is nothing
 * to close.
 */
bool input_open(struct input *in, const char *path);
void input_close(struct input *in);

/*
 * The next line without its line end, NUL-terminated and printable; valid until the next call.
 * Returns NULL at the end of the file. If the file cannot be read any further or is not text, it
 * returns NULL too, and in->error is not empty.
 */
char *input_line(struct input *in);

/*
 * In place of lines: the next bytes, at most @size. Returns their number, 0 at the end, -1 if the
 * file cannot be read any further: see in->error.
 */
long input_read(struct input *in, void *to, size_t size);

/* Returns false if nothing has been written for this time, so that input_read() would wait. */
bool input_ready(const struct input *in, int milliseconds);

#endif
