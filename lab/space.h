/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * space.h - room for what grows: reserved addresses, filled with memory, or with a file, as they
 * are used.
 *
 * Mapped before anything is forked, and shared by all processes. What is new is zero.
 */
#ifndef LAB_SPACE_H
#define LAB_SPACE_H

#include <stdbool.h>
#include <stdint.h>

enum space_kind {
	SPACE_MEMORY,
	SPACE_DISK, /* a file, if space_use_directory() has said where */
};

struct space {
	char *at;
	uint64_t size;
	int fd;		 /* -1: memory */
	uint64_t filled; /* bytes that the file has room for on its disk; of memory all */
};

/*
 * From now on what may lie on disk lies there, in files without a name. False: no file can be made
 * there; errno says why.
 */
bool space_use_directory(const char *path);

/* NULL: no addresses, or no file. */
struct space *space_open(uint64_t size, enum space_kind kind);

/* Zero again. False: the file cannot be cut. */
bool space_forget(struct space *s);

/* See to room for the first bytes, while nobody else uses it. False: there is none. */
bool space_fill(struct space *s, uint64_t bytes);

/* Is there room for the first bytes? */
static inline bool space_has(const struct space *s, uint64_t bytes)
{
	return bytes <= s->filled;
}

#endif
