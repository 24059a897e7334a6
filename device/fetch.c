/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* fetch.c - the ring: turn it on and off, fetch descriptors in order, refuse them. */
#include "walk.h"

static unsigned slot_shift(const struct vtd_unit *u)
{
	return vtd_wide(u) ? 5 : 4;
}

static uint64_t ring_bytes(const struct vtd_unit *u)
{
	if (u->cfg.slots)
		return (uint64_t)u->cfg.slots << slot_shift(u);
	return 0x1000ULL << (u->iqa & VTD_IQA_QS_MASK);
}

uint64_t vtd_ring_slots(const struct vtd_unit *u)
{
	return ring_bytes(u) >> slot_shift(u);
}

/* The offset of the tail in the ring. */
static uint64_t tail(const struct vtd_unit *u)
{
	return vtd_quirk(u, VTD_Q_SLOT_TAIL) ? u->tail << slot_shift(u) : u->iqt;
}

static void note_submitted(const struct vtd_unit *u)
{
	struct vtd_translation *t = vtd_translation_of(u);
	unsigned shift = slot_shift(u);

	if (t && u->gsts & VTD_GSTS_QIES)
		vtd_stale_submitted(t, tail(u) >> shift, vtd_ring_slots(u), shift);
}

uint64_t vtd_position(const struct vtd_unit *u, uint32_t lap, uint64_t slot)
{
	return lap * vtd_ring_slots(u) + slot;
}

bool vtd_tail_written(struct vtd_unit *u)
{
	if (vtd_quirk(u, VTD_Q_SLOT_TAIL)) {
		if (vtd_wide(u) && u->iqt & 1 << 4) {
			if (!vtd_quirk(u, VTD_Q_QUIET))
				vtd_raise_iqe(u, VTD_IQEI_TAIL_ALIGN);
			return false;
		}
		u->tail = u->iqt >> slot_shift(u);
	}
	note_submitted(u);
	return true;
}

void vtd_queue_on(struct vtd_unit *u)
{
	bool was_on = u->gsts & VTD_GSTS_QIES;

	if (!(u->cfg.ecap & VTD_ECAP_QI))
		return;
	u->qie_pending = false;
	u->gsts |= VTD_GSTS_QIES;
	if (!was_on) {
		u->iqa_on = u->iqa;
		if (vtd_translation_of(u))
			vtd_stale_started(vtd_translation_of(u));
		note_submitted(u);
	}
	if (!was_on && vtd_quirk(u, VTD_Q_SYNCHRONOUS))
		vtd_run(u);
}

void vtd_queue_turn_off(struct vtd_unit *u)
{
	u->qie_pending = false;
	u->gsts &= ~VTD_GSTS_QIES;
	u->iqh = 0;
	u->lap = 0;
	vtd_fault_clear(u, VTD_FAULT_STALL);
}

void vtd_queue_off(struct vtd_unit *u)
{
	if (!(u->gsts & VTD_GSTS_QIES))
		return;
	if (!vtd_quirk(u, VTD_Q_KEEP_QIE))
		u->qie_pending = true;
	else if (u->iqh == tail(u) && u->last_type == VTD_T_WAIT)
		vtd_queue_turn_off(u);
}

bool vtd_can_fetch(const struct vtd_unit *u)
{
	return !u->gone && u->gsts & VTD_GSTS_QIES && !u->qie_pending &&
	       !(u->fsts & (VTD_FSTS_IQE | VTD_FSTS_ITE)) && u->iqh != tail(u) &&
	       u->npending < u->cfg.window && !vtd_fault_armed(u, VTD_FAULT_STALL);
}

/* The VTD_IQEI_* code with which the whole queue is refused, or 0. */
static unsigned check_queue(const struct vtd_unit *u)
{
	if (tail(u) >= ring_bytes(u))
		return VTD_IQEI_TAIL;
	if (vtd_wide(u) && tail(u) & 1 << 4)
		return VTD_IQEI_TAIL_ALIGN;
	return vtd_check_width(u);
}

static bool refused(struct vtd_unit *u, const uint64_t qw[4], unsigned *iqei)
{
	struct vtd_fault fault;

	*iqei = vtd_check(u, qw);
	if (*iqei)
		return true;
	if (!vtd_fault_take_refuse(u, qw, &fault))
		return false;
	*iqei = fault.iqei;
	return true;
}

/* Read the descriptor at IQH. False: it or the queue is refused with *iqei. */
static bool read_descriptor(struct vtd_unit *u, uint64_t qw[4], unsigned *iqei)
{
	uint64_t addr = (u->iqa & VTD_IQA_ADDR_MASK) + u->iqh;
	struct vtd_fault fault;

	*iqei = check_queue(u);
	if (*iqei)
		return false;
	*iqei = VTD_IQEI_FETCH;
	if (vtd_fault_take(u, VTD_FAULT_FETCH, &fault) ||
	    !u->cfg.ops->dma_read(u->cfg.ctx, addr, qw, vtd_wide(u) ? 32 : 16))
		return false;
	u->last_type = vtd_type(qw);
	return !refused(u, qw, iqei);
}

void vtd_fetch(struct vtd_unit *u)
{
	struct vtd_pending *p = &u->pending[u->npending];
	uint64_t qw[4] = { 0 };
	unsigned i, iqei;

	if (!read_descriptor(u, qw, &iqei)) {
		if (vtd_translation_of(u))
			vtd_stale_refused(vtd_translation_of(u),
					  vtd_position(u, u->lap, u->iqh >> slot_shift(u)));
		vtd_raise_iqe(u, iqei);
		return;
	}
	for (i = 0; i < 4; i++)
		p->qw[i] = qw[i];
	p->slot = (uint32_t)(u->iqh >> slot_shift(u));
	p->lap = u->lap;
	p->state = VTD_P_FETCHED;
	u->npending++;

	u->iqh += 1ULL << slot_shift(u);
	if (u->iqh == ring_bytes(u)) {
		u->iqh = 0;
		u->lap++;
	}
}

void vtd_refetch(struct vtd_unit *u, const struct vtd_pending *p)
{
	u->iqh = (uint64_t)p->slot << slot_shift(u);
	u->lap = p->lap;
}
