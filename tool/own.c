/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "own.h"

#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

/* False: there is none so called beside the program. */
static bool beside(char *path, size_t size, const char *name)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0)
		return false;
	self[n] = 0;
	snprintf(path, size, "%s/%s", dirname(self), name);
	return !access(path, R_OK);
}

const char *own_scenarios(void)
{
	static char path[PATH_MAX + 64];

	return beside(path, sizeof(path), "lab/scenarios.so") ? path
							      : QINVAL_LIBDIR "/scenarios.so";
}

const char *own_file(const char *name)
{
	static char path[PATH_MAX + 64];

	if (!beside(path, sizeof(path), name))
		snprintf(path, sizeof(path), "%s/%s", QINVAL_LIBDIR, name);
	return path;
}
