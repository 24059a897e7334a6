/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * shorten.c - find the shortest counterexample, if it is near.
 *
 * With reduction a CPU runs on as long as others cannot observe it, so a counterexample has
 * accesses that it does not need. An exploration without reduction finds the shortest one. It need
 * not be complete: it only has to get that far.
 */
#include <stdlib.h>
#include <string.h>

#include "path.h"

#define NEAR 300000 /* states that are explored at most */

bool path_shorten(const struct explore_limits *l, struct explore_result *r, struct script_run *run)
{
	const struct explore_limits all = { .max_states = NEAR,
					    .max_bytes = UINT64_MAX,
					    .workers = 1,
					    .no_reduction = true,
					    .progress = l->progress,
					    .interrupt = l->interrupt };
	struct script_run shorter = { 0 };
	struct explore_result found;

	if (l->no_reduction || !explore_from(NULL, &all, &found) || found.verdict != VIOLATED ||
	    found.unseen)
		return false;
	if (!path_find(&found, &shorter)) {
		free(shorter.step);
		return false;
	}
	free(run->step);
	*run = shorter;
	r->violations = found.violations;
	r->doomed = found.doomed;
	memcpy(r->what, found.what, sizeof(r->what));
	return true;
}
