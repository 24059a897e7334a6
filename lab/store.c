/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store.h"

#include <stdlib.h>

#include "content.h"
#include "edges.h"
#include "pairs.h"
#include "space.h"

#define MOST_STATES 0x7ffffffeU

static struct pairs states; /* the roots of states */
static struct space *mark_space;

static struct shared {
	unsigned generation; /* incremented by store_reset() */
} * shared;

static unsigned generation; /* the one that this process has seen */

/* States that wait to be looked up, from `next` on. Both only count up. */
static struct {
	struct queued {
		uint64_t root;
		state_id from;
	} state[STORE_QUEUE];
	unsigned next, top;
} queue;

/* The first state of each depth, in the process that calls store_begin_level(). */
static struct {
	state_id *first;
	unsigned n;
} levels;

bool store_open(void)
{
	const struct space *s = space_open(sizeof(*shared), SPACE_MEMORY);

	shared = s ? (struct shared *)s->at : NULL;
	mark_space = space_open(MOST_STATES + 1ULL, SPACE_MEMORY);
	return shared && mark_space && content_open() && edges_open(MOST_STATES) &&
	       pairs_open(&states, MOST_STATES, SPACE_DISK) && store_reset();
}

bool store_reset(void)
{
	shared->generation++;
	levels.n = 0;
	store_catch_up();
	return content_reset() && pairs_reset(&states) && edges_reset() && space_forget(mark_space);
}

void store_catch_up(void)
{
	if (generation == shared->generation)
		return;
	generation = shared->generation;
	queue.next = queue.top;
	content_catch_up();
}

bool store_grow(uint64_t more)
{
	return pairs_grow(&states, more) && edges_grow(more) && content_grow(more);
}

bool store_crowded(uint64_t more)
{
	return pairs_crowded(&states, more) || content_crowded(more);
}

/* ---- states ---- */

void store_load(state_id s)
{
	content_load(pairs_at(&states, s));
}

bool store_is_loaded(state_id s)
{
	return content_root() == pairs_at(&states, s);
}

state_id store_state(void)
{
	uint64_t root = content_root();
	state_id s = root ? pairs_add(&states, root) : STATE_NONE;

	store_end_round();
	return s;
}

state_id store_number(uint64_t root)
{
	return pairs_add(&states, root);
}

void store_fetch_line(uint64_t root)
{
	pairs_fetch_line(&states, root);
}

void store_fetch(uint64_t root)
{
	pairs_fetch_pair(&states, root);
}

uint64_t store_root(state_id s)
{
	return pairs_at(&states, s);
}

bool store_queue(state_id from)
{
	struct queued *q = &queue.state[queue.top % STORE_QUEUE];

	*q = (struct queued){ content_root(), from };
	if (!q->root)
		return false;
	pairs_fetch_line(&states, q->root);
	if (queue.top - queue.next >= STORE_QUEUE / 2)
		pairs_fetch_pair(&states,
				 queue.state[(queue.top - STORE_QUEUE / 2) % STORE_QUEUE].root);
	queue.top++;
	return true;
}

unsigned store_queued(void)
{
	return queue.top - queue.next;
}

state_id store_next(state_id *from)
{
	const struct queued *q = &queue.state[queue.next++ % STORE_QUEUE];

	*from = q->from;
	return pairs_add(&states, q->root);
}

bool store_end_round(void)
{
	pairs_end_round(&states);
	return edges_end_round();
}

uint8_t *store_mark(state_id s)
{
	return (uint8_t *)mark_space->at + s;
}

uint64_t store_states(void)
{
	return pairs_used(&states);
}

state_id store_count(void)
{
	return pairs_top(&states);
}

bool store_exists(state_id s)
{
	return pairs_at(&states, s);
}

/* ---- edges ---- */

bool store_set_edges(state_id s, state_id *to, unsigned n)
{
	return edges_add(s, to, n);
}

bool store_next_edge(state_id s, uint32_t *at, state_id *to)
{
	const uint32_t *list;

	if (*at >= edges_of(s, &list))
		return false;
	*to = list[(*at)++];
	return true;
}

bool store_leads_to(state_id s, uint8_t mark)
{
	const uint32_t *to;
	unsigned n = edges_of(s, &to);

	while (n && !(*store_mark(*to) & mark)) {
		to++;
		n--;
	}
	return n;
}

bool store_begin_level(void)
{
	state_id *more = levels.first;

	if (levels.n % 256 == 0)
		more = realloc(more, (levels.n + 256) * sizeof(*more));
	if (!more)
		return false;
	levels.first = more;
	levels.first[levels.n++] = store_count() + 1;
	return true;
}

static bool leads_to_state(state_id from, state_id to)
{
	const uint32_t *list;
	unsigned n = edges_of(from, &list), i;

	for (i = 0; i < n && list[i] != to; i++)
		;
	return i < n;
}

state_id store_parent(state_id s)
{
	unsigned level = levels.n;
	state_id p;

	while (level && levels.first[level - 1] > s)
		level--;
	if (level < 2)
		return STATE_NONE;
	for (p = levels.first[level - 2]; p < levels.first[level - 1]; p++) {
		if (leads_to_state(p, s))
			return p;
	}
	return STATE_NONE;
}

uint64_t store_bytes(void)
{
	return content_bytes() + pairs_bytes(&states) + edges_bytes(store_count()) + store_count() -
	       store_bytes_on_disk();
}

uint64_t store_bytes_on_disk(void)
{
	return pairs_bytes_on_disk(&states) + edges_bytes_on_disk();
}
