/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * stats.c - counters, histograms, snapshots.
 */
#include "core.h"

unsigned qi_hist_bucket(uint64_t ns)
{
	unsigned log2;

	if (ns < QI_HIST_SUB)
		return (unsigned)ns;
	log2 = 63 - (unsigned)__builtin_clzll(ns);
	if (log2 >= 40)
		return QI_HIST_BUCKETS - 1;
	return (log2 - 2) * QI_HIST_SUB + (unsigned)(ns >> (log2 - 3) & (QI_HIST_SUB - 1));
}

uint64_t qi_hist_bound(unsigned bucket)
{
	unsigned octave = bucket / QI_HIST_SUB;

	if (!octave)
		return bucket;
	return (uint64_t)(QI_HIST_SUB + bucket % QI_HIST_SUB) << (octave - 1);
}

uint64_t qi_hist_quantile(const struct qi_histogram *h, unsigned num, unsigned den)
{
	uint64_t total = 0, below = 0, rank;
	unsigned i;

	for (i = 0; i < QI_HIST_BUCKETS; i++)
		total += h->bucket[i];
	if (!total)
		return 0;
	/* The rank-th value, from 1, split so that nothing overflows. */
	rank = total / den * num + (total % den * num + den - 1) / den;
	for (i = 0; i < QI_HIST_BUCKETS - 1; i++) {
		below += h->bucket[i];
		if (below && below >= rank)
			break;
	}
	return qi_hist_bound(i + 1) - 1;
}

void qi_stats_insert(struct qi *q, const struct qi_ticket *t)
{
	unsigned i;

	for (i = t->base; i < t->base + t->n; i++)
		qi_count(q, descriptors[t->desc[i].qw0 & 0xf], 1);
	qi_count(q, descriptors[QI_IWD_TYPE], 1);
}

void qi_stats_latency(struct qi *q, const struct qi_ticket *t)
{
	uint64_t now = qi_now(q);

	/* Clocks of two CPUs may differ a little. */
	qi_count(q, latency[t->type].bucket[qi_hist_bucket(now > t->start ? now - t->start : 0)],
		 1);
}

static void qi_view_slot(const struct qi *q, uint64_t pos, struct qi_slot_view *out)
{
	const uint64_t *at =
		(const uint64_t *)(const void *)((const char *)q->cfg.ring.virt +
						 ((size_t)(pos & q->mask) << q->shift));

	*out = (struct qi_slot_view){ .desc = { at[0], at[1], 0, 0 },
				      .state = QI_FREE,
				      .status = qi_load_relaxed(qi_status(q, pos)),
				      .tag = qi_tag(q, pos) };
	if (q->shift == 5) {
		out->desc.qw2 = at[2];
		out->desc.qw3 = at[3];
	}
}

static enum qi_state qi_view_state(const struct qi *q, uint64_t wait)
{
	enum qi_state state = qi_state(q, wait);

	return state == QI_IN_USE && qi_completed(q, wait) ? QI_DONE : state;
}

/*
 * Only what is written, W1, may be looked at, and only while the lock keeps it from being taken
 * back: anything else may be somebody's who is writing there. It ends at the position returned.
 */
static uint64_t qi_view_slots(const struct qi *q, struct qi_snapshot *out, unsigned room)
{
	uint64_t first, wait, pos, tail = qi_tail(q);

	/* What is not between head and tail was last used one lap before. */
	for (pos = tail - q->mask - 1; pos != tail; pos++) {
		if ((pos & q->mask) >= room)
			continue;
		out->slot[pos & q->mask] =
			(struct qi_slot_view){ .status = qi_load_relaxed(qi_status(q, pos)),
					       .tag = qi_tag(q, pos) };
	}
	for (first = q->head; first != tail; first = wait + 1) {
		wait = qi_wait_of(q, first);
		if (wait < first) /* being written */
			break;
		for (pos = first; pos <= wait; pos++) {
			if ((pos & q->mask) >= room)
				continue;
			qi_view_slot(q, pos, &out->slot[pos & q->mask]);
			out->slot[pos & q->mask].state = qi_view_state(q, wait);
		}
	}
	return first;
}

static void qi_copy_stats(struct qi_stats *to, struct qi_stats *from)
{
	uint64_t *t = (uint64_t *)(void *)to, *f = (uint64_t *)(void *)from;
	size_t i;

	for (i = 0; i < sizeof(*to) / sizeof(*t); i++)
		t[i] = qi_load_relaxed(&f[i]);
}

void qi_snapshot(struct qi *q, struct qi_snapshot *out)
{
	struct qi_slot_view *slot = out->slot;
	unsigned room = slot ? out->slots : 0;
	struct qi_ticket *t;
	unsigned long flags;
	uint64_t tail;
	uint32_t mode = qi_load_acquire(&q->mode);

	*out = (struct qi_snapshot){ .slot = slot, .slots = q->mask + 1, .width = q->cfg.width };
	if (mode == QI_MODE_ON || mode == QI_MODE_DRAINING || mode == QI_MODE_DEAD) {
		out->fsts = qi_read32(q, DMAR_FSTS_REG);
		out->iqh = qi_read64(q, DMAR_IQH_REG);
		out->iqt = qi_read64(q, DMAR_IQT_REG);
		out->iqercd = qi_read64(q, DMAR_IQERCD_REG);
	}
	flags = qi_lock(q);
	/* Not while dead: what the hardware may still fetch is not for reading as free. */
	if (q->mode == QI_MODE_ON || q->mode == QI_MODE_DRAINING)
		qi_ring_reclaim(q);
	out->mode = (enum qi_mode)q->mode;
	out->dead = q->dead;
	out->head = (unsigned)(q->head & q->mask);
	for (t = q->queued; t; t = t->next)
		out->queued++;
	tail = qi_view_slots(q, out, room);
	out->tail = (unsigned)(tail & q->mask);
	out->used = (unsigned)(tail - q->head);
	qi_unlock(q, flags);
	if (q->cfg.stats)
		qi_copy_stats(&out->stats, q->cfg.stats);
}
