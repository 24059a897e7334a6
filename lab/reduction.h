/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * reduction.h - which of a state's moves are enough.
 *
 * The moves of some agents are enough if they touch nothing that the others may touch before one of
 * these agents moves: they can be made first, and all that the others do can be done afterwards.
 * Scouts (scout.c) find out what the others may touch while these agents stand still.
 * docs/design/lab.md argues why no violation is lost.
 */
#ifndef LAB_REDUCTION_H
#define LAB_REDUCTION_H

#include "agent.h"

/* Moves in a row that are made without keeping the states in between. */
#define REDUCTION_CHAIN 200

/*
 * The way from a kept state to the state that the machine is in; it is needed if a violation is
 * found there. Scouts start from such a state and have ways of their own.
 */
struct trail {
	const struct trail *before; /* this way begins where that one ends; NULL: at a kept state */
	/* A scout's graph, with the node where `move` begins; or NULL. */
	const struct graph *graph;
	uint32_t node;
	unsigned n;
	struct move move[REDUCTION_CHAIN + 1];
};

/* Defects that tests plant in the reduction. */
enum reduction_plant {
	PLANT_NONE,
	PLANT_READS, /* reads are ignored */
	PLANT_SLEEP, /* sleeping agents are never woken */
	PLANT_ALONE, /* no agent concerns another */
	PLANT_STALE, /* a known future stays known, whatever happens */
	PLANT_WORDS, /* a CPU's future does not depend on memory */
};

struct reduction {
	bool off;
	bool plain_scouts; /* scouts make all moves */
	bool no_chains;	   /* keep each state, even if a single move is enough */
	bool no_sleep;	   /* no agent sleeps */
	enum reduction_plant planted;
	uint32_t budget; /* states that one scout may visit */
	unsigned again;	 /* what was known by its words is found out again once in so many times */

	/* What scouts of this process have found. */
	bool promoted; /* a word proved to be shared */
	bool failed;   /* there was a violation, and `violated` was called */
	void (*violated)(const struct trail *way);
	uint64_t moves;	  /* made by scouts */
	uint64_t reduced; /* states in which some agents' moves were enough */
	uint64_t in_vain; /* scouts that exceeded their budget */
	uint32_t deepest; /* the longest of the shortest ways */

	bool (*enough)(void); /* true: an end is wanted, scouts may stop; or NULL */
	bool helped;	      /* other processes are exploring, too */
	uint64_t stop_at;     /* a state, by its root, at which moves end in any case; or 0 */
	bool wrong;	      /* a move or a future touched something else than was assumed */
};

extern struct reduction reduction;

bool reduction_open(void); /* after store_open(); false: no memory */
bool reduction_reset(void);

/* What some agents may touch, from a state on, while all others stand still. */
struct known {
	uint32_t agents;
	const struct footprint *touched;
};

#define KNOWN 12

/* What is known of a state from the one before it. */
struct before {
	/*
	 * Agents whose next moves have been made there, and have nothing to do with what has been
	 * made since then: they need not be made here.
	 */
	uint32_t asleep;
	struct footprint next[AGENTS]; /* of these */
	struct known known[KNOWN];
	unsigned nknown;
};

/* Moves that are enough. */
struct chosen {
	struct move move[MACHINE_MOVES];
	unsigned n;
	bool all;	    /* the others, too, if these are not asleep */
	bool keep;	    /* the state that a move leads to, even if one follows by itself */
	bool single;	    /* there is only one, and it can go in one way only */
	uint32_t can_sleep; /* agents whose next moves are known: */
	struct footprint next[AGENTS];
	struct footprint others; /* which they must not touch: what may happen before them */
	struct known known[KNOWN];
	unsigned nknown;
};

/*
 * Choose moves of the present state that are enough. `frozen`: agents that are assumed to stand
 * still. `prefer`: the CPU to try first. `before`: NULL, nothing is known.
 */
void reduction_choose(uint32_t frozen, unsigned prefer, const struct trail *way,
		      const struct before *before, struct chosen *chosen);

/*
 * Make one of the chosen moves, as the first of `way`, and those that follow it by themselves; add
 * what they touch. MOVE_VIOLATION: the last one is one. MOVE_NOTHING: the move cannot be made, or
 * where they lead need not be looked at.
 */
enum outcome reduction_make(uint32_t frozen, const struct chosen *chosen, struct move *m,
			    struct trail *way, struct footprint *touched);

/*
 * Check the assumption under which moves were enough: `touched` is what one of them really touched,
 * and must not conflict with `others`. `others` NULL: nothing was assumed.
 */
void reduction_check(const struct footprint *touched, const struct footprint *others);

/* The whole way, oldest move first. Returns its length, at most `room`. */
unsigned reduction_way(const struct trail *way, struct move *moves, unsigned room);

/* ---- scout.c ---- */

/* What others may touch from here on while these agents stand still. NULL: it was not found out. */
const struct footprint *scout(uint32_t frozen, const struct trail *way);

/* Keep what has been found out about the present state elsewhere. */
void scout_remember(const struct known *known);

unsigned scout_way(const struct trail *at, struct move *moves, unsigned room);

/*
 * ---- future.c: what some agents may touch, from a state on, while all others stand still. Those
 * whose futures have nothing to do with each other are scouted one by one. ----
 */

/* What is known of the futures of the present state. */
struct future {
	const struct trail *way;
	const struct move *moves; /* all that are possible, but for those of frozen agents */
	unsigned n;
	struct known known[KNOWN];
	unsigned nknown;
};

/* What an agent may touch if only it moves. NULL: it was not found out. */
const struct footprint *future_alone(struct future *f, unsigned who);

/*
 * What these may touch together, in *touched. *stuck: CPUs among them, not all of which can return
 * without the others. False: it was not found out.
 */
bool future_together(struct future *f, uint32_t agents, struct footprint *touched, uint32_t *stuck);

/*
 * The machine is in the next state, by a move of this agent that has touched that. What it had
 * nothing to do with is as before; returns how much of what was known that is.
 */
unsigned future_after(struct known *known, unsigned n, unsigned who, const struct footprint *step);

#endif
