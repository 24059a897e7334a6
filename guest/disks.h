/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* disks.h - the guest's disks: one with known contents, and one to which it copies them. */
#ifndef GUEST_DISKS_H
#define GUEST_DISKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Make both, with all of their space allocated. False: *error says why it failed. */
bool disks_make(const char *from, const char *to, unsigned megabytes, uint64_t seed, char *error,
		size_t size);

bool disks_make_empty(const char *path, unsigned megabytes, char *error, size_t size);

/*
 * The number of 4 KiB blocks in which either disk differs from the first one's original contents.
 * -1: a disk cannot be read.
 */
long disks_damaged(const char *from, const char *to, unsigned megabytes, uint64_t seed);

#endif
