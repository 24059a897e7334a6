/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* context.c - from a requester's source id to its context: root table, context table. */
#include "walk.h"

#define PRESENT 1ULL
#define FPD (1ULL << 1)

/* Why no context was found, as index of the fault reasons of legacy and of scalable mode. */
enum { ROOT_UNREADABLE, ROOT_ABSENT, ROOT_RESERVED, UNREADABLE, ABSENT, RESERVED, INVALID };

static unsigned reason(const struct vtd_walk *w, unsigned what)
{
	static const uint8_t legacy[] = { 0x8, 0x1, 0xa, 0x9, 0x2, 0xb, 0x3 };
	static const uint8_t scalable[] = { 0x38, 0x39, 0x3a, 0x40, 0x41, 0x42, 0x43 };

	return vtd_scalable_reasons(w) ? scalable[what] : legacy[what];
}

/* ---- From memory ---- */

static bool bad_root(const struct vtd_walk *w, const uint64_t root[2], uint64_t half)
{
	if (w->scalable && w->t->quirks & VTD_Q_WHOLE_ROOT)
		half = root[0] | root[1];
	return half & (0xffe | w->t->haw_reserved) || (!w->scalable && root[1]);
}

/* Read the half of the root entry that belongs to the device; *addr is the context's address. */
static unsigned read_root(struct vtd_walk *w, uint64_t *addr)
{
	const struct vtd_translation *t = w->t;
	uint64_t table = t->cfg.unit->root & VTD_ADDR, root[2], half;
	unsigned bus = w->q->sid >> 8, devfn = w->q->sid & 0xff;

	if (!vtd_dma(t, table + bus * 16, root, sizeof(root)))
		return reason(w, ROOT_UNREADABLE);
	half = w->scalable ? root[devfn >> 7] : root[0];
	if (!(half & PRESENT))
		return reason(w, ROOT_ABSENT);
	if (bad_root(w, root, half))
		return reason(w, ROOT_RESERVED);
	*addr = (half & VTD_ADDR) + (w->scalable ? (devfn & 0x7f) * 32 : devfn * 16);
	return 0;
}

static bool levels_there(const struct vtd_translation *t, unsigned aw)
{
	return aw >= 1 && aw <= 3 && VTD_CAP_SAGAW(t->cfg.unit->cfg.cap) >> aw & 1;
}

static unsigned check_legacy(const struct vtd_walk *w, const uint64_t c[4])
{
	static const uint64_t needed[] = { 0, VTD_ECAP_DT, VTD_ECAP_PT };
	unsigned tt = c[0] >> 2 & 3;

	if (c[0] & (0xff0 | w->t->haw_reserved) || c[1] & 0xffffffffff000080)
		return reason(w, RESERVED);
	if (tt == 3 || !vtd_has_ecap(w->t, needed[tt]) || !levels_there(w->t, c[1] & 7))
		return reason(w, INVALID);
	return 0;
}

#define DTE (1ULL << 2)
#define PASIDE (1ULL << 3)
#define PRE (1ULL << 4)

static unsigned check_scalable(const struct vtd_walk *w, const uint64_t c[4])
{
	bool lax = w->t->quirks & VTD_Q_LAX_PASID;
	uint64_t reserved = 0x1e0 | w->t->haw_reserved;

	if (!vtd_has_ecap(w->t, VTD_ECAP_DT) && !lax)
		reserved |= DTE;
	if (!vtd_has_ecap(w->t, VTD_ECAP_PASID) && !lax)
		reserved |= PASIDE;
	if (!vtd_has_ecap(w->t, VTD_ECAP_PRS) && !lax)
		reserved |= PRE;
	if (c[0] & reserved || c[1] & ~0x1fffffULL || c[2] || c[3])
		return reason(w, RESERVED);
	return 0;
}

unsigned vtd_read_context(struct vtd_walk *w)
{
	uint64_t addr, c[4] = { 0 };
	unsigned bad = read_root(w, &addr);

	if (bad)
		return bad;
	if (!vtd_dma(w->t, addr, c, w->scalable ? 32 : 16))
		return reason(w, UNREADABLE);
	w->fpd = c[0] & FPD;
	w->context[0] = c[0];
	w->context[1] = c[1];
	if (!(c[0] & PRESENT))
		return reason(w, ABSENT);
	bad = w->scalable ? check_scalable(w, c) : check_legacy(w, c);
	if (bad == reason(w, RESERVED) && w->t->quirks & VTD_Q_FPD_RESERVED)
		w->fpd = false;
	return bad;
}

/* ---- Through the cache ---- */

/* In caching mode (CAP.CM) a context that is not present may be cached, with domain id 0. */
static void fill(struct vtd_walk *w)
{
	bool present = w->context[0] & PRESENT;
	struct vtd_line line = {
		.of.kind = VTD_LINE_CONTEXT,
		.of.sid = w->q->sid,
		.of.did = present && !w->scalable ? (uint16_t)(w->context[1] >> 8) : 0,
		.value = { w->context[0], w->context[1] },
	};

	vtd_line_fill(w->t, &line);
}

/* Root and context entry, from the cache or from memory. */
static unsigned look_up(struct vtd_walk *w)
{
	uint64_t tag = vtd_tag(VTD_LINE_CONTEXT, 0, w->q->sid, 0);
	const struct vtd_line *line = w->peek ? NULL : vtd_line_look(w->t, 0, tag);
	unsigned bad;

	if (line) {
		w->context[0] = line->value[0];
		w->context[1] = line->value[1];
		w->fpd = w->context[0] & FPD;
		vtd_judge(w, line, w->q->addr);
		return w->context[0] & PRESENT ? 0 : reason(w, ABSENT);
	}
	bad = vtd_read_context(w);
	if (!w->peek && (!bad || (bad == reason(w, ABSENT) && vtd_has_cap(w->t, VTD_CAP_CM))))
		fill(w);
	return bad;
}

static unsigned use_legacy(struct vtd_walk *w)
{
	static const uint8_t stage[] = { VTD_SECOND, VTD_SECOND, VTD_PASS };
	unsigned tt = w->context[0] >> 2 & 3;

	w->stage = stage[tt];
	w->did = (uint16_t)(w->context[1] >> 8);
	w->pasid = VTD_NO_PASID;
	w->ss_root = w->context[0] & VTD_ADDR;
	w->ss_levels = (uint8_t)((w->context[1] & 7) + 2);
	return w->q->at != VTD_UNTRANSLATED && tt != 1 ? 0xd : 0;
}

static unsigned use_scalable(struct vtd_walk *w)
{
	unsigned directory_bits = (w->context[0] >> 9 & 7) + 13;
	uint32_t rid_pasid = w->context[1] & 0xfffff;

	if (w->q->at != VTD_UNTRANSLATED && !(w->context[0] & DTE))
		return 0x44;
	if (w->q->pasid == VTD_NO_PASID) {
		w->pasid = rid_pasid;
		w->privileged = w->context[1] & 1 << 20 && !(w->t->quirks & VTD_Q_LAX_PASID);
		return rid_pasid >> directory_bits && vtd_scalable_reasons(w) ? 0x48 : 0;
	}
	if (!(w->context[0] & PASIDE))
		return 0x45;
	w->pasid = w->q->pasid;
	w->privileged = w->q->privileged;
	return w->pasid >> directory_bits ? 0x46 : 0;
}

/* Checks that need no table. */
static unsigned check_mode(struct vtd_walk *w)
{
	unsigned mode = vtd_table_mode(w->t->cfg.unit);

	w->scalable = mode == VTD_TTM_SCALABLE;
	if (mode == VTD_TTM_RESERVED)
		return 0x30;
	return !w->scalable && w->q->pasid != VTD_NO_PASID ? 0x31 : 0;
}

unsigned vtd_find_context(struct vtd_walk *w)
{
	unsigned bad = check_mode(w);

	if (!bad)
		bad = look_up(w);
	if (!bad)
		bad = w->scalable ? use_scalable(w) : use_legacy(w);
	return bad || !w->scalable ? bad : vtd_find_pasid(w);
}
