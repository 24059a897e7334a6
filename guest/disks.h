/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* disks.h - the guest's disks: one with known contents, and one that it copies them to. */
#ifndef GUEST_DISKS_H
#define GUEST_DISKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False: *error says why they cannot be made. Their space is allocated at once. */
bool disks_make(const char *from, const char *to, unsigned megabytes, uint64_t seed, char *error,
		size_t size);

bool disks_make_empty(const char *path, unsigned megabytes, char *error, size_t size);

/*
 * In how many 4 KiB blocks does either differ from what the first has been given? -1: unreadable.
 */
long disks_damaged(const char *from, const char *to, unsigned megabytes, uint64_t seed);

#endif
