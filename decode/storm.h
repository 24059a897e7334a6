/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * storm.h - fault lines that differ in nothing but time and address: after the first ones of a kind
 * they are counted, and not read one by one.
 */
#ifndef DECODE_STORM_H
#define DECODE_STORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORM_KINDS 64
#define STORM_LINE 480 /* bytes; longer ones are read one by one */

/* Of all that were counted: the lines with the lowest and the highest address, and the last. */
enum storm_line { STORM_LOW, STORM_HIGH, STORM_LAST, STORM_LINES };

struct storm_kind {
	uint64_t hash, seen, count, least, most;
	uint64_t number[STORM_LINES];
	size_t size[STORM_LINES];
	char text[STORM_LINES][STORM_LINE];
};

struct storm {
	struct storm_kind kind[STORM_KINDS];
	unsigned n;
	unsigned at, line; /* what storm_next() gives out */
};

/* True: the line was counted, and needs not be read. @next: what follows it in the file. */
bool storm_take(struct storm *s, const char *line, size_t size, uint64_t number, const char *next,
		const char *end);

/* A line that stands for *times of those that were counted. False: no more; all is forgotten. */
bool storm_next(struct storm *s, const char **line, size_t *size, uint64_t *number,
		uint64_t *times);

#endif
