/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * workers.h - states are expanded by this process and others that were forked from it, so that
 * memory lies at the same addresses in each.
 *
 * They share the store. What a state leads to is found by loading it and making each of its moves.
 */
#ifndef LAB_WORKERS_H
#define LAB_WORKERS_H

#include "worst.h"

/* What they have come to. In a round each writes it, between rounds the first process. */
struct common {
	uint64_t transitions, violations;
	uint64_t scouted; /* moves */
	uint64_t reduced, in_vain;
	bool full;	  /* there is no more room */
	state_id void_at; /* a word proved to be shared when there were so many states; 0: none */
	uintptr_t unseen; /* memory has changed there, in a move of this actor, untold; 0: none */
	unsigned unseen_by;
	bool wrong, failed; /* of struct reduction */
	bool enough;	    /* nobody need go on */
	bool far;	    /* somebody has said that a scout goes very far */
	struct worst worst;
};

extern struct common *common;

/* A round of fewer states is quicker done alone. For tests: less. */
extern state_id workers_worth_help;

/*
 * For so many processes, before anything is forked. @enough is asked by scouts, in each process,
 * whether they need go on. False: no memory.
 */
bool workers_open(unsigned n, bool (*enough)(void));

/* Fork the others, false: that cannot be; and let them go. */
bool workers_hire(void);
void workers_dismiss(void);

/* Forget what they have come to, and the states. False: no room. */
bool workers_reset(void);

/* Room for what is found while so many states are expanded; false: there is none. */
bool workers_make_room(uint64_t states);

/*
 * Expand these states, `end` not among them. Returns how far they got: there may be no room for
 * more.
 */
state_id workers_round(state_id from, state_id end);

/* The way from this state ends with a move that breaks a check. */
void workers_violated(state_id s, const struct trail *way);

#endif
