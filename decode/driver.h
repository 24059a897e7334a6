/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* driver.h - lines of the VT-d driver, and what each means. */
#ifndef DECODE_DRIVER_H
#define DECODE_DRIVER_H

#include "decode.h"

#define DRIVER_WORDS 3

struct driver_line {
	const char *words[DRIVER_WORDS]; /* in this order, anywhere in the line */
	bool marked;			 /* only behind the driver's mark: the words are common */
	const char *text;
	struct finding finding;
};

/* The first that fits counts; ends with one without an id. */
extern const struct driver_line driver_lines[];
/* Words of lines that report no error; ends with NULL. */
extern const char *const driver_harmless[];

#endif
