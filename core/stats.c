/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * stats.c - counters and histograms.
 *
 * A submission adds nothing to counters that others write, which would cost as much as itself: its
 * slots are counted when they are reclaimed, and its latency is left in its slot until then.
 */
#include "queue.h"

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

unsigned qi_stats_type(const struct qi_desc *desc, unsigned count)
{
	unsigned i, types = 0;

	for (i = 0; i < count; i++)
		types |= 1U << (desc[i].qw0 & 0xf);
	if (!types)
		return QI_IWD_TYPE;
	return types & (types - 1) ? 0 : (unsigned)__builtin_ctz(types);
}

/*
 * The slots may have been reclaimed before their owner looked. Then the sample is counted with the
 * slot's next user, or that one's takes its place: the histograms miss a latency now and then.
 */
void qi_stats_sample(struct qi *q, uint64_t first, unsigned type, uint64_t start)
{
	uint64_t now = qi_now(q);
	/* Clocks of two CPUs may differ a little. */
	unsigned bucket = qi_hist_bucket(now > start ? now - start : 0);

	qi_store_relaxed(&qi_slot(q, first)->sample, 1 + type * QI_HIST_BUCKETS + bucket);
}

static void qi_add_locked(uint64_t *counter, uint64_t n)
{
	qi_store_relaxed(counter, *counter + n);
}

static void qi_count_sample(struct qi *q, uint64_t pos)
{
	uint64_t sample = qi_load_relaxed(&qi_slot(q, pos)->sample);

	if (!sample)
		return;
	qi_store_relaxed(&qi_slot(q, pos)->sample, 0);
	sample--;
	qi_add_locked(
		&q->cfg.stats->latency[sample / QI_HIST_BUCKETS].bucket[sample % QI_HIST_BUCKETS],
		1);
}

/* What stands in the slots of this submission, if it is published, is what was submitted. */
static bool qi_stats_add_one(const struct qi *q, struct qi_stats *to, uint64_t *first)
{
	uint64_t word = qi_published(q, *first), wait = qi_wait_of(word), pos;

	if (!qi_is_published(word, *first))
		return false;
	for (pos = *first; pos != wait; pos++)
		qi_add_locked(&to->descriptors[qi_load_relaxed(qi_ring_at(q, pos)) & 0xf], 1);
	qi_add_locked(&to->descriptors[QI_IWD_TYPE], 1);
	qi_add_locked(&to->submissions, !!(word & QI_SLOT_NEW));
	*first = wait + 1;
	return true;
}

void qi_stats_add(const struct qi *q, struct qi_stats *to, uint64_t from, uint64_t end)
{
	while (from != end && qi_stats_add_one(q, to, &from))
		;
}

void qi_stats_reclaimed(struct qi *q, uint64_t from, uint64_t end)
{
	do {
		qi_count_sample(q, from);
	} while (qi_stats_add_one(q, q->cfg.stats, &from) && from != end);
}

void qi_stats_collect(struct qi *q)
{
	uint64_t pos;

	for (pos = 0; pos <= q->mask; pos++)
		qi_count_sample(q, pos);
}
