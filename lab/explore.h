/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* explore.h - all states, breadth first. */
#ifndef LAB_EXPLORE_H
#define LAB_EXPLORE_H

#include <signal.h>

#include "machine.h"
#include "store.h"

struct script_run;

struct explore_limits {
	uint64_t max_states;
	double seconds;
	uint64_t max_bytes;			/* of memory */
	const char *disk;			/* directory for the rest; NULL: none */
	unsigned workers;			/* processes */
	bool no_reduction;			/* make every move of every state */
	bool progress;				/* on stderr, for somebody who watches */
	const volatile sig_atomic_t *interrupt; /* not 0 there: give up; may be NULL */
};

enum verdict { HOLDS, VIOLATED, INCONCLUSIVE };

struct explore_result {
	enum verdict verdict;
	uint64_t states, transitions, doomed, violations;
	uint64_t bytes, on_disk, frontier; /* frontier: states not expanded */
	unsigned depth, restarts;
	uint64_t scouts, scout_moves; /* what was found out to leave out moves: see scout.c */
	uint64_t reduced, in_vain;    /* likewise of struct reduction */
	uint64_t walks, unreturned;   /* of walk_search(); unreturned: too long, stuck perhaps */
	double seconds, last_seconds; /* of all starts, and of the last one */
	const char *bound;	      /* INCONCLUSIVE: what was hit */
	bool far; /* so many moves in a row that somebody counts the turns of a loop, probably */

	/* Not 0: memory changed there, in a move of this actor, and the lab did not see it. */
	uintptr_t unseen;
	unsigned unseen_by;

	/*
	 * The counterexample: the last of these moves from `last` on breaks a check, or `last` is
	 * the first doomed one.
	 */
	state_id last;
	bool stuck;		 /* else: */
	const struct move *tail; /* the moves; none: the first state breaks it */
	unsigned ntail;
	char what[256];
};

/* The scenario has been set up. False: no memory; errno says more. */
bool explore(const struct explore_limits *limits, struct explore_result *r);

/*
 * The same from the state that a way leads to, in this process alone, NULL: from the first one;
 * again and again, and after explore(). Only the last one's states are kept.
 */
bool explore_from(const struct script_run *way, const struct explore_limits *limits,
		  struct explore_result *r);

/* Has somebody asked for an end? */
static inline bool explore_is_interrupted(const struct explore_limits *l)
{
	return l->interrupt && *l->interrupt;
}

/* ---- doom.c ---- */

/*
 * Mark the states from which no schedule ends, and count them. States that have not been expanded
 * count as if they ended. *first: the one found first.
 */
uint64_t doom_mark(state_id *first);

#endif
