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
 *
 * A level is swept again only if a state to which its edges lead has turned out safe. At the end of
 * each level the ranks agree on the next one by the numbers that they say in peers_finish(), so
 * they wait for each other only there.
 */
#include "doom.h"

#include <mpi.h>
#include <stdlib.h>

#include "incoming.h"
#include "levels.h"

bool doom_planted;

/* For each level the edges that lead from it to states of this rank. */
static struct from_level {
	state_id lowest; /* the first state to which one leads */
	bool pending;	 /* a state to which one leads may have to tell its predecessors */
} * from_level;

static unsigned now; /* the level whose edges are swept */
static bool news;    /* a state of this level and rank turned out safe */
static bool told;    /* another rank was told that one of its states is safe */

static void set_safe(state_id s)
{
	uint8_t *mark = store_mark(s);

	news |= !(*mark & STATE_SAFE);
	*mark |= STATE_SAFE;
}

static bool tell(unsigned rank, state_id from, state_id to)
{
	if (to < from_level[now].lowest)
		from_level[now].lowest = to;
	if ((*store_mark(to) & (STATE_SAFE | STATE_TOLD)) != STATE_SAFE)
		return true;
	if (rank == peers.rank) {
		set_safe(from);
	} else {
		peers_put(rank, PEERS_SAFE, &from, 1);
		told = true;
	}
	return true;
}

void doom_take(const struct batch *b)
{
	size_t i;

	for (i = 0; i < b->nitems; i++)
		set_safe(b->item[i]);
}

static void begin(unsigned n)
{
	state_id s;
	unsigned i;

	free(from_level);
	from_level = malloc(n * sizeof(*from_level));
	/* The others would wait for this rank. */
	if (!from_level)
		MPI_Abort(MPI_COMM_WORLD, 3);
	for (i = 0; i < n; i++)
		from_level[i] = (struct from_level){ .lowest = UINT32_MAX, .pending = true };
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

/* The highest pending level below this one, plus 1; 0: none. */
static unsigned pending_below(unsigned level)
{
	while (level && !from_level[level - 1].pending)
		level--;
	return level;
}

/* Sweep the edges from the level before `next`. Returns the same for the level after that. */
static unsigned sweep_level(unsigned next)
{
	now = next - 1;
	news = told = false;
	if (from_level[now].pending)
		incoming_walk(now, tell);
	from_level[now].pending = false;
	/* What others were told may be news for them. */
	next = (unsigned)peers_finish(news || told ? now : pending_below(now));
	if (news && now)
		from_level[now - 1].pending = true;
	return next;
}

/* The last of these states that has to tell its predecessors again; STATE_NONE: none. */
static state_id last_to_tell_again(state_id first, state_id end)
{
	state_id last = STATE_NONE, s;

	for (s = first; s < end; s++) {
		uint8_t *mark = store_mark(s);

		if (!(*mark & STATE_SAFE))
			continue;
		if ((*mark & (STATE_BACK | STATE_SURE)) == STATE_BACK)
			last = s;
		else
			*mark |= STATE_TOLD;
	}
	return last;
}

/*
 * Edges from a level lead back to states from its `lowest` to the level's end. So they are swept
 * again if the last state up to there that has to tell its predecessors is not before `lowest`.
 */
static void end_sweep(unsigned n)
{
	state_id first = 1, last = STATE_NONE, again;
	unsigned i;

	for (i = 0; i < n; i++) {
		again = last_to_tell_again(first, levels_end(i));
		first = levels_end(i);
		if (again)
			last = again;
		from_level[i].pending = last && last >= from_level[i].lowest;
	}
	last_to_tell_again(first, store_count() + 1);
}

uint64_t doom_of_all(unsigned n, state_id *first)
{
	uint64_t doomed = 0;
	unsigned next = n;
	state_id s;

	begin(n);
	do {
		begin_sweep();
		while (next)
			next = sweep_level(next);
		end_sweep(n);
		next = (unsigned)peers_finish(pending_below(n));
	} while (next && !doom_planted);
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
