/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * story_ring.h - the units' rings in memory: which slot a word belongs to, and which of its words
 * are written.
 */
#ifndef LAB_STORY_RING_H
#define LAB_STORY_RING_H

#include "story.h"

struct ring_place {
	unsigned unit, slot, word; /* word: the number of the qword in the slot */
};

/* Call it before a run. */
void lab_ring_forget(void);

/* Find this address in the ring of a unit. False: it is in none. */
bool lab_ring_find(uint64_t addr, struct ring_place *p);

/* "ring[2]", with the scenario's name for the ring. */
void lab_ring_name(unsigned unit, unsigned slot, char *text);

/* "ID2: IOTLB" for a descriptor with this first word; false: unknown type. */
bool lab_ring_say(const struct ring_place *p, uint64_t qw0, char *text);

/* The unit can see this store from now on. */
void lab_ring_written(uint64_t addr, unsigned size);

/*
 * The unit fetches this slot. Returns the text about words that were not written since the last
 * fetch, or "". @taken: the descriptor was accepted; otherwise it was only read.
 */
const char *lab_ring_fetched(unsigned unit, unsigned slot, bool taken);

/* True if this is the status word of a wait in a ring. `text` names the first such wait: "WD2". */
bool lab_ring_names(uint64_t addr, char *text);

/* Copy a unit's ring. False: no memory. */
bool lab_ring_draw(unsigned unit, struct story_ring *out);

#endif
