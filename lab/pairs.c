/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "pairs.h"

#include <emmintrin.h>

#include "table.h"

#define WIDTH 12 /* numbers per bucket */
#define FIRST 64 /* initial number of buckets */

/* How full the table may get, in sixteenths, and by how much it then grows. */
#define FULL 15
#define GROWTH(n) ((n) + (n) / 4)

/* Processes that write to the same new page would wait for each other in the kernel. */
#define BLOCK 256 /* numbers that a process takes at once */

/*
 * A cache line. It fills from the first place to the last; when it is full, the next bucket is
 * used. A number is stored by compare-and-swap and stays; its tag is stored afterwards. Tag 0 means
 * "not stored yet".
 */
struct bucket {
	uint8_t tag[WIDTH];
	uint32_t unused;
	uint32_t number[WIDTH];
} LINE;

struct pairs_table {
	uint64_t most, buckets;
	unsigned generation; /* incremented by pairs_reset() */
	uint32_t top LINE;   /* numbers up to here have been taken */
	uint64_t used LINE;
};

static uint64_t hash_of_pair(uint64_t pair)
{
	pair *= 0x9e3779b97f4a7c15ULL;
	pair ^= pair >> 32;
	pair *= 0xd6e8feb86659fd93ULL;
	return pair ^ pair >> 32;
}

static struct bucket *buckets(const struct pairs *p)
{
	return (struct bucket *)p->bucket->at;
}

static uint64_t *place(const struct pairs *p, uint32_t number)
{
	return (uint64_t *)p->pair->at + number;
}

static uint64_t bucket_of(const struct pairs *p, uint64_t hash)
{
	return (hash >> 32) * p->table->buckets >> 32;
}

static uint8_t tag_of(uint64_t hash)
{
	uint8_t tag = (uint8_t)hash;

	return tag ? tag : 1;
}

bool pairs_open(struct pairs *p, uint32_t most, enum space_kind kind)
{
	const struct space *s = space_open(sizeof(*p->table), SPACE_MEMORY);

	p->table = s ? (struct pairs_table *)s->at : NULL;
	p->pair = space_open((most + 1ULL) * sizeof(uint64_t), kind);
	p->bucket =
		space_open((most / WIDTH + 1ULL) * 16 / FULL * sizeof(struct bucket), SPACE_MEMORY);
	if (!p->table || !p->pair || !p->bucket)
		return false;
	p->table->most = most;
	return pairs_reset(p);
}

bool pairs_reset(struct pairs *p)
{
	p->table->buckets = FIRST;
	p->table->top = 0;
	p->table->used = 0;
	p->table->generation++;
	return space_forget(p->pair) && space_forget(p->bucket) && pairs_grow(p, BLOCK);
}

/* After pairs_reset(): forget the numbers that this process had taken. */
static void catch_up(struct pairs *p)
{
	if (p->generation == p->table->generation)
		return;
	p->generation = p->table->generation;
	p->next = p->end = 0;
}

/* ---- numbers ---- */

/* 0: no room. */
static uint32_t new_number(struct pairs *p, uint64_t pair)
{
	catch_up(p);
	if (p->next == p->end) {
		p->next = 1 + __atomic_fetch_add(&p->table->top, BLOCK, __ATOMIC_RELAXED);
		p->end = p->next + BLOCK;
	}
	if (p->end > p->table->most || !space_has(p->pair, p->end * sizeof(uint64_t))) {
		p->end = p->next;
		return 0;
	}
	*place(p, p->next) = pair;
	return p->next++;
}

/* Give the number back, as another process has added the pair first. */
static void take_back(struct pairs *p, uint32_t number)
{
	*place(p, number) = 0;
	p->next--;
}

void pairs_end_round(struct pairs *p)
{
	uint32_t top = p->end - 1;

	catch_up(p);
	if (p->next != p->end)
		__atomic_compare_exchange_n(&p->table->top, &top, p->next - 1, false,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	p->next = p->end = 0;
}

/* ---- the table ---- */

static bool is_full(const struct pairs *p, uint64_t more)
{
	return (p->table->used + more) * 16 > p->table->buckets * WIDTH * FULL;
}

/*
 * A bit for each place whose tag equals this one or is not stored yet. Volatile: each tag is loaded
 * once, as one stored between two loads would be missed by both comparisons.
 */
static unsigned places(const struct bucket *b, uint8_t tag)
{
	const __m128i tags = *(const volatile __m128i *)b->tag;
	const __m128i same = _mm_cmpeq_epi8(tags, _mm_set1_epi8((char)tag));
	const __m128i none = _mm_cmpeq_epi8(tags, _mm_setzero_si128());

	return (unsigned)_mm_movemask_epi8(_mm_or_si128(same, none)) & ((1U << WIDTH) - 1);
}

/*
 * Store the pair's number in this place, if it is free. Returns the number that is there then; 0:
 * no room. *mine: the number that was taken for the pair, or 0.
 */
static uint32_t put_into(struct pairs *p, struct bucket *b, unsigned i, uint64_t pair,
			 uint32_t *mine)
{
	uint32_t is = 0;

	if (!*mine && !is_full(p, 0))
		*mine = new_number(p, pair);
	/*
	 * Release: pairs with the acquire in search(), also for processes that see the tag below.
	 */
	if (!*mine || !__atomic_compare_exchange_n(&b->number[i], &is, *mine, false,
						   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return is;
	__atomic_store_n(&b->tag[i], tag_of(hash_of_pair(pair)), __ATOMIC_RELAXED);
	__atomic_fetch_add(&p->table->used, 1, __ATOMIC_RELAXED);
	return *mine;
}

/* The pair's number. 0: no room; or it does not exist and `add` is false. */
static inline uint32_t search(struct pairs *p, uint64_t pair, bool add)
{
	uint64_t hash = hash_of_pair(pair), at = bucket_of(p, hash);
	uint32_t mine = 0, is;
	unsigned where, i;

	for (;; at = at + 1 < p->table->buckets ? at + 1 : 0) {
		struct bucket *b = &buckets(p)[at];

		for (where = places(b, tag_of(hash)); where; where &= where - 1) {
			i = (unsigned)__builtin_ctz(where);
			/* Acquire: the pair was written before its number was published. */
			is = __atomic_load_n(&b->number[i], __ATOMIC_ACQUIRE);
			if (!is && add)
				is = put_into(p, b, i, pair, &mine);
			if (!is || is == mine)
				return is;
			if (*place(p, is) != pair)
				continue;
			if (mine)
				take_back(p, mine);
			return is;
		}
	}
}

uint32_t pairs_add(struct pairs *p, uint64_t pair)
{
	return search(p, pair, true);
}

uint32_t pairs_find(struct pairs *p, uint64_t pair)
{
	return search(p, pair, false);
}

void pairs_fetch_line(const struct pairs *p, uint64_t pair)
{
	__builtin_prefetch(&buckets(p)[bucket_of(p, hash_of_pair(pair))]);
}

void pairs_fetch_pair(const struct pairs *p, uint64_t pair)
{
	uint64_t hash = hash_of_pair(pair);
	const struct bucket *b = &buckets(p)[bucket_of(p, hash)];
	unsigned where = places(b, tag_of(hash));

	if (where)
		__builtin_prefetch(place(p, b->number[__builtin_ctz(where)]));
}

/* Insert a pair that is not in the table, while no other process uses it. */
static void put_back(struct pairs *p, uint32_t number)
{
	uint64_t hash = hash_of_pair(*place(p, number)), at = bucket_of(p, hash);
	struct bucket *b;
	unsigned i;

	for (;; at = at + 1 < p->table->buckets ? at + 1 : 0) {
		b = &buckets(p)[at];
		for (i = 0; i < WIDTH && b->number[i]; i++)
			;
		if (i == WIDTH)
			continue;
		b->number[i] = number;
		b->tag[i] = tag_of(hash);
		return;
	}
}

bool pairs_grow(struct pairs *p, uint64_t more)
{
	struct pairs_table *t = p->table;
	uint64_t n = t->buckets;
	uint32_t number;

	if (!space_fill(p->pair, (t->top + more + 64ULL * BLOCK) * sizeof(uint64_t)))
		return false;
	if (!is_full(p, more))
		return true;
	while ((t->used + more) * 16 > n * WIDTH * FULL)
		n = GROWTH(n);
	if (n * sizeof(struct bucket) > p->bucket->size || !space_forget(p->bucket))
		return false;
	t->buckets = n;
	for (number = 1; number <= t->top; number++) {
		if (number + 32 <= t->top && *place(p, number + 32))
			pairs_fetch_line(p, *place(p, number + 32));
		if (*place(p, number))
			put_back(p, number);
	}
	return true;
}

bool pairs_crowded(const struct pairs *p, uint64_t more)
{
	return is_full(p, more) || !space_has(p->pair, (p->table->top + more) * sizeof(uint64_t));
}

uint32_t pairs_top(const struct pairs *p)
{
	return p->table->top;
}

uint64_t pairs_used(const struct pairs *p)
{
	return p->table->used;
}

uint64_t pairs_bytes(const struct pairs *p)
{
	return p->table->buckets * sizeof(struct bucket) + p->table->top * sizeof(uint64_t);
}

uint64_t pairs_bytes_on_disk(const struct pairs *p)
{
	return p->pair->fd < 0 ? 0 : p->table->top * sizeof(uint64_t);
}
