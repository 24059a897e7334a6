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

#define LEVELS 5

/* The entries on the way, for A and D, and what they lead to. */
struct path {
	uint64_t addr[LEVELS], entry[LEVELS]; /* addr: of the host */
	bool writable[LEVELS];
	struct vtd_leaf table[LEVELS];
	unsigned n;
};

static unsigned shift_of(unsigned level)
{
	return 12 + 9 * (level - 1);
}

/* Bits of an address, of which those above are copies of the highest. */
static unsigned width(const struct vtd_walk *w)
{
	unsigned bits = shift_of(w->fs_levels) + 9, aw = 30 + 9 * (w->entry[0] >> 2 & 7);

	return vtd_quirk(w->t->cfg.unit, VTD_Q_CANONICAL_AW) && aw < bits ? aw : bits;
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

static bool reserved_bits(const struct vtd_walk *w, uint64_t e, unsigned level)
{
	/* Guest addresses are judged by the second stage. */
	uint64_t reserved = w->stage == VTD_NESTED ? 0 : w->t->haw_reserved & ~(0xfffULL << 52);

	if (level > 3 || (level == 3 && !vtd_has_cap(w->t, VTD_CAP_FS1GP)))
		reserved |= PS;
	if (level > 1 && is_leaf(e, level)) /* but PAT, bit 12 */
		reserved |= ((1ULL << shift_of(level)) - 1) & ~0x1fffULL;
	return e & reserved;
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

/* ---- Caches ---- */

static bool find_leaf(struct vtd_walk *w, uint64_t addr, unsigned need, struct vtd_leaf *leaf)
{
	struct vtd_line *l;
	unsigned shift;

	for (shift = 12; shift <= 30; shift += 9) {
		l = vtd_line_around(w->t, VTD_LINE_LEAF, addr, shift, w->did, w->pasid);
		if (!l || (need & ~l->rights && l->rights))
			continue;
		*leaf = (struct vtd_leaf){ l->value[0], l->shift, l->rights };
		vtd_judge(w, l, addr);
		w->hit = true;
		return true;
	}
	return false;
}

static void fill(struct vtd_walk *w, unsigned kind, uint64_t addr, const struct vtd_leaf *leaf)
{
	struct vtd_line line = {
		.kind = (uint8_t)kind,
		.key = addr >> leaf->shift,
		.shift = leaf->shift,
		.did = w->did,
		.pasid = w->pasid,
		.sid = w->q->sid,
		.via = w->q->pasid,
		.value = { leaf->addr },
		.rights = leaf->rights,
		.nested = w->stage == VTD_NESTED,
	};

	vtd_walk_fill(w, &line);
}

/* Where to go on: the lowest table that is known. Returns its level. */
static unsigned start(struct vtd_walk *w, uint64_t addr, struct vtd_leaf *at)
{
	struct vtd_line *l;
	unsigned level;

	*at = (struct vtd_leaf){ .addr = w->fs_root, .rights = VTD_FS_ALL };
	if (w->peek || !w->t->count[VTD_LINE_TABLE])
		return w->fs_levels;
	for (level = 2; level <= w->fs_levels; level++) {
		l = vtd_line_around(w->t, VTD_LINE_TABLE, addr, shift_of(level), w->did, w->pasid);
		if (!l)
			continue;
		at->addr = l->value[0];
		at->rights = l->rights;
		vtd_judge(w, l, addr);
		return level - 1;
	}
	return w->fs_levels;
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
	if (!vtd_quirk(w->t->cfg.unit, VTD_Q_RIGHTS_FIRST))
		return 0;
	if (!(e & US))
		return 0x81;
	return w->q->access & VTD_WRITE && !(e & RW) ? 0x85 : 0;
}

/* The entry of one level. *at: the table, then where the entry leads. */
static unsigned step(struct vtd_walk *w, uint64_t addr, unsigned level, struct path *path,
		     struct vtd_leaf *at)
{
	uint64_t entry = at->addr + (addr >> shift_of(level) & 0x1ff) * 8, e;
	unsigned bad = find_entry(w, level, &entry, &path->writable[path->n]);
	bool leaf;

	if (bad)
		return bad;
	if (!vtd_dma(w->t, entry, &e, sizeof(e)))
		return level == w->fs_levels ? ROOT_UNREADABLE : UNREADABLE;
	if (!(e & P))
		return ABSENT;
	bad = refuses_first(w, e);
	if (bad)
		return bad;
	if (reserved_bits(w, e, level))
		return RESERVED;
	path->addr[path->n] = entry;
	path->entry[path->n++] = e;
	leaf = is_leaf(e, level);
	at->rights &= rights_of(e, leaf);
	at->shift = leaf ? (uint8_t)shift_of(level) : 0;
	at->addr = address_of(w, e);
	if (leaf)
		at->addr &= ~0ULL << at->shift;
	return 0;
}

/* Accessed and dirty, when it is known that the request may go on. 1: an entry has changed. */
static unsigned set_accessed(struct vtd_walk *w, struct path *path, bool dirty)
{
	unsigned i, how;
	uint64_t bits;

	for (i = 0; i < path->n; i++) {
		bits = A | (w->fs_ea ? EA : 0) | (dirty && i == path->n - 1 ? D : 0);
		if (!(bits & ~path->entry[i]))
			continue;
		if (!path->writable[i])
			return NESTED_WRITE;
		how = vtd_set_bits(w, path->addr[i], path->entry[i], bits);
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

/* A translation request takes what there is, if it may read at all. */
static unsigned wanted(const struct vtd_walk *w)
{
	return w->q->at == VTD_TRANSLATION ? VTD_READ : w->q->access;
}

/* To a leaf, or to what the entry for the size `stop` leads to. */
static unsigned descend(struct vtd_walk *w, uint64_t addr, unsigned stop, struct path *path,
			struct vtd_leaf *leaf)
{
	unsigned level = start(w, addr, leaf), bad;

	for (;; level--) {
		bad = step(w, addr, level, path, leaf);
		if (bad || leaf->shift || shift_of(level) == stop)
			return bad;
		path->table[path->n - 1] = *leaf;
		path->table[path->n - 1].shift = (uint8_t)shift_of(level);
	}
}

/* Nothing is cached of an entry before its A is set: nobody would set it afterwards. */
static void keep(struct vtd_walk *w, uint64_t addr, const struct path *path,
		 const struct vtd_leaf *leaf)
{
	unsigned i;

	for (i = 0; i + 1 < path->n; i++)
		fill(w, VTD_LINE_TABLE, addr, &path->table[i]);
	fill(w, VTD_LINE_LEAF, addr, leaf);
}

static unsigned walk(struct vtd_walk *w, uint64_t addr, unsigned need, struct vtd_leaf *leaf)
{
	struct path path = { .n = 0 };
	unsigned bad = descend(w, addr, 0, &path, leaf);
	bool dirty;

	if (!bad && w->stage == VTD_NESTED)
		bad = nest(w, addr, need, leaf);
	else
		leaf->rights |= VTD_SS_ALL;
	if (bad || w->peek || vtd_check_rights(w, wanted(w), leaf->rights))
		return bad;
	dirty = makes_dirty(w, need, leaf->rights);
	bad = set_accessed(w, &path, dirty);
	if (bad)
		return bad;
	if (dirty)
		leaf->rights |= VTD_FS_DIRTY;
	keep(w, addr, &path, leaf);
	return 0;
}

static void fill_missing(struct vtd_walk *w, uint64_t addr)
{
	const struct vtd_leaf missing = { .shift = 12 };

	if (!w->peek && vtd_has_cap(w->t, VTD_CAP_CM))
		fill(w, VTD_LINE_LEAF, addr, &missing);
}

#define TRIES 8 /* against software that changes an entry all the time */

unsigned vtd_first(struct vtd_walk *w, uint64_t addr, unsigned need, struct vtd_leaf *leaf)
{
	unsigned i, bad = 1;

	if (!is_canonical(w, addr))
		return NOT_CANONICAL;
	if (!w->peek && find_leaf(w, addr, need, leaf) &&
	    (!leaf->rights || !vtd_check_rights(w, wanted(w), leaf->rights)))
		return leaf->rights ? 0 : ABSENT;
	for (i = 0; i < TRIES && bad == 1; i++)
		bad = walk(w, addr, need, leaf);
	w->hit = false;
	if (bad == 1)
		return NO_UPDATE;
	if (bad == ABSENT)
		fill_missing(w, addr);
	return bad;
}

unsigned vtd_first_table(struct vtd_walk *w, uint64_t addr, unsigned shift, uint64_t *table)
{
	struct path path = { .n = 0 };
	struct vtd_leaf at;
	unsigned bad;

	if (shift >= 12 + 9 * w->fs_levels)
		return ABSENT;
	bad = descend(w, addr, shift, &path, &at);
	*table = at.addr;
	return bad ? bad : at.shift;
}
