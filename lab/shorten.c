/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * shorten.c - the shortest counterexample, where it is near.
 *
 * With moves left out a CPU goes on as long as nobody can tell, so a counterexample has accesses
 * that it does not need. The shortest one is that of an exploration without reduction, which need
 * not end: it has only to get as far as that.
 */
#include <stdlib.h>
#include <string.h>

#include "path.h"

#define NEAR 300000 /* states that are worth it */

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
