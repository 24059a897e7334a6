/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * first.c - the first stage: tables as a processor's, by PASID. Nested, each of their addresses and
 * the result go through the second stage.
 */
#include "walk.h"

#define P 1ULL
#define RW (1ULL << 1)
#define US (1ULL << 2)
#define A (1ULL << 5)
#define D (1ULL << 6)
#define PS (1ULL << 7)
#define EA (1ULL << 10)
#define XD (1ULL << 63)

#define ROOT_UNREADABLE 0x73
#define UNREADABLE 0x70
#define ABSENT 0x71
#define RESERVED 0x72
#define BEYOND_WIDTH 0x74
#define NESTED_ROOT 0x75
#define NESTED_READ 0x76
#define NESTED_WRITE 0x77
#define NOT_CANONICAL 0x80
#define NO_UPDATE 0x90

/* The entries on the way, for A and D, by level. */
struct entries {
	uint64_t addr[VTD_LEVELS + 1], entry[VTD_LEVELS + 1]; /* addr: of the host */
	bool writable[VTD_LEVELS + 1];
};

/* Bits of an address, of which those above are copies of the highest. */
static unsigned width(const struct vtd_walk *w)
{
	unsigned bits = vtd_shift(w->fs_levels) + 9, aw = 30 + 9 * (w->entry[0] >> 2 & 7);

	return w->t->quirks & VTD_Q_CANONICAL_AW && aw < bits ? aw : bits;
}

static bool is_canonical(const struct vtd_walk *w, uint64_t addr)
{
	uint64_t upper = addr >> (width(w) - 1);

	return !upper || upper == ~0ULL >> (width(w) - 1);
}

static bool is_leaf(uint64_t e, unsigned level)
{
	return level == 1 || (e & PS && level <= 3);
}

static uint64_t reserved_bits(const struct vtd_translation *t, unsigned level, bool leaf)
{
	uint64_t reserved = t->haw_reserved & ~(0xfffULL << 52);

	if (level > 3 || (level == 3 && !vtd_has_cap(t, VTD_CAP_FS1GP)))
		reserved |= PS;
	if (level > 1 && leaf) /* but PAT, bit 12 */
		reserved |= ((1ULL << vtd_shift(level)) - 1) & ~0x1fffULL;
	return reserved;
}

void vtd_first_init(struct vtd_translation *t)
{
	unsigned level;

	for (level = 1; level <= VTD_LEVELS; level++) {
		t->first_reserved[level][0] = reserved_bits(t, level, false);
		t->first_reserved[level][1] = reserved_bits(t, level, true);
	}
}

static bool is_reserved(const struct vtd_walk *w, uint64_t e, unsigned level)
{
	uint64_t set = e & w->t->first_reserved[level][is_leaf(e, level)];

	/* Guest addresses are judged by the second stage. */
	return w->stage == VTD_NESTED ? set & ~w->t->haw_reserved : set;
}

static uint8_t rights_of(uint64_t e, bool leaf)
{
	uint8_t rights = VTD_FS_PRESENT;

	if (e & RW)
		rights |= VTD_FS_WRITE;
	if (e & US)
		rights |= VTD_FS_USER;
	if (!(e & XD))
		rights |= VTD_FS_EXECUTE;
	if (!leaf || e & D)
		rights |= VTD_FS_DIRTY;
	return rights;
}

static uint64_t address_of(const struct vtd_walk *w, uint64_t e)
{
	uint64_t addr = e & VTD_ADDR & ~(0xfffULL << 52);

	return w->stage == VTD_NESTED ? addr : addr & ~w->t->haw_reserved;
}

/* ---- Nested ---- */

/* Where a table's entry is in the host. A second stage's fault of permission has a number here. */
static unsigned find_entry(struct vtd_walk *w, unsigned level, uint64_t *addr, bool *writable)
{
	struct vtd_leaf leaf;
	bool root = level == w->fs_levels;
	unsigned bad;

	*writable = true;
	if (w->stage != VTD_NESTED)
		return 0;
	bad = vtd_second(w, *addr, VTD_SS_READ, &leaf);
	if (bad == 0x84)
		return BEYOND_WIDTH;
	if (bad == 0x79 || (!bad && !(leaf.rights & VTD_SS_READ)))
		return root ? NESTED_ROOT : NESTED_READ;
	if (bad)
		return bad;
	*addr = leaf.addr | (*addr & ((1ULL << leaf.shift) - 1));
	*writable = leaf.rights & VTD_SS_WRITE;
	return 0;
}

/* The result goes through the second stage: the smaller page and both stages' rights hold. */
static unsigned nest(struct vtd_walk *w, uint64_t addr, unsigned need, struct vtd_leaf *leaf)
{
	uint64_t guest = leaf->addr | (addr & ((1ULL << leaf->shift) - 1));
	struct vtd_leaf host;
	unsigned bad = vtd_second(w, guest, need & VTD_SS_ALL, &host);

	if (bad)
		return bad;
	if (host.shift <= leaf->shift) {
		leaf->addr = host.addr;
		leaf->shift = host.shift;
	} else {
		leaf->addr = host.addr | (leaf->addr & ((1ULL << host.shift) - 1));
	}
	leaf->rights |= host.rights;
	return 0;
}

/* ---- The walk ---- */

/* What one entry alone forbids, where that is looked at before what is reserved in it. */
static unsigned refuses_first(const struct vtd_walk *w, uint64_t e)
{
	if (!(w->t->quirks & VTD_Q_RIGHTS_FIRST))
		return 0;
	if (!(e & US))
		return 0x81;
	return w->q->access & VTD_WRITE && !(e & RW) ? 0x85 : 0;
}

/* What the unit reads there, in its place. 0, or a reason. */
static unsigned read_entry(const struct vtd_walk *w, uint64_t addr, unsigned level, uint64_t *e)
{
	unsigned bad;

	if (!vtd_dma(w->t, addr, e, sizeof(*e)))
		return level == w->fs_levels ? ROOT_UNREADABLE : UNREADABLE;
	if (!(*e & P))
		return ABSENT;
	bad = refuses_first(w, *e);
	if (bad)
		return bad;
	return is_reserved(w, *e, level) ? RESERVED : 0;
}

/* Accessed and dirty, when it is known that the request may go on. 1: an entry has changed. */
static unsigned set_accessed(struct vtd_walk *w, const struct vtd_path *path,
			     const struct entries *on, bool dirty)
{
	unsigned level, how;
	uint64_t bits;

	if (w->t->quirks & VTD_Q_CLEAN)
		dirty = false;
	for (level = path->top; level >= path->last; level--) {
		bits = A | (w->fs_ea ? EA : 0) | (dirty && level == path->last ? D : 0);
		if (!(bits & ~on->entry[level]))
			continue;
		if (!on->writable[level])
			return NESTED_WRITE;
		how = vtd_set_bits(w, on->addr[level], on->entry[level], bits);
		if (how)
			return how == 2 ? NO_UPDATE : how;
	}
	return 0;
}

/* Does the request write, and may it? Then the page becomes dirty. */
static bool makes_dirty(const struct vtd_walk *w, unsigned need, unsigned rights)
{
	return need & VTD_FS_DIRTY && !vtd_check_rights(w, VTD_WRITE, rights);
}

static void begin(const struct vtd_walk *w, struct vtd_path *path, uint64_t addr)
{
	path->addr = addr;
	path->pasid = w->pasid;
	path->nested = w->stage == VTD_NESTED;
	path->table = w->fs_root;
	path->top = w->fs_levels;
	path->rights = VTD_FS_ALL;
}

/* To a leaf, or to what the entry of the level `stop` leads to. */
static unsigned descend(struct vtd_walk *w, struct vtd_path *path, unsigned stop,
			struct entries *on, struct vtd_leaf *leaf)
{
	uint64_t table = path->table, e;
	unsigned level, rights = path->rights, bad;
	bool is_last;

	for (level = path->top;; level--) {
		path->last = level;
		on->addr[level] = table + (path->addr >> (vtd_shift(level) - 3) & 0xff8);
		bad = find_entry(w, level, &on->addr[level], &on->writable[level]);
		if (!bad)
			bad = read_entry(w, on->addr[level], level, &e);
		if (bad)
			return bad;
		on->entry[level] = e;
		is_last = is_leaf(e, level);
		rights &= rights_of(e, is_last);
		table = address_of(w, e);
		if (is_last || level == stop)
			break;
		path->at[level] = (struct vtd_leaf){ .addr = table, .rights = (uint8_t)rights };
	}
	leaf->shift = is_last ? (uint8_t)vtd_shift(level) : 0;
	leaf->addr = table & ~0ULL << leaf->shift;
	leaf->rights = (uint8_t)rights;
	return 0;
}

/* Nothing is cached of an entry before its A is set: nobody would set it afterwards. */
static unsigned walk(struct vtd_walk *w, struct vtd_path *path, unsigned need,
		     struct vtd_leaf *leaf)
{
	struct entries on;
	unsigned bad = descend(w, path, 1, &on, leaf);
	bool dirty;

	if (!bad && w->stage == VTD_NESTED)
		bad = nest(w, path->addr, need, leaf);
	else
		leaf->rights |= VTD_SS_ALL;
	if (bad || w->peek || vtd_check_rights(w, vtd_wanted(w), leaf->rights))
		return bad;
	dirty = makes_dirty(w, need, leaf->rights);
	bad = set_accessed(w, path, &on, dirty);
	if (bad)
		return bad;
	if (dirty)
		leaf->rights |= VTD_FS_DIRTY;
	vtd_path_keep(w, path);
	vtd_page_keep(w, path, leaf);
	return 0;
}

unsigned vtd_first(struct vtd_walk *w, uint64_t addr, unsigned need, struct vtd_leaf *leaf)
{
	struct vtd_path path;
	unsigned i, bad = 1;

	if (!is_canonical(w, addr))
		return NOT_CANONICAL;
	begin(w, &path, addr);
	w->hit = vtd_path_begin(w, &path, need, leaf);
	if (w->hit)
		return leaf->rights ? 0 : ABSENT;
	for (i = 0; i < VTD_TRIES && bad == 1; i++)
		bad = walk(w, &path, need, leaf);
	w->hit = false; /* whatever the second stage has found */
	if (bad == ABSENT && !w->peek)
		vtd_missing_keep(w, &path);
	return bad == 1 ? NO_UPDATE : bad;
}

unsigned vtd_first_table(struct vtd_walk *w, uint64_t addr, unsigned level, uint64_t *table)
{
	struct vtd_path path;
	struct entries on;
	struct vtd_leaf at = { 0 };
	unsigned bad = ABSENT;

	begin(w, &path, addr);
	if (level <= path.top)
		bad = descend(w, &path, level, &on, &at);
	*table = at.addr;
	return bad ? bad : at.shift;
}
