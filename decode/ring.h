/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* ring.h - a dump of a ring: the state of its slots, which waits are pending, what blocks it. */
#ifndef DECODE_RING_H
#define DECODE_RING_H

#include "decode.h"

#define RING_SLOTS 256 /* Linux's rings always have so many slots */

/* The rows of a dump by slot, and conclusions from them. */
struct ring {
	const struct block *b;
	const struct row *slot[RING_SLOTS]; /* NULL: not in the dump */
	unsigned known;			    /* slots in the dump */
	unsigned states[SLOT_ABORT + 1], odd_states, no_state;
	unsigned head, tail;
	unsigned pending; /* slots that are not fetched yet */
	bool used;	  /* some slots are not free: `span` slots from `oldest` up to the tail */
	unsigned oldest, span;
};

/* False: head or tail are missing or out of range, so nothing can be said. */
bool ring_read(struct ring *r, const struct block *b);

/* The first slot of the submission that ends with @wait, as far as the dump has it. */
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

/* The contents of an earlier dump of the same unit. */
struct ring_before {
	char unit[16];
	uint64_t line;
	unsigned head, pending, oldest;
	bool used;
};

#define RING_UNITS 16

void ring_findings(struct decode *d, const struct block *b, struct ring_before before[RING_UNITS]);

/* Findings about waits that write to another slot's status word. */
void ring_addresses(struct decode *d, const struct ring *r);

/* Report if the input has both a CPU that waits and a ring that is idle. */
void ring_idle_but_waited(struct decode *d);

/* Print a map of the slots, and then the descriptors; equal ones once. */
void ring_draw(FILE *to, const struct block *b);

#endif
