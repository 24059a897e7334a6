/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "oracle.h"

#include <stddef.h>

#define IOTLB 2

static bool in_pages(const uint64_t qw[2], uint64_t iova)
{
	return !(((iova ^ qw[1]) >> 12) >> (qw[1] & 0x3f));
}

/* Does an IOTLB invalidation remove this page of this domain? */
static bool covers(const uint64_t qw[2], uint16_t did, uint64_t iova)
{
	if ((qw[0] & 0xf) != IOTLB)
		return false;
	switch (qw[0] >> 4 & 3) {
	case 1:
		return true;
	case 2:
		return (uint16_t)(qw[0] >> 16) == did;
	case 3:
		return (uint16_t)(qw[0] >> 16) == did && in_pages(qw, iova);
	default:
		return false;
	}
}

enum oracle_use oracle_use(struct oracle *o, struct vtd_unit *u, uint64_t iova,
			   struct oracle_page *page)
{
	struct vtd_entry e = {
		.kind = VTD_IOTLB, .did = page->did, .pasid = VTD_NO_PASID, .addr = iova & ~0xfffULL
	};
	uint64_t stamp = vtd_cached(u, &e);
	unsigned i = stamp % ORACLE_ENTRIES;
	struct oracle_page table = *page;

	if (!stamp) {
		if (!page->present)
			return ORACLE_MISS;
		stamp = vtd_touch(u, &e);
		i = stamp % ORACLE_ENTRIES;
		o->entry[i].stamp = stamp;
		o->entry[i].frame = page->frame;
		o->entry[i].perm = page->perm;
		return ORACLE_MISS;
	}
	if (o->entry[i].stamp != stamp)
		return ORACLE_MISS;
	page->present = true;
	page->frame = o->entry[i].frame;
	page->perm = o->entry[i].perm;
	if (!table.present)
		return ORACLE_WINDOW;
	return table.frame == page->frame ? ORACLE_HIT : ORACLE_STALE;
}

void oracle_request(struct oracle *o, const uint64_t qw[2], const uint64_t original[2],
		    uint64_t plant)
{
	struct oracle_request *r = &o->recent[o->requests++ % ORACLE_RECENT];

	*r = (struct oracle_request){ .plant = plant };
	for (unsigned i = 0; i < 2; i++) {
		r->qw[i] = qw[i];
		r->original[i] = original[i];
	}
}

static unsigned kept(const struct oracle *o)
{
	return o->requests < ORACLE_RECENT ? (unsigned)o->requests : ORACLE_RECENT;
}

/* The one that came `back` before the last one. */
static const struct oracle_request *recent(const struct oracle *o, unsigned back)
{
	return &o->recent[(o->requests - 1 - back) % ORACLE_RECENT];
}

struct oracle_request *oracle_reveal(struct oracle *o, uint16_t did, uint64_t iova, bool *new_one)
{
	for (unsigned i = 0; i < kept(o); i++) {
		struct oracle_request *r = (struct oracle_request *)recent(o, i);

		if (r->plant && covers(r->original, did, iova) && !covers(r->qw, did, iova)) {
			*new_one = !r->found;
			r->found = true;
			return r;
		}
	}
	return NULL;
}

/* One that has the page but another domain comes nearer than one of the domain. */
const struct oracle_request *oracle_nearest(const struct oracle *o, uint16_t did, uint64_t iova)
{
	const struct oracle_request *of_domain = NULL;

	for (unsigned i = 0; i < kept(o); i++) {
		const struct oracle_request *r = recent(o, i);

		if ((r->qw[0] & 0xf) == IOTLB && (r->qw[0] >> 4 & 3) == 3 && in_pages(r->qw, iova))
			return r;
		if (!of_domain && (r->qw[0] & 0xf) == IOTLB && (uint16_t)(r->qw[0] >> 16) == did)
			of_domain = r;
	}
	return of_domain;
}
