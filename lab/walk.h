/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* walk.h - schedules at random. */
#ifndef LAB_WALK_H
#define LAB_WALK_H

#include "explore.h"
#include "script.h"

/*
 * For what cannot be exhausted: so many schedules at random, or as long as the limits allow. Where
 * one fails or does not end, some thousand states around it are explored. Finds violations and
 * states from which no schedule ends; never that all is well. *run: the schedule that failed.
 * False: no memory.
 */
bool walk_search(uint64_t walks, uint64_t seed, const struct explore_limits *l,
		 struct explore_result *r, struct script_run *run);

#endif
