/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "machine.h"
#include "table.h"

/* Address space is reserved for what 32 bits can number, memory is taken as it is used. */
#define PART_SPACE (32ULL << 30)
#define STATE_SPACE (96ULL << 30)
#define EDGE_SPACE (8ULL << 30) /* so that an edge's number leaves room for LAST_EDGE */
#define MARK_SPACE (4ULL << 30)
#define TABLE_SPACE (32ULL << 30)

#define SMALL 4096 /* entries of a table, to begin with */

/*
 * A move makes so many new parts at most, nearly always: an actor, a chunk and its segment, twice.
 */
#define PARTS_PER_STATE 5

#define PART_UNIT 8 /* a part's number is its place in units of bytes */
#define BLOCK 4096  /* units of parts, and edges, that a process takes at once */

/* And states: processes that write to the same new page wait for each other in the kernel. */
#define STATE_BLOCK 256

/* A segment of a range is the list of its chunks' numbers, and itself a part. */
#define SEGMENT 24 /* chunks */
#define SEGMENTS (LAB_CHUNKS / SEGMENT + LAB_RANGES + LAB_ACTORS + 1)
#define PARTS (SEGMENTS + LAB_ACTORS)

struct segment {
	char *base;
	unsigned first, n; /* chunks, counted over all ranges */
	unsigned all;	   /* a bit for each of them */
};

struct record {
	state_id parent;
	uint32_t edges; /* index of the first one; the last has the high bit */
	uint32_t part[];
};

/* Shared by all processes. */
struct shared {
	struct table parts, states;
	uint64_t part_top, edge_top; /* units and edges taken */
	uint32_t state_top LINE;
	unsigned generation; /* how often everything has been forgotten */
	bool full;
};

static struct shared *shared;
static char *part_space, *state_space;
static state_id *edge_space;
static uint8_t *mark_space;
static size_t stride;

/* This process's share of parts, edges and states. */
static uint64_t part_next, part_end, edge_next, edge_end;
static state_id state_next, state_end;

static unsigned generation; /* that this process knows of */

/* What the machine holds now. */
static uint32_t chunk_loaded[LAB_CHUNKS];
static uint32_t part_loaded[PARTS];

static struct segment segments[SEGMENTS];
static unsigned nsegments;
static unsigned first_buffer; /* tso: segment of CPU 0's store buffer */
static unsigned dirty_words;  /* of lab_memory.dirty, in use */

/* States that wait to be looked up, from `next` on. Both count for ever. */
static struct {
	struct queued {
		uint64_t hash;
		state_id from;
	} state[STORE_QUEUE];
	uint32_t *part; /* nparts() each */
	unsigned next, top;
} queue;

#define LAST_EDGE 0x80000000U

static void *reserve(uint64_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static unsigned nparts(void)
{
	return nsegments + machine.nactors;
}

static void cut(char *base, unsigned first, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i += SEGMENT) {
		segments[nsegments++] = (struct segment){
			.base = base + (size_t)i * LAB_CHUNK,
			.first = first + i,
			.n = n - i < SEGMENT ? n - i : SEGMENT,
			.all = (1U << (n - i < SEGMENT ? n - i : SEGMENT)) - 1,
		};
	}
}

static_assert(offsetof(struct control, buffer) % LAB_CHUNK == 0, "a buffer has its own chunks");

/* Of the first range: what is before the buffers, each buffer in use, the rest. */
static unsigned cut_control(char *base)
{
	const unsigned chunks = sizeof(struct buffer) / LAB_CHUNK;
	unsigned first = offsetof(struct control, buffer) / LAB_CHUNK, i;

	cut(base, 0, first);
	first_buffer = nsegments;
	for (i = 0; i < machine.nactors; i++, first += chunks)
		cut(base + (size_t)first * LAB_CHUNK, first, chunks);
	return first;
}

static void cut_into_segments(void)
{
	unsigned first = 0, range, done, n;

	for (range = 0; range < lab_memory.nranges; range++, first += n) {
		const struct lab_range *r = &lab_memory.range[range];

		n = (unsigned)((r->size + LAB_CHUNK - 1) / LAB_CHUNK);
		done = !range && machine.tso ? cut_control((char *)r->base) : 0;
		cut((char *)r->base + (size_t)done * LAB_CHUNK, first + done, n - done);
	}
}

bool store_open(void)
{
	cut_into_segments();
	dirty_words = (segments[nsegments - 1].first + segments[nsegments - 1].n) / 64 + 1;
	stride = sizeof(struct record) + nparts() * sizeof(uint32_t);
	shared = reserve(sizeof(*shared));
	part_space = reserve(PART_SPACE);
	state_space = reserve(STATE_SPACE);
	edge_space = reserve(EDGE_SPACE);
	mark_space = reserve(MARK_SPACE);
	queue.part = calloc((size_t)STORE_QUEUE * nparts(), sizeof(uint32_t));
	if (!shared || !part_space || !state_space || !edge_space || !mark_space || !queue.part)
		return false;
	shared->parts.slot = reserve(TABLE_SPACE);
	shared->states.slot = reserve(TABLE_SPACE);
	return shared->parts.slot && shared->states.slot && store_reset();
}

static void forget(void *p, uint64_t size)
{
	madvise(p, size, MADV_REMOVE);
}

bool store_reset(void)
{
	forget(part_space, PART_SPACE);
	forget(state_space, STATE_SPACE);
	forget(edge_space, EDGE_SPACE);
	forget(mark_space, MARK_SPACE);
	forget(shared->parts.slot, TABLE_SPACE);
	forget(shared->states.slot, TABLE_SPACE);
	shared->parts.size = shared->states.size = SMALL;
	shared->parts.used = shared->states.used = 0;
	shared->part_top = shared->edge_top = 1;
	shared->state_top = 0;
	shared->full = false;
	shared->generation++;
	store_catch_up();
	return true;
}

void store_catch_up(void)
{
	if (generation == shared->generation)
		return;
	generation = shared->generation;
	part_next = part_end = edge_next = edge_end = 0;
	state_next = state_end = 0;
	queue.next = queue.top;
	memset(chunk_loaded, 0, sizeof(chunk_loaded));
	memset(part_loaded, 0, sizeof(part_loaded));
}

/* ---- the tables ---- */

static bool grow(struct table *t, uint64_t more)
{
	uint64_t size = t->size, old_size = t->size, i, at;
	uint64_t *old;

	while ((t->used + more) * 3 > size * 2)
		size *= 2;
	if (size == t->size)
		return true;
	if (size * sizeof(*t->slot) > TABLE_SPACE)
		return false;
	old = reserve(t->size * sizeof(*old));
	if (!old)
		return false;
	memcpy(old, t->slot, old_size * sizeof(*old));
	forget(t->slot, old_size * sizeof(*old));
	t->size = size;
	for (i = 0; i < old_size; i++) {
		if (!old[i])
			continue;
		for (at = slot_of(t, old[i]); t->slot[at]; at = next_slot(t, at))
			;
		t->slot[at] = old[i];
	}
	munmap(old, old_size * sizeof(*old));
	return true;
}

/* ---- parts ---- */

static const char *part_at(uint32_t id, uint32_t *length)
{
	const char *p = part_space + (uint64_t)id * PART_UNIT;

	memcpy(length, p, sizeof(*length));
	return p + PART_UNIT;
}

static uint32_t part_new(const void *bytes, uint32_t length)
{
	uint64_t units = 1 + (length + PART_UNIT - 1) / PART_UNIT;
	uint32_t id;

	if (part_next + units > part_end) {
		uint64_t want = units > BLOCK ? units : BLOCK;

		part_next = __atomic_fetch_add(&shared->part_top, want, __ATOMIC_RELAXED);
		part_end = part_next + want;
		if (part_end * PART_UNIT > PART_SPACE) {
			shared->full = true;
			return 0;
		}
	}
	id = (uint32_t)part_next;
	part_next += units;
	memcpy(part_space + (uint64_t)id * PART_UNIT, &length, sizeof(length));
	memcpy(part_space + (uint64_t)id * PART_UNIT + PART_UNIT, bytes, length);
	return id;
}

static uint32_t part_intern(const void *bytes, uint32_t length)
{
	struct table *t = &shared->parts;
	uint64_t hash = hash_of(bytes, length), at = slot_of(t, hash), e, mine = 0;
	uint32_t have;

	for (;; at = next_slot(t, at)) {
		/* Acquire: what the number stands for was written before it was put there. */
		e = __atomic_load_n(&t->slot[at], __ATOMIC_ACQUIRE);
		if (!e) {
			if (!mine) {
				mine = entry(hash, part_new(bytes, length));
				if (!(uint32_t)mine)
					return 0;
			}
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

/* ---- from the machine to parts ---- */

/* A bit for each chunk of the segment that may have changed. */
static unsigned dirty_in(const struct segment *g)
{
	const uint64_t *word = &lab_memory.dirty[g->first / 64];
	unsigned shift = g->first % 64;

	return (unsigned)(word[0] >> shift | word[1] << 1 << (63 - shift)) & g->all;
}

/* False: no room. */
static bool collect_segment(unsigned part, unsigned dirty)
{
	const struct segment *g = &segments[part];
	uint32_t *loaded = &chunk_loaded[g->first], id, length;
	bool changed = false;
	unsigned i;

	for (; dirty; dirty &= dirty - 1) {
		i = (unsigned)__builtin_ctz(dirty);
		if (loaded[i] &&
		    !memcmp(part_at(loaded[i], &length), g->base + i * LAB_CHUNK, LAB_CHUNK))
			continue;
		id = part_intern(g->base + i * LAB_CHUNK, LAB_CHUNK);
		if (!id)
			return false;
		changed |= id != loaded[i];
		loaded[i] = id;
	}
	if (changed || !part_loaded[part])
		part_loaded[part] = part_intern(loaded, g->n * (uint32_t)sizeof(*loaded));
	return part_loaded[part];
}

static bool is_dirty(void)
{
	uint64_t any = lab_memory.dirty_stacks;
	unsigned i;

	for (i = 0; i < dirty_words; i++)
		any |= lab_memory.dirty[i];
	return any;
}

static void forget_dirt(void)
{
	unsigned i;

	for (i = 0; i < dirty_words; i++)
		lab_memory.dirty[i] = 0;
	lab_memory.dirty_stacks = 0;
}

static bool collect_actor(unsigned i)
{
	const struct actor *a = machine_actor(i);
	uintptr_t end = (uintptr_t)(a + 1);
	uint32_t id = part_intern((const void *)a->sp, (uint32_t)(end - a->sp));

	part_loaded[nsegments + i] = id;
	return id;
}

/* Bring part_loaded up to date with the machine. */
static bool collect(void)
{
	unsigned part, dirty, i;

	for (part = 0; part < nsegments; part++) {
		dirty = part_loaded[part] ? dirty_in(&segments[part]) : segments[part].all;
		if (dirty && !collect_segment(part, dirty))
			return false;
	}
	for (i = 0; i < machine.nactors; i++) {
		if ((lab_memory.dirty_stacks & 1U << i || !part_loaded[nsegments + i]) &&
		    !collect_actor(i))
			return false;
	}
	forget_dirt();
	return true;
}

/* ---- states ---- */

static struct record *record(state_id s)
{
	return (struct record *)(state_space + s * stride);
}

static state_id state_new(state_id parent, const uint32_t *part)
{
	struct record *r;
	state_id s;

	if (state_next == state_end) {
		state_next =
			1 + __atomic_fetch_add(&shared->state_top, STATE_BLOCK, __ATOMIC_RELAXED);
		state_end = state_next + STATE_BLOCK;
	}
	if (state_end >= LAST_EDGE - 1 || state_end * stride > STATE_SPACE) {
		shared->full = true;
		return STATE_NONE;
	}
	s = state_next++;
	r = record(s);
	r->parent = parent;
	memcpy(r->part, part, nparts() * sizeof(uint32_t));
	return s;
}

static state_id state_intern(uint64_t hash, const uint32_t *part, state_id parent)
{
	struct table *t = &shared->states;
	size_t size = nparts() * sizeof(uint32_t);
	uint64_t at, e, mine = 0;

	for (at = slot_of(t, hash);; at = next_slot(t, at)) {
		e = __atomic_load_n(&t->slot[at], __ATOMIC_ACQUIRE); /* as in part_intern() */
		if (!e) {
			if (!mine) {
				mine = entry(hash, state_new(parent, part));
				if (!(uint32_t)mine)
					return STATE_NONE;
			}
			if (__atomic_compare_exchange_n(&t->slot[at], &e, mine, false,
							__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
				__atomic_fetch_add(&t->used, 1, __ATOMIC_RELAXED);
				return (state_id)mine;
			}
		}
		if ((e ^ hash) >> 32 == 0 && !memcmp(record((state_id)e)->part, part, size)) {
			/* Another process was faster: the number is lost. */
			if (mine)
				memset(record((state_id)mine)->part, 0, size);
			return (state_id)e;
		}
	}
}

void store_end_round(void)
{
	state_id top = state_end - 1;

	if (state_next != state_end)
		__atomic_compare_exchange_n(&shared->state_top, &top, state_next - 1, false,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	state_next = state_end = 0;
}

state_id store_state(state_id parent)
{
	state_id s;

	if (!collect())
		return STATE_NONE;
	s = state_intern(hash_of(part_loaded, nparts() * sizeof(uint32_t)), part_loaded, parent);
	store_end_round();
	return s;
}

/* ---- states that are looked up later ---- */

static uint32_t *queued_parts(unsigned i)
{
	return queue.part + (size_t)(i % STORE_QUEUE) * nparts();
}

/* The one that it may be equal to comes from memory. */
static void fetch_record(uint64_t hash)
{
	const struct table *t = &shared->states;
	uint64_t at = slot_of(t, hash), e;

	for (; (e = __atomic_load_n(&t->slot[at], __ATOMIC_RELAXED)); at = next_slot(t, at)) {
		if ((e ^ hash) >> 32)
			continue;
		__builtin_prefetch(record((state_id)e));
		__builtin_prefetch((char *)record((state_id)e) + stride - 1);
		return;
	}
}

bool store_queue(state_id from)
{
	struct queued *q = &queue.state[queue.top % STORE_QUEUE];

	if (!collect())
		return false;
	memcpy(queued_parts(queue.top), part_loaded, nparts() * sizeof(uint32_t));
	q->from = from;
	q->hash = hash_of(part_loaded, nparts() * sizeof(uint32_t));
	__builtin_prefetch(&shared->states.slot[slot_of(&shared->states, q->hash)]);
	if (queue.top - queue.next >= STORE_QUEUE / 2)
		fetch_record(queue.state[(queue.top - STORE_QUEUE / 2) % STORE_QUEUE].hash);
	queue.top++;
	return true;
}

unsigned store_queued(void)
{
	return queue.top - queue.next;
}

state_id store_next(state_id *from)
{
	const struct queued *q = &queue.state[queue.next % STORE_QUEUE];
	const uint32_t *part = queued_parts(queue.next++);

	*from = q->from;
	return state_intern(q->hash, part, q->from);
}

static void load_segment(const struct segment *g, uint32_t id)
{
	uint32_t length, *loaded = &chunk_loaded[g->first];
	const uint32_t *chunks = (const void *)part_at(id, &length);
	unsigned i;

	for (i = 0; i < g->n; i++) {
		if (loaded[i] == chunks[i])
			continue;
		memcpy(g->base + i * LAB_CHUNK, part_at(chunks[i], &length), LAB_CHUNK);
		loaded[i] = chunks[i];
	}
}

static void load_actor(unsigned i, uint32_t id)
{
	uint32_t length;
	const char *bytes = part_at(id, &length);

	memcpy((char *)(machine_actor(i) + 1) - length, bytes, length);
}

/* A move that was given up half-way left changes that nobody has collected, nor wants. */
static void discard(void)
{
	unsigned part, dirty, i;

	if (!is_dirty())
		return;
	for (part = 0; part < nsegments; part++) {
		dirty = dirty_in(&segments[part]);
		if (!dirty)
			continue;
		part_loaded[part] = 0;
		for (; dirty; dirty &= dirty - 1)
			chunk_loaded[segments[part].first + (unsigned)__builtin_ctz(dirty)] = 0;
	}
	for (i = 0; i < machine.nactors; i++) {
		if (lab_memory.dirty_stacks & 1U << i)
			part_loaded[nsegments + i] = 0;
	}
	forget_dirt();
}

void store_load_parts(const uint32_t *parts)
{
	unsigned part;

	discard();
	for (part = 0; part < nparts(); part++) {
		if (parts[part] == part_loaded[part])
			continue;
		if (part < nsegments)
			load_segment(&segments[part], parts[part]);
		else
			load_actor(part - nsegments, parts[part]);
		part_loaded[part] = parts[part];
	}
}

void store_load(state_id s)
{
	store_load_parts(record(s)->part);
}

/* ---- states in parts ---- */

unsigned store_parts(void)
{
	return nparts();
}

bool store_collect(uint32_t *parts)
{
	if (!collect())
		return false;
	memcpy(parts, part_loaded, nparts() * sizeof(*parts));
	return true;
}

void store_leave_out(uint32_t *parts, uint32_t cpus)
{
	unsigned i;

	for (i = 0; i < machine.nactors; i++) {
		if (!(cpus & 1U << machine.info[i].cpu))
			continue;
		parts[nsegments + i] = 0;
		if (machine.tso)
			parts[first_buffer + i] = 0;
	}
}

bool store_is_loaded(state_id s)
{
	return collect() && !memcmp(record(s)->part, part_loaded, nparts() * sizeof(uint32_t));
}

uint32_t store_intern(const void *bytes, uint32_t length)
{
	return part_intern(bytes, length);
}

static uintptr_t difference(const char *p, const char *as_stored, size_t size)
{
	size_t i;

	for (i = 0; i < size && p[i] == as_stored[i]; i++)
		;
	return i < size ? (uintptr_t)p + i : 0;
}

static uintptr_t unseen_in_segment(const struct segment *g)
{
	unsigned dirty = dirty_in(g), i;
	uint32_t length;

	for (i = 0; i < g->n; i++) {
		uint32_t id = chunk_loaded[g->first + i];
		const char *p = g->base + i * LAB_CHUNK;

		if (id && !(dirty & 1U << i) && memcmp(p, part_at(id, &length), LAB_CHUNK))
			return difference(p, part_at(id, &length), LAB_CHUNK);
	}
	return 0;
}

static uintptr_t unseen_on_stack(unsigned i)
{
	uint32_t id = part_loaded[nsegments + i], length;
	const char *bytes;

	if (!id || lab_memory.dirty_stacks & 1U << i)
		return 0;
	bytes = part_at(id, &length);
	return difference((const char *)(machine_actor(i) + 1) - length, bytes, length);
}

uintptr_t store_unseen_change(void)
{
	uintptr_t at = 0;
	unsigned i;

	for (i = 0; i < nsegments && !at; i++)
		at = unseen_in_segment(&segments[i]);
	for (i = 0; i < machine.nactors && !at; i++)
		at = unseen_on_stack(i);
	return at;
}

bool store_grow(uint64_t states)
{
	return !shared->full && grow(&shared->states, states) &&
	       grow(&shared->parts, states * PARTS_PER_STATE);
}

static bool crowded(const struct table *t, uint64_t more)
{
	return t->used + more > t->size / 4 * 3;
}

bool store_crowded(uint64_t states)
{
	return crowded(&shared->states, states) ||
	       crowded(&shared->parts, states * PARTS_PER_STATE);
}

state_id store_parent(state_id s)
{
	return record(s)->parent;
}

uint8_t *store_mark(state_id s)
{
	return &mark_space[s];
}

uint64_t store_states(void)
{
	return shared->states.used;
}

state_id store_count(void)
{
	return shared->state_top;
}

bool store_exists(state_id s)
{
	return record(s)->part[0];
}

bool store_set_edges(state_id s, const state_id *to, unsigned n)
{
	unsigned i;

	if (!n)
		return true;
	if (edge_next + n > edge_end) {
		edge_next = __atomic_fetch_add(&shared->edge_top, BLOCK, __ATOMIC_RELAXED);
		edge_end = edge_next + BLOCK;
		if (edge_end * sizeof(state_id) > EDGE_SPACE) {
			shared->full = true;
			return false;
		}
	}
	record(s)->edges = (uint32_t)edge_next;
	for (i = 0; i < n; i++)
		edge_space[edge_next++] = to[i] | (i + 1 == n ? LAST_EDGE : 0);
	return true;
}

bool store_next_edge(state_id s, uint32_t *at, state_id *to)
{
	if (!*at)
		*at = record(s)->edges;
	if (!*at || *at == LAST_EDGE)
		return false;
	*to = edge_space[*at] & ~LAST_EDGE;
	*at = edge_space[*at] & LAST_EDGE ? LAST_EDGE : *at + 1;
	return true;
}

bool store_leads_to(state_id s, uint8_t mark)
{
	uint32_t at = record(s)->edges;
	state_id to;

	if (!at)
		return false;
	do {
		to = edge_space[at++];
		if (mark_space[to & ~LAST_EDGE] & mark)
			return true;
	} while (!(to & LAST_EDGE));
	return false;
}

uint64_t store_bytes(void)
{
	return shared->part_top * PART_UNIT + shared->state_top * (stride + 1ULL) +
	       shared->edge_top * sizeof(state_id) +
	       (shared->parts.size + shared->states.size) * sizeof(uint64_t);
}

uint64_t store_part_bytes(void)
{
	return shared->part_top * PART_UNIT;
}
