/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* driver.h - lines of the VT-d driver, and explanations of them. */
#ifndef DECODE_DRIVER_H
#define DECODE_DRIVER_H

#include "decode.h"

#define DRIVER_WORDS 3

struct driver_line {
	const char *words[DRIVER_WORDS]; /* in this order, anywhere in the line */
	/* Only after the driver's mark, because the words are common. */
	bool marked;
	const char *text;
	struct finding finding;
};

/* The first entry that fits counts; ends with one without an id. */
extern const struct driver_line driver_lines[];
/* Words of lines that report no error; ends with NULL. */
extern const char *const driver_harmless[];

#endif
