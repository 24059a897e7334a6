/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* expand.h - expand one state: make all of its moves, or enough of them. */
#ifndef LAB_EXPAND_H
#define LAB_EXPAND_H

#include "reduction.h"
#include "store.h"

/* The callbacks of an exploration. */
struct expander {
	bool (*found)(state_id from); /* the machine is in a successor of `from`; false: no room */
	/* The last move of `way`, which begins at this state, is a violation. */
	void (*violated)(const struct trail *way);
	void (*promoted)(void);			   /* a word proved to be shared */
	void (*unseen)(uintptr_t at, unsigned by); /* memory changed without a reported access */
};

/*
 * Expand the state. False: no room, or it is useless to go on (see also `reduction`). States
 * without successors are marked as expanded.
 */
bool expand(state_id s, const struct expander *e);

#endif
