/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "part.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "space.h"
#include "table.h"

#define PART_SPACE (16ULL << 30)
#define TABLE_SPACE (8ULL << 30)

#define UNIT 8	   /* a part's number is its offset in units of so many bytes */
#define BLOCK 4096 /* units that a process takes at once */
#define SMALL 4096 /* initial number of entries in the table */

static struct space *part_space, *table_space;

static struct shared {
	struct table table;
	uint64_t top; /* units in use */
	unsigned generation;
} * shared;

static uint64_t next, end; /* units that this process has taken */
static unsigned generation;

static_assert(PART_SPACE / UNIT == PART_LIMIT, "numbers are below it");

bool part_open(void)
{
	const struct space *s = space_open(sizeof(*shared), SPACE_MEMORY);

	shared = s ? (struct shared *)s->at : NULL;
	part_space = space_open(PART_SPACE, SPACE_MEMORY);
	table_space = space_open(TABLE_SPACE, SPACE_MEMORY);
	return shared && part_space && table_space && part_reset();
}

bool part_reset(void)
{
	shared->table.slot = (uint64_t *)table_space->at;
	shared->table.size = SMALL;
	shared->table.used = 0;
	shared->top = PART_NOTHING + 1;
	shared->generation++;
	return space_forget(part_space) && space_forget(table_space);
}

/* ---- the table ---- */

static void put_back(const uint64_t *entries, uint64_t n)
{
	struct table *t = &shared->table;
	uint64_t i, at;

	for (i = 0; i < n; i++) {
		if (!entries[i])
			continue;
		for (at = slot_of(t, entries[i]); t->slot[at]; at = next_slot(t, at))
			;
		t->slot[at] = entries[i];
	}
}

bool part_grow(uint64_t more)
{
	struct table *t = &shared->table;
	uint64_t size = t->size, old_size = t->size, *old;
	bool ok;

	while ((t->used + more) * 3 > size * 2)
		size *= 2;
	if (size == old_size)
		return true;
	old = malloc(old_size * sizeof(*old));
	ok = old && size * sizeof(*old) <= TABLE_SPACE;
	if (ok) {
		memcpy(old, t->slot, old_size * sizeof(*old));
		ok = space_forget(table_space);
		t->size = size;
		put_back(old, old_size);
	}
	free(old);
	return ok;
}

bool part_crowded(uint64_t more)
{
	return shared->table.used + more > shared->table.size / 4 * 3;
}

/* ---- parts ---- */

/* After part_reset(): forget the units that this process had taken. */
static void catch_up(void)
{
	if (generation == shared->generation)
		return;
	generation = shared->generation;
	next = end = 0;
}

const char *part_at(uint32_t number, uint32_t *length)
{
	const char *p = part_space->at + (uint64_t)number * UNIT;

	memcpy(length, p, sizeof(*length));
	return p + UNIT;
}

/* 0: no room. */
static uint32_t new_part(const void *bytes, uint32_t length)
{
	uint64_t units = 1 + (length + UNIT - 1) / UNIT, want = units > BLOCK ? units : BLOCK;
	char *p;

	catch_up();
	if (next + units > end) {
		next = __atomic_fetch_add(&shared->top, want, __ATOMIC_RELAXED);
		end = next + want;
	}
	if (end > PART_LIMIT) {
		next = end = 0;
		return 0;
	}
	p = part_space->at + next * UNIT;
	memcpy(p, &length, sizeof(length));
	memcpy(p + UNIT, bytes, length);
	next += units;
	return (uint32_t)(next - units);
}

uint32_t part_number(const void *bytes, uint32_t length)
{
	struct table *t = &shared->table;
	uint64_t hash = hash_of(bytes, length), at = slot_of(t, hash), e, mine = 0;
	uint32_t have;

	for (;; at = next_slot(t, at)) {
		/* Acquire: the part was written before its number was published. */
		e = __atomic_load_n(&t->slot[at], __ATOMIC_ACQUIRE);
		if (!e) {
			if (!mine && !part_crowded(0))
				mine = entry(hash, new_part(bytes, length));
			if (!(uint32_t)mine)
				return 0;
			/* Release: pairs with the acquire above. */
			if (__atomic_compare_exchange_n(&t->slot[at], &e, mine, false,
							__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
				__atomic_fetch_add(&t->used, 1, __ATOMIC_RELAXED);
				return (uint32_t)mine;
			}
		}
		if ((e ^ hash) >> 32 == 0) {
			const char *p = part_at((uint32_t)e, &have);

			if (have == length && !memcmp(p, bytes, length))
				return (uint32_t)e;
		}
	}
}

uint32_t part_find(const void *bytes, uint32_t length)
{
	struct table *t = &shared->table;
	uint64_t hash = hash_of(bytes, length), at = slot_of(t, hash), e;
	uint32_t have;

	for (;; at = next_slot(t, at)) {
		/* Acquire: pairs with the release in part_number(). */
		e = __atomic_load_n(&t->slot[at], __ATOMIC_ACQUIRE);
		if (!e || ((e ^ hash) >> 32 == 0 &&
			   !memcmp(part_at((uint32_t)e, &have), bytes, length) && have == length))
			return (uint32_t)e;
	}
}

uint64_t part_bytes(void)
{
	return shared->top * UNIT + shared->table.size * sizeof(uint64_t);
}
