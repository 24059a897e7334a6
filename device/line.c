/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* line.c - what is cached of translation: lookup, filling, and what each invalidation removes. */
#include "walk.h"

#define WAYS 4

static bool is_paged(unsigned kind)
{
	return kind == VTD_LINE_LEAF || kind == VTD_LINE_TABLE || kind == VTD_LINE_DEVICE;
}

/* Leaves and tables are known by domain, what belongs to a requester by its source id. */
static uint16_t id_of(const struct vtd_line *l)
{
	switch (l->kind) {
	case VTD_LINE_LEAF:
	case VTD_LINE_TABLE:
		return l->did;
	case VTD_LINE_INTERRUPT:
		return 0;
	default:
		return l->sid;
	}
}

/* No line that is free has the tag 0's kind. */
static uint64_t tag_of(unsigned kind, unsigned shift, uint16_t id, uint32_t pasid)
{
	return (uint64_t)kind << 54 | (uint64_t)shift << 48 | (uint64_t)id << 32 | pasid;
}

static struct vtd_line *set_of(const struct vtd_translation *t, uint64_t key, uint64_t tag)
{
	uint64_t x = (key ^ tag * 0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9;

	return &t->cfg.line[(x >> 40) & (t->cfg.lines - 1) & ~(WAYS - 1U)];
}

static struct vtd_line *find(const struct vtd_translation *t, uint64_t key, uint64_t tag)
{
	struct vtd_line *set = set_of(t, key, tag);
	unsigned i;

	for (i = 0; i < WAYS; i++) {
		if (set[i].key == key && set[i].tag == tag)
			return &set[i];
	}
	return NULL;
}

struct vtd_line *vtd_line_find(struct vtd_translation *t, unsigned kind, uint64_t key, uint16_t id,
			       uint32_t pasid)
{
	return find(t, key, tag_of(kind, 0, id, pasid));
}

struct vtd_line *vtd_line_around(struct vtd_translation *t, unsigned kind, uint64_t addr,
				 unsigned shift, uint16_t id, uint32_t pasid)
{
	if (!(t->sizes[kind] >> (shift / 9) & 1))
		return NULL;
	return find(t, addr >> shift, tag_of(kind, shift, id, pasid));
}

static void drop(struct vtd_translation *t, struct vtd_line *l)
{
	t->count[l->kind]--;
	t->generation++;
	*l = (struct vtd_line){ 0 };
}

/* The line's own, a free one, or the oldest of the set. */
static struct vtd_line *place(struct vtd_translation *t, const struct vtd_line *line, uint64_t tag)
{
	struct vtd_line *set = set_of(t, line->key, tag), *oldest = find(t, line->key, tag);
	unsigned i;

	if (oldest)
		return oldest;
	for (i = 1, oldest = set; i < WAYS; i++) {
		if (set[i].stamp < oldest->stamp)
			oldest = &set[i]; /* a free one's is 0 */
	}
	return oldest;
}

void vtd_line_fill(struct vtd_translation *t, const struct vtd_line *line)
{
	uint64_t tag = tag_of(line->kind, line->shift, id_of(line), line->pasid);
	struct vtd_line *l = place(t, line, tag);

	if (l->kind != VTD_LINE_FREE)
		drop(t, l);
	*l = *line;
	l->tag = tag;
	l->stamp = ++t->stamp;
	t->count[l->kind]++;
	t->sizes[l->kind] |= 1U << (l->shift / 9);
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
		.kind = kind[l->kind],
		.did = l->did,
		.sid = l->sid,
		.pasid = l->pasid,
		.addr = is_paged(l->kind) ? l->key << l->shift : l->key,
	};
}

/* In scalable mode contexts have no domain, and device-selective is by source id alone. */
static bool scalable_context_goes(const uint64_t qw[4], struct vtd_entry *e)
{
	e->did = (uint16_t)(qw[0] >> 16);
	return vtd_goes(qw, e, 0);
}

bool vtd_line_goes(const struct vtd_translation *t, const uint64_t qw[4], const struct vtd_line *l)
{
	struct vtd_entry e = entry_of(l);
	unsigned order = is_paged(l->kind) ? l->shift - 12U : 0;

	if (l->kind == VTD_LINE_CONTEXT && vtd_type(qw) == VTD_T_CONTEXT &&
	    VTD_RTADDR_TTM(t->cfg.unit->root) == VTD_TTM_SCALABLE)
		return scalable_context_goes(qw, &e);
	/* A page of a second stage says nothing of where in the first it was used. */
	if (l->kind == VTD_LINE_LEAF && l->nested && vtd_type(qw) == VTD_T_IOTLB &&
	    granularity(qw[0]) == 3)
		return e.did == (uint16_t)(qw[0] >> 16);
	return vtd_goes(qw, &e, order);
}

/* With IH the tables on the way may stay. */
static bool has_hint(const uint64_t qw[4])
{
	unsigned type = vtd_type(qw);

	return (type == VTD_T_IOTLB || type == VTD_T_PASID_IOTLB) && granularity(qw[0]) == 3 &&
	       qw[1] & IH;
}

bool vtd_line_spared(const uint64_t qw[4], const struct vtd_line *l)
{
	return l->kind == VTD_LINE_TABLE && has_hint(qw);
}

void vtd_lines_invalidate(struct vtd_translation *t, const uint64_t qw[4])
{
	bool spares = t->count[VTD_LINE_TABLE] && has_hint(qw) && !vtd_choose(t, 2);
	struct vtd_line *l = t->cfg.line, *end = l + t->cfg.lines;

	for (; l < end; l++) {
		if (l->kind == VTD_LINE_FREE || (spares && l->kind == VTD_LINE_TABLE))
			continue;
		if (vtd_line_goes(t, qw, l))
			drop(t, l);
	}
}

void vtd_forget(struct vtd_translation *t, enum vtd_line_kind kind)
{
	struct vtd_line *l = t->cfg.line, *end = l + t->cfg.lines;

	for (; l < end; l++) {
		if (l->kind != VTD_LINE_FREE && (kind == VTD_LINE_FREE || l->kind == kind))
			drop(t, l);
	}
}
