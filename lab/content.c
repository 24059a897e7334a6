/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "content.h"

#include <assert.h>
#include <string.h>

#include "machine.h"
#include "pairs.h"
#include "part.h"

#define MOST_NODES 0x7ffffffeU

/*
 * The new parts and nodes that a move makes, except in rare cases: an actor, a chunk and its
 * segment, each twice.
 */
#define PARTS_PER_STATE 5
#define NODES_PER_STATE 8

/*
 * A range is cut into segments of up to so many chunks. A segment is a part, too: the list of its
 * chunks' numbers.
 */
#define SEGMENT CONTENT_SEGMENT
#define SEGMENTS CONTENT_SEGMENTS
#define PARTS CONTENT_PARTS

struct segment {
	char *base;
	unsigned first, n; /* numbered over all ranges */
	unsigned all;	   /* a bit for each chunk */
};

/*
 * There are two trees, one of the CPUs' parts and one of memory, which meet in the root. So there
 * are few nodes, as most states are new pairs of old halves. As in a heap, node i is the parent of
 * 2 i and 2 i + 1, and the leaves are the second half. Number 0 means not known; then the nodes
 * above it are not known either.
 */
enum side { CPUS = CONTENT_CPUS, MEMORY = CONTENT_MEMORY };

struct trees {
	uint32_t number[2][2 * PARTS];
};

static unsigned leaves[2];

/* Maps between parts and leaves. */
static struct place {
	enum side side;
	unsigned leaf;
} place_of[PARTS];
static unsigned part_of[2][PARTS];

static struct pairs nodes;
bool content_flat;

/* What the machine holds at present. */
static uint32_t chunk_loaded[LAB_CHUNKS];
static struct trees now;

/* The key that was asked for last. */
static struct trees key;

static struct segment segments[SEGMENTS];
static unsigned nsegments;
static unsigned first_buffer; /* tso: segment of CPU 0's store buffer */
static unsigned dirty_words;  /* words of lab_memory.dirty in use */

/* ---- parts ---- */

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

/*
 * Cut the first range: what is before the buffers, each buffer in use. Returns the first chunk of
 * the rest.
 */
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

/* The actor whose stack the part is, or on whose CPU its store buffer is; -1: memory. */
static int owner_of(unsigned part)
{
	if (part >= nsegments)
		return (int)(part - nsegments);
	if (machine.tso && part - first_buffer < machine.nactors)
		return (int)(part - first_buffer);
	return -1;
}

static void place(unsigned part, enum side side)
{
	unsigned i = leaves[side]++;

	place_of[part] = (struct place){ side, i };
	part_of[side][i] = part;
}

/* The parts of one CPU are neighbours. */
static void place_all(void)
{
	unsigned part, i;

	leaves[CPUS] = leaves[MEMORY] = 0;
	for (i = 0; i < machine.nactors; i++) {
		place(nsegments + i, CPUS);
		if (machine.tso)
			place(first_buffer + i, CPUS);
	}
	for (part = 0; part < nsegments; part++) {
		if (owner_of(part) < 0)
			place(part, MEMORY);
	}
}

bool content_open(void)
{
	cut_into_segments();
	place_all();
	dirty_words = (segments[nsegments - 1].first + segments[nsegments - 1].n) / 64 + 1;
	return part_open() && pairs_open(&nodes, MOST_NODES, SPACE_MEMORY);
}

bool content_reset(void)
{
	return part_reset() && pairs_reset(&nodes);
}

void content_catch_up(void)
{
	memset(chunk_loaded, 0, sizeof(chunk_loaded));
	memset(&now, 0, sizeof(now));
	memset(&key, 0, sizeof(key));
}

bool content_grow(uint64_t states)
{
	return pairs_grow(&nodes, states * NODES_PER_STATE) && part_grow(states * PARTS_PER_STATE);
}

bool content_crowded(uint64_t states)
{
	return pairs_crowded(&nodes, states * NODES_PER_STATE) ||
	       part_crowded(states * PARTS_PER_STATE);
}

uint64_t content_bytes(void)
{
	return part_bytes() + pairs_bytes(&nodes);
}

/* ---- trees ---- */

/* The number of the pair. 0: no room; or it does not exist and `add` is false. */
static uint32_t number_of(uint64_t pair, bool add)
{
	return add ? pairs_add(&nodes, pair) : pairs_find(&nodes, pair);
}

static uint32_t node(struct trees *t, enum side side, unsigned i, bool add)
{
	uint32_t *number = &t->number[side][i], left, right;

	if (*number)
		return *number;
	left = node(t, side, 2 * i, add);
	right = left ? node(t, side, 2 * i + 1, add) : 0;
	if (right)
		*number = number_of(pair_of(left, right), add);
	return *number;
}

unsigned content_leaves(enum content_half half)
{
	return leaves[half];
}

bool content_is_list(enum content_half half, unsigned i)
{
	return part_of[half][i - leaves[half]] < nsegments;
}

uint64_t content_below(uint32_t number)
{
	return pairs_at(&nodes, number);
}

uint32_t content_node(uint64_t below)
{
	return number_of(below, true);
}

static uint64_t root(struct trees *t, bool add)
{
	uint32_t cpus = node(t, CPUS, 1, add), memory = cpus ? node(t, MEMORY, 1, add) : 0;

	return memory ? pair_of(cpus, memory) : 0;
}

static uint32_t *leaf_of(struct trees *t, unsigned part)
{
	const struct place *p = &place_of[part];

	return &t->number[p->side][leaves[p->side] + p->leaf];
}

static uint32_t leaf(unsigned part)
{
	return *leaf_of(&now, part);
}

/* Set a leaf; number 0: not known. The nodes above it are then not known. */
static void set_leaf(struct trees *t, unsigned part, uint32_t number)
{
	const struct place *p = &place_of[part];
	unsigned i = leaves[p->side] + p->leaf;

	t->number[p->side][i] = number;
	while ((i /= 2) && t->number[p->side][i])
		t->number[p->side][i] = 0;
}

/* ---- from the machine to parts ---- */

/* The chunks of the segment that may have changed, one bit each. */
static unsigned dirty_in(const struct segment *g)
{
	const uint64_t *word = &lab_memory.dirty[g->first / 64];
	unsigned shift = g->first % 64;

	return (unsigned)(word[0] >> shift | word[1] << 1 << (63 - shift)) & g->all;
}

/* Number the segment's changed chunks. False: no room. */
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
		id = part_number(g->base + i * LAB_CHUNK, LAB_CHUNK);
		if (!id)
			return false;
		changed |= id != loaded[i];
		loaded[i] = id;
	}
	if (changed || !leaf(part))
		set_leaf(&now, part, part_number(loaded, g->n * (uint32_t)sizeof(*loaded)));
	return leaf(part);
}

static bool is_dirty(void)
{
	uint64_t any = lab_memory.dirty_stacks;
	unsigned i;

	for (i = 0; i < dirty_words; i++)
		any |= lab_memory.dirty[i];
	return any;
}

static void forget_dirt(uint32_t but_stacks)
{
	unsigned i;

	for (i = 0; i < dirty_words; i++)
		lab_memory.dirty[i] = 0;
	lab_memory.dirty_stacks &= but_stacks;
}

static bool collect_actor(unsigned i)
{
	const struct actor *a = machine_actor(i);
	uintptr_t end = (uintptr_t)(a + 1);
	uint32_t id = part_number((const void *)a->sp, (uint32_t)(end - a->sp));

	if (id != leaf(nsegments + i))
		set_leaf(&now, nsegments + i, id);
	return id;
}

/* All actors that run on these CPUs, one bit each. */
static uint32_t actors_of(uint32_t cpus)
{
	uint32_t actors = 0;
	unsigned i;

	for (i = 0; i < machine.nactors && cpus; i++)
		actors |= (cpus >> machine.info[i].cpu & 1) << i;
	return actors;
}

/* Bring the leaves up to date with the machine, except these actors' stacks. */
static bool collect_parts(uint32_t but)
{
	unsigned part, dirty, i;

	for (part = 0; part < nsegments; part++) {
		dirty = leaf(part) ? dirty_in(&segments[part]) : segments[part].all;
		if (dirty && !collect_segment(part, dirty))
			return false;
	}
	for (i = 0; i < machine.nactors; i++) {
		if (!(but & 1U << i) &&
		    (lab_memory.dirty_stacks & 1U << i || !leaf(nsegments + i)) &&
		    !collect_actor(i))
			return false;
	}
	forget_dirt(but);
	return true;
}

static uint64_t flat_root(void)
{
	uint32_t list[PARTS], id;
	unsigned part;

	for (part = 0; part < nsegments + machine.nactors; part++)
		list[part] = leaf(part);
	id = part_number(list, part * (uint32_t)sizeof(*list));
	return id ? pair_of(id, PART_NOTHING) : 0;
}

uint64_t content_root(void)
{
	if (!collect_parts(0))
		return 0;
	return content_flat ? flat_root() : root(&now, true);
}

/* Equal parts have equal numbers, so the numbers of the leaves identify the place. */
bool content_note(struct content_place *p)
{
	if (!collect_parts(0))
		return false;
	memcpy(p->number, now.number[CPUS] + leaves[CPUS], leaves[CPUS] * sizeof(*p->number));
	memcpy(p->number + leaves[CPUS], now.number[MEMORY] + leaves[MEMORY],
	       leaves[MEMORY] * sizeof(*p->number));
	return true;
}

bool content_is_at(const struct content_place *p)
{
	return collect_parts(0) &&
	       !memcmp(p->number, now.number[CPUS] + leaves[CPUS],
		       leaves[CPUS] * sizeof(*p->number)) &&
	       !memcmp(p->number + leaves[CPUS], now.number[MEMORY] + leaves[MEMORY],
		       leaves[MEMORY] * sizeof(*p->number));
}

/* ---- from parts to the machine ---- */

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

/* Undo the changes of a move that was given up before its state was collected. */
static void discard(void)
{
	unsigned part, dirty, i;

	if (!is_dirty())
		return;
	for (part = 0; part < nsegments; part++) {
		dirty = dirty_in(&segments[part]);
		if (!dirty)
			continue;
		set_leaf(&now, part, 0);
		for (; dirty; dirty &= dirty - 1)
			chunk_loaded[segments[part].first + (unsigned)__builtin_ctz(dirty)] = 0;
	}
	for (i = 0; i < machine.nactors; i++) {
		if (lab_memory.dirty_stacks & 1U << i)
			set_leaf(&now, nsegments + i, 0);
	}
	forget_dirt(0);
}

static void load_part(unsigned part, uint32_t number)
{
	if (part < nsegments)
		load_segment(&segments[part], number);
	else
		load_actor(part - nsegments, number);
}

static void load_node(enum side side, unsigned i, uint32_t number)
{
	uint64_t pair;

	if (now.number[side][i] == number)
		return;
	now.number[side][i] = number;
	if (i >= leaves[side]) {
		load_part(part_of[side][i - leaves[side]], number);
		return;
	}
	pair = pairs_at(&nodes, number);
	load_node(side, 2 * i, (uint32_t)(pair >> 32));
	load_node(side, 2 * i + 1, (uint32_t)pair);
}

static void load_flat(uint32_t id)
{
	uint32_t length;
	const uint32_t *list = (const void *)part_at(id, &length);
	unsigned part;

	for (part = 0; part < length / sizeof(*list); part++) {
		if (leaf(part) == list[part])
			continue;
		set_leaf(&now, part, list[part]);
		load_part(part, list[part]);
	}
}

void content_load(uint64_t r)
{
	discard();
	if (content_flat) {
		load_flat((uint32_t)(r >> 32));
		return;
	}
	load_node(CPUS, 1, (uint32_t)(r >> 32));
	load_node(MEMORY, 1, (uint32_t)r);
}

/* ---- keys ---- */

/*
 * The first of the CPUs' parts that the key leaves out is replaced by the rest of the key. That is
 * a node, so it needs a bit that no part's number has.
 */
#define REST_OF_KEY PART_LIMIT
#define WHO (LAB_ACTORS + 1) /* bits: CPUs, and the hardware */
static_assert((LAB_END - LAB_BASE + LAB_VARIABLES) / 8 < 1U << (32 - WHO), "publications fit");

static uint32_t who(uint32_t agents)
{
	return (agents & ((1U << LAB_ACTORS) - 1)) | (agents >> LAB_THE_UNIT & 1) << LAB_ACTORS;
}

static bool belongs_to(unsigned part, uint32_t cpus)
{
	int owner = owner_of(part);

	return owner >= 0 && cpus & 1U << machine.info[owner].cpu;
}

uint64_t content_key(uint32_t cpus, uint32_t publications, uint32_t visible, bool add)
{
	uint32_t number = number_of(pair_of(publications << WHO | who(cpus), visible), add);
	uint32_t want;
	unsigned i, part;

	if (!number || !collect_parts(actors_of(cpus)))
		return 0;
	number |= REST_OF_KEY;
	for (i = 0; i < leaves[CPUS]; i++) {
		part = part_of[CPUS][i];
		want = leaf(part);
		if (belongs_to(part, cpus)) {
			want = number;
			number = PART_NOTHING;
		}
		if (*leaf_of(&key, part) != want)
			set_leaf(&key, part, want);
	}
	number = node(&now, MEMORY, 1, add);
	want = number ? node(&key, CPUS, 1, add) : 0;
	return want ? pair_of(want, number) : 0;
}

unsigned content_parts_of(uint32_t cpus, uint32_t *numbers)
{
	unsigned n = 0, i;

	if (!collect_parts(actors_of(~cpus)))
		return 0;
	for (i = 0; i < leaves[CPUS]; i++) {
		if (belongs_to(part_of[CPUS][i], cpus))
			numbers[n++] = leaf(part_of[CPUS][i]);
	}
	return n;
}

unsigned content_units(uint32_t *numbers)
{
	unsigned n = 0, part;

	/* Stacks do not matter here, so they may stay as they are. */
	if (!collect_parts(~0U))
		return 0;
	for (part = 0; part < nsegments; part++) {
		if ((uintptr_t)segments[part].base - LAB_UNIT < LAB_UNIT_SIZE)
			numbers[n++] = leaf(part);
	}
	return n;
}

/* ---- changes that were not reported ---- */

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
	uint32_t id = leaf(nsegments + i), length;
	const char *bytes;

	if (!id || lab_memory.dirty_stacks & 1U << i)
		return 0;
	bytes = part_at(id, &length);
	return difference((const char *)(machine_actor(i) + 1) - length, bytes, length);
}

uintptr_t content_unseen_change(void)
{
	uintptr_t at = 0;
	unsigned i;

	for (i = 0; i < nsegments && !at; i++)
		at = unseen_in_segment(&segments[i]);
	for (i = 0; i < machine.nactors && !at; i++)
		at = unseen_on_stack(i);
	return at;
}
