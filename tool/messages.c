/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "messages.h"

#include "input/printable.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BUFFER 4096
#define ERASE "\033[K" /* erases the rest of the line */

static bool begins(const char *s, size_t size, const char *with)
{
	return size >= strlen(with) && !memcmp(s, with, strlen(with));
}

/* The length of "\r", "\033[K", or both, at the beginning of one write. */
static size_t progress_head(const char *s, size_t size)
{
	size_t n = 0;

	if (size && *s == '\r')
		n++;
	if (n && begins(s + n, size - n, ERASE))
		n += strlen(ERASE);
	return n;
}

/* The same at the end of a write that begins so. */
static size_t progress_tail(const char *s, size_t size)
{
	const size_t erase = strlen(ERASE);

	if (size && s[size - 1] == '\r')
		return 1;
	return size >= erase && !memcmp(s + size - erase, ERASE, erase) ? erase : 0;
}

static void put(const char *s, size_t size)
{
	while (size) {
		const ssize_t n = write(STDERR_FILENO, s, size);

		if (n <= 0)
			return; /* an error here cannot be reported */
		s += n;
		size -= (size_t)n;
	}
}

static void put_printable(const char *s, size_t size)
{
	char clean[BUFFER];

	while (size) {
		const char *end = memchr(s, '\n', size);
		const size_t line = end ? (size_t)(end - s) : size;
		const size_t n = line < BUFFER ? line : BUFFER;

		memcpy(clean, s, n);
		printable_name(clean, n);
		put(clean, n);
		s += n;
		size -= n;
		if (size && *s == '\n') {
			put("\n", 1);
			s++;
			size--;
		}
	}
}

/* The stream has no buffer, so this is one whole fprintf(). */
static ssize_t pass(void *unused, const char *s, size_t size)
{
	const size_t head = progress_head(s, size);
	const size_t tail = head ? progress_tail(s + head, size - head) : 0;

	(void)unused;
	put(s, head);
	put_printable(s + head, size - head - tail);
	put(s + size - tail, tail);
	return (ssize_t)size;
}

void messages_guard(void)
{
	FILE *guarded = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = pass });

	if (!guarded)
		return;
	setvbuf(guarded, NULL, _IONBF, 0);
	stderr = guarded;
}
