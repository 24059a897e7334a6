/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "disks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BLOCK 4096
#define WORDS (BLOCK / 8)

/* Each block has different contents, so that a block in the wrong place is noticed. */
static void fill(uint64_t word[WORDS], uint64_t seed, uint64_t block)
{
	uint64_t z = seed * 0x9e3779b97f4a7c15ULL + block + 1;

	for (unsigned i = 0; i < WORDS; i++) {
		z ^= z << 13;
		z ^= z >> 7;
		z ^= z << 17;
		word[i] = z;
	}
}

static bool make(const char *path, unsigned megabytes, const uint64_t *seed)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), why;
	uint64_t word[WORDS];

	if (fd < 0)
		return false;
	why = posix_fallocate(fd, 0, (off_t)megabytes << 20);
	for (uint64_t block = 0; !why && seed && block < (uint64_t)megabytes << 8; block++) {
		fill(word, *seed, block);
		if (write(fd, word, sizeof(word)) != (ssize_t)sizeof(word))
			why = errno ? errno : ENOSPC;
	}
	close(fd);
	errno = why;
	return !why;
}

static bool refuse(const char *path, unsigned megabytes, char *error, size_t size)
{
	snprintf(error, size, "cannot make a disk of %u MiB, %s: %s", megabytes, path,
		 strerror(errno));
	return false;
}

bool disks_make_empty(const char *path, unsigned megabytes, char *error, size_t size)
{
	return make(path, megabytes, NULL) || refuse(path, megabytes, error, size);
}

bool disks_make(const char *from, const char *to, unsigned megabytes, uint64_t seed, char *error,
		size_t size)
{
	return (make(from, megabytes, &seed) || refuse(from, megabytes, error, size)) &&
	       disks_make_empty(to, megabytes, error, size);
}

static long compare(const char *path, unsigned megabytes, uint64_t seed)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t expected[WORDS], word[WORDS];
	long damaged = fd < 0 ? -1 : 0;

	for (uint64_t block = 0; damaged >= 0 && block < (uint64_t)megabytes << 8; block++) {
		fill(expected, seed, block);
		if (read(fd, word, sizeof(word)) != (ssize_t)sizeof(word))
			damaged = -1;
		else
			damaged += memcmp(word, expected, sizeof(word)) != 0;
	}
	if (fd >= 0)
		close(fd);
	return damaged;
}

long disks_damaged(const char *from, const char *to, unsigned megabytes, uint64_t seed)
{
	long a = compare(from, megabytes, seed), b = compare(to, megabytes, seed);

	return a < 0 || b < 0 ? -1 : a + b;
}
