/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "memo.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include "table.h"

#define KEY_SPACE (32ULL << 30)
#define SET_SPACE (4ULL << 30)
#define TABLE_SPACE (16ULL << 30)

#define SMALL 14  /* log2 of the first table's entries */
#define TABLES 17 /* each twice as large as the one before */

/*
 * Readers take no lock: they look into the table that is current when they begin. A larger one is
 * filled before it becomes current, and the older one stays until memo_reset(), so the worst that
 * can happen to a reader is that he does not find what has just been added.
 */
struct memo {
	pthread_mutex_t lock;
	uint32_t current; /* table; release: it is filled. Written under the lock */
	uint64_t used, nsets;
	uint64_t set_table[1 << 16]; /* under the lock: sets by hash, the last one that had it */
};

static struct memo *memo;
static uint32_t *key_space; /* each: the set's number, the key */
static struct footprint *set_space;
static uint64_t *table_space;
static unsigned key_length;

static void *reserve(uint64_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

bool memo_open(unsigned length)
{
	pthread_mutexattr_t shared;

	key_length = length;
	memo = reserve(sizeof(*memo));
	key_space = reserve(KEY_SPACE);
	set_space = reserve(SET_SPACE);
	table_space = reserve(TABLE_SPACE);
	if (!memo || !key_space || !set_space || !table_space)
		return false;
	pthread_mutexattr_init(&shared);
	pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	return !pthread_mutex_init(&memo->lock, &shared);
}

void memo_reset(void)
{
	madvise(key_space, KEY_SPACE, MADV_REMOVE);
	madvise(set_space, SET_SPACE, MADV_REMOVE);
	madvise(table_space, TABLE_SPACE, MADV_REMOVE);
	memset(memo->set_table, 0, sizeof(memo->set_table));
	memo->current = 0;
	memo->used = memo->nsets = 0;
}

static struct table table(uint32_t number)
{
	uint64_t size = 1ULL << (SMALL + number);

	/* Those before it are as large as it is, but for the first one's size. */
	return (struct table){ .slot = table_space + size - (1ULL << SMALL), .size = size };
}

static uint32_t *record(uint32_t id)
{
	return key_space + (uint64_t)id * (key_length + 1);
}

/* Number of the key; 0: it is not there, and *at is where it belongs. */
static uint32_t look_up(const struct table *t, const uint32_t *key, uint64_t hash, uint64_t *at)
{
	uint64_t e;

	for (*at = slot_of(t, hash);; *at = next_slot(t, *at)) {
		/* Acquire: the record was written before its number was. */
		e = __atomic_load_n(&t->slot[*at], __ATOMIC_ACQUIRE);
		if (!e)
			return 0;
		if ((e ^ hash) >> 32 == 0 &&
		    !memcmp(record((uint32_t)e) + 1, key, key_length * sizeof(*key)))
			return (uint32_t)e;
	}
}

static uint64_t hash_of_key(const uint32_t *key)
{
	return hash_of(key, key_length * sizeof(*key));
}

const struct footprint *memo_find(const uint32_t *key)
{
	struct table t = table(__atomic_load_n(&memo->current, __ATOMIC_ACQUIRE));
	uint64_t at;
	uint32_t id = look_up(&t, key, hash_of_key(key), &at);

	return id ? &set_space[record(id)[0]] : NULL;
}

void memo_begin(void)
{
	pthread_mutex_lock(&memo->lock);
}

void memo_end(void)
{
	pthread_mutex_unlock(&memo->lock);
}

/* The number of an equal set, or of a new one. There are few. 0: no room. */
static uint32_t keep_set(const struct footprint *found)
{
	uint64_t hash = hash_of(found, sizeof(*found)) >> 48;
	uint64_t id = memo->set_table[hash];

	if (id && !memcmp(&set_space[id], found, sizeof(*found)))
		return (uint32_t)id;
	id = ++memo->nsets;
	if ((id + 1) * sizeof(*found) > SET_SPACE)
		return 0;
	set_space[id] = *found;
	memo->set_table[hash] = id;
	return (uint32_t)id;
}

static bool grow(void)
{
	struct table old = table(memo->current), new = table(memo->current + 1);
	uint64_t i, at;

	if (memo->current + 1 == TABLES)
		return false;
	for (i = 0; i < old.size; i++) {
		if (!old.slot[i])
			continue;
		for (at = slot_of(&new, old.slot[i]); new.slot[at]; at = next_slot(&new, at))
			;
		new.slot[at] = old.slot[i];
	}
	__atomic_store_n(&memo->current, memo->current + 1, __ATOMIC_RELEASE);
	return true;
}

bool memo_keep(const uint32_t *key, const struct footprint *found)
{
	struct table t;
	uint64_t hash = hash_of_key(key), at;
	uint32_t id = (uint32_t)memo->used + 1, set;

	if (memo->used * 2 > table(memo->current).size && !grow())
		return false;
	t = table(memo->current);
	if (look_up(&t, key, hash, &at))
		return true;
	set = keep_set(found);
	if (!set || (uint64_t)(id + 1) * (key_length + 1) * sizeof(*key) > KEY_SPACE)
		return false;
	record(id)[0] = set;
	memcpy(record(id) + 1, key, key_length * sizeof(*key));
	memo->used++;
	__atomic_store_n(&t.slot[at], entry(hash, id), __ATOMIC_RELEASE);
	return true;
}

uint64_t memo_keys(void)
{
	return memo->used;
}

uint64_t memo_bytes(void)
{
	return memo->used * (key_length + 1) * sizeof(uint32_t) + memo->nsets * sizeof(*set_space) +
	       (2ULL << (SMALL + memo->current)) * sizeof(uint64_t);
}
