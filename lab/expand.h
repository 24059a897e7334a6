/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* expand.h - one state: what its moves lead to, all of them or those that are enough. */
#ifndef LAB_EXPAND_H
#define LAB_EXPAND_H

#include "reduction.h"
#include "store.h"

/* What an exploration is told meanwhile. */
struct expander {
	bool (*found)(state_id from); /* the machine is in a successor. False: no more room */
	void (*violated)(const struct trail *way); /* by the last move of it, from this state on */
	void (*promoted)(void);			   /* a word proved to be shared */
	void (*unseen)(uintptr_t at, unsigned by); /* memory that the lab was not told of */
};

/*
 * False: there is no more room, or no sense in going on: see `reduction` as well. What has no
 * successors is marked as expanded.
 */
bool expand(state_id s, const struct expander *e);

#endif
