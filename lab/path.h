/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* path.h - from the finding of an exploration to the run that shows it. */
#ifndef LAB_PATH_H
#define LAB_PATH_H

#include "explore.h"
#include "reduction.h"
#include "script.h"

/*
 * The run to the counterexample. *out is empty, or the way to the first state of explore_from(), to
 * which the rest is added. False: no memory.
 */
bool path_find(const struct explore_result *r, struct script_run *out);

/*
 * path_between(): the moves from a state to the next; false: there are none. path_of_moves(): the
 * run through these moves, of which the first steps have been noted; false: no memory.
 */
bool path_between(state_id from, state_id to, struct trail *way);
bool path_of_moves(const struct move *move, unsigned n, struct script_run *out);

/* ---- shorten.c ---- */

/*
 * Replace a run that was found with reduction by the shortest one. False: that one is too far away
 * to be found without reduction. *r then describes the new run. The states of the exploration are
 * lost.
 */
bool path_shorten(const struct explore_limits *l, struct explore_result *r, struct script_run *run);

#endif
