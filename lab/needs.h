/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* needs.h - sets of words that moves have accessed. */
#ifndef LAB_NEEDS_H
#define LAB_NEEDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Words of four bytes. Each process numbers them by itself. */
#define NEEDS 1024
struct needs {
	uint64_t bit[NEEDS / 64];
};

void needs_add(struct needs *w, uintptr_t addr, size_t size);
bool needs_merge(struct needs *to, const struct needs *more); /* returns true if *to has grown */

bool needs_complete(const struct needs *w); /* false: there were more words than numbers */
uintptr_t needs_address(unsigned number);

#endif
