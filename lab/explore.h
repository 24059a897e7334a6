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
	const char *disk;			/* directory for what may lie on disk; NULL: none */
	unsigned workers;			/* processes */
	bool no_reduction;			/* make every move in every state */
	bool progress;				/* report progress on stderr */
	const volatile sig_atomic_t *interrupt; /* stop if it is not 0; may be NULL */
};

enum verdict { HOLDS, VIOLATED, INCONCLUSIVE };

struct explore_result {
	enum verdict verdict;
	uint64_t states, transitions, doomed, violations;
	uint64_t bytes, on_disk, frontier; /* frontier: states that are not expanded yet */
	unsigned depth, restarts;
	uint64_t scouts, scout_moves; /* the cost of reduction: see scout.c */
	uint64_t reduced, in_vain;    /* likewise: see struct reduction */
	/* Used by walk_search(); unreturned: walks that got too long, so they may be stuck. */
	uint64_t walks, unreturned;
	double seconds, last_seconds; /* of all restarts together, and of the last run */
	const char *bound;	      /* INCONCLUSIVE: the limit that was reached */
	bool far;		      /* runs are so long that a loop probably counts its turns */

	/*
	 * Not 0: memory changed at this address in a move of this actor without a reported access.
	 */
	uintptr_t unseen;
	unsigned unseen_by;

	/*
	 * The counterexample: the last one of these moves from `last` on is a violation; or `last`
	 * is the first doomed state.
	 */
	state_id last;
	bool stuck;		 /* the latter; otherwise: */
	const struct move *tail; /* the moves; none: the first state is the violation */
	unsigned ntail;
	char what[256];
};

/* Call it when the scenario is set up. False: no memory; errno says more. */
bool explore(const struct explore_limits *limits, struct explore_result *r);

/*
 * Explore from the state to which `way` leads, NULL: from the first state, in this process alone.
 * It may be called repeatedly, and after explore(). Only the states of the last call are kept.
 */
bool explore_from(const struct script_run *way, const struct explore_limits *limits,
		  struct explore_result *r);

/* True if the user or the caller asked for an end. */
static inline bool explore_is_interrupted(const struct explore_limits *l)
{
	return l->interrupt && *l->interrupt;
}

/* ---- doom.c ---- */

/*
 * Mark the states from which no schedule ends, and return their number. States that are not
 * expanded count as if they ended. *first: the one that was found first.
 */
uint64_t doom_mark(state_id *first);

#endif
