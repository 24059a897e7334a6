/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * workers.h - this process and others that were forked from it expand states together. As they were
 * forked, memory has the same addresses in each.
 *
 * They share the store. The successors of a state are found by loading it and making each of its
 * moves.
 */
#ifndef LAB_WORKERS_H
#define LAB_WORKERS_H

#include "worst.h"

/* Results. In a round each process writes them, between rounds only the first one. */
struct common {
	uint64_t transitions, violations;
	uint64_t scouted; /* moves of scouts */
	uint64_t reduced, in_vain;
	bool full; /* there is no more room */
	/* The number of states when a word first proved to be shared; 0: none did. */
	state_id void_at;
	/*
	 * Memory changed at this address in a move of actor `unseen_by` without a reported access;
	 * 0: none.
	 */
	uintptr_t unseen;
	unsigned unseen_by;
	bool wrong, failed; /* as in struct reduction */
	bool enough;	    /* all may stop */
	bool far;	    /* a very long scout has been reported */
	struct worst worst;
};

extern struct common *common;

/* A smaller round is faster without help. Tests reduce it. */
extern state_id workers_worth_help;

/*
 * Prepare for so many processes, before fork(). Scouts call @enough in each process to ask whether
 * they may stop. False: no memory.
 */
bool workers_open(unsigned n, bool (*enough)(void));

/* workers_hire(): fork the others; false: failed. workers_dismiss(): end them. */
bool workers_hire(void);
void workers_dismiss(void);

/* Forget the results and the states. False: no room. */
bool workers_reset(void);

/* Make room for what the expansion of so many states may find; false: no memory. */
bool workers_make_room(uint64_t states);

/*
 * Expand the states from `from` up to and not including `end`. Returns how far this got, as there
 * may be no more room.
 */
state_id workers_round(state_id from, state_id end);

/* `way`, which begins at this state, ends with a violation. */
void workers_violated(state_id s, const struct trail *way);

#endif
