/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "incoming.h"

#include <lab/space.h>
#include <stdlib.h>

#define LOG_SPACE (256ULL << 30)
#define LARGEST 16 /* bytes of an entry */
#define AT_ONCE (1ULL << 20)

/*
 * An entry begins with a number that combines two things. One is the distance of the target state
 * from the newest state + 1. The other says how the origin is given: 0 to 2 is its distance from
 * the previous entry's origin, on the same rank; with NEAR the distance follows as a number of its
 * own; with OTHER_RANK rank and state follow. Numbers are stored seven bits a byte, lowest first.
 */
#define NEAR 3U
#define OTHER_RANK 4U
#define FLAGS 5U

struct cursor {
	uint64_t at;
	unsigned rank;
	state_id from, newest;
};

static struct space *log_space;
static struct cursor writer;

/* The beginning of each level. */
static struct {
	struct cursor *at;
	unsigned n, room;
} levels;

bool incoming_open(void)
{
	log_space = space_open(LOG_SPACE, SPACE_DISK);
	return log_space && incoming_reset();
}

bool incoming_reset(void)
{
	levels.n = 0;
	writer = (struct cursor){ 0 };
	return space_forget(log_space);
}

bool incoming_begin_level(state_id newest)
{
	unsigned room = levels.room ? 2 * levels.room : 256;
	struct cursor *more;

	if (levels.n == levels.room) {
		more = realloc(levels.at, room * sizeof(*more));
		if (!more)
			return false;
		levels.at = more;
		levels.room = room;
	}
	writer.newest = newest;
	levels.at[levels.n++] = writer;
	return true;
}

static void put(uint64_t number)
{
	uint8_t *log = (uint8_t *)log_space->at;

	for (; number > 127; number >>= 7)
		log[writer.at++] = (uint8_t)(number | 128);
	log[writer.at++] = (uint8_t)number;
}

static uint64_t get(struct cursor *c)
{
	const uint8_t *log = (const uint8_t *)log_space->at;
	uint64_t number = 0;
	unsigned shift = 0;

	for (; log[c->at] & 128; shift += 7)
		number |= (uint64_t)(log[c->at++] & 127) << shift;
	return number | (uint64_t)log[c->at++] << shift;
}

static bool has_room(void)
{
	uint64_t end = writer.at + LARGEST;

	return end <= log_space->size &&
	       (space_has(log_space, end) || space_fill(log_space, writer.at + AT_ONCE));
}

bool incoming_add(unsigned rank, state_id from, state_id to)
{
	uint64_t behind, further = from - writer.from;

	if (!has_room() || to > writer.newest + 1)
		return false;
	/* The next new state is the most frequent target. */
	behind = writer.newest + 1 - to;
	if (to > writer.newest)
		writer.newest = to;
	if (rank == writer.rank && from >= writer.from && further < NEAR) {
		put(behind * FLAGS + further);
	} else if (rank == writer.rank && from >= writer.from) {
		put(behind * FLAGS + NEAR);
		put(further);
	} else {
		put(behind * FLAGS + OTHER_RANK);
		put(rank);
		put(from);
	}
	writer.rank = rank;
	writer.from = from;
	return true;
}

/* Read an entry; returns its target. */
static state_id next(struct cursor *c)
{
	uint64_t number = get(c);
	unsigned flags = number % FLAGS;
	state_id to = c->newest + 1 - (state_id)(number / FLAGS);

	if (to > c->newest)
		c->newest = to;
	if (flags < NEAR) {
		c->from += flags;
	} else if (flags == NEAR) {
		c->from += (state_id)get(c);
	} else {
		c->rank = (unsigned)get(c);
		c->from = (state_id)get(c);
	}
	return to;
}

void incoming_walk(unsigned level, bool (*each)(unsigned rank, state_id from, state_id to))
{
	struct cursor c = levels.at[level];
	uint64_t end = level + 1 < levels.n ? levels.at[level + 1].at : writer.at;
	state_id to;

	while (c.at < end) {
		to = next(&c);
		if (!each(c.rank, c.from, to))
			return;
	}
}

uint64_t incoming_bytes(void)
{
	return writer.at;
}
