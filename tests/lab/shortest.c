/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * shortest.c - compares the lengths of counterexamples found with the reduction and without it.
 *
 * usage: shortest OBJECT SCENARIO [sc|tso [ENGINE [SLOTS]]]
 *
 * Explores in both ways; each must find a violation. The one found with the reduction, before
 * path_shorten(), may have at most 1.25 times the accesses of the one without. Repeated alone, it
 * must break a check, or lead to a state from which no schedule ends. Exit status 77: no violation
 * without the reduction, or too many states (2,000,000). SHORTEST=N in the environment permits at
 * most N times as many, so that the test can be seen to fail.
 */
#include <lab/path.h>
#include <lab/script.h>
#include <stdio.h>
#include <stdlib.h>

#include "scene.h"

#define MOST 1.25

/* Counted up to the point from which all fails; later turns of a loop are for the reader. */
static unsigned accesses(const struct script_run *run)
{
	unsigned i, n = 0;

	for (i = 0; i < run->n; i++) {
		if (run->step[i].chapter == CHAPTER_SPIN)
			continue;
		n += run->step[i].script.ops ? run->step[i].script.ops : 1;
	}
	return n;
}

/*
 * True if the repeated run breaks a check, or comes to a state from which no schedule ends, as far
 * as that is examined.
 */
static bool shows_it(const struct script_run *run, bool stuck)
{
	const struct explore_limits near = {
		.max_bytes = 4ULL << 30, .max_states = 100000, .workers = 1, .no_reduction = true
	};
	struct explore_result r;
	unsigned at;

	if (script_make(run, NULL, &at) != (stuck ? MOVE_DONE : MOVE_VIOLATION))
		return false;
	return !stuck || (explore_from(run, &near, &r) &&
			  (r.verdict == INCONCLUSIVE || r.doomed == r.states));
}

int main(int argc, char **argv)
{
	struct explore_limits limits = {
		.max_bytes = 4ULL << 30, .max_states = 2000000, .workers = 1, .no_reduction = true
	};
	struct explore_result full, reduced;
	struct script_run shortest = { 0 }, found = { 0 };
	double ratio, most = getenv("SHORTEST") ? atof(getenv("SHORTEST")) : MOST;
	bool again;

	if (!scene_set_up(argc, argv) || !explore_from(NULL, &limits, &full))
		return 1;
	if (full.verdict != VIOLATED)
		return 77;
	if (!path_find(&full, &shortest))
		return 1;
	limits.no_reduction = false;
	if (!explore_from(NULL, &limits, &reduced))
		return 1;
	if (reduced.verdict != VIOLATED) {
		printf("%s: VERDICTS DIFFER: %d, reduced %d\n", argv[2], full.verdict,
		       reduced.verdict);
		return 2;
	}
	if (!path_find(&reduced, &found))
		return 1;
	again = shows_it(&found, reduced.stuck);
	ratio = (double)accesses(&found) / accesses(&shortest);
	printf("%s: %llu states and %u accesses, reduced %llu and %u: %.2f times%s\n", argv[2],
	       (unsigned long long)full.states, accesses(&shortest),
	       (unsigned long long)reduced.states, accesses(&found), ratio,
	       again ? "" : "; WITHOUT THE REDUCTION IT SHOWS NOTHING");
	free(shortest.step);
	free(found.step);
	return again && ratio <= most ? 0 : 2;
}
