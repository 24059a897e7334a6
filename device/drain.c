/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* drain.c - DMAs under way, and invalidations that wait for them (DR and DW). */
#include "walk.h"

#define DW (1ULL << 6)
#define DR (1ULL << 7)

unsigned vtd_hold(struct vtd_translation *t, const struct vtd_request *q,
		  const struct vtd_result *r)
{
	unsigned i;

	for (i = 0; i < VTD_HELD; i++) {
		if (t->held[i].access)
			continue;
		t->held[i] = (struct vtd_held){
			.addr = q->addr & VTD_ADDR,
			.pasid = r->pasid,
			.did = r->did,
			.nested = r->nested,
			.access = q->access & (VTD_READ | VTD_WRITE),
		};
		return t->held[i].access ? i + 1 : 0;
	}
	return 0;
}

void vtd_release(struct vtd_translation *t, unsigned hold)
{
	if (hold && hold <= VTD_HELD)
		t->held[hold - 1] = (struct vtd_held){ 0 };
}

/* Which accesses an invalidation drains. An invalidation by PASID drains reads and writes. */
static unsigned drains(const uint64_t qw[4])
{
	switch (vtd_type(qw)) {
	case VTD_T_IOTLB:
		return (qw[0] & DR ? VTD_READ : 0) | (qw[0] & DW ? VTD_WRITE : 0);
	case VTD_T_PASID_IOTLB:
		return VTD_READ | VTD_WRITE;
	default:
		return 0;
	}
}

static bool waits_for(const struct vtd_translation *t, const uint64_t qw[4],
		      const struct vtd_held *h)
{
	const struct vtd_line l = {
		.of.kind = VTD_LINE_LEAF,
		.of.did = h->did,
		.of.pasid = h->pasid,
		.key = h->addr >> 12,
		.of.shift = 12,
		.of.nested = h->nested,
	};

	return h->access & drains(qw) && vtd_line_goes(t, qw, &l);
}

bool vtd_drain_begin(struct vtd_translation *t, const uint64_t qw[4])
{
	bool any = false;
	unsigned i;

	for (i = 0; i < VTD_HELD; i++) {
		if (!waits_for(t, qw, &t->held[i]))
			continue;
		t->held[i].draining = true;
		any = true;
	}
	return any;
}

bool vtd_draining(const struct vtd_translation *t, const uint64_t qw[4])
{
	unsigned i;

	for (i = 0; i < VTD_HELD; i++) {
		if (t->held[i].draining && waits_for(t, qw, &t->held[i]))
			return true;
	}
	return false;
}
