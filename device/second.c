/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * second.c - the second stage, which is legacy mode's only one: it translates I/O virtual or guest
 * physical addresses.
 */
#include "paging.h"

#define R 1ULL
#define W 2ULL
#define A (1ULL << 8)
#define D (1ULL << 9)
#define SNP (1ULL << 11)
#define TM (1ULL << 62)

static unsigned reason(const struct vtd_walk *w, enum vtd_wrong what)
{
	static const uint8_t legacy[] = {
		[VTD_BEYOND] = 0x4,   [VTD_ROOT_UNREADABLE] = 0x7, [VTD_UNREADABLE] = 0x7,
		[VTD_RESERVED] = 0xc, [VTD_NO_UPDATE] = 0x7,
	};
	static const uint8_t scalable[] = {
		[VTD_BEYOND] = 0x84, [VTD_ROOT_UNREADABLE] = 0x7b, [VTD_UNREADABLE] = 0x78,
		[VTD_ABSENT] = 0x79, [VTD_RESERVED] = 0x7a,	   [VTD_NO_UPDATE] = 0x7c,
	};

	if (what == VTD_ROOT_UNREADABLE && w->t->quirks & VTD_Q_TABLE_INVALID)
		return 0x3;
	if (vtd_scalable_reasons(w))
		return scalable[what];
	/*
	 * An entry without R and W counts as absent. Legacy mode reports a lack of permission for
	 * it.
	 */
	return what == VTD_ABSENT ? vtd_reason_missing(w, w->q->access & VTD_WRITE) : legacy[what];
}

/* ---- Entries ---- */

static bool has_snoop(const struct vtd_translation *t)
{
	return vtd_has_ecap(t, VTD_ECAP_SC) ||
	       (vtd_has_ecap(t, VTD_ECAP_SMTS) && t->quirks & VTD_Q_SNOOP);
}

uint64_t vtd_second_reserved(const struct vtd_translation *t, unsigned level, bool leaf)
{
	uint64_t reserved = t->haw_reserved & ~(0xfffULL << 52);
	unsigned sizes = VTD_CAP_SSLPS(t->cfg.unit->cfg.cap);

	if (!leaf || !has_snoop(t))
		reserved |= SNP;
	if (!leaf || !vtd_has_ecap(t, VTD_ECAP_DT) || t->quirks & VTD_Q_TM_RESERVED)
		reserved |= TM;
	if (level > 3 || (level > 1 && !(sizes >> (level - 2) & 1)))
		reserved |= VTD_PS;
	if (level > 1 && leaf)
		reserved |= ((1ULL << vtd_shift(level)) - 1) & VTD_ADDR;
	return reserved;
}

/* Bits R and W of an entry are VTD_SS_READ and VTD_SS_WRITE. */
static inline uint8_t rights_of(const struct vtd_walk *w, uint64_t e, bool last)
{
	return (e & (R | W)) | (!last || !w->ss_ad || e & D ? VTD_SS_DIRTY : 0);
}

VTD_INLINED unsigned read_entry(struct vtd_walk *w, struct vtd_path *path,
				const struct vtd_reached *at, unsigned level)
{
	uint64_t e;

	if (!vtd_read_entry(path, at, level))
		return reason(w, level == w->ss_levels ? VTD_ROOT_UNREADABLE : VTD_UNREADABLE);
	e = path->entry[level];
	if (!(e & path->wanted))
		return reason(w, VTD_ABSENT);
	if (e & w->t->second_reserved[level][vtd_is_leaf(e, level)])
		return reason(w, VTD_RESERVED);
	return 0;
}

/* ---- The walk ---- */

/* If A and D are in use, set A in each entry that was read, and D if the page is written. */
static unsigned mark(struct vtd_walk *w, struct vtd_path *path, unsigned need,
		     struct vtd_leaf *leaf, unsigned bad)
{
	bool dirty = !bad && need & VTD_SS_DIRTY && leaf->rights & VTD_SS_WRITE;
	unsigned how = 0;

	if (!w->peek)
		how = vtd_path_mark(w, path, path->last + !!bad, A, dirty ? D : 0);
	if (how)
		return how == VTD_CHANGED ? how : reason(w, VTD_NO_UPDATE);
	if (dirty)
		leaf->rights |= VTD_SS_DIRTY;
	return bad;
}

static unsigned end(struct vtd_walk *w, struct vtd_path *path, unsigned need, struct vtd_leaf *leaf,
		    unsigned bad)
{
	return w->ss_ad ? mark(w, path, need, leaf, bad) : bad;
}

/* An entry without R and W is absent. With RIGHTS_FIRST one without the requested right is, too. */
static uint64_t wanted(const struct vtd_walk *w)
{
	if (!(w->t->quirks & VTD_Q_RIGHTS_FIRST))
		return R | W;
	return w->q->access & VTD_WRITE ? W : R;
}

unsigned vtd_second(struct vtd_walk *w, uint64_t addr, unsigned need, unsigned stop,
		    struct vtd_leaf *leaf)
{
	static const struct vtd_levels own = { reason, read_entry, rights_of, end };
	struct vtd_path path;

	if (addr >> (12 + 9 * w->ss_levels) | addr >> w->t->mgaw)
		return reason(w, VTD_BEYOND);
	path.addr = addr;
	path.address = w->t->haw_address;
	path.wanted = wanted(w);
	path.tag = vtd_tag(VTD_LINE_LEAF, 12, w->did, VTD_NO_PASID);
	path.spread = vtd_spread(path.tag);
	path.of = (struct vtd_owner){
		.pasid = VTD_NO_PASID, .via = w->q->pasid, .sid = w->q->sid, .did = w->did
	};
	path.top = w->ss_levels;
	path.stop = stop;
	path.keeps = !w->peek;
	path.fixed = 0;
	path.rights = VTD_SS_ALL;
	path.table = w->ss_root;
	return vtd_page_find(w, &path, &own, need, leaf);
}
