/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * storm.h - lines that differ in nothing but time and address: after the first ones of a kind they
 * are counted, and not read one by one. Linux's faults are known by their words; of what else this
 * holds is learnt from the recogniser that has read the first ones.
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
	bool learnt;	   /* there are kinds other than Linux's faults */
	struct storm_kind *last;
};

/* True: the line was counted, and needs not be read. @next: what follows it in the file. */
bool storm_take(struct storm *s, const char *line, size_t size, uint64_t number, const char *next,
		const char *end);

/* This line was read, and others like it, but for times and addresses, say nothing more. */
void storm_learn(struct storm *s, const char *line, size_t size);

/* The line before line @number came again so often, as syslog says there. */
void storm_again(struct storm *s, uint64_t number, uint64_t times);

/* A line that stands for *times of those that were counted. False: no more; all is forgotten. */
bool storm_next(struct storm *s, const char **line, size_t *size, uint64_t *number,
		uint64_t *times);

#endif
