/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "walk.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "chance.h"
#include "crash.h"
#include "path.h"
#include "setup.h"

#define LONG 3000	 /* moves of a walk */
#define AFTERWARDS 10000 /* states that are explored after a walk that did not end */

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/*
 * One actor is favoured for a while, then another: schedules in which one gets far while the others
 * stand still are rare otherwise.
 */
static unsigned pick(const struct move *moves, unsigned n, unsigned *favourite)
{
	unsigned i;

	if (chance_number() % 16 == 0)
		*favourite = (unsigned)(chance_number() % (machine.nactors + 1));
	for (i = 0; i < n && chance_number() % 4; i++) {
		if (moves[i].actor == *favourite)
			return i;
	}
	return (unsigned)(chance_number() % n);
}

static bool can_move(const struct move *moves, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		if (moves[i].kind != MOVE_UNIT)
			return true;
	}
	return false;
}

static enum outcome stuck(void)
{
	return machine_violate("no actor can do anything any more, and not all have returned");
}

/* MOVE_DONE: the walk ended well, or got too long. */
static enum outcome walk(struct script_run *run, uint64_t *transitions)
{
	struct move moves[MACHINE_MOVES];
	unsigned favourite = 0, idle = 0, n;
	enum outcome outcome = MOVE_DONE;
	struct script_step *s;

	while (run->n < LONG && outcome != MOVE_VIOLATION) {
		struct move *m;

		n = machine_moves(moves);
		if (machine_finished() && !can_move(moves, n))
			break;
		if (!n)
			return stuck();
		m = &moves[pick(moves, n, &favourite)];
		chance_choose(m);
		s = script_add(run, m, CHAPTER_STORY);
		if (!s)
			return MOVE_NOTHING;
		outcome = script_note(s);
		++*transitions;
		if (outcome == MOVE_NOTHING)
			run->n--;
		idle = outcome == MOVE_NOTHING ? idle + 1 : 0;
		/* Neither the unit nor an actor can do anything. */
		if (idle > 100 && !can_move(moves, n))
			return stuck();
	}
	return outcome == MOVE_NOTHING ? MOVE_DONE : outcome;
}

static enum outcome first_steps(struct script_run *run)
{
	enum outcome outcome = MOVE_DONE;
	unsigned i;

	setup_again();
	machine_prepare();
	lab_memory.learning = true;
	run->n = 0;
	if (!script_add_start(run))
		return MOVE_NOTHING;
	for (i = 0; i < run->n && outcome == MOVE_DONE; i++)
		outcome = script_note(&run->step[i]);
	run->n = i;
	return outcome;
}

/* ---- the result of a walk ---- */

static bool goes_wrong(const struct script_run *run, unsigned steps, struct explore_result *r)
{
	const struct explore_limits limits = { .max_states = AFTERWARDS,
					       .max_bytes = UINT64_MAX,
					       .no_reduction = true,
					       .workers = 1 };
	const struct script_run way = { .step = run->step, .n = steps };

	return explore_from(&way, &limits, r) && r->verdict == VIOLATED;
}

static unsigned number_of_first_steps(void)
{
	unsigned i, n = 0;

	for (i = 0; i < machine.nactors; i++)
		n += !machine.info[i].handler;
	return n;
}

/*
 * A walk that got too long may never end, or may have been unlucky. An exploration of what can
 * follow decides, if it is not too large. The schedule is then cut at the first state from which
 * the exploration finds a failure, and continues on the shortest way. False: nothing was found, and
 * *run is unchanged.
 */
static bool look_closer(struct script_run *run, struct explore_result *found)
{
	unsigned good = number_of_first_steps() - 1, bad = run->n, middle;

	if (bad <= good || !goes_wrong(run, bad, found))
		return false;
	while (bad - good > 1) {
		middle = good + (bad - good) / 2;
		if (goes_wrong(run, middle, found))
			bad = middle;
		else
			good = middle;
	}
	goes_wrong(run, bad, found);
	run->n = bad;
	return true;
}

/* Report the result as explore() would. False: no memory. */
static bool conclude(struct explore_result *r, struct script_run *run, enum outcome outcome)
{
	struct explore_result found;
	char what[sizeof(r->what)];

	memcpy(what, machine.violation, sizeof(what));
	/* The last step is the violation itself. */
	run->n -= outcome == MOVE_VIOLATION;
	if (look_closer(run, &found)) {
		r->verdict = VIOLATED;
		r->violations = found.violations;
		r->doomed = found.doomed;
		memcpy(r->what, found.what, sizeof(r->what));
		return path_find(&found, run);
	}
	if (outcome == MOVE_VIOLATION) {
		run->n++;
		r->verdict = VIOLATED;
		r->violations = 1;
		memcpy(r->what, what, sizeof(r->what));
	}
	return true;
}

static const char *limit_hit(const struct explore_limits *l, double start, double now)
{
	if (l->seconds > 0 && now >= start + l->seconds)
		return "time";
	return explore_is_interrupted(l) ? "interrupt" : NULL;
}

static void show_progress(const struct explore_result *r, double now, double *shown)
{
	if (now < *shown + 1)
		return;
	fprintf(stderr, "\rexplore: %llu walks\033[K", (unsigned long long)r->walks);
	*shown = now;
}

/* Make one walk. False: no memory. */
static bool walk_once(struct explore_result *r, struct script_run *run)
{
	enum outcome outcome = first_steps(run);

	if (outcome == MOVE_DONE)
		outcome = walk(run, &r->transitions);
	if (outcome == MOVE_DONE && machine_finished())
		return true;
	if (outcome == MOVE_DONE)
		r->unreturned++;
	return outcome != MOVE_NOTHING && conclude(r, run, outcome);
}

bool walk_search(uint64_t walks, uint64_t from, const struct explore_limits *l,
		 struct explore_result *r, struct script_run *run)
{
	double start = seconds(), shown = start, now = start;
	bool ok = true;

	*r = (struct explore_result){ .verdict = INCONCLUSIVE, .bound = "walks" };
	*run = (struct script_run){ 0 };
	crash_expect();
	for (; ok && r->walks < walks && r->verdict != VIOLATED; r->walks++) {
		now = seconds();
		if (limit_hit(l, start, now)) {
			r->bound = limit_hit(l, start, now);
			break;
		}
		if (l->progress)
			show_progress(r, now, &shown);
		chance_begin((from + r->walks + 1) * 0x9e3779b97f4a7c15ULL);
		ok = walk_once(r, run);
	}
	if (shown > start)
		fprintf(stderr, "\r\033[K");
	r->seconds = seconds() - start;
	if (r->verdict == VIOLATED)
		r->bound = NULL;
	return ok;
}
