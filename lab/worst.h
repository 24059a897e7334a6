/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* worst.h - the violation that comes first, of all that an exploration finds. */
#ifndef LAB_WORST_H
#define LAB_WORST_H

#include "reduction.h"
#include "store.h"

#define WORST_TAIL 4096 /* moves behind the last state of a way that are kept */

struct worst {
	state_id state; /* STATE_NONE: there is none */
	unsigned n;
	struct move tail[WORST_TAIL]; /* from there on; the last one breaks a check */
	char what[256];
};

/* The way from this state ends with a move that breaks a check. */
void worst_note(struct worst *w, state_id s, const struct trail *way);

#endif
