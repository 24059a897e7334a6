/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* story.h - a run as people follow it: who did what, where in the code, and what it came to. */
#ifndef LAB_STORY_H
#define LAB_STORY_H

#include "script.h"
#include "symbol.h"

struct story_event {
	uint8_t lane; /* an actor, or machine.nactors + a unit: the hardware */
	uint8_t chapter;
	unsigned step; /* events of one step are one move: nobody gets between them */
	char *what;    /* "status[1] DONE -> FREE" */
	char *where;   /* "linux.c:97 reclaim", "" */
	struct symbol_place place;
};

/* A word that somebody stuck reads in each turn. */
struct story_word {
	uint8_t actor;
	char *what;    /* "status[1] = FREE" */
	char *where;   /* that reads it */
	char *writer;  /* last: "T1 at linux.c:97 reclaim: DONE -> FREE"; NULL: see `awaited` */
	char *awaited; /* not written since setup(): the wait that names it, "WD1"; NULL: none */
	bool reg;      /* a register */
};

/* A unit's ring after a step. */
struct story_ring {
	bool on;
	unsigned slots, width; /* 0 slots: not known, or too many to draw */
	unsigned head, tail;
	uint32_t faults; /* of FSTS */
	uint64_t (*qw)[4];
};

struct story {
	struct story_event *event;
	unsigned nevents;
	struct story_word *word;
	unsigned nwords;
	struct story_ring *ring; /* [step * machine.nunits + unit]; step 0: at the beginning */
	unsigned nrings;
	enum outcome outcome; /* MOVE_NOTHING: the run could not be made, after `steps` of it */
	unsigned steps;
	char what[256]; /* MOVE_VIOLATION: which */
	char *waits
		[LAB_ACTORS]; /* who stands still for ever: "waits for b, which T2 holds"; NULL */
};

/* Is this what somebody stuck waits for? Not what never changes, unless it reads nothing else. */
bool story_word_matters(const struct story *s, const struct story_word *w);

/* Its writer in words: "last written by T1 ...", "as setup() left it: ..." */
void story_word_writer(const struct story_word *w, char *text, size_t room);

/* Fill in `waits`, from the state that the machine is in. */
void story_find_waits(struct story *s);

/* A name for this address: "status[1]". False: it has none. */
#define STORY_TEXT 192
bool story_address(uint64_t addr, char *text);

/* Make the run and tell it. */
void story_tell(const struct script_run *run, struct story *out);

void story_free(struct story *s);

const char *story_lane(unsigned lane); /* its title */
unsigned story_lanes(void);

/* Slots and bits of a unit's ring, as it is now; false: it does not know where its ring is. */
bool story_ring_shape(unsigned unit, unsigned *slots, unsigned *width);

/* What a page says of the run beside its title. */
struct story_facts {
	const char *title, *token;
	const char *facts;   /* "engine ticketed, 4 slots, ..." */
	const char *verdict; /* "": not known */
	const char *states;  /* how many, likewise */
	const char *root;    /* see story_source() */
};

void story_print_text(const struct story *s, unsigned columns, FILE *to);
void story_print_html(const struct story *s, const struct story_facts *facts, FILE *to);

#endif
