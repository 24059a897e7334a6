/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * reduced.c - compares the lab's verdict with the reduction and without it.
 *
 * usage: reduced OBJECT SCENARIO [sc|tso [ENGINE [SLOTS [STATES]]]]
 *
 * Explored in both ways: the verdict must be the same. If there is no violation, all states that
 * are kept with the reduction must be among those without, doomed if and only if they are there;
 * and what memory, stacks and results are in the end must be the same set. Exit status 77: too many
 * states (2,000,000) without the reduction. In the environment REDUCTION=planted, =sleep, =alone,
 * =stale or =words makes the reduction wrong (see enum reduction_plant), REDUCTION=plain leaves it
 * out of the scouts' work, REDUCTION=N gives scouts so many states.
 */
#include <lab/explore.h>
#include <lab/reduction.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scene.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

struct seen {
	XXH128_hash_t is;
	bool doomed, end;
};

static struct seen *seen[2];
static size_t nseen[2];

static XXH128_hash_t contents(void)
{
	XXH3_state_t h;
	unsigned i;

	XXH3_128bits_reset(&h);
	for (i = 0; i < lab_memory.nranges; i++)
		XXH3_128bits_update(&h, (void *)lab_memory.range[i].base, lab_memory.range[i].size);
	for (i = 0; i < machine.nactors; i++) {
		const struct actor *a = machine_actor(i);

		XXH3_128bits_update(&h, (void *)a->sp, (uintptr_t)(a + 1) - a->sp);
	}
	return XXH3_128bits_digest(&h);
}

static int by_contents(const void *a, const void *b)
{
	return XXH128_cmp(&((const struct seen *)a)->is, &((const struct seen *)b)->is);
}

static void remember(unsigned set)
{
	state_id s, to;
	uint32_t at;

	seen[set] = calloc(store_count() + 1UL, sizeof(**seen));
	for (s = 1; seen[set] && s <= store_count(); s++) {
		struct seen *new = &seen[set][nseen[set]];

		if (!store_exists(s))
			continue;
		store_load(s);
		at = 0;
		new->is = contents();
		new->doomed = *store_mark(s) & STATE_DOOMED;
		new->end = machine_finished() && !store_next_edge(s, &at, &to);
		nseen[set]++;
	}
	qsort(seen[set], nseen[set], sizeof(**seen), by_contents);
}

static const struct seen *find(unsigned set, const struct seen *s)
{
	return bsearch(s, seen[set], nseen[set], sizeof(**seen), by_contents);
}

/* Returns the number of differences. */
static unsigned compare(void)
{
	unsigned strange = 0, doom = 0, invented = 0, lost = 0, ends = 0;
	const struct seen *other;
	size_t i;

	for (i = 0; i < nseen[1]; i++) {
		other = find(0, &seen[1][i]);
		strange += !other;
		doom += other && other->doomed != seen[1][i].doomed;
		invented += seen[1][i].end && !(other && other->end);
	}
	for (i = 0; i < nseen[0]; i++) {
		other = seen[0][i].end ? find(1, &seen[0][i]) : NULL;
		ends += seen[0][i].end;
		lost += seen[0][i].end && !(other && other->end);
	}
	printf("; %u ends", ends);
	if (strange + doom + invented + lost)
		printf("; %u strange states, %u doomed in one only, %u ends invented, %u lost",
		       strange, doom, invented, lost);
	return strange + doom + invented + lost;
}

static void set_reduction(void)
{
	static const char *const plants[] = {
		[PLANT_READS] = "planted", [PLANT_SLEEP] = "sleep", [PLANT_ALONE] = "alone",
		[PLANT_STALE] = "stale",   [PLANT_WORDS] = "words",
	};
	const char *how = getenv("REDUCTION");
	unsigned i;

	reduction.again = 1;
	if (!how)
		return;
	for (i = PLANT_READS; i < sizeof(plants) / sizeof(plants[0]); i++) {
		if (!strcmp(how, plants[i]))
			reduction.planted = i;
	}
	reduction.plain_scouts = !strcmp(how, "plain");
	if (atoi(how))
		reduction.budget = (uint32_t)atoi(how);
}

static bool is_complete(const struct explore_result *r)
{
	return !r->violations && !r->frontier;
}

int main(int argc, char **argv)
{
	struct explore_limits limits = { .max_bytes = 4ULL << 30,
					 .max_states =
						 argc > 6 ? strtoul(argv[6], NULL, 0) : 2000000,
					 .workers = 1,
					 .no_reduction = true };
	struct explore_result full, reduced;
	bool same;

	if (!scene_set_up(argc, argv))
		return 1;
	set_reduction();
	if (!explore_from(NULL, &limits, &full))
		return 1;
	if (full.verdict == INCONCLUSIVE)
		return 77;
	if (is_complete(&full))
		remember(0);
	limits.no_reduction = false;
	if (!explore_from(NULL, &limits, &reduced))
		return 1;
	printf("%s: %llu states, reduced %llu and %llu scouts'", argv[2],
	       (unsigned long long)full.states, (unsigned long long)reduced.states,
	       (unsigned long long)reduced.scouts);
	same = full.verdict == reduced.verdict;
	if (!same)
		printf("; VERDICTS DIFFER: %d, reduced %d", full.verdict, reduced.verdict);
	if (same && is_complete(&full) && is_complete(&reduced)) {
		remember(1);
		same = !compare();
	}
	putchar('\n');
	return same ? 0 : 2;
}
