/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * initrd.h - the guest's initial file system: busybox, kernel modules, the init script, and its
 * work.
 */
#ifndef GUEST_INITRD_H
#define GUEST_INITRD_H

#include <stdbool.h>
#include <stddef.h>

/* The user's module: loaded before the work, and unloaded after it. */
struct initrd_module {
	const char *file;
	const char *parameters; /* as insmod takes them, or NULL */
};

#define INITRD_EXTRAS 4

struct initrd_config {
	const char *busybox; /* the program */
	const char *modules; /* the folder of the kernel's version, below lib/modules */
	const char *release;
	const char *init, *works, *work; /* scripts */
	const char *tools;		 /* a folder whose files are added, or NULL */
	struct initrd_module extra[INITRD_EXTRAS];
	unsigned extras;
};

/* Write it to `path`. False: *error says why it failed. */
bool initrd_make(const char *path, const struct initrd_config *cfg, char *error, size_t size);

#endif
