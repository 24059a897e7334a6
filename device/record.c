/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* record.c - the fault recording registers (FRCD), and the bits of FSTS that follow from them. */
#include "walk.h"

#define F (1ULL << 63) /* in a record's upper half */

static unsigned records(const struct vtd_translation *t)
{
	return VTD_CAP_NFR(t->cfg.unit->cfg.cap) + 1;
}

static uint64_t upper(const struct vtd_record *r)
{
	uint64_t hi = F | r->sid | (uint64_t)r->reason << 32 | (uint64_t)r->at << 60;

	hi |= (uint64_t)(r->type >> 1) << 62 | (uint64_t)(r->type & 1) << 28;
	hi |= (uint64_t)r->filler << 40;
	if (r->pasid != VTD_NO_PASID)
		hi |= (uint64_t)(r->pasid & 0xfffff) << 40 | 1ULL << 31 |
		      (uint64_t)r->execute << 30 | (uint64_t)r->privileged << 29;
	return hi;
}

/* The specification permits this; of our profiles only QEMU's do it. */
static bool collapses(const struct vtd_translation *t, uint16_t sid)
{
	unsigned i;

	if (!vtd_quirk(t->cfg.unit, VTD_Q_COLLAPSE))
		return false;
	for (i = 0; i < records(t); i++) {
		if (t->frcd[i][1] & F && (uint16_t)t->frcd[i][1] == sid)
			return true;
	}
	return false;
}

void vtd_record(struct vtd_translation *t, const struct vtd_record *r)
{
	struct vtd_unit *u = t->cfg.unit;
	unsigned n = t->next_record;

	if (u->fsts & VTD_FSTS_PFO || collapses(t, r->sid))
		return;
	if (t->frcd[n][1] & F) {
		vtd_raise_fault(u, VTD_FSTS_PFO);
		return;
	}
	t->frcd[n][0] = r->info;
	t->frcd[n][1] = upper(r);
	t->next_record = (n + 1) % records(t);
	if (u->fsts & VTD_FSTS_PPF)
		return;
	vtd_raise_fault(u, VTD_FSTS_PPF | n << VTD_FSTS_FRI_SHIFT);
}

uint64_t vtd_read_record(const struct vtd_translation *t, unsigned offset)
{
	return t->frcd[offset / 16][offset / 8 & 1];
}

void vtd_write_record(struct vtd_translation *t, unsigned offset, uint64_t value, uint64_t lanes)
{
	unsigned i;

	if (!(offset / 8 & 1) || !(value & lanes & F))
		return;
	t->frcd[offset / 16][1] &= ~F;
	for (i = 0; i < records(t); i++) {
		if (t->frcd[i][1] & F)
			return;
	}
	vtd_clear_pending(t->cfg.unit);
}
