/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* walk.h - random schedules. */
#ifndef LAB_WALK_H
#define LAB_WALK_H

#include "explore.h"
#include "script.h"

/*
 * For scenarios that cannot be explored exhaustively: make so many random schedules, or as many as
 * the limits allow. If one fails or does not end, some thousand states around it are explored. This
 * finds violations and states from which no schedule ends; it never shows that there are none.
 * *run: the schedule that failed. False: no memory.
 */
bool walk_search(uint64_t walks, uint64_t seed, const struct explore_limits *l,
		 struct explore_result *r, struct script_run *run);

#endif
