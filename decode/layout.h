/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* layout.h - what the beginning of a file tells of how its lines were copied. */
#ifndef DECODE_LAYOUT_H
#define DECODE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

struct layout {
	/* The last column, at which longer lines end, or 0; and whether they go on below. */
	unsigned column;
	bool broken;
	bool newest_first;
};

/* @whole: there is no more than this. */
struct layout layout_of(const char *text, size_t size, bool whole);

/* The columns of a line, without the marks of a quotation. */
size_t layout_length(const char *line, size_t length);

/*
 * A line that ends at the last column continues in @next. True: there are digits on both sides, so
 * it is not known whether they are one number; words continue for sure.
 */
bool layout_number_between(const char *line, size_t length, const char *next);

#endif
