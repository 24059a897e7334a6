/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* modules.h - a kernel's modules and their dependencies, in loading order. */
#ifndef GUEST_MODULES_H
#define GUEST_MODULES_H

#include <stdbool.h>
#include <stddef.h>

struct modules;

struct module {
	char name[64];
	char *data;
	size_t bytes;
};

/* `folder` is lib/modules/VERSION. NULL: *error says why it failed. */
struct modules *modules_open(const char *folder, char *error, size_t size);

/*
 * Read a module and all on which it depends. A module that the kernel does not have may be built
 * in, and is ignored. False: one cannot be read.
 */
bool modules_want(struct modules *m, const char *name, char *error, size_t size);

/*
 * Read a module that is not the kernel's own from a file, and the modules of the kernel on which it
 * depends. The caller frees its data.
 */
bool modules_read(struct modules *m, const char *path, struct module *module, char *error,
		  size_t size);

/* The value of `key` in the module's .modinfo. False: there is none. */
bool modules_field(const struct module *module, const char *key, char *text, size_t size);

unsigned modules_count(const struct modules *m);
const struct module *modules_get(const struct modules *m, unsigned i);
void modules_close(struct modules *m);

#endif
