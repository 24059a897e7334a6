/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* cache.c - the cached translations, and which of them a descriptor removes. */
#include "walk.h"

static unsigned granularity(uint64_t qw0)
{
	return qw0 >> 4 & 3;
}

static uint64_t page(uint64_t addr)
{
	return addr >> 12;
}

/* FM masks none, bit 2, bits 2:1, or all three bits of the function number. */
static uint16_t fm_mask(unsigned fm)
{
	static const uint16_t left_out[] = { 0, 4, 6, 7 };

	return (uint16_t)~left_out[fm & 3];
}

static bool domain_matches(uint64_t qw0, const struct vtd_entry *e)
{
	return e->did == (uint16_t)(qw0 >> 16);
}

static bool pasid_matches(uint64_t qw0, const struct vtd_entry *e)
{
	return e->pasid == (qw0 >> 32 & 0xfffff);
}

/* True if the aligned 2^AM pages around ADDR overlap the entry's 2^order pages. */
static bool in_pages(uint64_t qw1, const struct vtd_entry *e, unsigned order)
{
	unsigned am = qw1 & 0x3f;

	return !((page(e->addr) ^ page(qw1)) >> (am > order ? am : order));
}

/*
 * With S set, the trailing ones of the page number give the size: n of them mean 2^(n + 1) pages.
 */
static bool in_device_range(uint64_t qw1, uint64_t s_bit, const struct vtd_entry *e, unsigned order)
{
	uint64_t within = qw1 & s_bit ? page(qw1) ^ (page(qw1) + 1) : 0;

	return !((page(e->addr) ^ page(qw1)) & ~within & ~0ULL << order);
}

static bool context_goes(uint64_t qw0, const struct vtd_entry *e)
{
	uint16_t mask = fm_mask(qw0 >> 48 & 3) & fm_mask(e->fm);

	switch (granularity(qw0)) {
	case 1:
		return true;
	case 2:
		return domain_matches(qw0, e);
	default:
		return domain_matches(qw0, e) && !((e->sid ^ qw0 >> 32) & mask);
	}
}

/* For leaves. vtd_line_spared() decides what IH spares. */
static bool iotlb_goes(const uint64_t qw[4], const struct vtd_entry *e, unsigned order)
{
	switch (granularity(qw[0])) {
	case 1:
		return true;
	case 2:
		return domain_matches(qw[0], e);
	default:
		return domain_matches(qw[0], e) && in_pages(qw[1], e, order);
	}
}

static bool pasid_iotlb_goes(const uint64_t qw[4], const struct vtd_entry *e, unsigned order)
{
	return domain_matches(qw[0], e) && pasid_matches(qw[0], e) &&
	       (granularity(qw[0]) == 2 || in_pages(qw[1], e, order));
}

static bool pasid_goes(uint64_t qw0, const struct vtd_entry *e)
{
	switch (granularity(qw0)) {
	case 0:
		return domain_matches(qw0, e);
	case 3:
		return true;
	default:
		return domain_matches(qw0, e) && pasid_matches(qw0, e);
	}
}

static bool iec_goes(uint64_t qw0, const struct vtd_entry *e)
{
	unsigned im = qw0 >> 27 & 0x1f;

	return !(granularity(qw0) & 1) || !((e->addr ^ (qw0 >> 32 & 0xffff)) >> im);
}

static bool devtlb_goes(const uint64_t qw[4], const struct vtd_entry *e, unsigned order)
{
	return e->sid == vtd_sid(qw) && e->pasid == VTD_NO_PASID &&
	       in_device_range(qw[1], 1 << 0, e, order);
}

static bool pasid_devtlb_goes(const uint64_t qw[4], const struct vtd_entry *e, unsigned order)
{
	bool global = qw[1] & 1;

	return e->sid == vtd_sid(qw) && e->pasid != VTD_NO_PASID &&
	       (global || pasid_matches(qw[0], e)) && in_device_range(qw[1], 1 << 11, e, order);
}

bool vtd_goes(const uint64_t qw[4], const struct vtd_entry *e, unsigned order)
{
	switch (vtd_type(qw)) {
	case VTD_T_CONTEXT:
		return e->kind == VTD_CONTEXT && context_goes(qw[0], e);
	case VTD_T_IOTLB:
		return e->kind == VTD_IOTLB && iotlb_goes(qw, e, order);
	case VTD_T_DEVTLB:
		return e->kind == VTD_DEVTLB && devtlb_goes(qw, e, order);
	case VTD_T_IEC:
		return e->kind == VTD_IEC && iec_goes(qw[0], e);
	case VTD_T_PASID_IOTLB:
		return e->kind == VTD_IOTLB && pasid_iotlb_goes(qw, e, order);
	case VTD_T_PASID:
		return e->kind == VTD_PASID && pasid_goes(qw[0], e);
	case VTD_T_PASID_DEVTLB:
		return e->kind == VTD_DEVTLB && pasid_devtlb_goes(qw, e, order);
	default: /* a page group response removes nothing */
		return false;
	}
}

/*
 * Entries stay in order of age. Vacated ones are cleared, so that equal states are equal in every
 * byte.
 */
static void invalidate_entries(struct vtd_unit *u, const uint64_t qw[4])
{
	struct vtd_entry *cache = u->cfg.cache;
	unsigned i, n = 0;

	for (i = 0; i < u->ncache; i++) {
		if (vtd_goes(qw, &cache[i], 0))
			continue;
		if (n != i)
			cache[n] = cache[i];
		n++;
	}
	for (i = n; i < u->ncache; i++)
		cache[i] = (struct vtd_entry){ 0 };
	u->ncache = n;
}

void vtd_invalidate(struct vtd_unit *u, const uint64_t qw[4])
{
	struct vtd_translation *t = vtd_translation_of(u);

	invalidate_entries(u, qw);
	if (t)
		vtd_lines_invalidate(t, qw);
}

static bool has_page(const struct vtd_entry *e)
{
	return e->kind == VTD_IOTLB || e->kind == VTD_DEVTLB;
}

static bool same(const struct vtd_entry *a, const struct vtd_entry *b)
{
	uint64_t ignored = has_page(a) ? 0xfff : 0;

	return a->kind == b->kind && a->fm == b->fm && a->did == b->did && a->sid == b->sid &&
	       a->pasid == b->pasid && !((a->addr ^ b->addr) & ~ignored);
}

uint64_t vtd_cached(const struct vtd_unit *u, const struct vtd_entry *e)
{
	unsigned i;

	for (i = 0; i < u->ncache; i++) {
		if (same(&u->cfg.cache[i], e))
			return u->cfg.cache[i].stamp;
	}
	return 0;
}

static void evict_oldest(struct vtd_unit *u)
{
	unsigned i;

	for (i = 1; i < u->ncache; i++)
		u->cfg.cache[i - 1] = u->cfg.cache[i];
	u->ncache--;
}

uint64_t vtd_touch(struct vtd_unit *u, const struct vtd_entry *e)
{
	uint64_t stamp = vtd_cached(u, e);
	struct vtd_entry *new;

	if (stamp || !u->cfg.cache_room)
		return stamp;
	if (u->ncache == u->cfg.cache_room)
		evict_oldest(u);
	new = &u->cfg.cache[u->ncache++];
	new->kind = e->kind; /* member by member, as padding must stay zero: see vtd_init() */
	new->fm = e->fm;
	new->did = e->did;
	new->sid = e->sid;
	new->pasid = e->pasid;
	new->addr = e->addr;
	new->stamp = ++u->stamp;
	return new->stamp;
}
