/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* layout.h - how the lines of a file were copied, from the beginning of the file. */
#ifndef DECODE_LAYOUT_H
#define DECODE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

struct layout {
	/*
	 * The column at which longer lines end, or 0; and whether they continue in the next line.
	 */
	unsigned column;
	bool broken;
	bool newest_first;
};

/* @whole: the text is the whole file. */
struct layout layout_of(const char *text, size_t size, bool whole);

/* The columns of a line, without quotation marks of mail. */
size_t layout_length(const char *line, size_t length);

/*
 * A line that ends at the last column continues in @next. True: there are digits on both sides,
 * which may be one number or two. (Words continue for certain.)
 */
bool layout_number_between(const char *line, size_t length, const char *next);

#endif
