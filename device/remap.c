/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * remap.c - interrupt messages: the table and its cache, verification of the source, delivery,
 * posting.
 */
#include "walk.h"

/* Bits of the message's address. */
#define REMAPPABLE (1ULL << 4)
#define SHV (1ULL << 3)

/* Bits of IRTA. */
#define EIME (1ULL << 11)

/* Bits of a remapping table entry. */
#define PRESENT 1ULL
#define FPD (1ULL << 1)
#define DM (1ULL << 2)
#define RH (1ULL << 3)
#define TM (1ULL << 4)
#define URG (1ULL << 14)
#define POSTED (1ULL << 15)

/* Bits of the fifth qword of a posted-interrupt descriptor. */
#define ON 1ULL
#define SN 2ULL

#define REQUEST_RESERVED 0x20
#define BEYOND 0x21
#define ABSENT 0x22
#define UNREADABLE 0x23
#define RESERVED 0x24
#define COMPATIBILITY 0x25
#define WRONG_SOURCE 0x26
#define NOT_POSTED 0x27

struct remapping {
	struct vtd_translation *t;
	const struct vtd_message *m;
	struct vtd_interrupt *i;
	unsigned index;
	uint64_t entry[2];
};

static uint64_t table(const struct vtd_translation *t)
{
	return t->cfg.unit->irt;
}

static bool extended(const struct vtd_translation *t)
{
	return table(t) & EIME && vtd_has_ecap(t, VTD_ECAP_EIM);
}

/* ---- The entry ---- */

static bool is_delivery(unsigned mode)
{
	return mode != 3 && mode != 6;
}

static bool is_lax(const struct vtd_translation *t)
{
	return vtd_quirk(t->cfg.unit, VTD_Q_LAX_REMAP);
}

static bool reserved_bits(const struct vtd_translation *t, const uint64_t e[2])
{
	uint64_t low = 7ULL << 12 | 0xffULL << 24, high = ~0xfffffULL;

	if (is_lax(t))
		return e[0] & low || e[1] & high;
	if ((e[1] >> 18 & 3) == 3)
		return true;
	if (e[0] & POSTED) {
		if (!vtd_has_cap(t, VTD_CAP_PI))
			return true;
		low = 0x3fULL << 2 | 3ULL << 12 | 0x3fffULL << 24;
		high &= 0xffffffffULL;
		return e[0] & low || e[1] & high;
	}
	if (!extended(t))
		low |= 0xffff00ffULL << 32;
	return e[0] & low || e[1] & high || !is_delivery(e[0] >> 5 & 7);
}

/* From memory. */
static unsigned read_entry(const struct vtd_translation *t, unsigned index, uint64_t e[2])
{
	if (!vtd_dma(t, (table(t) & VTD_ADDR) + index * 16ULL, e, 16))
		return UNREADABLE;
	if (!(e[0] & PRESENT))
		return ABSENT;
	return reserved_bits(t, e) ? RESERVED : 0;
}

bool vtd_same_interrupt_entry(const struct vtd_translation *t, const struct vtd_line *l)
{
	uint64_t e[2] = { 0 };

	read_entry(t, (unsigned)l->key, e);
	return e[0] == l->value[0] && e[1] == l->value[1];
}

static unsigned look_up(struct remapping *r)
{
	struct vtd_line *l = vtd_line_find(r->t, VTD_LINE_INTERRUPT, r->index, 0, 0);
	struct vtd_line new = { .of.kind = VTD_LINE_INTERRUPT, .key = r->index };
	unsigned bad;

	if (l) {
		r->entry[0] = l->value[0];
		r->entry[1] = l->value[1];
		r->i->cached = true;
		r->i->use = vtd_judge_use(r->t, l, r->m->addr, r->m->sid);
		return r->entry[0] & PRESENT ? 0 : ABSENT;
	}
	bad = read_entry(r->t, r->index, r->entry);
	if (!bad || (bad == ABSENT && vtd_has_cap(r->t, VTD_CAP_CM))) {
		new.of.sid = r->m->sid;
		new.value[0] = r->entry[0];
		new.value[1] = r->entry[1];
		vtd_line_fill(r->t, &new);
	}
	return bad;
}

static bool source_matches(const struct remapping *r)
{
	static const uint16_t compared[] = { 0xffff, 0xfffb, 0xfff9, 0xfff8 }; /* indexed by SQ */
	unsigned sid = (unsigned)(r->entry[1] & 0xffff), bus = r->m->sid >> 8;
	unsigned first = sid >> 8, last = sid & 0xff;

	switch (r->entry[1] >> 18 & 3) {
	case 1:
		return !((sid ^ r->m->sid) & compared[r->entry[1] >> 16 & 3]);
	case 2:
		if (vtd_quirk(r->t->cfg.unit, VTD_Q_BUS_RANGE))
			return bus >= last && bus <= first;
		return bus >= first && bus <= last;
	case 3:
		return false;
	default:
		return true;
	}
}

/* ---- Delivery ---- */

/*
 * Compose the message as if it were not remapped; bits 31:8 of the destination go to address bits
 * 63:40.
 */
static void compose(struct vtd_interrupt *i)
{
	i->addr = 0xfee00000ULL | (i->destination & 0xffULL) << 12 | (uint64_t)i->redirect << 3 |
		  (uint64_t)i->logical << 2 | (uint64_t)(i->destination & 0xffffff00U) << 32;
	i->data = i->vector | (uint32_t)i->delivery << 8 | (uint32_t)i->level << 15 |
		  (uint32_t)i->level << 14;
}

static void deliver(struct remapping *r)
{
	const uint64_t *e = r->entry;
	struct vtd_interrupt *i = r->i;

	i->vector = (uint8_t)(e[0] >> 16);
	i->delivery = e[0] >> 5 & 7;
	i->logical = e[0] & DM;
	i->redirect = e[0] & RH;
	i->level = e[0] & TM;
	i->destination = (uint32_t)(e[0] >> 32);
	if (!extended(r->t))
		i->destination = i->destination >> 8 & 0xff;
	compose(i);
}

#define TRIES 64 /* limits retries if a processor keeps changing the word */

/*
 * Set bits in a qword of the descriptor, unless one of the bits `unless` is set. *was is its former
 * value. False: there is no such memory, or it cannot be updated.
 */
static bool change(const struct vtd_translation *t, uint64_t addr, uint64_t set, uint64_t unless,
		   uint64_t *was)
{
	void *ctx = t->cfg.unit->cfg.ctx;
	uint64_t expected;
	unsigned i;

	if (!t->cfg.dma_swap || !vtd_dma(t, addr, was, sizeof(*was)))
		return false;
	for (i = 0; i < TRIES; i++) {
		expected = *was;
		if (expected & unless || (expected & set) == set)
			return true;
		if (!t->cfg.dma_swap(ctx, addr, &expected, *was | set))
			return false;
		if (expected == *was)
			return true;
		*was = expected;
	}
	return false;
}

/*
 * Set the vector's bit in the descriptor, and notify unless a notification is outstanding or
 * suppressed.
 */
static unsigned post(struct remapping *r)
{
	uint64_t addr = (r->entry[0] >> 32 & 0xffffffc0) | (r->entry[1] & 0xffffffff00000000), was;
	bool urgent = r->entry[0] & URG;
	unsigned vector = r->entry[0] >> 16 & 0xff;
	struct vtd_interrupt *i = r->i;

	i->posted = true;
	if (!change(r->t, addr + vector / 64 * 8, 1ULL << vector % 64, 0, &was) ||
	    !change(r->t, addr + 32, ON, urgent ? 0 : SN, &was))
		return NOT_POSTED;
	i->notify = !(was & ON) && (urgent || !(was & SN));
	i->vector = (uint8_t)(was >> 16);
	i->destination = (uint32_t)(was >> 32);
	if (!extended(r->t))
		i->destination = i->destination >> 8 & 0xff;
	compose(i);
	return 0;
}

/* ---- The message ---- */

static void refuse(struct remapping *r, unsigned reason)
{
	const struct vtd_record record = {
		.info = (uint64_t)r->index << 48,
		.pasid = VTD_NO_PASID,
		.sid = r->m->sid,
		.type = VTD_AS_WRITE,
		.reason = (uint8_t)reason,
	};

	*r->i = (struct vtd_interrupt){
		.reason = (uint8_t)reason,
		.use = r->i->use,
		.cached = r->i->cached,
		.recorded = !vtd_quirk(r->t->cfg.unit, VTD_Q_SILENT_REMAP) &&
			    (reason < ABSENT || reason == UNREADABLE || reason == COMPATIBILITY ||
			     !(r->entry[0] & FPD)),
	};
	r->t->faults++;
	if (r->i->recorded)
		vtd_record(r->t, &record);
}

static unsigned remap(struct remapping *r)
{
	uint64_t addr = r->m->addr;
	unsigned bad;

	r->index = (unsigned)(addr >> 5 & 0x7fff) | (unsigned)(addr & 4) << 13;
	if (addr & SHV) {
		if (r->m->data >> 16)
			return REQUEST_RESERVED;
		r->index += r->m->data & 0xffff;
	}
	if (r->index >= 2U << (table(r->t) & 0xf))
		return BEYOND;
	bad = look_up(r);
	if (!bad && !source_matches(r))
		bad = WRONG_SOURCE;
	if (bad)
		return bad;
	if (r->entry[0] & POSTED && !is_lax(r->t))
		return post(r);
	deliver(r);
	return 0;
}

static void take_apart(struct vtd_interrupt *i, const struct vtd_message *m)
{
	i->addr = m->addr;
	i->data = m->data;
	i->destination = (uint32_t)(m->addr >> 12 & 0xff) | (uint32_t)(m->addr >> 32 & 0xffffff00);
	i->vector = (uint8_t)m->data;
	i->delivery = m->data >> 8 & 7;
	i->logical = m->addr & 4;
	i->redirect = m->addr & 8;
	i->level = m->data & 1 << 15;
}

static bool passes_unchanged(const struct vtd_translation *t)
{
	const struct vtd_unit *u = t->cfg.unit;

	return vtd_quirk(u, VTD_Q_COMPATIBLE) || (u->gsts & VTD_GSTS_CFIS && !extended(t));
}

bool vtd_remap(struct vtd_translation *t, const struct vtd_message *m, struct vtd_interrupt *i)
{
	struct remapping r = { .t = t, .m = m, .i = i };
	uint32_t gsts = t->cfg.unit->gsts;
	unsigned bad;

	*i = (struct vtd_interrupt){ 0 };
	if (!(gsts & VTD_GSTS_IRES)) {
		take_apart(i, m);
		return true;
	}
	if (m->addr >> 20 != 0xfee) {
		bad = REQUEST_RESERVED;
	} else if (m->addr & REMAPPABLE) {
		bad = remap(&r);
	} else if (passes_unchanged(t)) {
		take_apart(i, m);
		return true;
	} else {
		bad = COMPATIBILITY;
	}
	if (bad)
		refuse(&r, bad);
	return !bad;
}
