/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "space.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define AT_ONCE (32ULL << 20) /* bytes by which a file grows */

static const char *directory;

static int new_file(const char *path)
{
	return open(path, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

bool space_use_directory(const char *path)
{
	int fd = new_file(path);

	if (fd < 0)
		return false;
	close(fd);
	directory = path;
	return true;
}

static void *map(uint64_t size, int fd)
{
	int flags = MAP_SHARED | MAP_NORESERVE | (fd < 0 ? MAP_ANONYMOUS : 0);
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

struct space *space_open(uint64_t size, enum space_kind kind)
{
	struct space *s = map(sizeof(*s), -1);

	if (!s)
		return NULL;
	*s = (struct space){ .size = size, .fd = -1, .filled = size };
	if (kind == SPACE_DISK && directory) {
		s->fd = new_file(directory);
		s->filled = 0;
		if (s->fd < 0)
			return NULL;
	}
	s->at = map(size, s->fd);
	return s->at ? s : NULL;
}

bool space_forget(struct space *s)
{
	if (s->fd < 0)
		return !madvise(s->at, s->size, MADV_REMOVE);
	s->filled = 0;
	return !ftruncate(s->fd, 0);
}

bool space_fill(struct space *s, uint64_t bytes)
{
	uint64_t more = bytes - s->filled;

	if (space_has(s, bytes))
		return true;
	more = (more + AT_ONCE - 1) / AT_ONCE * AT_ONCE;
	if (bytes > s->size)
		return false;
	/* Reserve disk space: a write to a mapped page without it would kill the process. */
	errno = posix_fallocate(s->fd, (off_t)s->filled, (off_t)more);
	if (errno)
		return false;
	s->filled += more;
	return true;
}
