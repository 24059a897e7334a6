/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* second.c - the second stage: legacy mode's only one, of guest or I/O virtual addresses. */
#include "walk.h"

#define R 1ULL
#define W 2ULL
#define PS (1ULL << 7)
#define A (1ULL << 8)
#define D (1ULL << 9)
#define SNP (1ULL << 11)
#define TM (1ULL << 62)

/* Reasons, of legacy and of scalable mode. */
enum { BEYOND, ROOT_UNREADABLE, UNREADABLE, RESERVED, NO_UPDATE };

static unsigned reason(const struct vtd_walk *w, unsigned what)
{
	static const uint8_t legacy[] = { 0x4, 0x7, 0x7, 0xc, 0x7 };
	static const uint8_t scalable[] = { 0x84, 0x7b, 0x78, 0x7a, 0x7c };

	if (what == ROOT_UNREADABLE && w->t->quirks & VTD_Q_TABLE_INVALID)
		return 0x3;
	return vtd_scalable_reasons(w) ? scalable[what] : legacy[what];
}

/* An entry that permits nothing is missing; legacy mode does not tell this from a permission. */
static unsigned reason_absent(const struct vtd_walk *w)
{
	return vtd_scalable_reasons(w) ? 0x79 : vtd_reason_missing(w, w->q->access & VTD_WRITE);
}

static bool is_leaf(uint64_t e, unsigned level)
{
	return level == 1 || (e & PS && level <= 3);
}

static bool has_snoop(const struct vtd_translation *t)
{
	return vtd_has_ecap(t, VTD_ECAP_SC) ||
	       (vtd_has_ecap(t, VTD_ECAP_SMTS) && t->quirks & VTD_Q_SNOOP);
}

/* Bits that entries of this level must not have: those that lead to a page, or to a table. */
static uint64_t reserved_bits(const struct vtd_translation *t, unsigned level, bool leaf)
{
	uint64_t reserved = t->haw_reserved & ~(0xfffULL << 52);
	unsigned sizes = VTD_CAP_SSLPS(t->cfg.unit->cfg.cap);

	if (!leaf || !has_snoop(t))
		reserved |= SNP;
	if (!leaf || !vtd_has_ecap(t, VTD_ECAP_DT) || t->quirks & VTD_Q_TM_RESERVED)
		reserved |= TM;
	if (level > 3 || (level > 1 && !(sizes >> (level - 2) & 1)))
		reserved |= PS;
	if (level > 1 && leaf)
		reserved |= ((1ULL << vtd_shift(level)) - 1) & VTD_ADDR;
	return reserved;
}

void vtd_second_init(struct vtd_translation *t)
{
	unsigned level;

	for (level = 1; level <= VTD_LEVELS; level++) {
		t->second_reserved[level][0] = reserved_bits(t, level, false);
		t->second_reserved[level][1] = reserved_bits(t, level, true);
	}
}

/* R and W have the numbers of the rights. */
static uint8_t rights_of(const struct vtd_walk *w, uint64_t e, bool leaf)
{
	return (e & (R | W)) | (!leaf || !w->ss_ad || e & D ? VTD_SS_DIRTY : 0);
}

/* ---- The walk ---- */

/* With A and D in use. 0: they are set; 1: walk again; else a reason. */
static unsigned set_accessed(struct vtd_walk *w, uint64_t addr, uint64_t e, bool dirty)
{
	uint64_t bits = A | (dirty ? D : 0);
	unsigned how;

	if (!w->ss_ad || w->peek || !(bits & ~e))
		return 0;
	how = vtd_set_bits(w, addr, e, bits);
	return how == 2 ? reason(w, NO_UPDATE) : how;
}

/* Bits of which an entry must have any, or permits nothing. Some units look for what is wanted. */
static uint64_t wanted(const struct vtd_walk *w)
{
	if (!(w->t->quirks & VTD_Q_RIGHTS_FIRST))
		return R | W;
	return w->q->access & VTD_WRITE ? W : R;
}

static void begin(const struct vtd_walk *w, struct vtd_path *path, uint64_t addr)
{
	path->addr = addr;
	path->pasid = VTD_NO_PASID;
	path->nested = false;
	path->table = w->ss_root;
	path->top = w->ss_levels;
	path->rights = VTD_SS_ALL;
}

/* What the unit reads there, in its place. 0, or a reason. */
static unsigned read_entry(const struct vtd_walk *w, uint64_t addr, unsigned level, uint64_t *e)
{
	if (!vtd_dma(w->t, addr, e, sizeof(*e)))
		return reason(w, level == w->ss_levels ? ROOT_UNREADABLE : UNREADABLE);
	if (!(*e & wanted(w)))
		return reason_absent(w);
	return *e & w->t->second_reserved[level][is_leaf(*e, level)] ? reason(w, RESERVED) : 0;
}

/*
 * To a leaf, or to what the entry of the level `stop` leads to. path->last: the level of the last
 * entry. 1: one has changed meanwhile.
 */
static unsigned walk(struct vtd_walk *w, struct vtd_path *path, unsigned need, unsigned stop,
		     struct vtd_leaf *leaf)
{
	uint64_t table = path->table, entry, e;
	unsigned level, rights = path->rights, bad;
	bool is_last, dirty;

	for (level = path->top;; level--) {
		path->last = level;
		entry = table + (path->addr >> (vtd_shift(level) - 3) & 0xff8);
		bad = read_entry(w, entry, level, &e);
		if (bad)
			return bad;
		is_last = is_leaf(e, level);
		rights &= rights_of(w, e, is_last);
		dirty = is_last && need & VTD_SS_DIRTY && rights & VTD_SS_WRITE;
		bad = set_accessed(w, entry, e, dirty);
		if (bad)
			return bad;
		table = e & w->t->haw_address;
		if (is_last || level == stop)
			break;
		path->at[level] = (struct vtd_leaf){ .addr = table, .rights = (uint8_t)rights };
	}
	leaf->addr = table;
	leaf->shift = is_last ? (uint8_t)vtd_shift(level) : 0;
	leaf->rights = (uint8_t)(rights | (dirty ? VTD_SS_DIRTY : 0));
	return 0;
}

/* From the cache, or from the tables down to the level `stop`. */
static unsigned find(struct vtd_walk *w, uint64_t addr, unsigned need, unsigned stop,
		     struct vtd_leaf *leaf)
{
	struct vtd_path path;
	unsigned i, bad = 1;

	if (addr >> (12 + 9 * w->ss_levels) || addr >> w->t->mgaw)
		return reason(w, BEYOND);
	begin(w, &path, addr);
	w->hit = vtd_path_begin(w, &path, need, leaf);
	if (w->hit)
		return leaf->rights ? 0 : reason_absent(w);
	for (i = 0; i < VTD_TRIES && bad == 1; i++)
		bad = walk(w, &path, need, stop, leaf);
	if (!w->peek) {
		vtd_path_keep(w, &path);
		if (!bad)
			vtd_page_keep(w, &path, leaf);
		else if (bad == reason_absent(w))
			vtd_missing_keep(w, &path);
	}
	return bad == 1 ? reason(w, NO_UPDATE) : bad;
}

unsigned vtd_second(struct vtd_walk *w, uint64_t addr, unsigned need, struct vtd_leaf *leaf)
{
	return find(w, addr, need, 1, leaf);
}

unsigned vtd_second_table(struct vtd_walk *w, uint64_t addr, unsigned level, uint64_t *table)
{
	struct vtd_leaf at = { 0 };
	unsigned bad = level > w->ss_levels ? reason(w, BEYOND) : find(w, addr, 0, level, &at);

	*table = at.addr;
	return bad ? bad : at.shift;
}
