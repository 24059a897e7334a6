/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * first.c - the first stage: tables in the processor's format, one set for each PASID. With
 * nesting, the addresses of its tables and its result go through the second stage.
 */
#include "paging.h"

#define P 1ULL
#define RW (1ULL << 1)
#define US (1ULL << 2)
#define A (1ULL << 5)
#define D (1ULL << 6)
#define EA (1ULL << 10)
#define XD (1ULL << 63)

#define NESTED_ROOT 0x75
#define NESTED_READ 0x76
#define NESTED_WRITE 0x77

static unsigned reason(const struct vtd_walk *w, enum vtd_wrong what)
{
	static const uint8_t number[] = {
		[VTD_BEYOND] = 0x80, [VTD_ROOT_UNREADABLE] = 0x73, [VTD_UNREADABLE] = 0x70,
		[VTD_ABSENT] = 0x71, [VTD_RESERVED] = 0x72,	   [VTD_NO_UPDATE] = 0x90,
	};

	(void)w;
	return number[what];
}

/* ---- Addresses ---- */

/* The number of significant address bits. The bits above are copies of the highest one. */
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

/* ---- Entries ---- */

uint64_t vtd_first_reserved(const struct vtd_translation *t, unsigned level, bool leaf)
{
	uint64_t reserved = t->haw_reserved & ~(0xfffULL << 52);

	if (level > 3 || (level == 3 && !vtd_has_cap(t, VTD_CAP_FS1GP)))
		reserved |= VTD_PS;
	if (level > 1 && leaf) /* except PAT, bit 12 */
		reserved |= ((1ULL << vtd_shift(level)) - 1) & ~0x1fffULL;
	return reserved;
}

static bool is_reserved(const struct vtd_walk *w, uint64_t e, unsigned level)
{
	uint64_t set = e & w->t->first_reserved[level][vtd_is_leaf(e, level)];

	/* The second stage checks guest addresses. */
	return w->stage == VTD_NESTED ? set & ~w->t->haw_reserved : set;
}

static inline uint8_t rights_of(const struct vtd_walk *w, uint64_t e, bool last)
{
	uint8_t rights = VTD_FS_PRESENT;

	(void)w;
	if (e & RW)
		rights |= VTD_FS_WRITE;
	if (e & US)
		rights |= VTD_FS_USER;
	if (!(e & XD))
		rights |= VTD_FS_EXECUTE;
	if (!last || e & D)
		rights |= VTD_FS_DIRTY;
	return rights;
}

/* The bits of an entry that hold an address. */
static uint64_t address_bits(const struct vtd_walk *w)
{
	uint64_t bits = VTD_ADDR & ~(0xfffULL << 52);

	return w->stage == VTD_NESTED ? bits : bits & ~w->t->haw_reserved;
}

/*
 * The reason with which this entry's rights block the request, for units that check them before
 * reserved bits.
 */
static unsigned refuses_first(const struct vtd_walk *w, uint64_t e)
{
	if (!(w->t->quirks & VTD_Q_RIGHTS_FIRST))
		return 0;
	if (!(e & US))
		return 0x81;
	return w->q->access & VTD_WRITE && !(e & RW) ? 0x85 : 0;
}

/* ---- Nested ---- */

/*
 * Translate the address of a table's entry to the host's. If the second stage lacks a permission,
 * nesting has fault reasons of its own for that.
 */
static unsigned find_entry(struct vtd_walk *w, struct vtd_path *path, unsigned level)
{
	uint64_t *where = &path->where[level];
	struct vtd_leaf leaf;
	unsigned bad = vtd_second(w, *where, VTD_SS_READ, 1, &leaf);

	if (bad == 0x84)
		return 0x74;
	if (bad == 0x79 || (!bad && !(leaf.rights & VTD_SS_READ)))
		return level == w->fs_levels ? NESTED_ROOT : NESTED_READ;
	if (bad)
		return bad;
	*where = leaf.addr | (*where & ((1ULL << leaf.shift) - 1));
	if (!(leaf.rights & VTD_SS_WRITE))
		path->fixed |= 1U << level;
	return 0;
}

/*
 * Translate the result through the second stage. The smaller page counts, and the rights of both
 * stages.
 */
static unsigned nest(struct vtd_walk *w, uint64_t addr, unsigned need, struct vtd_leaf *leaf)
{
	uint64_t guest = leaf->addr | (addr & ((1ULL << leaf->shift) - 1));
	struct vtd_leaf host;
	unsigned bad = vtd_second(w, guest, need & VTD_SS_ALL, 1, &host);

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

VTD_INLINED unsigned read_entry(struct vtd_walk *w, struct vtd_path *path,
				const struct vtd_reached *at, unsigned level)
{
	unsigned bad = w->stage == VTD_NESTED ? find_entry(w, path, level) : 0;
	uint64_t e;

	if (bad)
		return bad;
	if (!vtd_read_entry(path, at, level))
		return reason(w, level == w->fs_levels ? VTD_ROOT_UNREADABLE : VTD_UNREADABLE);
	e = path->entry[level];
	if (!(e & path->wanted))
		return reason(w, VTD_ABSENT);
	bad = refuses_first(w, e);
	if (bad)
		return bad;
	return is_reserved(w, e, level) ? reason(w, VTD_RESERVED) : 0;
}

/* Set A and D, once it is known that the request may go on. */
static unsigned mark(struct vtd_walk *w, struct vtd_path *path, bool dirty)
{
	uint64_t accessed = A | (w->fs_ea ? EA : 0);
	bool sets_dirty = dirty && !(w->t->quirks & VTD_Q_CLEAN);
	unsigned how = vtd_path_mark(w, path, path->last, accessed, sets_dirty ? D : 0);

	if (how == VTD_FIXED)
		return NESTED_WRITE;
	return how == VTD_FAILED ? reason(w, VTD_NO_UPDATE) : how;
}

/* True if the request writes and may write, so that the page becomes dirty. */
static bool makes_dirty(const struct vtd_walk *w, unsigned need, unsigned rights)
{
	return need & VTD_FS_DIRTY && !vtd_check_rights(w, VTD_WRITE, rights);
}

/* An entry is cached only after its A bit is set: later hits would not set it. */
static unsigned end(struct vtd_walk *w, struct vtd_path *path, unsigned need, struct vtd_leaf *leaf,
		    unsigned bad)
{
	bool dirty;

	if (!bad && w->stage == VTD_NESTED && path->stop == 1)
		bad = nest(w, path->addr, need, leaf);
	else
		leaf->rights |= VTD_SS_ALL;
	if (bad || w->peek || vtd_check_rights(w, vtd_wanted(w), leaf->rights))
		return bad;
	dirty = makes_dirty(w, need, leaf->rights);
	bad = mark(w, path, dirty);
	if (bad)
		return bad;
	if (dirty)
		leaf->rights |= VTD_FS_DIRTY;
	path->keeps = true;
	return 0;
}

unsigned vtd_first(struct vtd_walk *w, uint64_t addr, unsigned need, unsigned stop,
		   struct vtd_leaf *leaf)
{
	static const struct vtd_levels own = { reason, read_entry, rights_of, end };
	struct vtd_path path;

	if (!is_canonical(w, addr))
		return reason(w, VTD_BEYOND);
	path.addr = addr;
	path.address = address_bits(w);
	path.wanted = P;
	path.tag = vtd_tag(VTD_LINE_LEAF, 12, w->did, w->pasid);
	path.spread = vtd_spread(path.tag);
	path.of = (struct vtd_owner){
		.pasid = w->pasid,
		.via = w->q->pasid,
		.sid = w->q->sid,
		.did = w->did,
		.nested = w->stage == VTD_NESTED,
	};
	path.top = w->fs_levels;
	path.stop = stop;
	path.keeps = false;
	path.fixed = 0;
	path.rights = VTD_FS_ALL;
	path.table = w->entry[2] & VTD_ADDR;
	return vtd_page_find(w, &path, &own, need, leaf);
}
