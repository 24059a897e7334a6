/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "walk.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "crash.h"
#include "setup.h"

#define LONG 3000   /* moves of a walk */
#define IN_VAIN 300 /* walks that teach nothing new, after which it is enough */
#define MOST 20000

static uint64_t seed;

static uint64_t random_number(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Of the unit's alternatives the plainest one, or any: as if tried in turn. */
static void random_choices(struct move *m)
{
	unsigned i;

	if (m->kind != MOVE_UNIT || random_number() % 2)
		return;
	m->nchoices = 2;
	for (i = 0; i < m->nchoices; i++)
		m->choice[i] = (uint8_t)(random_number() % 3);
}

static bool step(void)
{
	struct move moves[MACHINE_MOVES];
	unsigned n = machine_moves(moves);
	struct move *m;

	if (!n)
		return false;
	m = &moves[random_number() % n];
	random_choices(m);
	return machine_make(m) <= MOVE_NOTHING;
}

void walk_learn(void)
{
	unsigned walk, vain = 0, i;

	lab_memory.learning = true;
	seed = 0x9e3779b97f4a7c15ULL;
	for (walk = 0; walk < MOST && vain < IN_VAIN; walk++, vain++) {
		setup_again();
		if (machine_start() != MOVE_DONE)
			break;
		for (i = 0; i < LONG && step(); i++) {
			if (machine.promoted)
				vain = 0;
		}
	}
	lab_memory.learning = false;
}

/* ---- as a search ---- */

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/*
 * One actor is favoured for a while, and then another: schedules in which one gets far while others
 * stand still are rarely met by chance alone.
 */
static unsigned pick(const struct move *moves, unsigned n, unsigned *favourite)
{
	unsigned i;

	if (random_number() % 16 == 0)
		*favourite = (unsigned)(random_number() % (machine.nactors + 1));
	for (i = 0; i < n && random_number() % 4; i++) {
		if (moves[i].actor == *favourite)
			return i;
	}
	return (unsigned)(random_number() % n);
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
	return machine_violate("nobody can do anything any more, and not all have returned");
}

/* MOVE_DONE: it ended well, or is too long. */
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
		random_choices(m);
		s = script_add(run, m, CHAPTER_STORY);
		if (!s)
			return MOVE_NOTHING;
		outcome = script_note(s);
		++*transitions;
		if (outcome == MOVE_NOTHING)
			run->n--;
		idle = outcome == MOVE_NOTHING ? idle + 1 : 0;
		/* The unit has nothing to do, and nobody else can do anything. */
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
	run->n = 0;
	for (i = 0; i < machine.nactors && outcome == MOVE_DONE; i++) {
		struct move m = { .kind = MOVE_RUN, .actor = (uint8_t)i };
		struct script_step *s;

		if (machine.info[i].handler)
			continue;
		s = script_add(run, &m, CHAPTER_STORY);
		outcome = s ? script_note(s) : MOVE_NOTHING;
	}
	return outcome;
}

bool walk_search(uint64_t walks, uint64_t from, const struct explore_limits *l,
		 struct explore_result *r, struct script_run *run)
{
	double start = seconds(), shown = start, now = start;
	enum outcome outcome = MOVE_DONE;

	*r = (struct explore_result){ .verdict = INCONCLUSIVE, .bound = "walks" };
	*run = (struct script_run){ 0 };
	crash_expect();
	lab_memory.learning = true;
	for (; r->walks < walks && outcome != MOVE_VIOLATION; r->walks++) {
		now = seconds();
		if (l->seconds > 0 && now >= start + l->seconds) {
			r->bound = "time";
			break;
		}
		if (l->progress && now >= shown + 1) {
			fprintf(stderr, "\rexplore: %llu walks\033[K",
				(unsigned long long)r->walks);
			shown = now;
		}
		seed = (from + r->walks + 1) * 0x9e3779b97f4a7c15ULL;
		outcome = first_steps(run);
		if (outcome == MOVE_DONE)
			outcome = walk(run, &r->transitions);
		if (outcome == MOVE_NOTHING)
			return false;
		if (outcome == MOVE_DONE && !machine_finished())
			r->unreturned++;
	}
	if (shown > start)
		fprintf(stderr, "\r\033[K");
	r->seconds = seconds() - start;
	if (outcome == MOVE_VIOLATION) {
		r->verdict = VIOLATED;
		r->violations = 1;
		r->bound = NULL;
		memcpy(r->what, machine.violation, sizeof(r->what));
	}
	return true;
}
