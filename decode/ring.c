/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The rows of a dump by slot, and what follows from head and tail. */
#include "ring.h"

#include <string.h>

#include <qinval/desc.h>

bool ring_is_wait(const struct row *r)
{
	return r && row_whole(r) && qi_desc_type(&r->desc) == QI_IWD_TYPE;
}

bool ring_read(struct ring *r, const struct block *b)
{
	memset(r, 0, sizeof(*r));
	r->b = b;
	for (unsigned i = 0; i < b->rows; i++) {
		const struct row *row = &b->row[i];

		if (row->slot < 0 || row->slot >= RING_SLOTS)
			return false;
		r->known += !r->slot[row->slot];
		r->slot[row->slot] = row;
		r->no_state += row->status == SLOT_UNKNOWN;
		if (row->status == SLOT_UNKNOWN)
			continue;
		if (row->status < 0 || row->status > SLOT_ABORT)
			r->odd_states++;
		else
			r->states[row->status]++;
	}
	if (b->head < 0 || b->tail < 0 || b->head >= RING_SLOTS || b->tail >= RING_SLOTS)
		return false;
	r->head = (unsigned)b->head;
	r->tail = (unsigned)b->tail;
	r->pending = ring_distance(r->head, r->tail);
	/*
	 * Free slots begin at the tail; the first slot after them that is not free is the oldest.
	 */
	for (unsigned i = 0, slot = r->tail; i < RING_SLOTS; i++, slot = ring_next(slot)) {
		if (!ring_not_free(r->slot[slot]))
			continue;
		r->used = true;
		r->oldest = slot;
		r->span = ring_distance(slot, r->tail);
		if (!r->span)
			r->span = RING_SLOTS;
		break;
	}
	return true;
}

unsigned ring_first_of(const struct ring *r, unsigned wait)
{
	unsigned first = wait;

	while (ring_distance(first, wait) < RING_SLOTS - 1) {
		const unsigned before = (first + RING_SLOTS - 1) % RING_SLOTS;

		if (!r->slot[before] || ring_is_wait(r->slot[before]) || first == r->tail)
			break;
		first = before;
	}
	return first;
}
