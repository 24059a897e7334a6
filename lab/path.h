/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* path.h - from what an exploration has found to the run that shows it. */
#ifndef LAB_PATH_H
#define LAB_PATH_H

#include "explore.h"
#include "reduction.h"
#include "script.h"

/*
 * The run to the counterexample that was found. *out is empty, or the way that explore_from() went
 * to its first state, to which the rest is added. False: no memory.
 */
bool path_find(const struct explore_result *r, struct script_run *out);

/*
 * Where the states of a way, or its moves, behind the first steps are known: the moves from a state
 * to the next; and the run. False: there are none; no memory.
 */
bool path_between(state_id from, state_id to, struct trail *way);
bool path_of_moves(const struct move *move, unsigned n, struct script_run *out);

/* ---- shorten.c ---- */

/*
 * In place of a run that was found with moves left out, the shortest one, unless that is too far
 * away to be found without: false. *r then tells of that one. Its states are gone.
 */
bool path_shorten(const struct explore_limits *l, struct explore_result *r, struct script_run *run);

#endif
