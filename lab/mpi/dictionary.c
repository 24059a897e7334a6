/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "dictionary.h"

#include <lab/content.h>
#include <lab/pairs.h>
#include <lab/part.h>
#include <lab/table.h>
#include <stdlib.h>
#include <string.h>

#define MOST 0x7ffffffeU

/*
 * A thing is a part, or a node at its place in the tree, as the place decides what the node's
 * number means. The pair of its place and number is kept in `things`, and the pair's number
 * identifies the thing.
 */
#define PLACE_PART 1U
static struct pairs things;

/*
 * Indexed by thing: its hash, which depends on its bytes only; and for each rank, the thing's
 * number there. 0: not known yet.
 */
static struct space *hashes;
static struct space **told;

/*
 * The two nodes below the root are needed with each state, so the same is kept for them once more,
 * indexed by their own numbers: the hash by which a rank owns a state of these CPUs, and the
 * numbers on each rank.
 */
static struct space *top_hashes;
static struct space **top_told[2];

/*
 * Indexed by rank: how many things that rank was told, and the numbers here of the things that it
 * told.
 */
static uint32_t *ntold;
static struct words *heard;
static unsigned ranks;

/* A thing is described by its kind and a length, and so many words or bytes. */
enum { SAYS_NODE, SAYS_LIST, SAYS_BYTES, SAYS };

static struct space *numbers(void)
{
	return space_open((MOST + 1ULL) * sizeof(uint32_t), SPACE_MEMORY);
}

bool dictionary_open(unsigned n)
{
	unsigned i, half;
	bool ok;

	ranks = n;
	told = calloc(n, sizeof(*told));
	ntold = calloc(n, sizeof(*ntold));
	heard = calloc(n, sizeof(*heard));
	hashes = space_open((MOST + 1ULL) * sizeof(uint64_t), SPACE_MEMORY);
	ok = told && ntold && heard && hashes && pairs_open(&things, MOST, SPACE_MEMORY);
	for (i = 0; ok && i < n; i++)
		ok = (told[i] = numbers());
	ok = ok && (top_hashes = numbers());
	for (half = 0; ok && half < 2; half++) {
		top_told[half] = calloc(n, sizeof(**top_told));
		ok = top_told[half];
		for (i = 0; ok && i < n; i++)
			ok = (top_told[half][i] = numbers());
	}
	return ok;
}

bool dictionary_reset(void)
{
	bool ok = pairs_reset(&things) && space_forget(hashes);
	unsigned i;

	ok = ok && space_forget(top_hashes);
	for (i = 0; i < ranks; i++) {
		ok = ok && space_forget(told[i]) && space_forget(top_told[0][i]) &&
		     space_forget(top_told[1][i]);
		ntold[i] = 0;
		heard[i].n = 0;
	}
	return ok;
}

uint64_t dictionary_bytes(void)
{
	uint64_t n = pairs_top(&things), bytes = pairs_bytes(&things) + n * sizeof(uint64_t);
	unsigned i;

	for (i = 0; i < ranks; i++)
		bytes += (ntold[i] ? n * sizeof(uint32_t) : 0) + heard[i].n * sizeof(uint32_t);
	return bytes;
}

/* ---- things ---- */

static uint32_t place_of(enum content_half half, unsigned i)
{
	return PLACE_PART + 1 + 2 * i + half;
}

/* 0: no room. */
static uint32_t thing(uint32_t place, uint32_t number)
{
	if (pairs_crowded(&things, 1) && !pairs_grow(&things, pairs_used(&things) / 8 + 4096))
		return 0;
	return pairs_add(&things, pair_of(place, number));
}

static uint64_t *hash_at(uint32_t t)
{
	return (uint64_t *)hashes->at + t;
}

static uint32_t *told_at(unsigned to, uint32_t t)
{
	return (uint32_t *)told[to]->at + t;
}

/* True if the place is that of a leaf. */
static bool is_leaf(enum content_half half, unsigned i)
{
	return i >= content_leaves(half);
}

/* ---- hashes ---- */

static uint64_t hash_of_part(uint32_t number, bool list)
{
	uint32_t t = thing(PLACE_PART, number), length, i;
	const uint32_t *chunk;
	uint64_t hash;

	if (!t || *hash_at(t))
		return t ? *hash_at(t) : 0;
	chunk = (const void *)part_at(number, &length);
	hash = list ? length : hash_of(chunk, length);
	for (i = 0; list && i < length / sizeof(*chunk); i++)
		hash = mix(hash, hash_of_part(chunk[i], false));
	return *hash_at(t) = hash ? hash : 1;
}

static uint64_t hash_of_node(enum content_half half, unsigned i, uint32_t number)
{
	uint32_t t;
	uint64_t below, hash;

	if (is_leaf(half, i))
		return hash_of_part(number, content_is_list(half, i));
	t = thing(place_of(half, i), number);
	if (!t || *hash_at(t))
		return t ? *hash_at(t) : 0;
	below = content_below(number);
	hash = mix(i, hash_of_node(half, 2 * i, (uint32_t)(below >> 32)));
	hash = mix(hash, hash_of_node(half, 2 * i + 1, (uint32_t)below));
	return *hash_at(t) = hash ? hash : 1;
}

uint64_t dictionary_hash(uint64_t root)
{
	uint64_t cpus = hash_of_node(CONTENT_CPUS, 1, (uint32_t)(root >> 32));

	return mix(mix(cpus, hash_of_node(CONTENT_MEMORY, 1, (uint32_t)root)), 0);
}

static uint32_t *number_in(struct space *space, uint32_t number)
{
	return (uint32_t *)space->at + number;
}

/* Hash of the first actor's part alone. */
static uint64_t hash_of_first(uint32_t cpus)
{
	unsigned i = 1;

	for (; !is_leaf(CONTENT_CPUS, i); i *= 2)
		cpus = (uint32_t)(content_below(cpus) >> 32);
	return hash_of_node(CONTENT_CPUS, i, cpus);
}

/*
 * By what the first actor has: most moves are of others, of memory or of the unit, and stay on
 * their rank. One actor has too few different parts for many ranks to have equal shares, so more of
 * the other CPUs counts with more ranks.
 */
static uint32_t hash_of_cpus(uint32_t number)
{
	uint32_t *hash = number_in(top_hashes, number);
	uint64_t all;

	if (!*hash) {
		all = hash_of_node(CONTENT_CPUS, 1, number);
		*hash = (uint32_t)(mix(hash_of_first(number), ranks < 4 ? 0 : all % (ranks / 2)) >>
				   32);
	}
	return *hash;
}

unsigned dictionary_owner(uint64_t root)
{
	uint64_t hash = mix(hash_of_cpus((uint32_t)(root >> 32)), 1);

	return (unsigned)((hash >> 32) * ranks >> 32);
}

/* ---- from states to words ---- */

static bool say(struct words *head, unsigned kind, uint32_t length)
{
	return words_add(head, length * SAYS + kind);
}

static uint32_t next_told(unsigned to, uint32_t t)
{
	return *told_at(to, t) = ++ntold[to];
}

static uint32_t write_part(unsigned to, uint32_t number, bool list, struct words *head);

/* Describe the list's chunks first, as it refers to them. */
static bool write_list(unsigned to, const uint32_t *chunk, uint32_t n, struct words *head)
{
	bool ok = true;
	uint32_t i;

	for (i = 0; i < n && ok; i++)
		ok = write_part(to, chunk[i], false, head);
	ok = ok && say(head, SAYS_LIST, n);
	for (i = 0; i < n && ok; i++)
		ok = words_add(head, *told_at(to, thing(PLACE_PART, chunk[i])));
	return ok;
}

/* The part's number on rank `to`, to which it is described if necessary; 0: no memory. */
static uint32_t write_part(unsigned to, uint32_t number, bool list, struct words *head)
{
	uint32_t t = thing(PLACE_PART, number), length, i;
	const uint32_t *word;
	bool ok;

	if (!t || *told_at(to, t))
		return t ? *told_at(to, t) : 0;
	word = (const void *)part_at(number, &length);
	if (list)
		return write_list(to, word, length / (uint32_t)sizeof(*word), head)
			       ? next_told(to, t)
			       : 0;
	ok = say(head, SAYS_BYTES, length);
	for (i = 0; i < length / sizeof(*word) && ok; i++)
		ok = words_add(head, word[i]);
	return ok ? next_told(to, t) : 0;
}

static uint32_t write_node(unsigned to, enum content_half half, unsigned i, uint32_t number,
			   struct words *head)
{
	uint32_t t, left, right;
	uint64_t below;

	if (is_leaf(half, i))
		return write_part(to, number, content_is_list(half, i), head);
	t = thing(place_of(half, i), number);
	if (!t || *told_at(to, t))
		return t ? *told_at(to, t) : 0;
	below = content_below(number);
	left = write_node(to, half, 2 * i, (uint32_t)(below >> 32), head);
	right = left ? write_node(to, half, 2 * i + 1, (uint32_t)below, head) : 0;
	if (!right || !say(head, SAYS_NODE, 2) || !words_add(head, left) || !words_add(head, right))
		return 0;
	return next_told(to, t);
}

static uint32_t write_top(unsigned to, enum content_half half, uint32_t number, struct words *head)
{
	uint32_t *there = number_in(top_told[half][to], number);

	if (!*there)
		*there = write_node(to, half, 1, number, head);
	return *there;
}

bool dictionary_write(unsigned to, uint64_t root, struct words *head, uint32_t *state)
{
	state[0] = write_top(to, CONTENT_CPUS, (uint32_t)(root >> 32), head);
	state[1] = state[0] ? write_top(to, CONTENT_MEMORY, (uint32_t)root, head) : 0;
	return state[1];
}

/* ---- from words to states ---- */

/* The number here of the thing that rank `from` calls `number`; 0: it has not described it. */
static uint32_t here(unsigned from, uint32_t number)
{
	return number && number <= heard[from].n ? heard[from].at[number - 1] : 0;
}

static uint32_t read_list(unsigned from, const uint32_t *word, uint32_t n)
{
	uint32_t chunk[CONTENT_SEGMENT], i;

	if (n > CONTENT_SEGMENT)
		return 0;
	for (i = 0; i < n; i++) {
		chunk[i] = here(from, word[i]);
		if (!chunk[i])
			return 0;
	}
	return part_number(chunk, n * (uint32_t)sizeof(*chunk));
}

static uint32_t read_node(unsigned from, const uint32_t *word)
{
	uint32_t left = here(from, word[0]), right = here(from, word[1]);

	return left && right ? content_node(pair_of(left, right)) : 0;
}

static bool has_room(void)
{
	return !content_crowded(64) || content_grow(4096);
}

bool dictionary_learn(const struct batch *b)
{
	const uint32_t *at = b->head, *end = at + b->nhead;
	uint32_t number, length, words;

	while (at < end) {
		unsigned kind = *at % SAYS;

		length = *at++ / SAYS;
		words = kind == SAYS_BYTES ? length / (uint32_t)sizeof(*at) : length;
		if (words > end - at || (kind == SAYS_NODE && words != 2) || !has_room())
			return false;
		number = kind == SAYS_NODE   ? read_node(b->from, at)
			 : kind == SAYS_LIST ? read_list(b->from, at, length)
					     : part_number(at, length);
		if (!number || !words_add(&heard[b->from], number))
			return false;
		at += words;
	}
	return true;
}

uint64_t dictionary_read(unsigned from, const uint32_t *state)
{
	uint32_t cpus = here(from, state[0]), memory = here(from, state[1]);

	return cpus && memory ? pair_of(cpus, memory) : 0;
}
