/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * doom.c - backward over all ranks.
 *
 * A state that is safe says so to those that lead to it, wherever they are. Level by level from
 * the last one, as most edges lead to the next level: when the edges from a level are swept,
 * nearly all that it leads to is known. Where an edge leads to its own level or back, what it
 * leads to may prove to be safe after the sweep has passed; such a state (STATE_BACK) is told
 * of in the next sweep again, until there is none left. All other states are told of completely
 * in the sweep that finds them, as all that leads to them is of the level before, and swept
 * after them.
 */
#include "doom.h"

#include "incoming.h"

bool doom_planted;

static void set_safe(state_id s)
{
	*store_mark(s) |= STATE_SAFE;
}

static bool tell(unsigned rank, state_id from, state_id to)
{
	if ((*store_mark(to) & (STATE_SAFE | STATE_TOLD)) != STATE_SAFE)
		return true;
	if (rank == peers.rank)
		set_safe(from);
	else
		peers_put(rank, PEERS_SAFE, &from, 1);
	return true;
}

void doom_take(const struct batch *b)
{
	size_t i;

	for (i = 0; i < b->nitems; i++)
		set_safe(b->item[i]);
}

static void begin(void)
{
	state_id s;

	for (s = store_count(); s; s--) {
		uint8_t *mark = store_mark(s);

		*mark &= (uint8_t) ~(STATE_SAFE | STATE_DOOMED | STATE_SURE | STATE_TOLD);
		if (*mark & STATE_FINISHED || !(*mark & STATE_EXPANDED))
			*mark |= STATE_SAFE;
	}
}

static void begin_sweep(void)
{
	state_id s;

	for (s = store_count(); s; s--) {
		if (*store_mark(s) & STATE_SAFE)
			*store_mark(s) |= STATE_SURE;
	}
}

/* How many are left of which others are to be told? */
static uint64_t end_sweep(void)
{
	uint64_t left = 0;
	state_id s;

	for (s = store_count(); s; s--) {
		uint8_t *mark = store_mark(s);

		if (!(*mark & STATE_SAFE))
			continue;
		if ((*mark & (STATE_BACK | STATE_SURE)) == STATE_BACK)
			left++;
		else
			*mark |= STATE_TOLD;
	}
	return left;
}

static bool sweep(unsigned levels)
{
	uint64_t left;

	begin_sweep();
	while (levels--) {
		incoming_walk(levels, tell);
		peers_finish();
	}
	left = end_sweep();
	peers_sum(&left, 1);
	return left && !doom_planted;
}

uint64_t doom_of_all(unsigned levels, state_id *first)
{
	uint64_t doomed = 0;
	state_id s;

	begin();
	while (sweep(levels))
		;
	*first = STATE_NONE;
	for (s = store_count(); s; s--) {
		if (*store_mark(s) & STATE_SAFE || !store_exists(s))
			continue;
		*store_mark(s) |= STATE_DOOMED;
		*first = s;
		doomed++;
	}
	return doomed;
}
