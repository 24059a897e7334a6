/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "memo.h"

#include <pthread.h>
#include <string.h>

#include "pairs.h"
#include "table.h"

#define MOST_KEYS (1U << 31)
#define MOST_SETS (1U << 25)

/* The last set of each hash value. Protected by the lock. */
struct memo {
	pthread_mutex_t lock;
	uint32_t nsets;
	uint32_t set_table[1 << 16];
};

static struct memo *memo;
static struct pairs keys;
static struct space *result_of; /* by number of the key: a set's number, or any; 0: none yet */
static struct space *sets;

static uint32_t *place(uint32_t key)
{
	return (uint32_t *)result_of->at + key;
}

static struct footprint *set(uint32_t number)
{
	return (struct footprint *)sets->at + number;
}

bool memo_open(void)
{
	const struct space *s = space_open(sizeof(*memo), SPACE_MEMORY);
	pthread_mutexattr_t shared;

	memo = s ? (struct memo *)s->at : NULL;
	result_of = space_open(MOST_KEYS * sizeof(uint32_t), SPACE_MEMORY);
	sets = space_open(MOST_SETS * sizeof(struct footprint), SPACE_MEMORY);
	if (!memo || !result_of || !sets || !pairs_open(&keys, MOST_KEYS - 1, SPACE_MEMORY))
		return false;
	pthread_mutexattr_init(&shared);
	pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	return !pthread_mutex_init(&memo->lock, &shared);
}

bool memo_reset(void)
{
	memset(memo->set_table, 0, sizeof(memo->set_table));
	memo->nsets = 0;
	return space_forget(result_of) && space_forget(sets) && pairs_reset(&keys);
}

bool memo_crowded(uint64_t more)
{
	return pairs_crowded(&keys, more);
}

bool memo_grow(uint64_t more)
{
	return pairs_grow(&keys, more);
}

uint32_t memo_find_number(uint64_t key)
{
	uint32_t number = pairs_find(&keys, key);

	/* Acquire: what the result means was written before it was published. */
	return number ? __atomic_load_n(place(number), __ATOMIC_ACQUIRE) : 0;
}

const struct footprint *memo_find(uint64_t key)
{
	uint32_t found = memo_find_number(key);

	return found ? set(found) : NULL;
}

void memo_begin(void)
{
	pthread_mutex_lock(&memo->lock);
}

void memo_end(void)
{
	pthread_mutex_unlock(&memo->lock);
}

/* The number of an equal set, or of a new one; 0: no room. There are few different sets. */
static uint32_t keep_set(const struct footprint *found)
{
	uint32_t *last = &memo->set_table[hash_of(found, sizeof(*found)) >> 48];

	if (*last && !memcmp(set(*last), found, sizeof(*found)))
		return *last;
	if (memo->nsets + 1 == MOST_SETS)
		return 0;
	*last = ++memo->nsets;
	*set(*last) = *found;
	return *last;
}

bool memo_keep_number(uint64_t key, uint32_t result)
{
	uint32_t number = pairs_add(&keys, key);

	if (!number)
		return false;
	if (!*place(number)) /* Release: pairs with the acquire in memo_find_number(). */
		__atomic_store_n(place(number), result, __ATOMIC_RELEASE);
	return true;
}

bool memo_keep(uint64_t key, const struct footprint *found)
{
	uint32_t is = memo_find_number(key) ? 0 : keep_set(found);

	return memo_find_number(key) || (is && memo_keep_number(key, is));
}

uint64_t memo_keys(void)
{
	return pairs_used(&keys);
}

uint64_t memo_bytes(void)
{
	return pairs_bytes(&keys) + pairs_top(&keys) * sizeof(uint32_t) +
	       memo->nsets * sizeof(struct footprint);
}
