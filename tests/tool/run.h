/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* run.h - runs the program that the build has made, as a user would. */
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

/* qinval with these arguments, NULL at the end; @input on its standard input, or NULL: nothing. */
void run_qinval(struct run *r, const char *const *args, const char *input);
void run_qinval_on_full_disk(struct run *r, const char *const *args);

/* A file of @size bytes in a directory of its own; run_clean() removes all of them. */
const char *run_file(const char *name, const void *bytes, size_t size);
const char *run_directory(void);

/* A file with this text, as in "dmar0/events/a" below @directory, and the folders above it. */
void run_put(const char *directory, const char *path, const char *text);

void run_clean(void);
int run_end(void **state); /* the same, for cmocka, when all tests are over */

/* A file of the source tree. The result is overwritten by the next call. */
const char *run_source(const char *path);

#endif
