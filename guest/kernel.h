/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* kernel.h - which kernel is booted, and where its modules are. */
#ifndef GUEST_KERNEL_H
#define GUEST_KERNEL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct kernel {
	char image[PATH_MAX];
	char modules[2 * PATH_MAX]; /* empty: there are none for it */
	char release[100];
};

/*
 * Unpack a package of Debian's that guest/data/fetch knows, or have it from the cache; *path is the
 * folder. False: *error says why it is not to be had.
 */
bool kernel_fetch(const char *package, char *path, size_t path_size, char *error, size_t size);

/*
 * `what`: a version of Debian's (6.1, 6.12), a .deb, which is unpacked into `folder`, or a bzImage,
 * whose modules are looked for beside it and below /lib/modules.
 */
bool kernel_find(struct kernel *k, const char *what, const char *folder, char *error, size_t size);

#endif
