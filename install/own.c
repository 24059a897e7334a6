/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "own.h"

#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * Make the path of @place, which is relative to the program's directory. Returns false if no such
 * file can be read.
 */
static bool beside(char *path, size_t size, const char *place)
{
	char self[PATH_MAX];
	ssize_t n;

	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n < 0)
		return false;
	self[n] = 0;
	snprintf(path, size, "%s/%s", dirname(self), place);
	return !access(path, R_OK);
}

/* @built: in a build; @installed: below lib/qinval. */
static void find(char *path, size_t size, const char *built, const char *installed)
{
	char place[100];

	snprintf(place, sizeof(place), "../%s/qinval/%s", QINVAL_LIBDIR_NAME, installed);
	if (!beside(path, size, built) && !beside(path, size, place))
		snprintf(path, size, "%s/%s", QINVAL_LIBDIR, installed);
}

const char *own_scenarios(void)
{
	static char path[PATH_MAX + 200];

	find(path, sizeof(path), "lab/scenarios.so", "scenarios.so");
	return path;
}

const char *own_rank(void)
{
	static char path[PATH_MAX + 200];

	find(path, sizeof(path), "lab/mpi/qinval-rank", "qinval-rank");
	return path;
}

const char *own_file(const char *name)
{
	static char path[PATH_MAX + 200];

	find(path, sizeof(path), name, name);
	return path;
}

const char *own_source(void)
{
	static char source[PATH_MAX];
	char path[PATH_MAX + 200];
	FILE *file;

	file = beside(path, sizeof(path), "lab/source") ? fopen(path, "r") : NULL;
	if (!file)
		return NULL;
	if (!fgets(source, sizeof(source), file))
		source[0] = 0;
	fclose(file);
	source[strcspn(source, "\n")] = 0;
	return *source ? source : NULL;
}

const char *own_headers(void)
{
	static char path[PATH_MAX + 200];

	return beside(path, sizeof(path), "../include/qinval") ? path : QINVAL_INCLUDEDIR;
}
