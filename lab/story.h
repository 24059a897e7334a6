/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* story.h - a run told for readers: which actor did what, where in the code, and the result. */
#ifndef LAB_STORY_H
#define LAB_STORY_H

#include "script.h"
#include "symbol.h"

struct story_event {
	uint8_t lane; /* an actor, or machine.nactors + a unit */
	uint8_t chapter;
	unsigned step; /* events of the same step happen in one move: nothing comes between them */
	char *what;    /* "status[1] DONE -> FREE" */
	char *where;   /* "linux.c:97 reclaim", "" */
	struct symbol_place place;
};

/* A word that a stuck actor reads in each turn of its loop. */
struct story_word {
	uint8_t actor;
	char *what;  /* "status[1] = FREE" */
	char *where; /* where it is read */
	/* The last writer: "T1 at linux.c:97 reclaim: DONE -> FREE"; NULL: see `awaited`. */
	char *writer;
	/* If it was not written since setup(): the wait that writes it, "WD1"; NULL: none. */
	char *awaited;
	bool reg; /* a register */
};

/* A unit's ring after a step. */
struct story_ring {
	bool on;
	unsigned slots, width; /* 0 slots: unknown, or too many to draw */
	unsigned head, tail;
	uint32_t faults; /* in FSTS */
	uint64_t (*qw)[4];
};

struct story {
	struct story_event *event;
	unsigned nevents;
	struct story_word *word;
	unsigned nwords;
	/* Indexed by step * machine.nunits + unit; step 0: before the first. */
	struct story_ring *ring;
	unsigned nrings;
	enum outcome outcome; /* MOVE_NOTHING: the run failed after `steps` steps */
	unsigned steps;
	char what[256]; /* MOVE_VIOLATION: the text */
	char *waits
		/*
		 * What an actor that stands still for ever waits for: "waits for b, which T2
		 * holds"; NULL.
		 */
		[LAB_ACTORS];
};

/*
 * True if the stuck actor may wait for this word: a word that never changes counts only if it reads
 * no other.
 */
bool story_word_matters(const struct story *s, const struct story_word *w);

/* The word's writer as text: "last written by T1 ...", "as setup() left it: ..." */
void story_word_writer(const struct story_word *w, char *text, size_t room);

/* Fill in `waits` for the present state. */
void story_find_waits(struct story *s);

/* The name of this address: "status[1]". False: it has none. */
#define STORY_TEXT 192
bool story_address(uint64_t addr, char *text);

/* Make the run, and tell it. */
void story_tell(const struct script_run *run, struct story *out);

void story_free(struct story *s);

const char *story_lane(unsigned lane); /* the lane's title */
unsigned story_lanes(void);

/* Slots and descriptor width of a unit's ring at present; false: the unit has no ring yet. */
bool story_ring_shape(unsigned unit, unsigned *slots, unsigned *width);

/* Facts about the run that a page shows. */
struct story_facts {
	const char *title, *token;
	const char *facts;   /* "engine ticketed, 4 slots, ..." */
	const char *verdict; /* "": unknown */
	const char *states;  /* the number of states, likewise */
	const char *root;    /* see story_source() */
};

void story_print_text(const struct story *s, unsigned columns, FILE *to);
void story_print_html(const struct story *s, const struct story_facts *facts, FILE *to);

#endif
