/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * script.h - one run, move by move, in a form that needs no exploration to be made again.
 *
 * The text of it, the steps of a token: one letter and a number each. In SPEC.md.
 */
#ifndef LAB_SCRIPT_H
#define LAB_SCRIPT_H

#include <stdio.h>

#include "machine.h"

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
 * Add a step; the first ones, in which each main actor goes to its first stop; and make a step's
 * move, in the present state, noting what a replay has to know.
 */
struct script_step *script_add(struct script_run *run, const struct move *m, enum chapter chapter);
bool script_add_start(struct script_run *run); /* false: no memory */
enum outcome script_note(struct script_step *s);

void script_print(const struct script_run *run, FILE *to);

/* NULL, or what is wrong with the text. */
const char *script_parse(const char *text, struct script_run *out);

/*
 * Make the run; each move is announced before it is made, if somebody wants to hear of it.
 * MOVE_VIOLATION at its end is the violation that it shows; *at: the steps made.
 */
enum outcome script_make(const struct script_run *run,
			 void (*announce)(const struct script_step *s), unsigned *at);

#endif
