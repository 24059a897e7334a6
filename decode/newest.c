/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "newest.h"
#include "line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WINDOW (4 * LINE_MAX_BYTES)
#define GROUP LINE_MAX_BYTES /* bytes of a record with its continuation lines */

struct newest {
	FILE *file;
	uint64_t lines;
	bool ended; /* with a newline */
	bool begun;
	off_t left;	 /* bytes of the file from its beginning that are not in the window yet */
	char *window;	 /* the last part of the file that is left */
	size_t had;	 /* bytes in it */
	size_t from, to; /* the part of it that is being returned */
	bool newline;	 /* add a newline after it, as the file's last line has none */
};

struct newest *newest_new(void)
{
	struct newest *n = calloc(1, sizeof(*n));

	if (!n)
		abort();
	n->window = malloc(WINDOW);
	n->file = tmpfile();
	if (!n->window)
		abort();
	if (n->file)
		return n;
	newest_free(n);
	return NULL;
}

void newest_free(struct newest *n)
{
	if (!n)
		return;
	if (n->file)
		fclose(n->file);
	free(n->window);
	free(n);
}

bool newest_put(struct newest *n, const char *bytes, size_t size)
{
	for (const char *s = bytes; (s = memchr(s, '\n', (size_t)(bytes + size - s))); s++)
		n->lines++;
	if (size)
		n->ended = bytes[size - 1] == '\n';
	n->left += (off_t)size;
	return fwrite(bytes, 1, size, n->file) == size;
}

uint64_t newest_lines(const struct newest *n)
{
	return n->lines + !n->ended;
}

/* Fill the window with the last bytes that have not been returned. */
static bool refill(struct newest *n)
{
	const size_t want = n->left < WINDOW ? (size_t)n->left : WINDOW;

	if (n->had >= GROUP || n->had == (size_t)n->left)
		return n->had;
	n->had = 0;
	while (n->had < want) {
		const ssize_t got = pread(fileno(n->file), n->window + n->had, want - n->had,
					  n->left - (off_t)want + (off_t)n->had);

		if (got <= 0)
			return false;
		n->had += (size_t)got;
	}
	return n->had;
}

static bool starts_record(const char *s, size_t length)
{
	char clean[LINE_FOLLOW_BYTES + 1];

	line_clean(clean, s, length < LINE_FOLLOW_BYTES ? length : LINE_FOLLOW_BYTES);
	return line_starts_record(clean);
}

/* The start of the last record. */
static size_t record_start(const struct newest *n)
{
	size_t start = n->had, end = n->had;

	while (start && n->had - start < GROUP) {
		const char *before;

		end = start - 1; /* the newline at its end, or the last byte of the file */
		before = memrchr(n->window, '\n', end);
		start = before ? (size_t)(before + 1 - n->window) : 0;
		if (starts_record(n->window + start, end - start))
			break;
	}
	return start;
}

static bool next_record(struct newest *n)
{
	if (!n->begun) {
		n->begun = true;
		n->newline = !n->ended;
		if (fflush(n->file))
			return false;
	}
	if (!refill(n))
		return false;
	n->from = record_start(n);
	n->to = n->had;
	n->left -= (off_t)(n->to - n->from);
	n->had = n->from;
	return true;
}

size_t newest_read(struct newest *n, char *to, size_t size)
{
	size_t had = 0;

	while (had < size) {
		const size_t left = n->to - n->from;
		const size_t take = left < size - had ? left : size - had;

		if (!left && n->newline && n->begun) {
			to[had++] = '\n';
			n->newline = false;
			continue;
		}
		if (!left && !next_record(n))
			break;
		memcpy(to + had, n->window + n->from, take);
		n->from += take;
		had += take;
	}
	return had;
}
