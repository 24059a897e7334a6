/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The oracle of the random test: what the unit did against what the submitters were told. */
#include "test_random.h"

/* The rig's own, the same in each. */
static struct vtd_ops rig_ops;
static struct qi_host rig_host;

static unsigned retries(const struct fuzz *f)
{
	return f->r->q.cfg.retries;
}

/* Data of the core's waits: laps, of which the highest bits are cut off. */
static bool is_later(uint32_t data, uint32_t than)
{
	return (int32_t)(data - than) > 0;
}

/* One that none has been seen of is 0, and those that have been are with this bit. */
#define SEEN (1ULL << 32)

/* ---- what the unit does ---- */

static void judge_executed(void *ctx, const struct vtd_event *ev)
{
	struct rig *r = ctx;
	struct fuzz *f = r->test;
	unsigned type = ev->qw[0] & 0xf;
	bool response = type == QI_PGRP_RESP_TYPE;
	uint64_t uid = response ? ev->qw[1] >> 3 & 0x1ff : ev->qw[1] >> QI_PAGE_SHIFT;

	rig_ops.executed(ctx, ev);
	if (type == QI_IWD_TYPE) {
		uint64_t *completed = &f->completed[(ev->qw[1] - RIG_STATUS) / 4];

		if (!*completed || is_later((uint32_t)(ev->qw[0] >> 32), (uint32_t)*completed))
			*completed = SEEN | ev->qw[0] >> 32;
		return;
	}
	/* What has not been submitted would be garbage in the ring. */
	assert_in_range(uid, 1, f->next_uid - 1);
	/* A device does not know what a second one answers. */
	assert_false(response && f->done[uid]);
	f->done[uid] = true;
}

static void judge_write64(void *ctx, unsigned reg, uint64_t value)
{
	struct rig *r = ctx;
	struct fuzz *f = r->test;

	if (reg == DMAR_IQT_REG && !f->in_life)
		assert_int_not_equal(rig_mode(r), QI_MODE_DEAD);
	rig_host.write64(ctx, reg, value);
}

/* A write may come after that of a later wait in the same slot, or over a later "not yet". */
static bool judge_dma_write32(void *ctx, uint64_t addr, uint32_t value)
{
	struct rig *r = ctx;
	struct fuzz *f = r->test;
	uint64_t slot = (addr - RIG_STATUS) / 4;
	uint64_t completed = f->completed[slot];

	if (completed && is_later((uint32_t)completed, value))
		f->cause.lost = true;
	if (is_later(r->status[slot], value))
		f->cause.overwritten = true;
	return rig_ops.dma_write32(ctx, addr, value);
}

void judge_watch(struct fuzz *f)
{
	struct rig *r = f->r;

	rig_ops = r->ops;
	rig_host = r->host;
	r->ops.executed = judge_executed;
	r->ops.dma_write32 = judge_dma_write32;
	r->host.write64 = judge_write64;
}

/* ---- what the submitters are told ---- */

static void judge_success(struct fuzz *f, const struct sub *s)
{
	const struct sub *o;
	unsigned i;

	for (i = 0; i < s->count; i++)
		assert_true(f->done[s->uid + i]);
	if (s->count)
		return;
	for (o = f->sub; o < f->sub + SUBS; o++) {
		for (i = 0; o->live && o->simple && o->order < s->order && i < o->count; i++)
			assert_true(f->done[o->uid + i]);
	}
}

static void judge_iqe(const struct fuzz *f, const struct sub *s)
{
	const struct qi_error *e = &s->t.error;
	bool qemu = f->r->unit.profile == VTD_QEMU_7_2;

	assert_in_range(e->index, 0, s->count);
	if (e->index == s->count)
		assert_true(f->cause.waits_refused && e->iqei == (qemu ? 0 : VTD_IQEI_RESERVED));
	else
		assert_int_equal(f->cause.refused[s->uid + e->index], 1 + e->iqei);
}

/* Removed; or there have been as many time-outs of this submission's devices as are forgiven. */
static void judge_device(const struct fuzz *f, const struct sub *s)
{
	const struct qi_error *e = &s->t.error;
	bool asked[DEVICES] = { false };
	unsigned n, i, strikes = 0;

	assert_in_range(e->index, 0, s->count - 1);
	assert_true(e->sid);
	assert_int_equal(fuzz_sid(&s->desc[e->index]), e->sid);
	n = e->sid >> 3;
	if (f->cause.absent[n])
		return;
	assert_true(f->cause.strikes[n]);
	for (i = 0; i < s->count; i++)
		asked[fuzz_sid(&s->desc[i]) >> 3] = true;
	for (i = 1; i < DEVICES; i++)
		strikes += asked[i] ? f->cause.strikes[i] : 0;
	assert_true(strikes > retries(f));
}

/* So many have come that the log does not tell of all of them any more. */
static bool has_missed_faults(const struct fuzz *f, const struct sub *s)
{
	return f->r->q.faults - s->faults > QI_FAULT_LOG;
}

/* What has become of it cannot be told, and the queue has been turned off before it was asked. */
static void judge_doubt(const struct fuzz *f, const struct sub *s)
{
	assert_true(has_missed_faults(f, s) || f->cause.overwritten);
	assert_true(rig_mode(f->r) == QI_MODE_OFF || rig_mode(f->r) == QI_MODE_SUSPENDED);
}

/* What the table in qi.h allows. */
static uint64_t most_ns(const struct fuzz *f)
{
	const struct qi_config *cfg = &f->r->q.cfg;

	if (!f->devices)
		return 2 * cfg->timeout_ns;
	return (cfg->retries + 2ULL + DEVICES - 1) * cfg->ats_timeout_ns;
}

/* There are some turns before the clock is looked at, and a last round of looks. */
void judge_pending(const struct fuzz *f, const struct sub *s)
{
	assert_in_range(s->waited, 0, most_ns(f) + f->r->q.cfg.timeout_ns / 8);
}

/*
 * In doubt the core does again what has no page response, for as long as the call may take. A page
 * response may have been refused.
 */
static bool is_in_doubt(const struct fuzz *f, const struct sub *s)
{
	const struct qi_config *cfg = &f->r->q.cfg;
	uint64_t least = 2 * cfg->timeout_ns;

	if (f->devices)
		least = (cfg->retries + 2ULL) * cfg->ats_timeout_ns;
	return has_missed_faults(f, s) && (s->responds || f->r->now - s->began >= least);
}

/*
 * Two dead devices can keep two submissions from an end until time is up: what is left of an
 * attempt of the one times out during the next attempt of the other.
 */
static bool devices_interfere(const struct fuzz *f, const struct sub *s)
{
	unsigned i, dead = 0;

	for (i = 1; i < DEVICES; i++)
		dead += f->cause.strikes[i] != 0;
	return s->ats && dead > 1;
}

/* Only if the hardware stands still, or its status write got lost, came late or was overwritten. */
static void judge_timeout(const struct fuzz *f, const struct sub *s)
{
	const struct qi *q = &f->r->q;
	uint32_t tag = (uint32_t)(s->t.first >> q->order) * 2;
	uint64_t slot = s->t.first & q->mask;

	if (f->cause.stalled || f->cause.gone || f->cause.lost || f->cause.tardy)
		return;
	if (devices_interfere(f, s))
		return;
	if (is_in_doubt(f, s))
		return;
	assert_int_not_equal(s->overwritten, s->t.first);
	/* A write that is still to come. */
	assert_int_equal(f->completed[slot], SEEN | tag);
	assert_int_not_equal(f->r->status[slot], tag);
}

void judge_death(const struct fuzz *f, int code)
{
	const struct causes *c = &f->cause;

	if (code == -QI_ERR_GONE)
		assert_true(c->gone);
	else
		assert_true(c->stalled || c->gone || c->killed || c->lost ||
			    c->stubborn > retries(f));
}

void judge_result(struct fuzz *f, const struct sub *s, int ret)
{
	assert_int_equal(s->t.error.code, ret);
	switch (-ret) {
	case 0:
		judge_success(f, s);
		break;
	case QI_ERR_IQE:
		judge_iqe(f, s);
		break;
	case QI_ERR_DEVICE:
		judge_device(f, s);
		break;
	case QI_ERR_TIMEOUT:
		judge_timeout(f, s);
		break;
	case QI_ERR_DEAD:
	case QI_ERR_GONE:
		judge_death(f, ret);
		assert_true(rig_mode(f->r) == QI_MODE_DEAD || f->in_life);
		break;
	case QI_ERR_OFF:
		judge_doubt(f, s);
		break;
	default:
		fail_msg("unexpected result %d", ret);
	}
}

/* ---- the queue's own words ---- */

void judge_queue(const struct fuzz *f)
{
	const struct qi *q = &f->r->q;
	const struct qi_ticket *t, *const *end = (const struct qi_ticket *const *)&q->line;
	unsigned suspects = 0;
	uint64_t pos, tail = rig_tail(f->r);

	assert_in_range(tail - q->head, 0, q->mask);
	for (pos = q->head; pos != tail; pos = (q->slot[pos & q->mask].published >> 9) + 1)
		assert_in_range(q->slot[pos & q->mask].published >> 9, pos, tail - 1);
	for (t = q->line; t; t = t->next) {
		suspects += t->suspect;
		end = (const struct qi_ticket *const *)&t->next;
	}
	assert_ptr_equal(q->line_end, end);
	assert_int_equal(q->suspects, suspects);
}
