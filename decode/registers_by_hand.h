/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* registers_by_hand.h - registers of one unit that a user has read one by one. */
#ifndef DECODE_REGISTERS_BY_HAND_H
#define DECODE_REGISTERS_BY_HAND_H

#include "registers.h"

struct by_hand {
	struct block *block; /* NULL: no registers yet */
	uint64_t line;	     /* of the latest one */
	bool xen;	     /* from Xen's dump */
	struct registers r;
};

/* Add a register that was read at @line. If it is there already, another reading begins. */
void by_hand_keep(struct decode *d, struct by_hand *h, uint64_t line, const char *name,
		  uint64_t value);
/* Report the reading and its problems. */
void by_hand_finish(struct decode *d, struct by_hand *h);

#endif
