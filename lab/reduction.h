/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * reduction.h - which moves are enough.
 *
 * Of the moves of a state those of one CPU are enough if nothing that the others and the unit may
 * do before it moves touches what these touch: they can then be made first, and whatever the others
 * do can be done afterwards. What others may do while a CPU stands still is found out by scouts
 * (scout.c), who do it. docs/design/lab.md argues why nothing is lost.
 */
#ifndef LAB_REDUCTION_H
#define LAB_REDUCTION_H

#include "machine.h"

/* Moves in a row that are made without keeping the states between them. */
#define REDUCTION_CHAIN 200

/*
 * The way from a state that is kept to the one that the machine is in: what is needed if something
 * goes wrong there. Scouts start from such a state and have ways of their own.
 */
struct trail {
	const struct trail *before; /* it begins where that one ends; NULL: with a kept state */
	const struct graph *graph;  /* a scout's, with the node where `move` begins; or NULL */
	uint32_t node;
	unsigned n;
	struct move move[REDUCTION_CHAIN + 1];
};

struct reduction {
	bool off;
	bool plain_scouts; /* scouts make all moves */
	bool no_chains;	   /* each state is kept, also where a single move is enough */
	bool planted;	   /* for tests: what is only read counts for nothing */
	uint32_t budget;   /* states that one scout may look at */

	/* What scouts have met, in this process. */
	bool promoted; /* a word that proved to be shared */
	bool failed;   /* a violation, and `violated` has been told the way */
	void (*violated)(const struct trail *way);
	uint64_t moves;	  /* made by scouts */
	uint64_t reduced; /* states of which one CPU's moves were enough */
	uint64_t in_vain; /* scouts that had too much to look at */
	uint32_t deepest; /* the most of them in a row, if no other way is shorter */

	bool (*enough)(void); /* somebody wants an end, and a scout need not go on; or NULL */
	bool helped;	      /* other processes work, too */
	bool wrong; /* a move has touched what it was said to leave alone: see reduction_check() */
};

extern struct reduction reduction;

bool reduction_open(void); /* after store_open(); false: no memory */
bool reduction_reset(void);

/*
 * Those of these moves of the state that the machine is in that are enough, put into `own`; 0: all
 * are needed. `frozen`: CPUs, a bit each, that are taken to stand still, and are not asked.
 * `prefer`: a CPU that is asked first. *others, of which the moves must touch nothing: what may
 * happen before them.
 */
unsigned reduction_choose(uint32_t frozen, unsigned prefer, const struct trail *way,
			  const struct move *moves, unsigned n, struct move *own,
			  const struct footprint **others);

/*
 * After a move of `way`: if a single move is enough, make it, and add it and what it touches.
 * False: it is not. And as long as it is; MOVE_VIOLATION: the last one is one.
 */
bool reduction_step(uint32_t frozen, struct trail *way, struct footprint *touched,
		    enum outcome *outcome);
enum outcome reduction_go_on(uint32_t frozen, struct trail *way, struct footprint *touched);

/*
 * Moves were said to be enough as they touch nothing that these others touch. Here is what one of
 * them has really touched. `others` NULL: nothing was said.
 */
void reduction_check(const struct footprint *touched, const struct footprint *others);

/* The whole way, oldest first; returns its length, `room` at most. */
unsigned reduction_way(const struct trail *way, struct move *moves, unsigned room);

/* The CPU that makes this move; LAB_THE_UNIT: none does. */
static inline unsigned reduction_cpu(const struct move *m)
{
	return m->actor == LAB_THE_UNIT ? LAB_THE_UNIT : machine.info[m->actor].cpu;
}

/* ---- scout.c ---- */

/*
 * What may be touched by moves of others, from here on, while these CPUs stand still. NULL: it
 * could not be found out.
 */
const struct footprint *scout(uint32_t frozen, const struct trail *way);

unsigned scout_way(const struct trail *at, struct move *moves, unsigned room);

#endif
