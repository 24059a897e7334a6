/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * schedules.c - checks that the lab loses nothing by matching states, or by not stopping at
 * accesses that it takes for private.
 *
 * usage: schedules OBJECT SCENARIO [sc|tso]
 *
 * All schedules of a scenario, made one by one from the start, without matching and with a stop at
 * every access, end in some set of states. The exploration must find exactly this set. Exit status
 * 77: there are too many schedules.
 */
#include <lab/explore.h>
#include <lab/load.h>
#include <lab/setup.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define DEEP 200
#define MANY 30000 /* schedules, and their moves */
#define ENDS 4096

static uint64_t ends[2][ENDS];
static unsigned nends[2];

/*
 * The state at the end: memory and results. If no actor can continue, only these count, too: how
 * far an actor has come does not matter if no other can observe it.
 */
static uint64_t end_of_all(void)
{
	uint64_t h = 1;
	unsigned i;

	if (!machine_finished())
		return 0;
	for (i = 0; i < lab_memory.nranges; i++)
		h = XXH3_64bits_withSeed((void *)lab_memory.range[i].base, lab_memory.range[i].size,
					 h);
	for (i = 0; i < machine.nactors; i++)
		h = h * 31 + (uint64_t)machine_actor(i)->result;
	return h;
}

static void add_end(unsigned set, uint64_t h)
{
	unsigned i;

	for (i = 0; i < nends[set]; i++) {
		if (ends[set][i] == h)
			return;
	}
	if (nends[set] < ENDS)
		ends[set][nends[set]++] = h;
}

/* ---- one by one ---- */

static struct move path[DEEP];
static uint64_t schedules, moves_made;

/* Start again, and make the first n moves. */
static void go_to(unsigned n)
{
	unsigned i;

	setup_again();
	machine_start();
	for (i = 0; i < n; i++)
		machine_make(&path[i]);
	moves_made += n;
}

static void try_all(unsigned depth)
{
	struct move moves[MACHINE_MOVES];
	unsigned n, i;
	bool any = false;

	go_to(depth);
	n = machine_moves(moves);
	for (i = 0; i < n && depth < DEEP && moves_made < MANY * DEEP; i++) {
		do {
			go_to(depth);
			path[depth] = moves[i];
			if (machine_make(&moves[i]) != MOVE_DONE)
				continue;
			path[depth] = moves[i];
			any = true;
			try_all(depth + 1);
		} while (moves[i].kind == MOVE_UNIT && machine_next_choice(&moves[i]));
	}
	if (any)
		return;
	go_to(depth);
	add_end(0, end_of_all());
	schedules++;
}

/* ---- by the lab ---- */

static void explored_ends(void)
{
	state_id s, to;
	uint32_t at;

	for (s = 1; s <= store_count(); s++) {
		at = 0;
		if (!store_exists(s) || store_next_edge(s, &at, &to))
			continue;
		store_load(s);
		add_end(1, end_of_all());
	}
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	struct explore_limits limits = { .max_bytes = 1ULL << 30, .workers = 1 };
	struct lab_params p = { "ticketed", 4, 128, 0 };
	const struct lab_scenario *s;
	struct explore_result r;
	struct loaded object;

	if (argc < 3 || load_object(argv[1], &object) ||
	    !memory_map(object.variables, object.nvariables))
		return 1;
	machine.tso = argc > 3 && !strcmp(argv[3], "tso");
	for (s = object.scenarios; s->name && strcmp(s->name, argv[2]); s++)
		;
	if (!s->name || setup_scenario(s, &p) || !explore(&limits, &r))
		return 1;
	explored_ends();

	lab_memory.learning = true;
	lab_memory.every = true;
	try_all(0);

	if (moves_made >= MANY * DEEP)
		return 77;
	qsort(ends[0], nends[0], sizeof(ends[0][0]), by_value);
	qsort(ends[1], nends[1], sizeof(ends[1][0]), by_value);
	printf("%s: %llu schedules end in %u states; explored: %u ends of %llu states\n", argv[2],
	       (unsigned long long)schedules, nends[0], nends[1], (unsigned long long)r.states);
	return !nends[0] || nends[0] != nends[1] ||
	       memcmp(ends[0], ends[1], nends[0] * sizeof(ends[0][0]));
}
