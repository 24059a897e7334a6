/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* kernel.h - finds the kernel to boot, and its modules. */
#ifndef GUEST_KERNEL_H
#define GUEST_KERNEL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct kernel {
	char image[PATH_MAX];
	char modules[2 * PATH_MAX]; /* empty: no modules for it */
	char release[100];
};

/*
 * Unpack a Debian package that guest/data/fetch knows, or find it in the cache; *path is its
 * folder. False: *error says why it failed.
 */
bool kernel_fetch(const char *package, char *path, size_t path_size, char *error, size_t size);

/*
 * `what` is a version of Debian's kernel (6.1, 6.12), a .deb, which is unpacked into `folder`, or a
 * bzImage, whose modules are searched beside it and below /lib/modules.
 */
bool kernel_find(struct kernel *k, const char *what, const char *folder, char *error, size_t size);

#endif
