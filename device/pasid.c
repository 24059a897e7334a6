/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* pasid.c - scalable mode: from a context and a PASID to how a request is translated. */
#include "walk.h"

#define PRESENT 1ULL
#define FPD (1ULL << 1)

#define DIRECTORY_UNREADABLE 0x50
#define UNREADABLE 0x58
#define ABSENT 0x59
#define RESERVED 0x5a
#define INVALID 0x5b

static bool is_lax(const struct vtd_walk *w)
{
	return w->t->quirks & VTD_Q_LAX_PASID;
}

static unsigned read_directory(struct vtd_walk *w, uint64_t *table)
{
	uint64_t addr = (w->context[0] & VTD_ADDR) + (w->pasid >> 6) * 8, e;

	if (!vtd_dma(w->t, addr, &e, sizeof(e)))
		return DIRECTORY_UNREADABLE;
	w->fpd |= !!(e & FPD);
	if (!(e & PRESENT))
		return 0x51;
	if (e & (0xffc | w->t->haw_reserved) && !is_lax(w))
		return 0x52;
	*table = e & VTD_ADDR;
	return 0;
}

/* Bits that are reserved only without certain capabilities. */
#define SSADE (1ULL << 9)
#define PWSNP (1ULL << 23)
#define PGSNP (1ULL << 24)
#define SRE (1ULL << 0)
#define ERE (1ULL << 1)
#define WPE (1ULL << 4)
#define EAFE (1ULL << 7)

static bool reserved_bits(const struct vtd_walk *w, const uint64_t e[8])
{
	static const struct {
		uint8_t word;
		uint64_t bits, ecap;
	} conditional[] = {
		{ 0, SSADE, VTD_ECAP_SSADS }, { 1, PWSNP, VTD_ECAP_SMPWCS },
		{ 1, PGSNP, VTD_ECAP_SC },    { 2, SRE, VTD_ECAP_SRS },
		{ 2, ERE, VTD_ECAP_ERS },     { 2, EAFE, VTD_ECAP_EAFS },
	};
	uint64_t set = 0;
	unsigned i;

	for (i = 0; i < sizeof(conditional) / sizeof(conditional[0]); i++) {
		if (!vtd_has_ecap(w->t, conditional[i].ecap))
			set |= e[conditional[i].word] & conditional[i].bits;
	}
	set |= e[0] & (0xc20 | w->t->haw_reserved);
	set |= e[1] & ~(0xffffULL | PWSNP | PGSNP);
	set |= e[2] & (0xf60 | w->t->haw_reserved);
	return set | e[3] | e[4] | e[5] | e[6] | e[7];
}

static bool second_stage_there(const struct vtd_walk *w)
{
	unsigned aw = w->entry[0] >> 2 & 7;

	return aw >= 1 && aw <= 3 && VTD_CAP_SAGAW(w->t->cfg.unit->cfg.cap) >> aw & 1;
}

static bool first_stage_there(const struct vtd_walk *w)
{
	unsigned fspm = w->entry[2] >> 2 & 3;

	return fspm == 0 || (fspm == 1 && vtd_has_cap(w->t, VTD_CAP_FS5LP));
}

static unsigned pgtt(const struct vtd_walk *w)
{
	return w->entry[0] >> 6 & 7;
}

/* A unit with this quirk has one stage, and uses it for every kind of translation. */
static enum vtd_stage lax_stage(const struct vtd_walk *w)
{
	return vtd_has_ecap(w->t, VTD_ECAP_FSTS) ? VTD_FIRST : VTD_SECOND;
}

static bool lax_programmed_well(const struct vtd_walk *w)
{
	enum vtd_stage stage = lax_stage(w);
	bool one = w->t->quirks & VTD_Q_ONE_STAGE;

	if (stage == VTD_FIRST && pgtt(w) != VTD_PASS && !first_stage_there(w))
		return false;
	if (stage == VTD_SECOND && !(one && pgtt(w) == VTD_PASS) && !second_stage_there(w))
		return false;
	if (pgtt(w) == VTD_PASS)
		return vtd_has_ecap(w->t, VTD_ECAP_PT);
	if (one)
		return pgtt(w) == stage;
	return pgtt(w) >= VTD_FIRST && pgtt(w) <= VTD_NESTED;
}

static bool programmed_well(const struct vtd_walk *w)
{
	if (is_lax(w))
		return lax_programmed_well(w);
	switch (pgtt(w)) {
	case VTD_FIRST:
		return vtd_has_ecap(w->t, VTD_ECAP_FSTS) && first_stage_there(w);
	case VTD_SECOND:
		return vtd_has_ecap(w->t, VTD_ECAP_SSTS) && second_stage_there(w);
	case VTD_NESTED:
		return vtd_has_ecap(w->t, VTD_ECAP_NEST) && first_stage_there(w) &&
		       second_stage_there(w);
	case VTD_PASS:
		return vtd_has_ecap(w->t, VTD_ECAP_PT);
	default:
		return false;
	}
}

static unsigned check_entry(const struct vtd_walk *w, const uint64_t e[8])
{
	if (!(e[0] & PRESENT))
		return ABSENT;
	if (reserved_bits(w, e) && !is_lax(w))
		return RESERVED;
	return programmed_well(w) ? 0 : INVALID;
}

unsigned vtd_read_pasid(struct vtd_walk *w)
{
	uint64_t table, e[8];
	unsigned bad = read_directory(w, &table), i;

	if (bad)
		return bad;
	table += (w->pasid & 0x3f) * 64;
	for (i = 0; i < 8; i += 4) {
		if (!vtd_dma(w->t, table + i * 8, &e[i], 32))
			return UNREADABLE;
	}
	for (i = 0; i < 3; i++)
		w->entry[i] = e[i];
	w->fpd |= !!(e[0] & FPD);
	return check_entry(w, e);
}

static void fill(struct vtd_walk *w)
{
	bool present = w->entry[0] & PRESENT;
	struct vtd_line line = {
		.of.kind = VTD_LINE_PASID,
		.of.sid = w->q->sid,
		.of.did = present ? (uint16_t)w->entry[1] : 0,
		.of.pasid = w->pasid,
		.of.via = w->q->pasid,
		.value = { w->entry[0], w->entry[1], w->entry[2] },
	};

	if (w->due)
		line.due = vtd_stale_due(w, &line);
	vtd_line_fill(w->t, &line);
}

static unsigned look_up(struct vtd_walk *w)
{
	struct vtd_line *line =
		w->peek ? NULL : vtd_line_find(w->t, VTD_LINE_PASID, 0, w->q->sid, w->pasid);
	unsigned bad, i;

	if (line) {
		for (i = 0; i < 3; i++)
			w->entry[i] = line->value[i];
		w->fpd |= !!(w->entry[0] & FPD);
		vtd_judge(w, line, w->q->addr);
		return w->entry[0] & PRESENT ? 0 : ABSENT;
	}
	bad = vtd_read_pasid(w);
	if (!w->peek && (!bad || (bad == ABSENT && vtd_has_cap(w->t, VTD_CAP_CM))))
		fill(w);
	return bad;
}

unsigned vtd_find_pasid(struct vtd_walk *w)
{
	bool fpd = w->fpd; /* of the context alone */
	unsigned bad = look_up(w);

	if (bad && w->t->quirks & VTD_Q_PASID_58) {
		w->fpd = false;
		return 0x58;
	}
	/* Only the context's FPD counts, and not if memory could not be read. */
	if (bad && w->t->quirks & VTD_Q_PASID_5B)
		w->fpd = fpd && bad != DIRECTORY_UNREADABLE && bad != UNREADABLE;
	if (bad == ABSENT && w->t->quirks & VTD_Q_PASID_5B && !programmed_well(w))
		return INVALID;
	if (bad)
		return bad;
	w->stage = (uint8_t)(is_lax(w) && pgtt(w) <= VTD_NESTED ? lax_stage(w) : pgtt(w));
	w->did = (uint16_t)w->entry[1];
	w->ss_root = w->entry[0] & VTD_ADDR;
	w->ss_levels = (uint8_t)((w->entry[0] >> 2 & 7) + 2);
	w->ss_ad = w->entry[0] & SSADE;
	w->fs_levels = w->entry[2] >> 2 & 1 ? 5 : 4;
	w->fs_wpe = w->entry[2] & WPE;
	w->fs_ea = w->entry[2] & EAFE;
	if (w->privileged && !(w->entry[2] & SRE) && w->stage & 1)
		return 0x5d;
	if (w->q->access & VTD_EXECUTE && !(w->entry[2] & ERE) && w->stage & 1)
		return 0x5c;
	return 0;
}
