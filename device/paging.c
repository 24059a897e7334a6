/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* paging.c - the parts of a table walk that are not repeated at each level. */
#include "paging.h"

/*
 * A line without the needed rights does not count: the tables may grant more by now. A line that
 * says "missing" (caching mode) counts.
 */
bool vtd_is_enough(const struct vtd_walk *w, const struct vtd_line *l, unsigned need)
{
	if (!l->of.rights)
		return true;
	return !(need & ~l->of.rights) &&
	       (l->of.pasid == VTD_NO_PASID || !vtd_check_rights(w, vtd_wanted(w), l->of.rights));
}

/* The tag of a page of 2^shift bytes. */
static uint64_t tag_of(const struct vtd_path *path, unsigned shift)
{
	return path->tag + ((uint64_t)(shift - 12) << 48);
}

struct vtd_line *vtd_large_look(const struct vtd_walk *w, const struct vtd_path *path,
				unsigned need)
{
	struct vtd_line *l;
	unsigned shift;

	for (shift = 21; w->t->sizes[VTD_LINE_LEAF] >> shift; shift += 9) {
		l = vtd_line_look(w->t, path->addr >> shift, tag_of(path, shift));
		if (l && vtd_is_enough(w, l, need))
			return l;
	}
	return NULL;
}

void vtd_page_replace(struct vtd_translation *t, struct vtd_path *path, const struct vtd_leaf *leaf)
{
	uint64_t key = path->addr >> leaf->shift, tag = tag_of(path, leaf->shift);
	struct vtd_line *set = vtd_line_set(t, key, VTD_LINE_LEAF, leaf->shift, path->spread);
	struct vtd_line *l = vtd_line_in(set, key, tag);

	if (l)
		vtd_line_drop(t, l);
	path->set[1] = set;
	vtd_line_put(t, path, 1, leaf->shift, tag, leaf);
	t->count[VTD_LINE_LEAF]++;
	t->sizes[VTD_LINE_LEAF] |= 1ULL << leaf->shift;
}

void vtd_missing_keep(struct vtd_walk *w, struct vtd_path *path)
{
	const struct vtd_leaf missing = { .shift = 12 };

	if (vtd_has_cap(w->t, VTD_CAP_CM))
		vtd_page_replace(w->t, path, &missing);
}

void vtd_path_due(struct vtd_walk *w, const struct vtd_path *path, uint64_t before)
{
	struct vtd_line *l, *end;
	unsigned level;

	for (level = 1; level <= path->top; level++) {
		for (l = path->set[level], end = l + 4; l < end; l++) {
			if (l->stamp > before)
				l->due = vtd_stale_due(w, l);
		}
	}
}

unsigned vtd_path_mark(struct vtd_walk *w, struct vtd_path *path, unsigned to, uint64_t bits,
		       uint64_t page)
{
	unsigned level, how;
	uint64_t wanted;

	for (level = path->top; level >= to; level--) {
		wanted = bits | (level == path->last ? page : 0);
		if (!(wanted & ~path->entry[level]))
			continue;
		how = VTD_FIXED;
		if (!(path->fixed >> level & 1))
			how = vtd_set_bits(w, path->where[level], path->entry[level], wanted);
		if (how) {
			path->last = level;
			return how;
		}
	}
	return 0;
}
