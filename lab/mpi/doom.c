/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * doom.c - the backward search for safe states, over all ranks.
 *
 * A state that is safe tells its predecessors, on whatever rank they are. A sweep goes from the
 * last level to the first. Most edges lead to the next level, so when the edges from a level are
 * swept, nearly all of its successors are decided. If an edge leads to its own level or to an
 * earlier one, its target may turn out safe after the sweep has passed the edge; such a target
 * (STATE_BACK) tells its predecessors again in the next sweep. This is repeated until no such state
 * is left. All other states tell all their predecessors in the sweep that finds them safe, as these
 * belong to the level before and are swept later.
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

/* The number of states that must tell their predecessors again. */
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
