/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* story_ring.h - the units' rings in memory: which word is whose, what is written of a slot. */
#ifndef LAB_STORY_RING_H
#define LAB_STORY_RING_H

#include "story.h"

struct ring_place {
	unsigned unit, slot, word; /* word: of eight bytes, in the slot */
};

/* Before a run. */
void lab_ring_forget(void);

/* Is this address in the ring of a unit that knows where its ring is? */
bool lab_ring_find(uint64_t addr, struct ring_place *p);

/* "ring[2]", in the scenario's name for it. */
void lab_ring_name(unsigned unit, unsigned slot, char *text);

/* "ID2: IOTLB", of a descriptor with this first word; false: of no known type. */
bool lab_ring_say(const struct ring_place *p, uint64_t qw0, char *text);

/* The unit can see this from now on. */
void lab_ring_written(uint64_t addr, unsigned size);

/*
 * The unit takes what is in the slot: what is to be said of that. "" if all of it has been written
 * since the slot was taken last. @taken: it has been; else it was only looked at.
 */
const char *lab_ring_fetched(unsigned unit, unsigned slot, bool taken);

/* Is it the status word of a wait in a ring? Then of the first one, "WD2". */
bool lab_ring_names(uint64_t addr, char *text);

/* What a unit's ring looks like. False: no memory. */
bool lab_ring_draw(unsigned unit, struct story_ring *out);

#endif
