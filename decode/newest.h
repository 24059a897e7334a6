/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* newest.h - reads a file with the newest lines first from its end: journalctl -r, web pages. */
#ifndef DECODE_NEWEST_H
#define DECODE_NEWEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct newest;

/* First store the whole file in its own order, then read it. NULL: no temporary file. */
struct newest *newest_new(void);
void newest_free(struct newest *n);
bool newest_put(struct newest *n, const char *bytes, size_t size);

/*
 * The next bytes: lines from the last one on, each followed by its continuation lines. 0: the end.
 */
size_t newest_read(struct newest *n, char *to, size_t size);
uint64_t newest_lines(const struct newest *n);

#endif
