/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include <core/queue.h>

#include "stress.h"

struct injected *log_at(struct stress *s, uint64_t i)
{
	return &s->log[i % LOG];
}

static bool is_about(const struct qi_desc *d, uint16_t sid)
{
	return is_dev_tlb(d) && dev_tlb_sid(d) == sid;
}

/* ---- a descriptor or a device is blamed ---- */

/* True if this fault may have hit the submission's descriptor i, or its wait after the last one. */
static bool refuses(const struct vtd_fault *f, const struct submission *sub, unsigned i)
{
	bool wait = i == sub->count;
	unsigned type = wait ? QI_IWD_TYPE : qi_desc_type(&sub->desc[i]);

	if (f->type && f->type != type)
		return false;
	return wait ? !f->qw1_mask : !((sub->desc[i].qw1 ^ f->qw1) & f->qw1_mask);
}

static bool explains_iqe(const struct injected *in, const struct submission *sub,
			 const struct qi_error *e)
{
	if (in->kind != VTD_FAULT_REFUSE)
		return false;
	if (!sub->coarse)
		return e->iqei == in->fault.iqei && !e->sid && e->index <= sub->count &&
		       refuses(&in->fault, sub, e->index);
	for (unsigned i = 0; i <= sub->count; i++)
		if (refuses(&in->fault, sub, i))
			return true;
	return false;
}

static bool times_out(const struct injected *in, uint16_t sid)
{
	switch (in->kind) {
	case VTD_FAULT_SILENT:
	case VTD_FAULT_LATE_ITE:
	case VTD_FAULT_WRONG:
		return in->fault.sid == sid || in->fault.sid == VTD_ANY_SID;
	case CHAOS_REMOVED:
		return in->fault.sid == sid;
	default:
		return false;
	}
}

static bool explains_device(const struct injected *in, const struct submission *sub,
			    const struct qi_error *e)
{
	if (!sub->coarse)
		return !e->iqei && e->index < sub->count &&
		       is_about(&sub->desc[e->index], e->sid) && times_out(in, e->sid);
	for (unsigned i = 0; i < sub->count; i++)
		if (is_dev_tlb(&sub->desc[i]) && times_out(in, dev_tlb_sid(&sub->desc[i])))
			return true;
	return false;
}

/* ---- the queue as a whole ---- */

/*
 * True if the fault lasted long enough to be noticed: half of the limit, as the core's clock starts
 * when it first looks.
 */
static bool lasted(struct stress *s, const struct injected *in)
{
	uint64_t closed = load(&in->closed_ns);

	return (closed ? closed : now_ns()) - load(&in->opened_ns) >= s->qc.timeout_ns / 2;
}

/*
 * True if there have been so many faults since it began that the core no longer remembers all of
 * them: what must not be repeated fails then.
 */
static bool forgotten(const struct stress *s, const struct submission *sub)
{
	uint64_t epoch = __atomic_load_n(&s->q.epoch, __ATOMIC_RELAXED);

	if ((epoch - sub->epoch) / QI_EPOCH_STEP <= QI_FAULT_LOG)
		return false;
	for (unsigned i = 0; i < sub->count; i++)
		if (qi_desc_type(&sub->desc[i]) == QI_PGRP_RESP_TYPE)
			return true;
	return false;
}

static bool explains_timeout(struct stress *s, const struct injected *in)
{
	return in->kind == VTD_FAULT_LOSE_WRITE || in->kind == VTD_FAULT_GONE ||
	       (in->kind == VTD_FAULT_STALL && lasted(s, in));
}

/*
 * True if more fetches failed, within a time in which they may have been the same one, than the
 * core repeats.
 */
static bool fetch_failed_for_good(struct stress *s)
{
	uint64_t since = now_ns() - 2 * s->qc.timeout_ns;
	unsigned failed = 0;

	for (uint64_t i = load(&s->opened); i--;) {
		const struct injected *in = log_at(s, i);

		if (load(&in->opened_ns) < since)
			break;
		if (in->kind == VTD_FAULT_FETCH)
			failed += in->fault.count;
	}
	return failed > s->cfg.retries;
}

/* The queue is dead: true if something has killed it since it was last turned on. */
bool death_explained(struct stress *s, uint64_t life_mark, int code)
{
	uint64_t end = load(&s->opened), i;

	for (i = life_mark; i < end; i++) {
		const struct injected *in = log_at(s, i);

		if (in->kind == VTD_FAULT_GONE)
			return true;
		if (code == -QI_ERR_DEAD &&
		    (in->kind == CHAOS_RESET || (in->kind == VTD_FAULT_STALL && lasted(s, in))))
			return true;
	}
	return code == -QI_ERR_DEAD && fetch_failed_for_good(s);
}

/* ---- all failures ---- */

static bool explains(struct stress *s, const struct injected *in, const struct submission *sub,
		     const struct qi_error *e)
{
	switch (e->code) {
	case -QI_ERR_IQE:
		return explains_iqe(in, sub, e);
	case -QI_ERR_DEVICE:
		return explains_device(in, sub, e);
	case -QI_ERR_TIMEOUT:
		return explains_timeout(s, in);
	default:
		return false;
	}
}

/* True if a fault that was armed at some time during the submission explains the failure. */
bool explained(struct stress *s, const struct submission *sub, const struct qi_error *e)
{
	uint64_t end = load(&s->opened);

	switch (e->code) {
	case -QI_ERR_DESC:
		return sub->invalid >= 0 && (sub->coarse || e->index == (unsigned)sub->invalid);
	case -QI_ERR_OFF:
		return sub->life & 1 || sub->life != load(&s->life);
	case -QI_ERR_DEAD:
	case -QI_ERR_GONE:
		return death_explained(s, sub->life_mark, e->code);
	}
	if (e->code == -QI_ERR_TIMEOUT && forgotten(s, sub))
		return true;
	for (uint64_t i = sub->mark; i < end; i++)
		if (explains(s, log_at(s, i), sub, e))
			return true;
	return false;
}
