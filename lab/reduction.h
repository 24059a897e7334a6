/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * reduction.h - which of a state's moves are enough.
 *
 * The moves of one CPU are enough if they touch nothing that the others and the unit may touch
 * before this CPU moves: they can be made first, and all that the others do can be done afterwards.
 * Scouts (scout.c) find out what the others may touch while a CPU stands still. docs/design/lab.md
 * argues why no violation is lost.
 */
#ifndef LAB_REDUCTION_H
#define LAB_REDUCTION_H

#include "machine.h"

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

struct reduction {
	bool off;
	bool plain_scouts; /* scouts make all moves */
	bool no_chains;	   /* keep each state, even if a single move is enough */
	bool planted;	   /* for tests: reads are ignored */
	uint32_t budget;   /* states that one scout may visit */

	/* What scouts of this process have found. */
	bool promoted; /* a word proved to be shared */
	bool failed;   /* there was a violation, and `violated` was called */
	void (*violated)(const struct trail *way);
	uint64_t moves;	  /* made by scouts */
	uint64_t reduced; /* states in which one CPU's moves were enough */
	uint64_t in_vain; /* scouts that exceeded their budget */
	uint32_t deepest; /* the longest of the shortest ways */

	bool (*enough)(void); /* true: an end is wanted, scouts may stop; or NULL */
	bool helped;	      /* other processes are exploring, too */
	bool wrong;	      /* a move touched more than was assumed: see reduction_check() */
};

extern struct reduction reduction;

bool reduction_open(void); /* after store_open(); false: no memory */
bool reduction_reset(void);

/*
 * Choose those of these moves of the present state that are enough, and store them in `own`; 0: all
 * are needed. `frozen`: CPUs, one bit each, that are assumed to stand still. `prefer`: the CPU to
 * try first. *others: what may be touched before these moves, which therefore must not touch it.
 */
unsigned reduction_choose(uint32_t frozen, unsigned prefer, const struct trail *way,
			  const struct move *moves, unsigned n, struct move *own,
			  const struct footprint **others);

/*
 * reduction_step(): after a move of `way`, if a single move is enough, make it, and add it to `way`
 * and what it touches to `touched`. False: it is not enough. reduction_go_on(): repeat that;
 * MOVE_VIOLATION: the last move is one.
 */
bool reduction_step(uint32_t frozen, struct trail *way, struct footprint *touched,
		    enum outcome *outcome);
enum outcome reduction_go_on(uint32_t frozen, struct trail *way, struct footprint *touched);

/*
 * Check the assumption under which moves were enough: `touched` is what one of them really touched,
 * and must not conflict with `others`. `others` NULL: nothing was assumed.
 */
void reduction_check(const struct footprint *touched, const struct footprint *others);

/* The whole way, oldest move first. Returns its length, at most `room`. */
unsigned reduction_way(const struct trail *way, struct move *moves, unsigned room);

/* The CPU that makes this move; LAB_THE_UNIT: none. */
static inline unsigned reduction_cpu(const struct move *m)
{
	return m->actor == LAB_THE_UNIT ? LAB_THE_UNIT : machine.info[m->actor].cpu;
}

/* ---- scout.c ---- */

/* What others may touch from here on while these CPUs stand still. NULL: it was not found out. */
const struct footprint *scout(uint32_t frozen, const struct trail *way);

unsigned scout_way(const struct trail *at, struct move *moves, unsigned room);

#endif
