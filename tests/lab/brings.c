/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * brings.c - what each part of the reduction saves: one row of a table, see the script `brings`.
 *
 * usage: brings OBJECT SCENARIO [sc|tso [ENGINE [SLOTS [SECONDS [STATES]]]]]
 *
 * Prints the number of states that are kept, and the work, which is edges between them plus moves
 * with which scouts begin: with all moves; with one CPU's moves where they are enough, each state
 * kept and scouts making all moves; without the states between moves that matter; and with the
 * reduction in scouts, too, as it is used. "> N": so many in SECONDS (10) or with STATES (200,000),
 * without reaching the end. None may keep more states than the one before it.
 */
#include <lab/explore.h>
#include <lab/reduction.h>
#include <stdio.h>

#include "scene.h"

struct setting {
	bool off, no_chains, plain_scouts;
};

static const struct setting settings[] = {
	{ .off = true },
	{ .no_chains = true, .plain_scouts = true },
	{ .plain_scouts = true },
	{ 0 },
};

static void cell(const struct explore_result *r, uint64_t n)
{
	printf(" %s%llu |", r->verdict == INCONCLUSIVE ? "> " : "", (unsigned long long)n);
}

int main(int argc, char **argv)
{
	struct explore_limits limits = {
		.max_bytes = 2ULL << 30,
		.max_states = argc > 7 ? strtoul(argv[7], NULL, 0) : 200000,
		.seconds = argc > 6 ? atof(argv[6]) : 10,
		.workers = 1,
	};
	struct explore_result r;
	uint64_t before = UINT64_MAX;
	int code = 0;
	unsigned i;

	if (!scene_set_up(argc, argv))
		return 1;
	printf("| `%s` |", argv[2]);
	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		limits.no_reduction = settings[i].off;
		reduction.no_chains = settings[i].no_chains;
		reduction.plain_scouts = settings[i].plain_scouts;
		if (!explore_from(NULL, &limits, &r))
			return 1;
		cell(&r, r.states);
		cell(&r, r.transitions + r.scout_moves);
		if (r.states > before)
			code = 2;
		before = r.verdict == INCONCLUSIVE ? UINT64_MAX : r.states;
	}
	putchar('\n');
	return code;
}
