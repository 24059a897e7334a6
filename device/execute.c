/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* execute.c - from a fetched descriptor to its effect: invalidations, devices, waits. */
#include "walk.h"

static const struct vtd_pending no_pending;
static const struct vtd_late no_late;

/* The vacated entry is cleared, so that equal states are equal in every byte. */
static void remove_pending(struct vtd_unit *u, unsigned i)
{
	for (; i + 1 < u->npending; i++)
		u->pending[i] = u->pending[i + 1];
	u->pending[i] = no_pending;
	u->npending--;
}

static void remove_late(struct vtd_unit *u, unsigned i)
{
	for (; i + 1 < u->nlate; i++)
		u->late[i] = u->late[i + 1];
	u->late[i] = no_late;
	u->nlate--;
}

static void report(const struct vtd_unit *u, const struct vtd_pending *p)
{
	struct vtd_event ev = { .slot = p->slot, .lap = p->lap };
	unsigned i;

	if (!u->cfg.ops->executed)
		return;
	for (i = 0; i < 4; i++)
		ev.qw[i] = p->qw[i];
	u->cfg.ops->executed(u->cfg.ctx, &ev);
}

/* ---- Late status writes and late answers ---- */

enum vtd_did vtd_late_come(struct vtd_unit *u, unsigned i)
{
	struct vtd_late late = u->late[i];

	remove_late(u, i);
	if (late.answer) {
		vtd_raise_ice(u, late.sid);
		return VTD_FAULTED;
	}
	u->cfg.ops->dma_write32(u->cfg.ctx, late.addr, late.data);
	if (late.interrupt)
		vtd_completion_interrupt(u);
	return VTD_COMPLETED;
}

/* Make a cleared entry for a late event. If there is no room, the oldest event happens now. */
static struct vtd_late *new_late(struct vtd_unit *u, uint32_t steps)
{
	struct vtd_late *late;

	if (u->nlate == VTD_LATE)
		vtd_late_come(u, 0);
	late = &u->late[u->nlate++];
	late->steps = steps;
	return late;
}

/* ---- Waits ---- */

static void write_later(struct vtd_unit *u, const uint64_t qw[4], uint32_t steps, bool interrupt)
{
	struct vtd_late *late = new_late(u, steps);

	late->addr = qw[1];
	late->data = (uint32_t)(qw[0] >> 32);
	late->interrupt = interrupt;
}

/* As on a bus, writes of one word become visible in order: a slow one precedes the next. */
static void let_earlier_ones_land(struct vtd_unit *u, uint64_t addr)
{
	unsigned i = 0;

	while (i < u->nlate) {
		if (!u->late[i].answer && u->late[i].addr == addr)
			vtd_late_come(u, i);
		else
			i++;
	}
}

static bool write_now(struct vtd_unit *u, const uint64_t qw[4])
{
	uint32_t data = (uint32_t)(qw[0] >> 32);
	bool ok = u->cfg.ops->dma_write32(u->cfg.ctx, qw[1], data);

	if (vtd_quirk(u, VTD_Q_TWICE))
		u->cfg.ops->dma_write32(u->cfg.ctx, qw[1], data);
	return ok;
}

/* False: do not send the interrupt now. It follows a late write, or the wait was refused. */
static bool write_status(struct vtd_unit *u, const struct vtd_pending *p)
{
	struct vtd_fault fault;

	if (vtd_fault_take(u, VTD_FAULT_LOSE_WRITE, &fault))
		return true;
	let_earlier_ones_land(u, p->qw[1]);
	if (vtd_fault_take(u, VTD_FAULT_SLOW_WRITE, &fault)) {
		write_later(u, p->qw, fault.steps, p->qw[0] & VTD_WAIT_IF);
		return false;
	}
	if (!write_now(u, p->qw) && vtd_quirk(u, VTD_Q_WRITE_IQE)) {
		vtd_refetch(u, p);
		vtd_raise_iqe(u, VTD_IQEI_NONE);
		return false;
	}
	if (vtd_fault_take(u, VTD_FAULT_TWICE, &fault))
		write_later(u, p->qw, 1, false);
	return true;
}

/* Tell the observer before software can see that the wait is complete. */
static void complete_wait(struct vtd_unit *u, unsigned i)
{
	struct vtd_pending *p = &u->pending[i];
	bool sw = p->qw[0] & VTD_WAIT_SW, interrupt = p->qw[0] & VTD_WAIT_IF;

	if (sw && interrupt && vtd_quirk(u, VTD_Q_SW_IF_FATAL)) {
		u->gone = true;
		remove_pending(u, i);
		return;
	}
	if (vtd_translation_of(u))
		vtd_stale_wait(vtd_translation_of(u), vtd_position(u, p->lap, p->slot));
	report(u, p);
	if (sw && !write_status(u, p))
		interrupt = false;
	if (interrupt)
		p->state = VTD_P_WRITTEN;
	else
		remove_pending(u, i);
}

static void finish_wait(struct vtd_unit *u, unsigned i)
{
	vtd_completion_interrupt(u);
	remove_pending(u, i);
}

/* ---- Invalidations ---- */

static void finish(struct vtd_unit *u, unsigned i)
{
	report(u, &u->pending[i]);
	remove_pending(u, i);
}

static void execute(struct vtd_unit *u, unsigned i)
{
	struct vtd_translation *t = vtd_translation_of(u);
	struct vtd_pending *p = &u->pending[i];

	vtd_invalidate(u, p->qw);
	if (t && vtd_type(p->qw) == VTD_T_RESPONSE)
		vtd_page_response_sent(t, p->qw);
	if (t && !vtd_quirk(u, VTD_Q_SYNCHRONOUS) && vtd_drain_begin(t, p->qw))
		p->state = VTD_P_DRAINS;
	else
		finish(u, i);
}

static void send_to_device(struct vtd_unit *u, unsigned i)
{
	struct vtd_pending *p = &u->pending[i];
	struct vtd_fault fault;

	p->state = VTD_P_SENT;
	if (vtd_quirk(u, VTD_Q_PROMPT) || !vtd_fault_take_device(u, vtd_sid(p->qw), &fault))
		return;
	p->fault = fault.kind;
	p->no_sid = fault.no_sid;
	p->steps = fault.steps;
}

static uint16_t reported_sid(const struct vtd_pending *p)
{
	return p->no_sid ? 0 : vtd_sid(p->qw);
}

static enum vtd_did answer(struct vtd_unit *u, unsigned i)
{
	struct vtd_pending *p = &u->pending[i];

	if (p->fault == VTD_FAULT_WRONG) {
		p->fault = VTD_FAULT_SILENT;
		vtd_raise_ice(u, reported_sid(p));
		return VTD_FAULTED;
	}
	execute(u, i);
	return VTD_EXECUTED;
}

/* A wait whose completion has begun is not aborted, as its status is written already. */
static void abort_waits(struct vtd_unit *u)
{
	unsigned i = 0;

	while (i < u->npending) {
		if (vtd_is_wait(u->pending[i].qw) && u->pending[i].state == VTD_P_FETCHED)
			remove_pending(u, i);
		else
			i++;
	}
}

enum vtd_did vtd_time_out(struct vtd_unit *u, unsigned i)
{
	struct vtd_pending p = u->pending[i];
	struct vtd_late *late;

	if (vtd_translation_of(u))
		vtd_stale_refused(vtd_translation_of(u), vtd_position(u, p.lap, p.slot));
	remove_pending(u, i);
	abort_waits(u);
	vtd_raise_ite(u, reported_sid(&p));
	if (p.fault == VTD_FAULT_LATE_ITE) {
		late = new_late(u, p.steps);
		late->answer = true;
		late->sid = reported_sid(&p);
	}
	return VTD_FAULTED;
}

enum vtd_did vtd_advance(struct vtd_unit *u, unsigned i)
{
	struct vtd_pending *p = &u->pending[i];

	if (p->state == VTD_P_SENT)
		return answer(u, i);
	if (p->state == VTD_P_WRITTEN) {
		finish_wait(u, i);
		return VTD_COMPLETED;
	}
	if (p->state == VTD_P_DRAINS) {
		finish(u, i);
		return VTD_EXECUTED;
	}
	if (vtd_is_wait(p->qw)) {
		complete_wait(u, i);
		return VTD_COMPLETED;
	}
	if (vtd_is_devtlb(p->qw))
		send_to_device(u, i);
	else
		execute(u, i);
	return VTD_EXECUTED;
}
