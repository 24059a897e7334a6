/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "kernel.h"

#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libgen.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <install/own.h>
#include <unistd.h>

/* Offsets in the header of a bzImage, from the documentation of the x86 boot protocol. */
#define HEADER 0x202  /* "HdrS" */
#define VERSION 0x20e /* of the offset of the version's text, relative to 0x200 */
#define LOADFLAGS 0x211
#define LOADED_HIGH 1
#define XLOADFLAGS 0x236
#define IS_64_BIT 1

bool kernel_fetch(const char *package, char *path, size_t path_size, char *error, size_t size)
{
	const char *argv[] = { own_file("guest/fetch"), package, NULL };

	return command_run(argv, path, path_size, error, size);
}

/* Check that it is a kernel for this machine, and read its version. */
static bool read_header(struct kernel *k, char *error, size_t size)
{
	unsigned char head[0x10000] = { 0 };
	int fd = open(k->image, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof(head) - 1);
	unsigned at;

	if (n < 0)
		snprintf(error, size, "cannot read %s: %s", k->image, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (n < 0)
		return false;
	at = 0x200 + (head[VERSION] | head[VERSION + 1] << 8);
	if (memcmp(head + HEADER, "HdrS", 4) || !(head[LOADFLAGS] & LOADED_HIGH) ||
	    !(head[XLOADFLAGS] & IS_64_BIT) || at >= (unsigned)n) {
		snprintf(error, size,
			 "%s is no kernel for x86-64; what is needed is a bzImage (vmlinuz)",
			 k->image);
		return false;
	}
	sscanf((const char *)head + at, "%99s", k->release);
	return true;
}

static bool find_modules(struct kernel *k, const char *format, const char *root)
{
	snprintf(k->modules, sizeof(k->modules), format, root, k->release);
	if (!access(k->modules, R_OK))
		return true;
	k->modules[0] = '\0';
	return false;
}

static bool find_in(struct kernel *k, const char *root, char *error, size_t size)
{
	char pattern[PATH_MAX];
	glob_t found;
	bool ok;

	snprintf(pattern, sizeof(pattern), "%s/boot/vmlinuz-*", root);
	ok = !glob(pattern, 0, NULL, &found);
	if (ok)
		snprintf(k->image, sizeof(k->image), "%s", found.gl_pathv[0]);
	else
		snprintf(error, size, "%s: there is no kernel in it", root);
	globfree(&found);
	if (!ok || !read_header(k, error, size))
		return false;
	if (!find_modules(k, "%s/lib/modules/%s", root))
		find_modules(k, "%s/usr/lib/modules/%s", root);
	return true;
}

static bool find_deb(struct kernel *k, const char *deb, const char *folder, char *error,
		     size_t size)
{
	char root[PATH_MAX], out[100];
	const char *argv[] = { "dpkg-deb", "-x", deb, root, NULL };

	snprintf(root, sizeof(root), "%s/deb", folder);
	return command_run(argv, out, sizeof(out), error, size) && find_in(k, root, error, size);
}

static bool find_file(struct kernel *k, const char *path, char *error, size_t size)
{
	char copy[PATH_MAX], beside[PATH_MAX + 8];

	snprintf(k->image, sizeof(k->image), "%s", path);
	if (!read_header(k, error, size))
		return false;
	snprintf(copy, sizeof(copy), "%s", path);
	snprintf(beside, sizeof(beside), "%s/..", dirname(copy));
	if (!find_modules(k, "%s/lib/modules/%s", beside) &&
	    !find_modules(k, "%s/usr/lib/modules/%s", beside))
		find_modules(k, "%s/lib/modules/%s", "");
	return true;
}

bool kernel_find(struct kernel *k, const char *what, const char *folder, char *error, size_t size)
{
	const char *end = strrchr(what, '.');
	char root[PATH_MAX];

	*k = (struct kernel){ .image = "" };
	if (!strcmp(what, "6.1") || !strcmp(what, "6.12"))
		return kernel_fetch(what, root, sizeof(root), error, size) &&
		       find_in(k, root, error, size);
	if (end && !strcmp(end, ".deb"))
		return find_deb(k, what, folder, error, size);
	return find_file(k, what, error, size);
}
