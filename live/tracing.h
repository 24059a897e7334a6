/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tracing.h - files of the kernel's tracefs. */
#ifndef LIVE_TRACING_H
#define LIVE_TRACING_H

#include <stdbool.h>
#include <stddef.h>

/* Where tracefs is mounted; NULL if it is not. */
const char *tracing_directory(void);

/* Use another directory, as tests do. */
void tracing_set_directory(const char *directory);

/*
 * The whole contents of a file below that directory, for free(). Returns NULL on an error, which
 * errno tells.
 */
char *tracing_read(const char *file);

/* One write() to a file below it. @more: append. Returns false on an error, which errno tells. */
bool tracing_write(const char *file, const char *text, bool more);

/* The contents of any file, also of one whose size the kernel does not report. */
char *read_whole(const char *path, size_t *size);

#endif
