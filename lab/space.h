/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * space.h - growing arrays: addresses are reserved, and filled with memory or with a file as they
 * are used.
 *
 * They are mapped before fork(), and shared by all processes. New contents are zero.
 */
#ifndef LAB_SPACE_H
#define LAB_SPACE_H

#include <stdbool.h>
#include <stdint.h>

enum space_kind {
	SPACE_MEMORY,
	SPACE_DISK, /* a file, if space_use_directory() has been called */
};

struct space {
	char *at;
	uint64_t size;
	int fd;		 /* -1: in memory */
	uint64_t filled; /* bytes for which the disk has room; in memory: all */
};

/*
 * From now on SPACE_DISK arrays lie on disk, in unnamed files. False: no file can be made there;
 * errno says why.
 */
bool space_use_directory(const char *path);

/* Returns NULL if there are no addresses, or no file can be made. */
struct space *space_open(uint64_t size, enum space_kind kind);

/* Make the contents zero again. False: the file cannot be truncated. */
bool space_forget(struct space *s);

/* Make room for the first bytes, while no other process uses the array. False: no room. */
bool space_fill(struct space *s, uint64_t bytes);

/* True if there is room for the first bytes. */
static inline bool space_has(const struct space *s, uint64_t bytes)
{
	return bytes <= s->filled;
}

#endif
