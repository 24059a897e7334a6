/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * storm.h - lines that differ only in time and address are counted, after the first ones of a kind,
 * instead of read one by one. Linux's faults are recognised by their words. Other kinds are learnt
 * from the recogniser that has read the first lines.
 */
#ifndef DECODE_STORM_H
#define DECODE_STORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORM_KINDS 64
#define STORM_LINE 480 /* bytes; longer lines are always read */

/*
 * Lines that represent the counted ones: with the lowest address, with the highest, and the last.
 */
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
	unsigned at, line; /* position of storm_next() */
	bool learnt;	   /* kinds other than Linux's faults were learnt */
	struct storm_kind *last;
};

/* True: the line was counted and need not be read. @next: the following text of the file. */
bool storm_take(struct storm *s, const char *line, size_t size, uint64_t number, const char *next,
		const char *end);

/* This line was read; others that differ only in times and addresses say nothing more. */
void storm_learn(struct storm *s, const char *line, size_t size);

/* The line before line @number was repeated so often, according to syslog. */
void storm_again(struct storm *s, uint64_t number, uint64_t times);

/* The next line that represents *times of the counted ones. False: no more, and all is reset. */
bool storm_next(struct storm *s, const char **line, size_t *size, uint64_t *number,
		uint64_t *times);

#endif
