/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * script.h - one run, move by move, in a form that needs no exploration to be made again.
 *
 * The text of it, the steps of a token: one letter and a number each. In SPEC.md.
 */
#ifndef LAB_SCRIPT_H
#define LAB_SCRIPT_H

#include <stdio.h>

#include "explore.h"

struct script_step {
	struct move move;
	struct script script;
	uint8_t chapter;
};

enum chapter {
	CHAPTER_STORY,	/* how it comes about */
	CHAPTER_DOOMED, /* from here on every schedule fails */
	CHAPTER_SPIN,	/* what the stuck ones do for ever */
};

struct script_run {
	struct script_step *step;
	unsigned n, room;
};

/*
 * The run to the counterexample that was found. *out is empty, or the way that explore_from() went
 * to its first state, to which the rest is added. False: no memory.
 */
bool script_find(const struct explore_result *r, struct script_run *out);

/*
 * For who knows the states of a way, or its moves, behind the first steps: the moves from a state
 * to the next; and the run. False: there are none; no memory.
 */
struct trail;
bool script_between(state_id from, state_id to, struct trail *way);
bool script_of_moves(const struct move *move, unsigned n, struct script_run *out);

/*
 * In place of a run that was found with moves left out, the shortest one, unless that is too far
 * away to be found without: false. *r then tells of that one. Its states are gone.
 */
bool script_shorten(const struct explore_limits *l, struct explore_result *r,
		    struct script_run *run);

/* Add a step; and make a step's move, in the present state, noting what a replay has to know. */
struct script_step *script_add(struct script_run *run, const struct move *m, enum chapter chapter);
enum outcome script_note(struct script_step *s);

void script_print(const struct script_run *run, FILE *to);

/* NULL, or what is wrong with the text. */
const char *script_parse(const char *text, struct script_run *out);

/*
 * Make the run; each move is announced before it is made. MOVE_VIOLATION at its end is the
 * violation that it shows; *at: the steps made.
 */
enum outcome script_make(const struct script_run *run,
			 void (*announce)(const struct script_step *s), unsigned *at);

#endif
