/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* worst.h - the first violation in breadth-first order, of all that an exploration finds. */
#ifndef LAB_WORST_H
#define LAB_WORST_H

#include "reduction.h"
#include "store.h"

#define WORST_TAIL 4096 /* moves after the last state of a way */

struct worst {
	state_id state; /* STATE_NONE: no violation */
	unsigned n;
	/* The moves from that state on; the last one is the violation. */
	struct move tail[WORST_TAIL];
	char what[256];
};

/* `way`, which begins at this state, ends with a violation. */
void worst_note(struct worst *w, state_id s, const struct trail *way);

#endif
