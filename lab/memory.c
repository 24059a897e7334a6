/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "memory.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

#include "op.h"

struct lab_memory lab_memory;

/*
 * A granule's word: how it has been used. Bits 0-3: the first user + 1; 4: it has other users; 5:
 * written; 6: shared, whatever the other bits say; 7: allocated; 8-23: the locks that were held at
 * every access.
 */
#define G_OWNER 0xfU
#define G_MANY (1U << 4)
#define G_WRITTEN (1U << 5)
#define G_FORCED (1U << 6)
#define G_VALID (1U << 7)
#define G_LOCKS 0xffff00U

#define RED_ZONE 64

static size_t heap_used = 0;

static bool map_at(uintptr_t addr, size_t size, int prot)
{
	void *p = mmap((void *)addr, size, prot,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	return p == (void *)addr;
}

static void *map_shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* The index of an address in the table of granules; -1: outside. */
static inline ptrdiff_t granule_of(uintptr_t addr)
{
	size_t before = (LAB_END - LAB_BASE) / 8;
	unsigned i;

	if (addr - LAB_BASE < LAB_END - LAB_BASE)
		return (ptrdiff_t)((addr - LAB_BASE) / 8);
	for (i = 2; i < lab_memory.nranges; i++) {
		const struct lab_range *r = &lab_memory.range[i];

		if (addr - r->base < r->size)
			return (ptrdiff_t)(before + (addr - r->base) / 8);
		before += r->size / 8;
	}
	return -1;
}

static void mark_valid(uintptr_t addr, size_t size)
{
	uintptr_t at;

	for (at = addr & ~(uintptr_t)7; at < addr + size; at += 8)
		lab_memory.granule[granule_of(at)] |= G_VALID;
}

static bool map_stacks(void)
{
	unsigned i;

	for (i = 0; i < LAB_ACTORS; i++) {
		uintptr_t base = LAB_STACKS + i * LAB_STACK_SIZE;

		if (!map_at(base, LAB_PAGE, PROT_NONE) ||
		    !map_at(base + LAB_PAGE, LAB_STACK_SIZE - LAB_PAGE, PROT_READ | PROT_WRITE))
			return false;
		mark_valid(base + LAB_PAGE, LAB_STACK_SIZE - LAB_PAGE);
	}
	return true;
}

bool memory_map(const struct lab_range *variables, unsigned n)
{
	struct lab_memory *m = &lab_memory;
	size_t granules = (LAB_END - LAB_BASE) / 8;
	size_t chunks = (LAB_HEAP_SIZE + LAB_UNIT_SIZE) / LAB_CHUNK;
	unsigned i;

	m->range[0] = (struct lab_range){ LAB_BASE, 0 };
	m->range[1] = (struct lab_range){ LAB_UNIT, 0 };
	m->nranges = 2;
	for (i = 0; i < n && m->nranges < LAB_RANGES; i++) {
		m->range[m->nranges] = variables[i];
		granules += variables[i].size / 8;
		chunks += (variables[i].size + LAB_CHUNK - 1) / LAB_CHUNK;
		m->nranges++;
	}
	if (i < n || chunks > LAB_CHUNKS) {
		errno = E2BIG;
		return false;
	}
	m->ngranules = granules;
	m->granule = map_shared(granules * sizeof(*m->granule));
	m->wide = map_shared(sizeof(*m->wide));
	m->publications = map_shared(sizeof(*m->publications));
	if (!m->granule || !m->wide || !m->publications)
		return false;
	for (i = 2; i < m->nranges; i++)
		mark_valid(m->range[i].base, m->range[i].size);
	return map_at(LAB_BASE, LAB_HEAP_SIZE + LAB_UNIT_SIZE, PROT_READ | PROT_WRITE) &&
	       map_stacks();
}

static size_t round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

void *memory_alloc(size_t bytes, size_t align)
{
	size_t at = round_up(heap_used, align), end = at + bytes + RED_ZONE;

	if (bytes > LAB_HEAP_SIZE || end > LAB_HEAP_SIZE)
		return NULL;
	heap_used = end;
	lab_memory.range[0].size = round_up(end, LAB_CHUNK);
	mark_valid(LAB_BASE + at, bytes);
	return (void *)(LAB_BASE + at);
}

void *memory_alloc_unit(size_t bytes)
{
	size_t used = lab_memory.range[1].size;

	if (bytes > LAB_UNIT_SIZE - used)
		return NULL;
	lab_memory.range[1].size = used + round_up(bytes, LAB_CHUNK);
	return (void *)(LAB_UNIT + used);
}

int memory_chunk(uintptr_t addr)
{
	size_t before = 0;
	unsigned i;

	for (i = 0; i < lab_memory.nranges; i++) {
		const struct lab_range *r = &lab_memory.range[i];

		if (addr - r->base < r->size)
			return (int)((before + (addr - r->base)) / LAB_CHUNK);
		before += round_up(r->size, LAB_CHUNK);
	}
	return -1;
}

#define MAPPINGS 512

static unsigned read_mappings(struct lab_range *known)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long from, end;
	char line[512], mode[5];
	unsigned n = 0;

	while (maps && n < MAPPINGS && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %4s", &from, &end, mode) == 3 && mode[0] == 'r')
			known[n++] = (struct lab_range){ from, end - from };
	}
	if (maps)
		fclose(maps);
	return n;
}

static inline bool is_shared(uint32_t g)
{
	return g & G_FORCED ||
	       ((g & (G_MANY | G_WRITTEN)) == (G_MANY | G_WRITTEN) && !(g & G_LOCKS));
}

static inline uint32_t with_use(uint32_t g, unsigned actor, uint32_t locks, bool write)
{
	if (!(g & G_OWNER))
		g |= (actor + 1) | locks << 8;
	else if ((g & G_OWNER) != actor + 1)
		g |= G_MANY;
	g &= ~G_LOCKS | locks << 8;
	return write ? g | G_WRITTEN : g;
}

static inline enum memory_use use_granule(uint32_t *at, unsigned actor, uint32_t locks, bool write)
{
	uint32_t was = __atomic_load_n(at, __ATOMIC_RELAXED), is;

	do {
		if (is_shared(was) && was & G_MANY)
			return USE_SHARED;
		is = with_use(was, actor, locks, write);
		if (is == was)
			return is_shared(was) ? USE_SHARED : USE_PRIVATE;
		/*
		 * The count is incremented before the bit is visible, so that a reader of the bit
		 * never has a count that seems up to date.
		 */
		if (is & ~was & G_MANY)
			__atomic_fetch_add(lab_memory.publications, 1, __ATOMIC_SEQ_CST);
		/* All processes of the exploration share the table. */
	} while (!__atomic_compare_exchange_n(at, &was, is, true, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	if (is_shared(was))
		return USE_SHARED;
	return is_shared(is) ? USE_NEWLY_SHARED : USE_PRIVATE;
}

/* Commutative and associative, so that many words can be merged in any order. */
uint32_t memory_both(uint32_t a, uint32_t b)
{
	uint32_t flags = (a | b) & (G_MANY | G_WRITTEN | G_FORCED | G_VALID);
	uint32_t x = a & G_OWNER, y = b & G_OWNER;

	if (!x || !y)
		return flags | ((a | b) & (G_OWNER | G_LOCKS));
	return flags | (x == y ? 0 : G_MANY) | (x < y ? x : y) | (a & b & G_LOCKS);
}

bool memory_used(uint32_t granule)
{
	return granule & (G_OWNER | G_FORCED);
}

bool memory_learn(const uint32_t *granules, bool *anew)
{
	bool shared = false;
	size_t i;

	*anew = false;
	for (i = 0; i < lab_memory.ngranules; i++) {
		uint32_t was = lab_memory.granule[i], is = granules[i];

		shared |= is_shared(is) && !is_shared(was);
		*anew |= (is & ~was & G_MANY) != 0;
		lab_memory.granule[i] = is;
	}
	return shared;
}

/* fibre.S has the same constants. */
static_assert(OP_READ == 1 && OP_WRITE == 2 && LAB_BASE == 0x200000000000 &&
		      LAB_HEAP_SIZE == 0x200000 && LAB_CHUNK == 128,
	      "constants in fibre.S");
static_assert(offsetof(struct lab_quick, low) == 8 && offsetof(struct lab_quick, granule) == 16 &&
		      offsetof(struct lab_quick, dirty) == 24 &&
		      offsetof(struct lab_quick, stack_end) == 32 &&
		      offsetof(struct lab_quick, use) == 40 && sizeof(lab_quick.use[0]) == 8 &&
		      offsetof(struct lab_quick, heap) == 64,
	      "offsets in fibre.S");

void memory_quick(unsigned actor, uint32_t locks, uintptr_t stack_end, unsigned left, bool heap)
{
	struct lab_quick *q = &lab_quick;
	/* An access without a lock that was always held teaches something. */
	uint32_t others = G_LOCKS & ~(locks << 8);
	uint32_t mine = G_OWNER | G_MANY | G_FORCED | G_VALID | others;

	q->left = lab_memory.every ? 0 : left;
	q->heap = heap ? LAB_HEAP_SIZE : 0;
	q->low = ~0ULL;
	q->stack_end = stack_end;
	q->granule = lab_memory.granule;
	q->dirty = lab_memory.dirty;
	q->use[OP_READ].mask = mine;
	q->use[OP_READ].is = (actor + 1) | G_VALID;
	q->use[OP_WRITE].mask = mine | G_WRITTEN;
	q->use[OP_WRITE].is = (actor + 1) | G_VALID | G_WRITTEN;
	q->use[OP_NONE].mask = G_MANY | G_WRITTEN | G_FORCED | G_VALID | others;
	q->use[OP_NONE].is = G_MANY | G_VALID;
}

bool memory_readable(uintptr_t addr)
{
	static struct lab_range known[MAPPINGS];
	static unsigned n, last; /* last: the mapping that matched last */
	unsigned i;

	if (!n)
		n = read_mappings(known);
	if (addr - known[last].base < known[last].size)
		return true;
	for (i = 0; i < n; i++) {
		if (addr - known[i].base < known[i].size) {
			last = i;
			return true;
		}
	}
	return false;
}

enum memory_use memory_access(unsigned actor, uint32_t locks, uintptr_t addr, size_t size,
			      bool write)
{
	enum memory_use use = USE_PRIVATE, one;
	uintptr_t at;

	for (at = addr & ~(uintptr_t)7; at < addr + size; at += 8) {
		ptrdiff_t i = granule_of(at);

		/*
		 * The address is not part of the state: constants may be read, but nothing may be
		 * written.
		 */
		if (i < 0) {
			if (write || !memory_readable(at))
				return USE_INVALID;
			continue;
		}
		if (!(lab_memory.granule[i] & G_VALID))
			return USE_INVALID;
		one = use_granule(&lab_memory.granule[i], actor, locks, write);
		if (one > use)
			use = one;
	}
	if (lab_memory.every)
		return USE_SHARED;
	return use;
}

bool memory_force_shared(uintptr_t addr)
{
	ptrdiff_t i = granule_of(addr);

	if (i < 0)
		return false;
	return !(__atomic_fetch_or(&lab_memory.granule[i], G_FORCED, __ATOMIC_RELAXED) & G_FORCED);
}

bool memory_is_public(uintptr_t addr)
{
	ptrdiff_t i = granule_of(addr);

	return i >= 0 && __atomic_load_n(&lab_memory.granule[i], __ATOMIC_RELAXED) & G_MANY;
}

bool memory_share(uintptr_t addr, size_t size)
{
	bool any = false;
	uintptr_t at;

	for (at = addr & ~(uintptr_t)7; at < addr + size; at += 8) {
		ptrdiff_t i = granule_of(at);

		if (i >= 0 && !is_shared(lab_memory.granule[i]))
			any |= memory_force_shared(at);
	}
	return any;
}

bool memory_valid(uintptr_t addr, size_t size)
{
	uintptr_t at;

	for (at = addr & ~(uintptr_t)7; at < addr + size; at += 8) {
		ptrdiff_t i = granule_of(at);

		if (i < 0 || !(lab_memory.granule[i] & G_VALID))
			return false;
	}
	return true;
}
