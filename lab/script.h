/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * script.h - one run, move by move, in a form that can be repeated without an exploration.
 *
 * Its text is the steps of a token: a letter and a number for each. SPEC.md defines it.
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
	CHAPTER_STORY,	/* how the counterexample comes about */
	CHAPTER_DOOMED, /* from here on every schedule fails */
	CHAPTER_SPIN,	/* what the stuck actors repeat for ever */
};

struct script_run {
	struct script_step *step;
	unsigned n, room;
};

/*
 * script_add(): append a step. script_add_start(): append the first steps, in which each main actor
 * runs to its first stop. script_note(): make a step's move, and note what a replay has to know.
 */
struct script_step *script_add(struct script_run *run, const struct move *m, enum chapter chapter);
bool script_add_start(struct script_run *run); /* false: no memory */
enum outcome script_note(struct script_step *s);

void script_print(const struct script_run *run, FILE *to);

/* Returns NULL, or what is wrong with the text. */
const char *script_parse(const char *text, struct script_run *out);

/*
 * Make the run. Each move is announced before it is made, if there is a callback. A MOVE_VIOLATION
 * at its end is the violation that it shows; *at: the number of steps made.
 */
enum outcome script_make(const struct script_run *run,
			 void (*announce)(const struct script_step *s), unsigned *at);

#endif
