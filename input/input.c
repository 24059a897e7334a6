/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "input.h"
#include "dat.h"
#include "printable.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK_SIZE 65536

/* Room for the longest line, and for a NUL after a last line that has no newline. */
#define BUF_SIZE (INPUT_LINE_MAX + 2)

__attribute__((format(printf, 2, 3))) static bool fail(struct input *in, const char *format, ...)
{
	va_list ap;
	int n = snprintf(in->error, sizeof(in->error), "%s:", in->name);

	if (n >= (int)sizeof(in->error))
		return false;
	va_start(ap, format);
	vsnprintf(in->error + n, sizeof(in->error) - n, format, ap);
	va_end(ap);
	return false;
}

/* libarchive's reason. For compressed data it is more precise than errno. */
static const char *reason(struct input *in)
{
	const char *text = archive_error_string(in->archive);

	if (!text)
		return "cannot be read";
	/* liblzma has reached the end of the file, and would need more. */
	return strstr(text, "No progress is possible") ? "truncated xz input" : text;
}

static bool open_file(struct input *in, const char *path)
{
	struct stat st;

	in->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	if (in->fd < 0)
		return fail(in, " %s", strerror(errno));
	if (fstat(in->fd, &st))
		return fail(in, " %s", strerror(errno));
	if (S_ISDIR(st.st_mode))
		return fail(in, " is a directory; expected a file");
	in->live = !S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode);
	return true;
}

/* In place of libarchive's own function, which does not say why a file cannot be read. */
static la_ssize_t read_block(struct archive *a, void *ctx, const void **block)
{
	struct input *in = ctx;
	ssize_t n;

	do {
		n = read(in->fd, in->block, BLOCK_SIZE);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		archive_set_error(a, errno, "%s", strerror(errno));
	*block = in->block;
	return n;
}

/*
 * Only the filters that are part of libarchive: for others it would start any program of that name
 * that is in PATH.
 */
static bool open_archive(struct input *in)
{
	struct archive_entry *entry;

	in->archive = archive_read_new();
	if (!in->archive)
		return fail(in, " out of memory");
	archive_read_support_filter_gzip(in->archive);
	archive_read_support_filter_bzip2(in->archive);
	archive_read_support_filter_xz(in->archive);
	archive_read_support_filter_zstd(in->archive);
	archive_read_support_format_zip(in->archive);
	archive_read_support_format_raw(in->archive);
	archive_read_support_format_empty(in->archive);
	if (archive_read_open(in->archive, in, NULL, read_block, NULL) != ARCHIVE_OK)
		return fail(in, " %s", reason(in));
	switch (archive_read_next_header(in->archive, &entry)) {
	case ARCHIVE_OK:
		return true;
	case ARCHIVE_EOF:
		in->eof = true;
		return true;
	default:
		return fail(in, " %s", reason(in));
	}
}

/*
 * The next uncompressed bytes, as many as there are without waiting for more. archive_read_data()
 * would wait.
 */
static la_ssize_t unpack(struct input *in, void *to, size_t size)
{
	la_int64_t offset;
	const void *at;

	while (!in->left) {
		switch (archive_read_data_block(in->archive, &at, &in->left, &offset)) {
		case ARCHIVE_OK:
			in->unpacked = at;
			continue;
		case ARCHIVE_EOF:
			in->left = 0;
			return 0;
		default:
			in->left = 0;
			return -1;
		}
	}
	size = size < in->left ? size : in->left;
	memcpy(to, in->unpacked, size);
	in->unpacked += size;
	in->left -= size;
	return (la_ssize_t)size;
}

/* The next bytes, of the file or of a trace.dat's text. */
static la_ssize_t more(struct input *in, void *to, size_t size)
{
	return in->dat ? dat_read(in->dat, to, size) : unpack(in, to, size);
}

/*
 * Copy all of the file into a temporary one, which can be read at any place. It comes from a pipe,
 * or was compressed.
 */
static bool spool(struct input *in)
{
	FILE *file = tmpfile();
	la_ssize_t n = 0;

	if (!file)
		return fail(in, " no temporary file for it: %s", strerror(errno));
	do {
		if (fwrite(in->buf, 1, in->end, file) != in->end)
			break;
		n = unpack(in, in->buf, BUF_SIZE - 1);
		in->end = n < 0 ? 0 : n;
	} while (in->end);
	if (n < 0)
		fail(in, " cannot be read on: %s", reason(in));
	else if (in->end || fflush(file))
		fail(in, " no room for it in the temporary directory: %s", strerror(errno));
	else
		in->dat = dat_open(fileno(file));
	fclose(file);
	return in->dat;
}

/* A trace.dat is recognised by its first bytes, after decompression. */
static bool open_dat(struct input *in)
{
	bool plain = archive_filter_code(in->archive, 0) == ARCHIVE_FILTER_NONE;
	la_ssize_t n = 1;

	while (!in->eof && in->end < DAT_MAGIC_SIZE && n > 0) {
		n = unpack(in, in->buf + in->end, BUF_SIZE - 1 - in->end);
		in->end += n < 0 ? 0 : n;
	}
	/* On an error input_line() will fail too, and tell. */
	if (!dat_is(in->buf, in->end))
		return true;
	if (plain && lseek(in->fd, 0, SEEK_SET) == 0)
		in->dat = dat_open(in->fd);
	else
		spool(in);
	in->end = 0;
	if (!in->dat && !in->error[0])
		fail(in, " %s", strerror(errno));
	return in->dat;
}

bool input_open(struct input *in, const char *path)
{
	memset(in, 0, sizeof(*in));
	in->fd = -1;
	printable_copy(in->name, sizeof(in->name), strcmp(path, "-") ? path : "standard input");
	in->buf = malloc(BUF_SIZE);
	in->block = malloc(BLOCK_SIZE);
	if (!in->buf || !in->block)
		fail(in, " out of memory");
	else if (open_file(in, path) && open_archive(in) && open_dat(in))
		return true;
	input_close(in);
	return false;
}

void input_close(struct input *in)
{
	if (in->dat)
		dat_close(in->dat);
	if (in->archive)
		archive_read_free(in->archive);
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	free(in->buf);
	free(in->block);
}

/* Read more into the buffer. False at the end, on an error, or if the buffer is full. */
static bool fill(struct input *in)
{
	la_ssize_t n;

	if (in->eof)
		return false;
	memmove(in->buf, in->buf + in->start, in->end - in->start);
	in->end -= in->start;
	in->start = 0;
	if (in->end == BUF_SIZE - 1)
		return fail(in, "%u: a line of more than %d bytes: this is not trace text",
			    in->line + 1, INPUT_LINE_MAX);
	n = more(in, in->buf + in->end, BUF_SIZE - 1 - in->end);
	if (n < 0 && in->dat)
		return fail(in, " %s", dat_error(in->dat));
	if (n < 0)
		return fail(in, "%u: cannot be read beyond this line: %s", in->line + 1,
			    reason(in));
	in->eof = !n;
	in->end += n;
	return n;
}

/* Files that another program has to turn into text first are the most frequent mistake. */
static const struct {
	const char *begins, *what;
} others[] = {
	{ "PERFILE2", "a perf.data file; expected the text that perf script prints of it" },
	{ "\x04\x22\x4d\x18",
	  "compressed with lz4; expected text, as it is or as gz, bz2, xz or zst" },
};

static bool is_text(struct input *in, const char *line, size_t size)
{
	for (unsigned i = 0; in->line == 1 && i < sizeof(others) / sizeof(*others); i++)
		if (!strncmp(line, others[i].begins, strlen(others[i].begins)))
			return fail(in, " is %s", others[i].what);
	if (memchr(line, '\0', size))
		return fail(
			in,
			"%u: a NUL byte: this is binary data; expected text, as it is or as gz, "
			"xz or zst",
			in->line);
	return true;
}

char *input_line(struct input *in)
{
	char *line, *stop;
	size_t seen = 0;

	for (;;) {
		line = in->buf + in->start;
		stop = memchr(line + seen, '\n', in->end - in->start - seen);
		if (stop)
			break;
		seen = in->end - in->start;
		if (fill(in))
			continue;
		line = in->buf + in->start;
		stop = in->buf + in->end;
		if (in->error[0] || stop == line)
			return NULL;
		break;
	}
	in->line++;
	in->ended = stop < in->buf + in->end;
	in->start = stop - in->buf + in->ended;
	if (!is_text(in, line, stop - line))
		return NULL;
	if (in->ended && stop > line && stop[-1] == '\r')
		stop--;
	*stop = '\0';
	printable(line, (size_t)(stop - line));
	return line;
}

long input_read(struct input *in, void *to, size_t size)
{
	la_ssize_t n = in->end - in->start;

	if (n) { /* these were read to find out what the file is */
		n = n < (la_ssize_t)size ? n : (la_ssize_t)size;
		memcpy(to, in->buf + in->start, n);
		in->start += n;
		return n;
	}
	n = in->eof ? 0 : more(in, to, size);
	if (n < 0 && in->dat)
		fail(in, " %s", dat_error(in->dat));
	else if (n < 0)
		fail(in, " cannot be read on: %s", reason(in));
	in->eof = n <= 0;
	return n < 0 ? -1 : n;
}

bool input_ready(const struct input *in, int milliseconds)
{
	struct pollfd p = { .fd = in->fd, .events = POLLIN };

	if (!in->live || in->dat || in->left || in->start < in->end || in->eof)
		return true;
	/* After an error poll() returns -1, which is true: input_read() reports the error. */
	return poll(&p, 1, milliseconds);
}
