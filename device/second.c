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

	if (what == ROOT_UNREADABLE && vtd_quirk(w->t->cfg.unit, VTD_Q_TABLE_INVALID))
		return 0x3;
	return vtd_scalable_reasons(w) ? scalable[what] : legacy[what];
}

/* An entry that permits nothing is missing; legacy mode does not tell this from a permission. */
static unsigned reason_absent(const struct vtd_walk *w)
{
	return vtd_scalable_reasons(w) ? 0x79 : vtd_reason_missing(w, w->q->access & VTD_WRITE);
}

static unsigned shift_of(unsigned level)
{
	return 12 + 9 * (level - 1);
}

static bool is_leaf(uint64_t e, unsigned level)
{
	return level == 1 || (e & PS && level <= 3);
}

static bool has_snoop(const struct vtd_translation *t)
{
	return vtd_has_ecap(t, VTD_ECAP_SC) ||
	       (vtd_has_ecap(t, VTD_ECAP_SMTS) && vtd_quirk(t->cfg.unit, VTD_Q_SNOOP));
}

static bool reserved_bits(const struct vtd_walk *w, uint64_t e, unsigned level)
{
	uint64_t reserved = w->t->haw_reserved & ~(0x7ffULL << 52), offset;
	unsigned sizes = VTD_CAP_SSLPS(w->t->cfg.unit->cfg.cap);

	reserved &= ~(1ULL << 63);
	if (!is_leaf(e, level) || !has_snoop(w->t))
		reserved |= SNP;
	if (!is_leaf(e, level) || !vtd_has_ecap(w->t, VTD_ECAP_DT) ||
	    vtd_quirk(w->t->cfg.unit, VTD_Q_TM_RESERVED))
		reserved |= TM;
	if (level > 3 || (level > 1 && !(sizes >> (level - 2) & 1)))
		reserved |= PS;
	if (level > 1 && is_leaf(e, level)) {
		offset = (1ULL << shift_of(level)) - 1;
		reserved |= offset & VTD_ADDR;
	}
	return e & reserved;
}

static uint8_t rights_of(const struct vtd_walk *w, uint64_t e, bool leaf)
{
	uint8_t rights = 0;

	if (e & R)
		rights |= VTD_SS_READ;
	if (e & W)
		rights |= VTD_SS_WRITE;
	if (!leaf || !w->ss_ad || e & D)
		rights |= VTD_SS_DIRTY;
	return rights;
}

/* ---- Caches ---- */

/* Lacking rights are looked for in the tables. What is cached as missing, in caching mode, counts. */
static bool find_leaf(struct vtd_walk *w, uint64_t addr, unsigned need, struct vtd_leaf *leaf)
{
	struct vtd_line *l;
	unsigned shift;

	for (shift = 12; shift <= 30; shift += 9) {
		l = vtd_line_around(w->t, VTD_LINE_LEAF, addr, shift, w->did, VTD_NO_PASID);
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
		.pasid = VTD_NO_PASID,
		.sid = w->q->sid,
		.via = w->q->pasid,
		.value = { leaf->addr },
		.rights = leaf->rights,
	};

	vtd_walk_fill(w, &line);
}

/* Where to go on: the lowest table that is known. Returns its level. */
static unsigned start(struct vtd_walk *w, uint64_t addr, struct vtd_leaf *at)
{
	struct vtd_line *l;
	unsigned level;

	*at = (struct vtd_leaf){ .addr = w->ss_root, .rights = VTD_SS_ALL };
	if (w->peek || !w->t->count[VTD_LINE_TABLE])
		return w->ss_levels;
	for (level = 2; level <= w->ss_levels; level++) {
		l = vtd_line_around(w->t, VTD_LINE_TABLE, addr, shift_of(level), w->did,
				    VTD_NO_PASID);
		if (!l)
			continue;
		at->addr = l->value[0];
		at->rights = l->rights;
		vtd_judge(w, l, addr);
		return level - 1;
	}
	return w->ss_levels;
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

static bool refuses_first(const struct vtd_walk *w, uint64_t e)
{
	return vtd_quirk(w->t->cfg.unit, VTD_Q_RIGHTS_FIRST) &&
	       !(e & (w->q->access & VTD_WRITE ? W : R));
}

/* The entry of one level. *at: the table, then where the entry leads. */
static unsigned step(struct vtd_walk *w, uint64_t addr, unsigned level, unsigned need,
		     struct vtd_leaf *at)
{
	uint64_t entry = at->addr + (addr >> shift_of(level) & 0x1ff) * 8, e;
	bool leaf, dirty;
	unsigned bad;

	if (!vtd_dma(w->t, entry, &e, sizeof(e)))
		return reason(w, level == w->ss_levels ? ROOT_UNREADABLE : UNREADABLE);
	at->shift = (uint8_t)shift_of(level);
	if (!(e & (R | W)) || refuses_first(w, e))
		return reason_absent(w);
	if (reserved_bits(w, e, level))
		return reason(w, RESERVED);
	leaf = is_leaf(e, level);
	at->rights &= rights_of(w, e, leaf);
	dirty = leaf && need & VTD_SS_DIRTY && !(VTD_SS_WRITE & ~at->rights);
	bad = set_accessed(w, entry, e, dirty);
	if (bad)
		return bad;
	if (dirty)
		at->rights |= VTD_SS_DIRTY;
	at->addr = e & VTD_ADDR & ~(w->t->haw_reserved | 0xfffULL << 52);
	at->shift = leaf ? at->shift : 0;
	return 0;
}

/* To a leaf, or to what the entry for the size `stop` leads to. 1: one has changed meanwhile. */
static unsigned walk(struct vtd_walk *w, uint64_t addr, unsigned need, unsigned stop,
		     struct vtd_leaf *leaf)
{
	unsigned level = start(w, addr, leaf), bad;
	struct vtd_leaf table;

	for (;; level--) {
		bad = step(w, addr, level, need, leaf);
		if (bad || leaf->shift || shift_of(level) == stop)
			return bad;
		if (w->peek)
			continue;
		table = *leaf;
		table.shift = (uint8_t)shift_of(level);
		fill(w, VTD_LINE_TABLE, addr, &table);
	}
}

static void fill_missing(struct vtd_walk *w, uint64_t addr)
{
	const struct vtd_leaf missing = { .shift = 12 };

	if (!w->peek && vtd_has_cap(w->t, VTD_CAP_CM))
		fill(w, VTD_LINE_LEAF, addr, &missing);
}

#define TRIES 8 /* against software that changes an entry all the time */

unsigned vtd_second(struct vtd_walk *w, uint64_t addr, unsigned need, struct vtd_leaf *leaf)
{
	unsigned i, bad = 1;

	if (addr >> (12 + 9 * w->ss_levels) || addr >> (VTD_CAP_MGAW(w->t->cfg.unit->cfg.cap) + 1))
		return reason(w, BEYOND);
	if (!w->peek && find_leaf(w, addr, need, leaf))
		return leaf->rights ? 0 : reason_absent(w);
	w->hit = false;
	for (i = 0; i < TRIES && bad == 1; i++)
		bad = walk(w, addr, need, 0, leaf);
	if (bad == 1)
		return reason(w, NO_UPDATE);
	if (bad == reason_absent(w))
		fill_missing(w, addr);
	if (!bad && !w->peek)
		fill(w, VTD_LINE_LEAF, addr, leaf);
	return bad;
}

unsigned vtd_second_table(struct vtd_walk *w, uint64_t addr, unsigned shift, uint64_t *table)
{
	struct vtd_leaf at;
	unsigned bad;

	if (shift >= 12 + 9 * w->ss_levels)
		return reason(w, BEYOND);
	bad = walk(w, addr, 0, shift, &at);
	*table = at.addr;
	return bad ? bad : at.shift;
}
