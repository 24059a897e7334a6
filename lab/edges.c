/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "edges.h"

#include <stdlib.h>
#include <string.h>

#include "space.h"
#include "table.h"

#define LOG_SPACE (64ULL << 30)
#define CHUNK (1ULL << 16) /* bytes of the log that a process takes at once */
/* Bytes of a state's edges, which the average over a round hardly exceeds. */
#define USUAL 16

/*
 * A piece of the log has a head: the place of the previous piece of the same block (0: none), the
 * state of the block with which it begins, and the number of its states. A record for each state
 * follows. Edges to the `fresh` states after the newest state that the piece has named so far are
 * only counted. So a record has the number of other edges combined with the number of fresh ones,
 * and then the other edges in ascending order: each as the difference to the previous edge, and the
 * first as the difference to the first edge of the previous record. Numbers are stored seven bits a
 * byte, lowest first.
 */
#define LARGEST_NUMBER 5
#define LARGEST_RECORD (LARGEST_NUMBER * (1 + EDGES_MOST))
#define LARGEST_PIECE (sizeof(struct head) + EDGES_BLOCK * LARGEST_RECORD)

#define MOST_FRESH 7

struct head {
	uint64_t before;
	uint8_t first, n;
} __attribute__((packed));

/* The states to which numbers are relative. */
struct base {
	uint32_t first, newest;
};

static struct space *log_space, *index_space;

static struct log {
	uint64_t top LINE; /* bytes in use */
	unsigned generation;
} * edge_log;

/* The piece that this process is writing. */
static struct {
	struct head head;
	struct base base;
	uint32_t block;
	unsigned n;	    /* bytes; 0: no piece is begun */
	uint64_t next, end; /* the part of the log that this process may use */
	unsigned generation;
	uint8_t at[LARGEST_PIECE];
} piece;

/* The block that was read last. */
static struct {
	uint64_t piece; /* its last piece at that time; 0: none was read */
	uint32_t block;
	unsigned first[EDGES_BLOCK], n[EDGES_BLOCK], used;
	uint32_t to[EDGES_BLOCK * EDGES_MOST];
} block;

bool edges_open(uint32_t states)
{
	const struct space *s = space_open(sizeof(*edge_log), SPACE_MEMORY);

	edge_log = s ? (struct log *)s->at : NULL;
	log_space = space_open(LOG_SPACE, SPACE_DISK);
	index_space = space_open((states / EDGES_BLOCK + 1ULL) * sizeof(uint64_t), SPACE_MEMORY);
	return edge_log && log_space && index_space && edges_reset();
}

bool edges_reset(void)
{
	edge_log->top = 1;
	edge_log->generation++;
	block.piece = 0;
	return space_forget(log_space) && space_forget(index_space);
}

bool edges_grow(uint64_t states)
{
	return space_fill(log_space, edge_log->top + 64 * CHUNK + states * USUAL);
}

static uint64_t *index_of(uint32_t b)
{
	return (uint64_t *)index_space->at + b;
}

/* ---- writing ---- */

/* After edges_reset(): forget the part of the log that this process had taken. */
static void catch_up(void)
{
	if (piece.generation == edge_log->generation)
		return;
	piece.generation = edge_log->generation;
	piece.n = 0;
	piece.next = piece.end = 0;
}

static void put(uint64_t number)
{
	for (; number > 127; number >>= 7)
		piece.at[piece.n++] = (uint8_t)(number | 128);
	piece.at[piece.n++] = (uint8_t)number;
}

/* Take room for the piece; 0: no room. */
static uint64_t take(uint64_t bytes)
{
	uint64_t want = bytes > CHUNK ? bytes : CHUNK, at;

	if (piece.next + bytes > piece.end) {
		piece.next = __atomic_fetch_add(&edge_log->top, want, __ATOMIC_RELAXED);
		piece.end = piece.next + want;
	}
	if (!space_has(log_space, piece.end)) {
		piece.next = piece.end = 0;
		return 0;
	}
	at = piece.next;
	piece.next += bytes;
	return at;
}

static bool finish(void)
{
	uint64_t *last = index_of(piece.block), at;

	if (!piece.n)
		return true;
	at = take(piece.n);
	if (at) {
		piece.head.before = *last;
		memcpy(piece.at, &piece.head, sizeof(piece.head));
		memcpy(log_space->at + at, piece.at, piece.n);
		*last = at;
	}
	piece.n = 0;
	return at;
}

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static unsigned sort(uint32_t *to, unsigned n)
{
	unsigned i, k = 0;

	qsort(to, n, sizeof(*to), ascending);
	for (i = 0; i < n; i++) {
		if (!k || to[i] != to[k - 1])
			to[k++] = to[i];
	}
	return k;
}

/* Map a signed difference to an unsigned number. */
static uint64_t folded(int64_t difference)
{
	return difference < 0 ? (uint64_t)-difference * 2 - 1 : (uint64_t)difference * 2;
}

static int64_t unfolded(uint64_t number)
{
	return number & 1 ? -(int64_t)(number / 2) - 1 : (int64_t)(number / 2);
}

static struct base base_of(uint32_t state)
{
	return (struct base){ state, state };
}

static void begin(uint32_t from)
{
	piece.head = (struct head){ .first = (uint8_t)(from % EDGES_BLOCK) };
	piece.base = base_of(from);
	piece.block = from / EDGES_BLOCK;
	piece.n = sizeof(piece.head);
}

/* The number of edges at the end of the list that lead to fresh states. */
static unsigned count_fresh(const uint32_t *to, unsigned n)
{
	unsigned k = n < MOST_FRESH ? n : MOST_FRESH, i;

	for (; k; k--) {
		for (i = 0; i < k && to[n - k + i] == piece.base.newest + 1 + i; i++)
			;
		if (i == k)
			break;
	}
	return k;
}

static void put_record(const uint32_t *to, unsigned n)
{
	unsigned fresh = count_fresh(to, n), old = n - fresh, i;
	struct base *b = &piece.base;

	put((uint64_t)old * (MOST_FRESH + 1) + fresh);
	for (i = 0; i < old; i++)
		put(i ? to[i] - to[i - 1] : folded((int64_t)to[0] - b->first));
	if (old)
		b->first = to[0];
	if (n && to[n - 1] > b->newest)
		b->newest = to[n - 1];
	piece.head.n++;
}

bool edges_add(uint32_t from, uint32_t *to, unsigned n)
{
	unsigned place = from % EDGES_BLOCK;

	catch_up();
	if (piece.n && piece.block != from / EDGES_BLOCK && !finish())
		return false;
	if (!piece.n)
		begin(from);
	while (piece.head.first + piece.head.n < place)
		put_record(NULL, 0);
	put_record(to, sort(to, n));
	return true;
}

bool edges_end_round(void)
{
	catch_up();
	return finish();
}

/* ---- reading ---- */

static uint64_t get(const uint8_t **at)
{
	uint64_t number = 0;
	unsigned shift = 0;

	for (; **at & 128; shift += 7)
		number |= (uint64_t)(*(*at)++ & 127) << shift;
	return number | (uint64_t) * (*at)++ << shift;
}

static void read_record(const uint8_t **at, struct base *b, unsigned i)
{
	uint64_t head = get(at), k;
	unsigned fresh = head % (MOST_FRESH + 1), old = (unsigned)(head / (MOST_FRESH + 1));
	uint32_t *to = block.to + block.used;

	block.first[i] = block.used;
	block.n[i] = old + fresh;
	block.used += old + fresh;
	for (k = 0; k < old; k++) {
		uint64_t difference = get(at);

		to[k] = k ? to[k - 1] + (uint32_t)difference
			  : (uint32_t)(b->first + unfolded(difference));
	}
	if (old)
		b->first = to[0];
	for (k = 0; k < fresh; k++)
		to[old + k] = b->newest + 1 + (uint32_t)k;
	if (old + fresh && to[old + fresh - 1] > b->newest)
		b->newest = to[old + fresh - 1];
}

/* Read a piece. Returns the place of the previous one. */
static uint64_t read_piece(const char *p)
{
	const uint8_t *at = (const uint8_t *)p + sizeof(struct head);
	struct head head;
	struct base b;
	unsigned i;

	memcpy(&head, p, sizeof(head));
	b = base_of(block.block * EDGES_BLOCK + head.first);
	for (i = 0; i < head.n; i++)
		read_record(&at, &b, head.first + i);
	return head.before;
}

static void read_block(uint32_t b)
{
	uint64_t at = *index_of(b);

	if (block.piece && block.block == b && block.piece == at)
		return;
	block.block = b;
	block.piece = at;
	block.used = 0;
	memset(block.n, 0, sizeof(block.n));
	while (at)
		at = read_piece(log_space->at + at);
}

unsigned edges_of(uint32_t from, const uint32_t **to)
{
	unsigned i = from % EDGES_BLOCK;

	read_block(from / EDGES_BLOCK);
	*to = block.to + block.first[i];
	return block.n[i];
}

uint64_t edges_bytes(uint32_t states)
{
	return edge_log->top + states / EDGES_BLOCK * sizeof(uint64_t);
}

uint64_t edges_bytes_on_disk(void)
{
	return log_space->fd < 0 ? 0 : edge_log->top;
}
