/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* run.h - runs the program from the build, as a user would. */
#ifndef RUN_H
#define RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RUN_OUTPUT (256 * 1024)

struct run {
	int code; /* exit code; -1: killed */
	char out[RUN_OUTPUT], err[RUN_OUTPUT];
};

/*
 * Run qinval with these arguments, which end with NULL; @input is its standard input, or NULL:
 * empty.
 */
void run_qinval(struct run *r, const char *const *args, const char *input);
void run_qinval_on_full_disk(struct run *r, const char *const *args);

/* A file of @size bytes in a directory of its own; run_clean() removes all of these. */
const char *run_file(const char *name, const void *bytes, size_t size);
const char *run_directory(void);

/*
 * Write a file with this text, such as "dmar0/events/a" below @directory, and make the folders
 * above it.
 */
void run_put(const char *directory, const char *path, const char *text);

void run_clean(void);
int run_end(void **state); /* the same, for cmocka, when all tests are over */

/* A file of the source tree. The next call overwrites the result. */
const char *run_source(const char *path);

#endif
