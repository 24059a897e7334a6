/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * paging.c - what both stages' walks find in the caches, and what they leave there: pages, and the
 * tables on the way to them.
 */
#include "walk.h"

/* Lacking rights are looked for in the tables. What is cached as missing (caching mode) counts. */
static bool is_enough(const struct vtd_walk *w, const struct vtd_line *l, unsigned need)
{
	if (!l->rights)
		return true;
	return !(need & ~l->rights) &&
	       (l->pasid == VTD_NO_PASID || !vtd_check_rights(w, vtd_wanted(w), l->rights));
}

static uint64_t tag(const struct vtd_walk *w, unsigned kind, uint32_t pasid, unsigned shift)
{
	return vtd_tag(kind, shift, w->did, pasid);
}

static bool find_page(struct vtd_walk *w, struct vtd_path *path, unsigned need,
		      struct vtd_leaf *leaf)
{
	uint64_t sizes = w->t->sizes[VTD_LINE_LEAF];
	struct vtd_line *l;
	unsigned shift;

	path->page = vtd_line_look(w->t, &path->set[1], path->addr >> 12,
				   tag(w, VTD_LINE_LEAF, path->pasid, 12));
	l = path->page && is_enough(w, path->page, need) ? path->page : NULL;
	for (shift = 21; !l && sizes >> shift; shift += 9) {
		l = vtd_line_look(w->t, NULL, path->addr >> shift,
				  tag(w, VTD_LINE_LEAF, path->pasid, shift));
		if (l && !is_enough(w, l, need))
			l = NULL;
	}
	if (!l)
		return false;
	*leaf = (struct vtd_leaf){ l->value[0], l->shift, l->rights };
	vtd_judge(w, l, path->addr);
	return true;
}

bool vtd_path_begin(struct vtd_walk *w, struct vtd_path *path, unsigned need, struct vtd_leaf *leaf)
{
	unsigned level, shift;
	struct vtd_line *l;

	if (w->peek)
		return false;
	if (find_page(w, path, need, leaf))
		return true;
	for (level = 2; level <= path->top; level++) {
		shift = vtd_shift(level);
		l = vtd_line_look(w->t, &path->set[level], path->addr >> shift,
				  tag(w, VTD_LINE_TABLE, path->pasid, shift));
		if (!l)
			continue;
		path->top = level - 1;
		path->table = l->value[0];
		path->rights = l->rights;
		vtd_judge(w, l, path->addr);
		break;
	}
	return false;
}

static inline void keep(struct vtd_walk *w, const struct vtd_path *path, struct vtd_line *l,
			unsigned kind, const struct vtd_leaf *leaf, unsigned shift)
{
	vtd_line_begin(w->t, l, path->addr >> shift, tag(w, kind, path->pasid, shift));
	l->value[0] = leaf->addr;
	l->rights = leaf->rights;
	l->did = w->did;
	l->pasid = path->pasid;
	l->sid = w->q->sid;
	l->via = w->q->pasid;
	l->nested = path->nested;
	if (w->due)
		l->due = vtd_stale_due(w, l);
}

void vtd_path_keep(struct vtd_walk *w, const struct vtd_path *path)
{
	unsigned level;

	for (level = path->top; level > path->last; level--)
		keep(w, path, vtd_line_oldest(path->set[level]), VTD_LINE_TABLE, &path->at[level],
		     vtd_shift(level));
}

void vtd_page_keep(struct vtd_walk *w, const struct vtd_path *path, const struct vtd_leaf *leaf)
{
	struct vtd_line *set = path->set[1], *l = path->page;

	if (leaf->shift != 12)
		l = vtd_line_look(w->t, &set, path->addr >> leaf->shift,
				  tag(w, VTD_LINE_LEAF, path->pasid, leaf->shift));
	keep(w, path, l ? l : vtd_line_oldest(set), VTD_LINE_LEAF, leaf, leaf->shift);
}

void vtd_missing_keep(struct vtd_walk *w, const struct vtd_path *path)
{
	const struct vtd_leaf missing = { .shift = 12 };

	if (vtd_has_cap(w->t, VTD_CAP_CM))
		vtd_page_keep(w, path, &missing);
}
