/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * paging.h - a walk through the levels of one stage: lookup in the caches, reading of entries, and
 * caching of what was read.
 *
 * The walk is common to both stages; they differ in the four functions of struct vtd_levels.
 * first.c and second.c inline the walk with their own functions, because calls at each level would
 * be slow.
 */
#ifndef VTD_PAGING_H
#define VTD_PAGING_H

#include "walk.h"

#define VTD_PS (1ULL << 7)

/* Reasons for which a walk ends without a translation. */
enum vtd_wrong {
	VTD_BEYOND, /* the address has more bits than the tables translate */
	VTD_ROOT_UNREADABLE,
	VTD_UNREADABLE,
	VTD_ABSENT,
	VTD_RESERVED,
	VTD_NO_UPDATE,
};

#define VTD_TRIES 8 /* limits retries if software keeps changing an entry */
/* Instead of a fault reason: an entry changed during the walk, which has to start again. */
#define VTD_CHANGED 1
#define VTD_FAILED 2 /* bits of an entry cannot be set: its memory cannot be written */
#define VTD_FIXED 3  /* likewise: the second stage forbids the write */

/* The state of a walk, with what it found at each level. */
struct vtd_path {
	uint64_t addr;
	uint64_t address; /* the bits of an entry that are an address */
	uint64_t wanted;  /* an entry with none of these bits is absent */
	uint64_t tag;	  /* of lines for pages of 4 KiB */
	uint64_t spread;  /* vtd_spread() of `tag` */
	struct vtd_owner of;
	unsigned stop;	/* the lowest level to read */
	bool keeps;	/* entries that are read may be cached */
	unsigned fixed; /* bit per level: the second stage forbids writes of this entry */

	/* The start of the walk: the root, or the lowest cached table. */
	uint8_t rights;
	unsigned top; /* level of `table` */
	uint64_t table;

	unsigned last;			/* the level of the lowest entry that has been read */
	uint64_t where[VTD_LEVELS + 1]; /* host address of the entry */
	uint64_t entry[VTD_LEVELS + 1];
	uint8_t permits[VTD_LEVELS + 1];      /* rights of this entry and those above it */
	struct vtd_line *set[VTD_LEVELS + 1]; /* the set in which its line belongs; [1]: a page's */
	/* A cached line of the page whose rights are not enough. */
	struct vtd_line *page;
};

/* How far the walk has come. */
struct vtd_reached {
	uint64_t table; /* the next level's table, or the page */
	unsigned rights, bad;
	/* log2 of the page's size; 0: at a table */
	uint8_t shift;
	/* ops->dma_read, for speed */
	bool (*dma_read)(void *ctx, uint64_t addr, void *buf, size_t len);
	void *ctx; /* its argument */
};

/* The differences between the stages. */
struct vtd_levels {
	unsigned (*reason)(const struct vtd_walk *w, enum vtd_wrong what);

	/*
	 * Read the entry of this level into path->entry, from path->where; with nesting translate
	 * `where` first. Returns 0, or the fault reason.
	 */
	unsigned (*read)(struct vtd_walk *w, struct vtd_path *path, const struct vtd_reached *at,
			 unsigned level);
	uint8_t (*rights)(const struct vtd_walk *w, uint64_t entry, bool last);

	/* Called at the end of the walk, or at an entry that is `bad`: sets A and D, and nests. */
	unsigned (*end)(struct vtd_walk *w, struct vtd_path *path, unsigned need,
			struct vtd_leaf *leaf, unsigned bad);
};

/* Inlined into each stage, so that what is constant in a stage is a constant in the code. */
#define VTD_INLINED static inline __attribute__((always_inline))

/* ---- paging.c ---- */

/*
 * True if the line answers the request: it has the needed rights, or says that the page is missing.
 */
bool vtd_is_enough(const struct vtd_walk *w, const struct vtd_line *l, unsigned need);

/* Find the cached page of more than 4 KiB, or NULL. */
struct vtd_line *vtd_large_look(const struct vtd_walk *w, const struct vtd_path *path,
				unsigned need);

/*
 * Cache a large page, or a page of which a line with fewer rights is cached. vtd_missing_keep():
 * cache that there is no page (caching mode).
 */
void vtd_page_replace(struct vtd_translation *t, struct vtd_path *path,
		      const struct vtd_leaf *leaf);
void vtd_missing_keep(struct vtd_walk *w, struct vtd_path *path);

/*
 * The walk used a line that is due. So the lines that it has filled, those with a stamp above
 * `before`, are due as well.
 */
void vtd_path_due(struct vtd_walk *w, const struct vtd_path *path, uint64_t before);

/*
 * Set `bits` in the entries from path->top down to level `to`, and `page` in that of the page.
 * Returns 0, or VTD_CHANGED, VTD_FAILED or VTD_FIXED, with path->last the level where it failed.
 */
unsigned vtd_path_mark(struct vtd_walk *w, struct vtd_path *path, unsigned to, uint64_t bits,
		       uint64_t page);

/* ---- Lookup and filling of the caches ---- */

/*
 * The tag of the table that this level's entry leads to, from the tag of a page. The kind of tables
 * is the kind of leaves + 1.
 */
VTD_INLINED uint64_t vtd_table_tag(uint64_t tag, unsigned level)
{
	return tag + (1ULL << 54) + ((uint64_t)(vtd_shift(level) - 12) << 48);
}

/* True if the page is cached with the needed rights. */
VTD_INLINED bool vtd_page_look(struct vtd_walk *w, struct vtd_path *path, unsigned need,
			       struct vtd_leaf *leaf)
{
	uint64_t key = path->addr >> 12;
	struct vtd_line *l;

	path->set[1] = vtd_line_set(w->t, key, VTD_LINE_LEAF, 12, path->spread);
	l = path->page = vtd_line_in(path->set[1], key, path->tag);
	if (l && !vtd_is_enough(w, l, need))
		l = NULL;
	if (!l && w->t->sizes[VTD_LINE_LEAF] >> 21)
		l = vtd_large_look(w, path, need);
	if (!l)
		return false;
	*leaf = (struct vtd_leaf){ l->value[0], l->of.shift, l->of.rights };
	vtd_judge(w, l, path->addr);
	return true;
}

/* True if the table below this level is cached: the walk starts there. */
VTD_INLINED bool vtd_table_look(struct vtd_walk *w, struct vtd_path *path, unsigned level)
{
	uint64_t key = path->addr >> vtd_shift(level);
	unsigned shift = vtd_shift(level);
	struct vtd_line *l = vtd_line_set(w->t, key, VTD_LINE_TABLE, shift, path->spread);

	path->set[level] = l;
	l = vtd_line_in(l, key, vtd_table_tag(path->tag, level));
	if (!l)
		return false;
	path->top = level - 1;
	path->table = l->value[0];
	path->rights = l->of.rights;
	vtd_judge(w, l, path->addr);
	return true;
}

/* Look for the lowest cached table first. No stage has fewer than three levels. */
VTD_INLINED void vtd_tables_look(struct vtd_walk *w, struct vtd_path *path)
{
	if (vtd_table_look(w, path, 2) || vtd_table_look(w, path, 3) || path->top == 3)
		return;
	if (vtd_table_look(w, path, 4) || path->top == 4)
		return;
	vtd_table_look(w, path, 5);
}

/*
 * Fill a line in the set of this level. Members that are not written are 0, as in each free line.
 */
VTD_INLINED void vtd_line_put(struct vtd_translation *t, struct vtd_path *path, unsigned level,
			      unsigned shift, uint64_t tag, const struct vtd_leaf *leaf)
{
	struct vtd_line *l = path->set[level];

	if (l->of.kind != VTD_LINE_FREE)
		l = vtd_line_evict(t, l);
	l->key = path->addr >> shift;
	l->tag = tag;
	l->value[0] = leaf->addr;
	l->of = path->of;
	l->of.kind = (uint8_t)(tag >> 54);
	l->of.shift = (uint8_t)shift;
	l->of.rights = leaf->rights;
	l->stamp = ++t->stamp;
}

/* Cache the table to which this level's entry leads. */
VTD_INLINED void vtd_table_keep(struct vtd_translation *t, struct vtd_path *path, unsigned level)
{
	const struct vtd_leaf table = { .addr = path->entry[level] & path->address,
					.rights = path->permits[level] };

	vtd_line_put(t, path, level, vtd_shift(level), vtd_table_tag(path->tag, level), &table);
}

/* From the highest level down, so that the highest table is the oldest line. */
VTD_INLINED void vtd_tables_keep(struct vtd_translation *t, struct vtd_path *path)
{
	unsigned top = path->top, last = path->last;

	path->of.kind = VTD_LINE_TABLE;
	t->count[VTD_LINE_TABLE] += top - last;
	switch (top) {
	case 5:
		if (last == 5)
			break;
		vtd_table_keep(t, path, 5);
		/* fall through */
	case 4:
		if (last == 4)
			break;
		vtd_table_keep(t, path, 4);
		/* fall through */
	case 3:
		if (last == 3)
			break;
		vtd_table_keep(t, path, 3);
		/* fall through */
	case 2:
		if (last == 2)
			break;
		vtd_table_keep(t, path, 2);
	}
}

VTD_INLINED void vtd_page_keep(struct vtd_translation *t, struct vtd_path *path,
			       const struct vtd_leaf *leaf)
{
	if (leaf->shift != 12 || path->page) {
		vtd_page_replace(t, path, leaf);
		return;
	}
	vtd_line_put(t, path, 1, 12, path->tag, leaf);
	t->count[VTD_LINE_LEAF]++;
	t->sizes[VTD_LINE_LEAF] |= 1ULL << 12;
}

/* ---- Reading of entries ---- */

/* Branch-free, as `level` is a constant. Above level 3, PS is reserved and was checked before. */
VTD_INLINED bool vtd_is_leaf(uint64_t entry, unsigned level)
{
	return (level == 1) | !!(entry & VTD_PS);
}

/* Read into path->entry. False: no memory there. */
VTD_INLINED bool vtd_read_entry(struct vtd_path *path, const struct vtd_reached *at, unsigned level)
{
	return at->dma_read(at->ctx, path->where[level], &path->entry[level],
			    sizeof(path->entry[level]));
}

/* Read the entry of this level. True: the walk ends here. */
VTD_INLINED bool vtd_enter(struct vtd_walk *w, struct vtd_path *path, const struct vtd_levels *own,
			   struct vtd_reached *at, unsigned level)
{
	bool leaf, last;
	uint64_t e;

	path->last = level;
	path->where[level] = at->table + (path->addr >> (vtd_shift(level) - 3) & 0xff8);
	at->bad = own->read(w, path, at, level);
	if (at->bad)
		return true;
	e = path->entry[level];
	leaf = vtd_is_leaf(e, level);
	last = leaf | (level == path->stop);
	at->rights &= own->rights(w, e, last);
	at->table = e & path->address;
	at->shift = (uint8_t)(leaf * vtd_shift(level));
	path->permits[level] = (uint8_t)at->rights;
	return last;
}

/* Walk down to a page, or to what the entry of level path->stop leads to. */
VTD_INLINED unsigned vtd_descend(struct vtd_walk *w, struct vtd_path *path,
				 const struct vtd_levels *own, struct vtd_leaf *leaf)
{
	const struct vtd_config *cfg = &w->t->cfg.unit->cfg;
	struct vtd_reached at = { .table = path->table,
				  .rights = path->rights,
				  .dma_read = cfg->ops->dma_read,
				  .ctx = cfg->ctx };

	switch (path->top) {
	case 5:
		if (vtd_enter(w, path, own, &at, 5))
			break;
		/* fall through */
	case 4:
		if (vtd_enter(w, path, own, &at, 4))
			break;
		/* fall through */
	case 3:
		if (vtd_enter(w, path, own, &at, 3))
			break;
		/* fall through */
	case 2:
		if (vtd_enter(w, path, own, &at, 2))
			break;
		/* fall through */
	default:
		vtd_enter(w, path, own, &at, 1);
	}
	if (at.bad)
		return at.bad;
	leaf->shift = at.shift;
	leaf->addr = at.table & ~0ULL << at.shift;
	leaf->rights = (uint8_t)at.rights;
	return 0;
}

/*
 * Find the leaf, in the caches or by a walk. Hits of the second stage during a first-stage walk do
 * not count as a hit.
 */
VTD_INLINED unsigned vtd_page_find(struct vtd_walk *w, struct vtd_path *path,
				   const struct vtd_levels *own, unsigned need,
				   struct vtd_leaf *leaf)
{
	struct vtd_translation *t = w->t;
	unsigned i, bad = VTD_CHANGED;
	uint64_t before;

	w->hit = false;
	if (!w->peek) {
		if (vtd_page_look(w, path, need, leaf)) {
			w->hit = true;
			return leaf->rights ? 0 : own->reason(w, VTD_ABSENT);
		}
		vtd_tables_look(w, path);
	}
	for (i = 0; i < VTD_TRIES && bad == VTD_CHANGED; i++)
		bad = own->end(w, path, need, leaf, vtd_descend(w, path, own, leaf));
	w->hit = false;
	before = t->stamp;
	if (path->keeps) {
		vtd_tables_keep(t, path);
		if (!bad)
			vtd_page_keep(t, path, leaf);
	}
	if (bad && !w->peek && bad == own->reason(w, VTD_ABSENT))
		vtd_missing_keep(w, path);
	if (w->due)
		vtd_path_due(w, path, before);
	return bad == VTD_CHANGED ? own->reason(w, VTD_NO_UPDATE) : bad;
}

#endif
