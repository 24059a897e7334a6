/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* registers_by_hand.h - registers of one unit that were read by hand, one after the other. */
#ifndef DECODE_REGISTERS_BY_HAND_H
#define DECODE_REGISTERS_BY_HAND_H

#include "registers.h"

struct by_hand {
	struct block *block; /* NULL: nothing yet */
	uint64_t line;	     /* of the latest one */
	bool xen;	     /* in Xen's dump */
	struct registers r;
};

/* One more, read at @line; one that is there already begins another reading. */
void by_hand_keep(struct decode *d, struct by_hand *h, uint64_t line, const char *name,
		  uint64_t value);
/* Report the reading, and what is wrong. */
void by_hand_finish(struct decode *d, struct by_hand *h);

#endif
