/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tracing.h - files of the kernel's tracefs. */
#ifndef LIVE_TRACING_H
#define LIVE_TRACING_H

#include <stdbool.h>
#include <stddef.h>

/* Where it is mounted; NULL if nowhere. */
const char *tracing_directory(void);

/* Tests have one of their own. */
void tracing_set_directory(const char *directory);

/* The whole of a file below it, for free(); NULL: see errno. */
char *tracing_read(const char *file);

/* One write() to a file below it. @more: append. False: see errno. */
bool tracing_write(const char *file, const char *text, bool more);

/* Any file, whose size the kernel does not say. */
char *read_whole(const char *path, size_t *size);

#endif
