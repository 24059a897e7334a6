/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* device_tlb.c - a device with a TLB (PCIe ATS): it asks only for what its TLB does not hold. */
#include "walk.h"

/* In the lines of device TLBs `rights` is what the device may do. */
static bool find(struct vtd_walk *w, struct vtd_result *r)
{
	const struct vtd_request *q = w->q;
	struct vtd_line *l;
	unsigned shift;

	for (shift = 12; shift <= 57; shift += 9) {
		l = vtd_line_around(w->t, VTD_LINE_DEVICE, q->addr, shift, q->sid, q->pasid);
		if (!l || q->access & ~l->of.rights)
			continue;
		vtd_judge(w, l, q->addr);
		r->addr = l->value[0] | (q->addr & ((1ULL << l->of.shift) - 1));
		r->shift = l->of.shift;
		r->access = l->of.rights;
		r->did = l->of.did;
		r->use = w->use;
		return true;
	}
	return false;
}

static void fill(struct vtd_translation *t, const struct vtd_request *q, const struct vtd_result *r)
{
	struct vtd_line line = {
		.of.kind = VTD_LINE_DEVICE,
		.of.sid = q->sid,
		.of.did = r->did,
		.of.pasid = q->pasid,
		.of.via = q->pasid,
		.of.rights = r->access,
	};

	line.of.shift = (uint8_t)(r->shift - (r->shift - 12) % 9);
	line.key = q->addr >> line.of.shift;
	line.value[0] = r->addr & ~0ULL << line.of.shift;
	vtd_line_fill(t, &line);
}

/* Send the request itself, as a translated one. */
static bool send_translated(struct vtd_translation *t, const struct vtd_request *q,
			    struct vtd_result *r)
{
	const struct vtd_request translated = {
		.addr = r->addr,
		.pasid = q->pasid,
		.sid = q->sid,
		.at = VTD_TRANSLATED,
		.access = q->access,
		.privileged = q->privileged,
	};
	struct vtd_result passed;

	if (!vtd_translate(t, &translated, &passed)) {
		*r = passed;
		return false;
	}
	if (passed.use > r->use)
		r->use = passed.use;
	return true;
}

bool vtd_device_translate(struct vtd_translation *t, const struct vtd_request *q,
			  struct vtd_result *r)
{
	struct vtd_request ask = *q;
	struct vtd_walk w = { .t = t, .q = q };

	*r = (struct vtd_result){ 0 };
	if (find(&w, r)) {
		r->cached = true;
		return send_translated(t, q, r);
	}
	ask.at = VTD_TRANSLATION;
	if (!vtd_translate(t, &ask, r))
		return false;
	if (r->interrupt) /* devices do not translate addresses of interrupts */
		return true;
	if (q->access & ~r->access)
		return false;
	fill(t, q, r);
	return send_translated(t, q, r);
}
