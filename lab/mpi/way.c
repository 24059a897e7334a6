/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "way.h"

#include <lab/path.h>
#include <lab/reduction.h>
#include <mpi.h>
#include <stdlib.h>

#include "dictionary.h"
#include "incoming.h"
#include "peers.h"

struct where {
	uint32_t rank;
	state_id state;
};

static state_id wanted;
static struct where found;

static bool look(unsigned rank, state_id from, state_id to)
{
	if (to != wanted)
		return true;
	found = (struct where){ rank, from };
	return false;
}

/* A predecessor of this state in the level before. */
static struct where before(struct where last, unsigned level)
{
	found = (struct where){ 0, STATE_NONE };
	wanted = last.state;
	if (last.rank == peers.rank)
		incoming_walk(level - 1, look);
	MPI_Bcast(&found, 2, MPI_UINT32_T, (int)last.rank, MPI_COMM_WORLD);
	return found;
}

/* ---- moves ---- */

static uint64_t goal;

void way_take(uint64_t root)
{
	goal = root;
}

/* Send the state `to` to the rank of state `from`. */
static bool show(struct where from, struct where to)
{
	uint32_t item[1 + DICTIONARY_STATE] = { STATE_NONE };
	bool ok = true;

	goal = 0;
	if (to.rank == peers.rank && from.rank == peers.rank) {
		goal = store_root(to.state);
	} else if (to.rank == peers.rank) {
		ok = dictionary_write(from.rank, store_root(to.state),
				      peers_head(from.rank, PEERS_STATES), item + 1);
		peers_put(from.rank, PEERS_STATES, item, 1 + DICTIONARY_STATE);
	}
	peers_finish(0);
	return ok;
}

static void find_moves(struct where from, struct where to, struct trail *way)
{
	state_id s;

	way->n = 0;
	if (!show(from, to) || from.rank != peers.rank)
		return;
	s = goal ? store_number(goal) : STATE_NONE;
	if (!s || !path_between(from.state, s, way))
		way->n = 0;
}

static bool add_moves(struct where from, struct where to, struct move **move, unsigned *n)
{
	struct trail way = { 0 };
	struct move *more;
	unsigned i;

	find_moves(from, to, &way);
	MPI_Bcast(&way.n, 1, MPI_UNSIGNED, (int)from.rank, MPI_COMM_WORLD);
	MPI_Bcast(way.move, (int)sizeof(way.move), MPI_BYTE, (int)from.rank, MPI_COMM_WORLD);
	more = realloc(*move, (*n + way.n) * sizeof(*more));
	if (!way.n || !more)
		return false;
	*move = more;
	for (i = 0; i < way.n; i++)
		more[(*n)++] = way.move[i];
	return true;
}

bool way_to(unsigned rank, state_id last, unsigned level, struct move **move, unsigned *n)
{
	struct where *at = calloc(level + 1UL, sizeof(*at));
	bool ok = at;
	unsigned i;

	/*
	 * An allocation that fails on one rank ends in an abort, as the others would wait for ever.
	 */
	if (!at)
		MPI_Abort(MPI_COMM_WORLD, 3);
	at[level] = (struct where){ rank, last };
	for (i = level; i && ok; i--) {
		at[i - 1] = before(at[i], i);
		ok = at[i - 1].state;
	}
	*move = NULL;
	*n = 0;
	for (i = 0; i < level && ok; i++)
		ok = add_moves(at[i], at[i + 1], move, n);
	free(at);
	return ok;
}
