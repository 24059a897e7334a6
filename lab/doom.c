/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * doom.c - states from which the actors can never all return.
 *
 * A state is safe if some schedule leads from it to a state where all actors have returned. The
 * numbers of a breadth-first search grow along most edges. So one sweep from the highest number
 * down finds nearly all safe states, and a few more sweeps find the rest.
 */
#include "explore.h"

static bool is_end(uint8_t mark)
{
	return mark & STATE_FINISHED || !(mark & STATE_EXPANDED);
}

static void sweep_until_stable(void)
{
	bool changed;
	state_id s;

	do {
		changed = false;
		for (s = store_count(); s; s--) {
			uint8_t *mark = store_mark(s);

			if (*mark & STATE_SAFE || !(is_end(*mark) || store_leads_to(s, STATE_SAFE)))
				continue;
			*mark |= STATE_SAFE;
			changed = true;
		}
	} while (changed);
}

uint64_t doom_mark(state_id *first)
{
	uint64_t doomed = 0;
	state_id s;

	for (s = store_count(); s; s--)
		*store_mark(s) &= (uint8_t) ~(STATE_SAFE | STATE_DOOMED);
	sweep_until_stable();
	for (s = store_count(); s; s--) {
		if (*store_mark(s) & STATE_SAFE || !store_exists(s))
			continue;
		*store_mark(s) |= STATE_DOOMED;
		*first = s;
		doomed++;
	}
	return doomed;
}
