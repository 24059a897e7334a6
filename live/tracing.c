/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "tracing.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *chosen;

void tracing_set_directory(const char *directory)
{
	chosen = directory;
}

const char *tracing_directory(void)
{
	static const char *const usual[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	char path[PATH_MAX];

	if (chosen)
		return chosen;
	for (unsigned i = 0; i < sizeof(usual) / sizeof(*usual); i++) {
		snprintf(path, sizeof(path), "%s/events", usual[i]);
		if (!access(path, F_OK))
			return usual[i];
	}
	return NULL;
}

static bool path_of(char path[PATH_MAX], const char *file)
{
	const char *directory = tracing_directory();

	if (!directory) {
		errno = ENOENT;
		return false;
	}
	return snprintf(path, PATH_MAX, "%s/%s", directory, file) < PATH_MAX;
}

char *read_whole(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0, room = 0;
	char *text = NULL, *more;
	ssize_t n = fd < 0 ? -1 : 1;

	while (n > 0) {
		if (room - used < 2) {
			room = room ? 2 * room : 4096;
			more = realloc(text, room);
			if (!more) {
				n = -1;
				break;
			}
			text = more;
		}
		n = read(fd, text + used, room - used - 1);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			used += n;
	}
	if (fd >= 0)
		close(fd);
	if (n < 0) {
		free(text);
		return NULL;
	}
	text[used] = '\0';
	if (size)
		*size = used;
	return text;
}

char *tracing_read(const char *file)
{
	char path[PATH_MAX];

	return path_of(path, file) ? read_whole(path, NULL) : NULL;
}

bool tracing_write(const char *file, const char *text, bool more)
{
	char path[PATH_MAX];
	size_t size = strlen(text);
	ssize_t n;
	int fd;

	if (!path_of(path, file))
		return false;
	fd = open(path, O_WRONLY | O_CLOEXEC | (more ? O_APPEND : O_TRUNC));
	if (fd < 0)
		return false;
	do {
		n = write(fd, text, size);
	} while (n < 0 && errno == EINTR);
	close(fd);
	return n == (ssize_t)size;
}
