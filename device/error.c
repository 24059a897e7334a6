/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* error.c - fault status and its event, error records, the completion interrupt. */
#include "internal.h"

#define IQEI 0xfULL
#define ITESID (0xffffULL << 32)
#define ICESID (0xffffULL << 48)

static void send(struct vtd_unit *u, uint32_t *ctl, uint32_t uaddr, uint32_t addr, uint32_t data)
{
	if (*ctl & VTD_IECTL_IM) {
		*ctl |= VTD_IECTL_IP;
		return;
	}
	*ctl &= ~VTD_IECTL_IP;
	u->cfg.ops->msi(u->cfg.ctx, (uint64_t)uaddr << 32 | addr, data);
}

static void send_fault_event(struct vtd_unit *u)
{
	send(u, &u->fectl, u->feuaddr, u->feaddr, u->fedata);
}

static void send_completion_event(struct vtd_unit *u)
{
	send(u, &u->iectl, u->ieuaddr, u->ieaddr, u->iedata);
}

void vtd_raise_fault(struct vtd_unit *u, uint32_t fsts)
{
	bool pending = u->fsts & VTD_FSTS_EVENTS;

	u->fsts |= fsts;
	if (!pending)
		send_fault_event(u);
}

/* The record keeps the first error until software clears the status bit. */
static void raise_error(struct vtd_unit *u, uint32_t fsts, uint64_t record)
{
	if (!(u->fsts & fsts) && !vtd_quirk(u, VTD_Q_NO_IQERCD))
		u->iqercd |= record;
	vtd_raise_fault(u, fsts);
}

void vtd_raise_iqe(struct vtd_unit *u, unsigned iqei)
{
	raise_error(u, VTD_FSTS_IQE, iqei & IQEI);
}

void vtd_raise_ice(struct vtd_unit *u, uint16_t sid)
{
	raise_error(u, VTD_FSTS_ICE, (uint64_t)sid << 48);
}

void vtd_raise_ite(struct vtd_unit *u, uint16_t sid)
{
	raise_error(u, VTD_FSTS_ITE, (uint64_t)sid << 32);
}

static void clear(struct vtd_unit *u, uint32_t fsts)
{
	u->fsts &= ~fsts;
	if (!(u->fsts & VTD_FSTS_EVENTS))
		u->fectl &= ~VTD_IECTL_IP;
}

void vtd_clear_pending(struct vtd_unit *u)
{
	clear(u, VTD_FSTS_PPF | VTD_FSTS_FRI);
}

void vtd_clear_faults(struct vtd_unit *u, uint32_t fsts)
{
	clear(u, fsts & (VTD_FSTS_QI | VTD_FSTS_PFO | VTD_FSTS_PRO));
	if (fsts & VTD_FSTS_IQE)
		u->iqercd &= ~IQEI;
	if (fsts & VTD_FSTS_ICE)
		u->iqercd &= ~ICESID;
	if (fsts & VTD_FSTS_ITE)
		u->iqercd &= ~ITESID;
}

void vtd_completion_interrupt(struct vtd_unit *u)
{
	if (u->ics & VTD_ICS_IWC)
		return;
	u->ics |= VTD_ICS_IWC;
	send_completion_event(u);
}

void vtd_clear_completion(struct vtd_unit *u, uint32_t ics)
{
	if (!(ics & VTD_ICS_IWC))
		return;
	u->ics = 0;
	u->iectl &= ~VTD_IECTL_IP;
}

void vtd_write_fectl(struct vtd_unit *u, uint32_t value)
{
	u->fectl = (u->fectl & VTD_IECTL_IP) | (value & VTD_IECTL_IM);
	if (u->fectl == VTD_IECTL_IP)
		send_fault_event(u);
}

void vtd_write_iectl(struct vtd_unit *u, uint32_t value)
{
	u->iectl = (u->iectl & VTD_IECTL_IP) | (value & VTD_IECTL_IM);
	if (u->iectl == VTD_IECTL_IP)
		send_completion_event(u);
}
