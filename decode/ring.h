/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* ring.h - a dump of a ring: who is where in it, who waits, what holds it back. */
#ifndef DECODE_RING_H
#define DECODE_RING_H

#include "decode.h"

#define RING_SLOTS 256 /* Linux's, always */

/* The rows of a dump by slot, and what follows from them. */
struct ring {
	const struct block *b;
	const struct row *slot[RING_SLOTS]; /* NULL: not in the dump */
	unsigned known;			    /* slots that are */
	unsigned states[SLOT_ABORT + 1], odd_states, no_state;
	unsigned head, tail;
	unsigned pending; /* not fetched yet */
	bool used;	  /* some slot is not free: from oldest on, `span` slots up to tail */
	unsigned oldest, span;
};

/* False if head or tail are missing or out of bounds: nothing can be said then. */
bool ring_read(struct ring *r, const struct block *b);

/* The slots of the submission that @wait ends, as far as the dump has them: the first of them. */
unsigned ring_first_of(const struct ring *r, unsigned wait);

bool ring_is_wait(const struct row *r);

static inline unsigned ring_next(unsigned slot)
{
	return (slot + 1) % RING_SLOTS;
}

static inline unsigned ring_distance(unsigned from, unsigned to)
{
	return (to + RING_SLOTS - from) % RING_SLOTS;
}

static inline bool ring_not_free(const struct row *r)
{
	return r && r->status != SLOT_UNKNOWN && r->status != SLOT_FREE;
}

/* What an earlier dump of the same unit said. */
struct ring_before {
	char unit[16];
	uint64_t line;
	unsigned head, pending, oldest;
	bool used;
};

#define RING_UNITS 16

void ring_findings(struct decode *d, const struct block *b, struct ring_before before[RING_UNITS]);

/* A part of it: status words that are not their slots'. */
void ring_addresses(struct decode *d, const struct ring *r);

/* If the input has both a CPU that waits and a ring that is idle: say so. */
void ring_idle_but_waited(struct decode *d);

/* A map of the slots, and then the descriptors, equal ones once. */
void ring_draw(FILE *to, const struct block *b);

#endif
