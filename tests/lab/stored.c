/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * stored.c - the cost of the store: a tree over a state's parts, compared with a list of them.
 *
 * usage: stored OBJECT SCENARIO [sc|tso [ENGINE [SLOTS [TIMES [STATES]]]]]
 *
 * The scenario is explored with all moves, completely or up to so many states, with both,
 * alternately, TIMES times (3). Prints bytes per state, in total and without those before the first
 * state; states per second of processor time, the best of each; and the ratio of the rates. Both
 * must find the same states, and the tree must be smaller.
 */
#include <lab/content.h>
#include <lab/explore.h>
#include <stdio.h>
#include <time.h>

#include "scene.h"

static double processor_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The best measurement of one kind of store. */
struct cost {
	struct explore_result r;
	uint64_t at_start; /* bytes */
	double seconds;
};

static bool measure(bool flat, uint64_t most, struct cost *c)
{
	struct explore_limits limits = {
		.max_bytes = 4ULL << 30, .max_states = 1, .workers = 1, .no_reduction = true
	};
	double start, took;

	content_flat = flat;
	if (!explore_from(NULL, &limits, &c->r))
		return false;
	c->at_start = c->r.bytes;
	limits.max_states = most;
	start = processor_seconds();
	if (!explore_from(NULL, &limits, &c->r))
		return false;
	took = processor_seconds() - start;
	if (!c->seconds || took < c->seconds)
		c->seconds = took;
	return true;
}

static double rate(const struct cost *c)
{
	return (double)c->r.states / c->seconds;
}

static void print(const char *name, const struct cost *c)
{
	double states = (double)c->r.states;

	printf("%s: %.0f states, %.1f bytes each, %.1f without the first %.1f MB, %.0f a second\n",
	       name, states, (double)c->r.bytes / states,
	       (double)(c->r.bytes - c->at_start) / states, (double)c->at_start / 1e6, rate(c));
}

int main(int argc, char **argv)
{
	int times = argc > 6 ? atoi(argv[6]) : 3;
	uint64_t most = argc > 7 ? strtoul(argv[7], NULL, 0) : 0;
	struct cost list = { .seconds = 0 }, tree = { .seconds = 0 };

	if (!scene_set_up(argc, argv))
		return 1;
	while (times-- > 0) {
		if (!measure(true, most, &list) || !measure(false, most, &tree))
			return 1;
	}
	print("list", &list);
	print("tree", &tree);
	printf("ratio of rates %.2f\n", rate(&tree) / rate(&list));
	return list.r.states == tree.r.states && list.r.transitions == tree.r.transitions &&
			       tree.r.bytes < list.r.bytes
		       ? 0
		       : 2;
}
