/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "incoming.h"

#include <lab/space.h>
#include <stdlib.h>
#include <string.h>

#define LOG_SPACE (256ULL << 30)
#define LARGEST 16 /* bytes of an entry */
#define AT_ONCE (1ULL << 20)

/*
 * An entry begins with a number that combines two things. One is the distance of the target state
 * from the newest state + 1. The other says how the origin is given, as its distance from the last
 * origin of its rank in this level: 0 to 2, on the rank of the entry before; with NEAR the distance
 * follows as a number of its own; with OTHER_RANK it follows together with the rank. Numbers are
 * stored seven bits a byte, lowest first.
 */
#define NEAR 3U
#define OTHER_RANK 4U
#define FLAGS 5U

struct cursor {
	uint64_t at;
	unsigned rank;
	state_id newest;
};

static struct space *log_space;
static struct cursor writer;

/* By rank: the origin of the last entry that was written or read, 0 where a level begins. */
static state_id *written, *read_from;
static unsigned ranks;

/* The beginning of each level. */
static struct {
	struct cursor *at;
	unsigned n, room;
} levels;

bool incoming_open(unsigned n)
{
	ranks = n;
	written = calloc(n, sizeof(*written));
	read_from = calloc(n, sizeof(*read_from));
	log_space = space_open(LOG_SPACE, SPACE_DISK);
	return written && read_from && log_space && incoming_reset();
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
	memset(written, 0, ranks * sizeof(*written));
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

/* Origins of one rank grow within a level, so the numbers are small. */
bool incoming_add(unsigned rank, state_id from, state_id to)
{
	state_id behind, further = from - written[rank];

	if (!has_room() || to > writer.newest + 1)
		return false;
	/* The next new state is the most frequent target. */
	behind = writer.newest + 1 - to;
	if (to > writer.newest)
		writer.newest = to;
	if (rank != writer.rank) {
		put((uint64_t)behind * FLAGS + OTHER_RANK);
		put((uint64_t)further * ranks + rank);
	} else if (further < NEAR) {
		put((uint64_t)behind * FLAGS + further);
	} else {
		put((uint64_t)behind * FLAGS + NEAR);
		put(further);
	}
	writer.rank = rank;
	written[rank] = from;
	return true;
}

/* Read an entry; returns its target. */
static state_id next(struct cursor *c)
{
	uint64_t number = get(c), further = number % FLAGS;
	state_id to = c->newest + 1 - (state_id)(number / FLAGS);

	if (to > c->newest)
		c->newest = to;
	if (further == OTHER_RANK) {
		further = get(c);
		c->rank = (unsigned)(further % ranks);
		further /= ranks;
	} else if (further == NEAR) {
		further = get(c);
	}
	read_from[c->rank] += (state_id)further;
	return to;
}

void incoming_walk(unsigned level, bool (*each)(unsigned rank, state_id from, state_id to))
{
	struct cursor c = levels.at[level];
	uint64_t end = level + 1 < levels.n ? levels.at[level + 1].at : writer.at;
	state_id to;

	memset(read_from, 0, ranks * sizeof(*read_from));
	while (c.at < end) {
		to = next(&c);
		if (!each(c.rank, read_from[c.rank], to))
			return;
	}
}

uint64_t incoming_bytes(void)
{
	return writer.at;
}
