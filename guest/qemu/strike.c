/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* strike.c - decides which fault strikes which descriptor, and which request is altered. */
#include "plugin.h"

#include <qinval/regs.h>

#define IOTLB 2
#define DEVTLB 3
#define WAIT 5
#define PASID_DEVTLB 8

/* How often each has struck, in all units together. */
static uint32_t struck[GUEST_FAULTS], altered[GUEST_FAULTS];

static unsigned type_of(const uint64_t qw[2])
{
	return qw[0] & 0xf;
}

static uint16_t sid_of(const uint64_t qw[2])
{
	return (uint16_t)(qw[0] >> (type_of(qw) == DEVTLB ? 32 : 16));
}

/* True if the fault strikes now, according to its limits and to chance. */
static bool is_due(struct unit *u, const struct guest_fault *f, uint32_t *times)
{
	if (guest_is_calm(u->share) || u->share->submissions < f->from ||
	    (f->times && *times >= f->times))
		return false;
	return f->every == 1 || !unit_choose(u, f->every);
}

static bool of_device(const struct guest_fault *f)
{
	return f->kind >= GUEST_SILENT && f->kind <= GUEST_REMOVED;
}

/* True if the fault applies to this descriptor. */
static bool can_strike(const struct guest_fault *f, const uint64_t qw[2], unsigned position,
		       bool last)
{
	unsigned type = type_of(qw);

	if (of_device(f) && ((type != DEVTLB && type != PASID_DEVTLB) ||
			     (f->sid != VTD_ANY_SID && f->sid != sid_of(qw))))
		return false;
	if (f->kind >= GUEST_SLOW_WRITE && f->kind <= GUEST_TWICE && type != WAIT)
		return false;
	if (f->type && f->type != type)
		return false;
	switch (f->position) {
	case GUEST_FIRST:
		return !position && type != WAIT;
	case GUEST_LATER:
		return position && type != WAIT;
	case GUEST_LAST:
		return position && last && type != WAIT;
	case GUEST_WAIT:
		return type == WAIT;
	default:
		return true;
	}
}

static void lose_registers(struct unit *u)
{
	struct vtd_config cfg = u->vtd.cfg;
	struct vtd_translation_config translation = u->translation.cfg;

	vtd_init(&u->vtd, &cfg);
	vtd_translation_init(&u->translation, &translation);
}

static void strike(struct unit *u, const struct guest_fault *f, const uint64_t qw[2])
{
	static const enum vtd_fault_kind kind[GUEST_FAULT_KINDS] = {
		[GUEST_REFUSE] = VTD_FAULT_REFUSE,
		[GUEST_FETCH] = VTD_FAULT_FETCH,
		[GUEST_STALL] = VTD_FAULT_STALL,
		[GUEST_GONE] = VTD_FAULT_GONE,
		[GUEST_SLOW_WRITE] = VTD_FAULT_SLOW_WRITE,
		[GUEST_LOSE_WRITE] = VTD_FAULT_LOSE_WRITE,
		[GUEST_TWICE] = VTD_FAULT_TWICE,
		[GUEST_SILENT] = VTD_FAULT_SILENT,
		[GUEST_LATE] = VTD_FAULT_LATE,
		[GUEST_LATE_ITE] = VTD_FAULT_LATE_ITE,
		[GUEST_WRONG] = VTD_FAULT_WRONG,
		[GUEST_REMOVED] = VTD_FAULT_SILENT,
	};
	struct vtd_fault fault = {
		.kind = kind[f->kind],
		.sid = sid_of(qw),
		.no_sid = f->no_sid,
		.iqei = f->code,
		.count = f->kind == GUEST_REMOVED ? 0 : 1,
		.steps = f->steps,
	};

	if (f->kind == GUEST_RESET)
		lose_registers(u);
	else if (f->kind == GUEST_LOSE_INTERRUPT)
		u->lose_interrupt = true;
	else
		vtd_fault_arm(&u->vtd, &fault);
	if (f->kind == GUEST_LOSE_WRITE)
		guest_add(&u->share->lost_writes);
	if (f->kind == GUEST_REMOVED)
		pci_pull(fault.sid);
}

static void tell(struct unit *u, enum guest_event_kind kind, const struct guest_fault *f,
		 unsigned slot, const uint64_t qw[2])
{
	struct guest_event *e = observe_event(u, kind);

	if (!e)
		return;
	e->fault = f->kind;
	if (type_of(qw) == DEVTLB || type_of(qw) == PASID_DEVTLB)
		observe_device(e, sid_of(qw));
	e->slot = slot;
	e->qw[0] = qw[0];
	e->qw[1] = qw[1];
	e->code = f->code;
	observe_event_done(u);
}

static unsigned shift(const struct unit *u)
{
	return u->vtd.iqa & VTD_IQA_DW ? 5 : 4;
}

static bool read_slot(const struct unit *u, uint64_t offset, uint64_t qw[2])
{
	return guest_read((u->vtd.iqa & VTD_IQA_ADDR_MASK) + offset, qw, 16);
}

/* True if the next descriptor is a wait, and has been submitted. */
static bool before_wait(const struct unit *u)
{
	uint64_t bytes = 0x1000ULL << (u->vtd.iqa & VTD_IQA_QS_MASK), qw[2];
	uint64_t next = (u->vtd.iqh + (1ULL << shift(u))) & (bytes - 1);

	return next != u->vtd.iqt && read_slot(u, next, qw) && type_of(qw) == WAIT;
}

void strike_before_fetch(struct unit *u)
{
	const struct guest_faults *faults = &u->opt->faults;
	uint64_t here = ((uint64_t)u->vtd.lap << 32 | u->vtd.iqh) + 1, qw[2];
	bool last;

	if (!faults->n || u->vtd.gone || !(u->vtd.gsts & VTD_GSTS_QIES) ||
	    u->vtd.fsts & VTD_FSTS_QI || u->vtd.iqh == u->vtd.iqt || here == u->judged ||
	    !read_slot(u, u->vtd.iqh, qw))
		return;
	u->judged = here;
	last = before_wait(u);
	for (unsigned i = 0; i < faults->n; i++) {
		const struct guest_fault *f = &faults->fault[i];

		if (!can_strike(f, qw, u->position, last) || !is_due(u, f, &struck[i]))
			continue;
		struck[i]++;
		guest_add(&u->share->injected);
		guest_add(&u->share->fault[f->kind]);
		tell(u, GUEST_FAULT, f, (unsigned)(u->vtd.iqh >> shift(u)), qw);
		strike(u, f, qw);
	}
	u->position = type_of(qw) == WAIT ? 0 : u->position + 1;
}

/* ---- plants ---- */

#define IH (1ULL << 6)
#define AM 0x3fULL

static bool alter(enum guest_fault_kind kind, uint64_t qw[2])
{
	bool pages = (qw[0] >> 4 & 3) == 3;

	switch (kind) {
	case GUEST_WRONG_DOMAIN:
		qw[0] ^= 0x40ULL << 16;
		return true;
	case GUEST_DROPPED:
		qw[0] |= 0xffffULL << 16;
		return true;
	case GUEST_SHORT:
		if (!pages || !(qw[1] & AM))
			return false;
		qw[1]--;
		return true;
	case GUEST_WRONG_MASK:
		if (!pages || !(qw[1] & AM))
			return false;
		qw[1] &= ~AM;
		return true;
	default: /* GUEST_IH */
		if (!pages || qw[1] & IH)
			return false;
		qw[1] |= IH;
		return true;
	}
}

void strike_request(struct unit *u, unsigned slot, uint64_t qw[2])
{
	const struct guest_faults *plants = &u->opt->plants;
	const uint64_t original[2] = { qw[0], qw[1] };
	uint64_t plant = 0;

	if (type_of(qw) != IOTLB)
		return;
	for (unsigned i = 0; i < plants->n && !plant; i++) {
		const struct guest_fault *p = &plants->fault[i];
		uint64_t other[2] = { qw[0], qw[1] };

		if (!alter(p->kind, other) || !is_due(u, p, &altered[i]))
			continue;
		qw[0] = other[0];
		qw[1] = other[1];
		altered[i]++;
		guest_add(&u->share->planted);
		plant = u->share->planted;
		tell(u, GUEST_PLANT, p, slot, original);
	}
	requests_note(&u->requests, qw, original, plant);
}
