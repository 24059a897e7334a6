/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* explore.c - all states, breadth first. The states of one depth are expanded in rounds. */
#include "explore.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "crash.h"
#include "learn.h"
#include "memo.h"
#include "script.h"
#include "setup.h"
#include "workers.h"

#define ROUND 32768	 /* states expanded between two checks of the limits */
#define DEEP 2000	 /* moves from the first state; scenarios that end soon need fewer */
#define FAR 20000	 /* moves of a scout; our scenarios need less than a twentieth */
#define FIRST_LOOK 50000 /* states before the first search for doomed ones */

static const struct explore_limits *limits;
static double deadline; /* 0: none */
static const struct script_run
	*way_there; /* to the first state; NULL: the first state is the scenario's */

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct progress {
	double start, shown;
	unsigned restarts;
	bool on_screen;
};

static void show_progress(struct progress *p, state_id done, unsigned depth)
{
	double now = seconds();
	char again[32] = "";

	if (now < p->shown + 1)
		return;
	p->shown = now;
	p->on_screen = true;
	if (p->restarts)
		snprintf(again, sizeof(again), "start %u: ", p->restarts + 1);
	fprintf(stderr, "\rexplore: %s%u states, %.0f/s, frontier %u, depth %u, %llu MiB\033[K",
		again, store_count(), store_count() / (now - p->start), store_count() - done, depth,
		(unsigned long long)store_bytes() >> 20);
}

static void note_depth(const struct progress *p, unsigned depth)
{
	if (depth == DEEP)
		fprintf(stderr,
			"%sqinval explore: states are now %u moves from the first: does an actor "
			"count the turns of a loop? Each turn is a state of its own\n",
			p->on_screen ? "\r\033[K" : "", depth);
}

static uint64_t bytes(void)
{
	return store_bytes() + (reduction.off ? 0 : memo_bytes());
}

/* Reported by one process only. */
static void note_far_scout(void)
{
	if (reduction.deepest < FAR || __atomic_exchange_n(&common->far, true, __ATOMIC_RELAXED))
		return;
	fprintf(stderr,
		"%sqinval explore: one actor has made %u moves while others stood still: does it "
		"count the turns of a loop? Each is a state of its own\n",
		limits->progress ? "\r\033[K" : "", reduction.deepest);
}

/* Called by scouts, which may work long between two rounds. */
static bool is_enough(void)
{
	note_far_scout();
	if (explore_is_interrupted(limits) || (deadline > 0 && seconds() >= deadline))
		common->enough = true;
	return common->enough;
}

static const char *limit_hit(const struct explore_limits *l, double start)
{
	if (bytes() >= l->max_bytes)
		return "memory";
	if (common->full)
		return l->disk ? "disk space" : "memory";
	if (l->max_states && store_count() >= l->max_states)
		return "states";
	if (l->seconds > 0 && seconds() >= start + l->seconds)
		return "time";
	if (explore_is_interrupted(l))
		return "interrupt";
	return NULL;
}

/*
 * The exploration has to start again, as a word proved to be shared. Before that it continues for a
 * while, to learn of other shared words: for so long that all restarts together cost no more than
 * the last run.
 */
static bool learnt_enough(void)
{
	return common->void_at && store_count() / 2 >= common->void_at;
}

/* True if no state will be expanded any more. */
static bool has_stopped(void)
{
	return common->unseen || common->failed || common->wrong;
}

/* Explore breadth first from state 1, until all is explored or a limit is reached. */
static void run(const struct explore_limits *l, double start, struct explore_result *r)
{
	struct progress progress = { seconds(), seconds(), r->restarts, false };
	state_id from = 1, level_end = 2, end, look = FIRST_LOOK;

	for (r->depth = 0; from < level_end && !learnt_enough(); r->depth++) {
		note_depth(&progress, r->depth);
		if (!store_begin_level())
			common->full = true;
		for (; from < level_end && !learnt_enough() && !has_stopped(); from = end) {
			end = level_end - from > ROUND ? from + ROUND : level_end;
			r->bound = limit_hit(l, start);
			if (!r->bound && !workers_make_room(end - from))
				common->full = true;
			if (r->bound || common->full)
				break;
			end = workers_round(from, end);
			if (l->progress)
				show_progress(&progress, end, r->depth);
		}
		if (r->bound || common->full || common->violations || common->unseen ||
		    common->wrong)
			break;
		if (from >= look && !common->void_at && doom_mark(&r->last))
			break;
		if (from >= look)
			look = from * 2;
		level_end = store_count() + 1;
	}
	if (!r->bound && common->full)
		r->bound = l->disk ? "disk space" : "memory";
	if (common->wrong && !common->void_at)
		r->bound = "reduction";
	r->frontier = store_count() + 1 - from;
	r->last_seconds = seconds() - progress.start;
	r->seconds = seconds() - start;
	if (progress.on_screen)
		fprintf(stderr, "\r\033[K");
}

static enum outcome go_to_first_state(void)
{
	enum outcome outcome;
	unsigned steps;

	if (way_there) {
		outcome = script_make(way_there, NULL, &steps);
		lab_memory.learning = false;
		return outcome;
	}
	/* The script of an earlier counterexample leaves it set. */
	lab_memory.learning = false;
	setup_again();
	return machine_start();
}

/* Make the first state. A violation here needs no schedule. */
static enum outcome first_state(void)
{
	enum outcome outcome;

	do {
		outcome = go_to_first_state();
	} while (outcome == MOVE_PROMOTED);
	common->full = !workers_reset();
	if (outcome == MOVE_VIOLATION)
		workers_violated(1, &(const struct trail){ .n = 0 });
	else if (!store_begin_level() || !store_state())
		common->full = true;
	return outcome;
}

static void judge(struct explore_result *r)
{
	r->states = store_states();
	r->transitions = common->transitions;
	r->violations = common->violations;
	r->bytes = bytes();
	r->on_disk = store_bytes_on_disk();
	r->scouts = memo_keys();
	r->scout_moves = common->scouted;
	r->reduced = common->reduced;
	r->in_vain = common->in_vain;
	r->unseen = common->unseen;
	r->unseen_by = common->unseen_by;
	r->far = r->depth >= DEEP || common->far;
	r->verdict = r->bound ? INCONCLUSIVE : HOLDS;
	if (common->void_at) {
		/* A limit was reached before the restart. */
		r->violations = 0;
		return;
	}
	r->doomed = doom_mark(&r->last);
	r->stuck = r->doomed && !r->violations;
	if (r->violations) {
		r->last = common->worst.state;
		r->tail = common->worst.tail;
		r->ntail = common->worst.n;
		memcpy(r->what, common->worst.what, sizeof(r->what));
	}
	if (r->violations || r->doomed)
		r->verdict = VIOLATED;
}

static bool open_all(unsigned workers)
{
	if (!workers_open(workers, is_enough) || !store_open() || !reduction_open())
		return false;
	crash_expect();
	return true;
}

/* Set what all processes have to know. */
static void begin(const struct explore_limits *l)
{
	limits = l;
	deadline = l->seconds > 0 ? seconds() + l->seconds : 0;
	reduction.off = l->no_reduction || lab_memory.every;
}

static void run_until_valid(const struct explore_limits *l, struct explore_result *r)
{
	double start = seconds();

	*r = (struct explore_result){ 0 };
	while (first_state() == MOVE_DONE) {
		*r = (struct explore_result){ .restarts = r->restarts };
		run(l, start, r);
		if (!common->void_at || r->bound || common->unseen)
			break;
		r->restarts++;
	}
}

bool explore(const struct explore_limits *l, struct explore_result *r)
{
	if (!open_all(l->workers))
		return false;
	setup_again();
	learn_shared_words();
	begin(l);
	fflush(NULL);
	if (!workers_hire())
		return false;
	run_until_valid(l, r);
	workers_dismiss();
	judge(r);
	return true;
}

bool explore_from(const struct script_run *w, const struct explore_limits *l,
		  struct explore_result *r)
{
	if (!common && !open_all(1))
		return false;
	begin(l);
	way_there = w;
	run_until_valid(l, r);
	judge(r);
	return true;
}
