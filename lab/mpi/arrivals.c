/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "arrivals.h"

#include "dictionary.h"
#include "doom.h"
#include "incoming.h"
#include "levels.h"
#include "way.h"

#define GROW 4096 /* make room for at least so many states at once */
#define QUEUE 16  /* states that have arrived and are not looked up yet */

struct arrivals arrivals;

bool arrivals_make_room(void)
{
	if (!store_crowded(GROW))
		return true;
	return store_grow(store_states() / 8 + GROW);
}

/* States that wait to be looked up, from `next` on. Both only count up. */
static struct {
	struct arrival {
		uint64_t root;
		unsigned rank;
		state_id from;
	} state[QUEUE];
	unsigned next, top;
} queue;

/* Look up a state of this rank, to which state `from` of `rank` leads. */
static void look_up(unsigned rank, state_id from, uint64_t root)
{
	state_id to = arrivals_make_room() ? store_number(root) : STATE_NONE;

	/* A state that is not kept makes the verdict on its predecessors impossible. */
	if (!to) {
		arrivals.lost = true;
		return;
	}
	if (rank == peers.rank && from == to)
		return;
	if (to < levels_next())
		*store_mark(to) |= STATE_BACK;
	if (!incoming_add(rank, from, to))
		arrivals.lost = true;
}

static void look_up_next(void)
{
	const struct arrival *a = &queue.state[queue.next++ % QUEUE];

	look_up(a->rank, a->from, a->root);
}

void arrivals_look_up(void)
{
	while (queue.next != queue.top)
		look_up_next();
}

/* Queue the state; its place in the table is prefetched meanwhile. */
static void arrive(unsigned rank, state_id from, uint64_t root)
{
	if (queue.top - queue.next == QUEUE)
		look_up_next();
	queue.state[queue.top % QUEUE] = (struct arrival){ root, rank, from };
	store_fetch_line(root);
	if (queue.top - queue.next >= QUEUE / 2)
		store_fetch(queue.state[(queue.top - QUEUE / 2) % QUEUE].root);
	queue.top++;
}

void arrivals_take(const struct batch *b)
{
	const uint32_t *item = b->item, *end = item + b->nitems;
	uint64_t root;

	if (arrivals.lost || !dictionary_learn(b)) {
		arrivals.lost = true;
		return;
	}
	for (; item < end; item += 1 + DICTIONARY_STATE) {
		root = dictionary_read(b->from, item + 1);
		if (!root)
			arrivals.lost = true;
		else if (*item == STATE_NONE)
			way_take(root);
		else
			arrive(b->from, *item, root);
	}
}

static bool send(unsigned to, state_id from, uint64_t root)
{
	uint32_t item[1 + DICTIONARY_STATE] = { from };

	if (!dictionary_write(to, root, peers_head(to, PEERS_STATES), item + 1))
		return false;
	peers_put(to, PEERS_STATES, item, 1 + DICTIONARY_STATE);
	return !peers.failed;
}

bool arrivals_send(state_id from, uint64_t root)
{
	unsigned to = dictionary_owner(root);

	if (to != peers.rank)
		return send(to, from, root);
	arrive(to, from, root);
	return true;
}

void arrivals_reset(void)
{
	queue.next = queue.top;
	arrivals.lost = false;
}
