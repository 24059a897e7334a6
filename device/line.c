/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* line.c - the cache of translations: lookup, filling, and what each invalidation removes. */
#include "walk.h"

static bool is_paged(unsigned kind)
{
	return kind == VTD_LINE_LEAF || kind == VTD_LINE_TABLE || kind == VTD_LINE_DEVICE;
}

struct vtd_line *vtd_line_find(const struct vtd_translation *t, unsigned kind, uint64_t key,
			       uint16_t id, uint32_t pasid)
{
	return vtd_line_look(t, key, vtd_tag(kind, 0, id, pasid));
}

void vtd_line_drop(struct vtd_translation *t, struct vtd_line *l)
{
	t->count[l->of.kind]--;
	t->generation++;
	*l = (struct vtd_line){ 0 };
}

static struct vtd_line *older(struct vtd_line *a, struct vtd_line *b)
{
	return a->stamp <= b->stamp ? a : b;
}

/* Free lines have stamp 0, so they come before the oldest one. */
struct vtd_line *vtd_line_evict(struct vtd_translation *t, struct vtd_line *set)
{
	struct vtd_line *l = older(older(set, set + 1), older(set + 2, set + 3));

	if (l->of.kind != VTD_LINE_FREE)
		vtd_line_drop(t, l);
	return l;
}

void vtd_line_fill(struct vtd_translation *t, const struct vtd_line *line)
{
	uint16_t id = line->of.kind == VTD_LINE_INTERRUPT ? 0 : line->of.sid;
	uint64_t tag = vtd_tag(line->of.kind, line->of.shift, id, line->of.pasid);
	struct vtd_line *set =
		vtd_line_set(t, line->key, line->of.kind, line->of.shift, vtd_spread(tag));
	struct vtd_line *l = vtd_line_in(set, line->key, tag);

	if (l)
		vtd_line_drop(t, l);
	else
		l = vtd_line_room(t, set);
	*l = *line;
	l->tag = tag;
	l->stamp = ++t->stamp;
	t->count[l->of.kind]++;
	t->sizes[l->of.kind] |= 1ULL << l->of.shift;
}

/* ---- What an invalidation removes ---- */

static unsigned granularity(uint64_t qw0)
{
	return qw0 >> 4 & 3;
}

#define IH (1ULL << 6)

static struct vtd_entry entry_of(const struct vtd_line *l)
{
	static const uint8_t kind[VTD_LINE_KINDS] = {
		[VTD_LINE_CONTEXT] = VTD_CONTEXT, [VTD_LINE_PASID] = VTD_PASID,
		[VTD_LINE_LEAF] = VTD_IOTLB,	  [VTD_LINE_TABLE] = VTD_IOTLB,
		[VTD_LINE_INTERRUPT] = VTD_IEC,	  [VTD_LINE_DEVICE] = VTD_DEVTLB,
	};

	return (struct vtd_entry){
		.kind = kind[l->of.kind],
		.did = l->of.did,
		.sid = l->of.sid,
		.pasid = l->of.pasid,
		.addr = is_paged(l->of.kind) ? l->key << l->of.shift : l->key,
	};
}

/*
 * In scalable mode contexts have no domain id, and a device-selective invalidation matches the
 * source id alone.
 */
static bool scalable_context_goes(const uint64_t qw[4], struct vtd_entry *e)
{
	e->did = (uint16_t)(qw[0] >> 16);
	return vtd_goes(qw, e, 0);
}

bool vtd_line_goes(const struct vtd_translation *t, const uint64_t qw[4], const struct vtd_line *l)
{
	struct vtd_entry e = entry_of(l);
	unsigned order = is_paged(l->of.kind) ? l->of.shift - 12U : 0;

	if (l->of.kind == VTD_LINE_CONTEXT && vtd_type(qw) == VTD_T_CONTEXT &&
	    vtd_table_mode(t->cfg.unit) == VTD_TTM_SCALABLE)
		return scalable_context_goes(qw, &e);
	/*
	 * A nested line does not tell at which second-stage addresses it was used: the whole domain
	 * goes.
	 */
	if (l->of.kind == VTD_LINE_LEAF && l->of.nested && vtd_type(qw) == VTD_T_IOTLB &&
	    granularity(qw[0]) == 3)
		return e.did == (uint16_t)(qw[0] >> 16);
	return vtd_goes(qw, &e, order);
}

/* IH: the tables on the way to a page may stay cached. */
static bool has_hint(const uint64_t qw[4])
{
	unsigned type = vtd_type(qw);

	return (type == VTD_T_IOTLB || type == VTD_T_PASID_IOTLB) && granularity(qw[0]) == 3 &&
	       qw[1] & IH;
}

bool vtd_line_spared(const uint64_t qw[4], const struct vtd_line *l)
{
	return l->of.kind == VTD_LINE_TABLE && has_hint(qw);
}

void vtd_lines_invalidate(struct vtd_translation *t, const uint64_t qw[4])
{
	bool spares = t->count[VTD_LINE_TABLE] && has_hint(qw) && !vtd_choose(t, 2);
	struct vtd_line *l = t->cfg.line, *end = l + t->cfg.lines;

	for (; l < end; l++) {
		if (l->of.kind == VTD_LINE_FREE || (spares && l->of.kind == VTD_LINE_TABLE))
			continue;
		if (vtd_line_goes(t, qw, l))
			vtd_line_drop(t, l);
	}
}

void vtd_forget(struct vtd_translation *t, enum vtd_line_kind kind)
{
	struct vtd_line *l = t->cfg.line, *end = l + t->cfg.lines;

	for (; l < end; l++) {
		if (l->of.kind != VTD_LINE_FREE && (kind == VTD_LINE_FREE || l->of.kind == kind))
			vtd_line_drop(t, l);
	}
}
