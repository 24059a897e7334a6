/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * submit.c - a submission, from call to return.
 *
 *  1. Look at `epoch`: the queue is on, and this is what the word will be in step 6 if no fault and
 *     no change of mode has come in between.
 *  2. Validate the descriptors.
 *  3. With interrupts off, reserve slots. One addition to `space` moves the tail on and lessens the
 *     room, so no thread fails or waits because others come too. The one that finds too little room
 *     has thereby closed the ring, says in `closed` where the tail really is, and stands in line
 *     (line.c) like those that find it closed.
 *  4. Write descriptors and wait, side by side with others. Set the status word to "not yet".
 *  5. Publish: exchange the word of the first slot. The one that finds the doorbell there has it,
 *     tells the unit of all that is published from there on, and lays the doorbell down at the
 *     first slot that is not. There the next publisher finds it. Only its holder writes IQT, so an
 *     older tail never follows a newer one. While the unit has work enough, an owner that polls
 *     leaves the doorbell at its own slot for a while, so that one rings for many.
 *  6. Wait until the status word says "complete". If `epoch` is as in step 1, that is a success.
 *     Otherwise the log of faults says whether one of them concerns these slots (ticket.c).
 *  7. One submission in a few, that which crosses a border in the ring, takes back the slots: as it
 *     is complete, so is everything before it (reclaim.c).
 *
 * Slots belong to the unit until their submission is over. Owners free nothing and are not kept
 * account of: they may look late, or never.
 */
#include "queue.h"

/* ---- 2: validate ---- */

static bool qi_options_valid(const struct qi *q, unsigned options)
{
	if (options & ~(QI_OPT_WAIT_DRAIN | QI_OPT_FENCE | QI_OPT_INTERRUPT))
		return false;
	if (options & QI_OPT_WAIT_DRAIN && !(q->rules.ecap & VTD_ECAP_PDS))
		return false;
	return !(options & QI_OPT_INTERRUPT) || q->cfg.interrupt.enable;
}

/* All are valid, and of no device TLB. False says nothing. @wide: the upper halves count. */
qi_inline bool qi_is_plain(const struct qi *q, const struct qi_desc *desc, unsigned count,
			   bool wide)
{
	const struct qi_desc *d = desc;

	for (; count; count--, d++)
		if (!qi_desc_quick(&q->rules, d) || (wide && d->qw2 | d->qw3))
			return false;
	return true;
}

static int qi_refuse(struct qi *q, struct qi_ticket *t, unsigned index)
{
	struct qi_refusal why = qi_desc_refusal(&q->rules, &t->desc[index]);

	t->error.index = index;
	t->error.field = why.field;
	t->error.reason = why.reason;
	return qi_finish(q, t, -QI_ERR_DESC);
}

/* A device that is known to be gone is not asked: all would wait for its time-out. */
static int qi_look_for_devices(struct qi *q, struct qi_ticket *t)
{
	unsigned i;

	for (i = 0; i < t->count; i++) {
		if (!qi_is_ats(&t->desc[i]))
			continue;
		t->ats = true;
		if (!qi_gone(q, qi_ats_sid(&t->desc[i])))
			continue;
		t->error.index = i;
		t->error.sid = qi_ats_sid(&t->desc[i]);
		return qi_finish(q, t, -QI_ERR_DEVICE);
	}
	return 0;
}

static int qi_validate(struct qi *q, struct qi_ticket *t)
{
	unsigned i;

	if ((t->count && !t->desc) || !qi_options_valid(q, t->options))
		return qi_finish(q, t, -QI_ERR_INVALID);
	for (i = 0; i < t->count; i++)
		if (!qi_desc_valid(&q->rules, &t->desc[i]))
			return qi_refuse(q, t, i);
	return qi_look_for_devices(q, t);
}

/* ---- 3: reserve ---- */

/*
 * A1, pairs with A0 in qi_give_room(): the slots' earlier users have done with them. `base` makes
 * 64 bits of the position: it is at most the head, and less than 2^31 slots behind it.
 */
qi_inline bool qi_reserve(struct qi *q, unsigned slots, uint64_t *first)
{
	uint64_t was = qi_add_seq_cst(&q->space, ((uint64_t)slots << 32) - slots);
	uint64_t base = qi_load_relaxed(&q->base);
	int32_t room = (int32_t)was;

	*first = base + (uint32_t)((uint32_t)(was >> 32) - (uint32_t)base);
	if (qi_likely(room >= (int32_t)slots))
		return true;
	/* This thread has made it negative: no other one knows where the tail is. */
	if (room >= 0)
		qi_store_release(&q->closed, *first + 1);
	return false;
}

bool qi_reserve_open(struct qi *q, unsigned slots, uint64_t *first)
{
	return qi_reserve(q, slots, first);
}

/* ---- 4: write ---- */

/* Relaxed, as a snapshot may read what stands in slots that are being written. */
qi_inline void qi_put(uint64_t *at, uint64_t qw0, uint64_t qw1, uint64_t qw2, uint64_t qw3,
		      bool wide)
{
	qi_store_relaxed(&at[0], qw0);
	qi_store_relaxed(&at[1], qw1);
	if (wide) {
		qi_store_relaxed(&at[2], qw2);
		qi_store_relaxed(&at[3], qw3);
	}
}

/* A wait that makes the unit store @data in the status word of that slot. */
qi_inline void qi_put_wait(uint64_t *at, uint64_t status_phys, uint32_t data, unsigned options,
			   bool wide)
{
	qi_put(at, (QI_IWD_TYPE | QI_IWD_SW | options) | (uint64_t)data << 32, status_phys, 0, 0,
	       wide);
}

/* The ring's end is in between. */
static __attribute__((__noinline__)) void qi_write_around(struct qi *q, unsigned index,
							  uint64_t status_phys, uint32_t tag,
							  const struct qi_desc *desc, unsigned n,
							  unsigned options)
{
	const bool wide = q->shift == 5;
	const unsigned step = wide ? 4 : 2, end = q->mask + 1U;
	uint64_t *at = qi_ring_at(q, index);

	for (n -= end - index; index < end; index++, desc++, at += step)
		qi_put(at, desc->qw0, desc->qw1, desc->qw2, desc->qw3, wide);
	at = qi_ring_at(q, 0);
	for (; n; n--, desc++, at += step)
		qi_put(at, desc->qw0, desc->qw1, desc->qw2, desc->qw3, wide);
	qi_put_wait(at, status_phys, tag, options, wide);
}

/* ECAP.C = 0. */
static __attribute__((__noinline__)) void qi_flush_slots(struct qi *q, uint64_t first,
							 uint64_t wait)
{
	uint64_t pos;

	for (pos = first; pos <= wait; pos++)
		q->host->flush(q->ctx, qi_ring_at(q, pos), (size_t)1 << q->shift);
	q->host->flush(q->ctx, qi_status(q, first), sizeof(uint32_t));
}

qi_inline void qi_before_publishing(struct qi *q, uint64_t first, const struct qi_desc *desc,
				    unsigned n)
{
	if (qi_unlikely(q->flushes))
		qi_flush_slots(q, first, first + n);
	qi_trace(q, .kind = QI_TRACE_SUBMIT, .at = first, .desc = desc, .count = n);
}

/*
 * The status word is the unit's from the publication on. An older lap's late write may still come,
 * here or later: it says less than "not yet". The unit's own write may have come before it, so the
 * owner then submits again (qi_is_overwritten()), when page responses have been fetched.
 */
qi_inline uint32_t *qi_write(struct qi *q, uint64_t first, uint32_t tag, const struct qi_desc *desc,
			     unsigned n, unsigned options, bool wide)
{
	unsigned index = first & q->mask, step = wide ? 4 : 2;
	size_t offset = (size_t)index << q->spread;
	uint32_t *status = (uint32_t *)(void *)(q->status + offset);
	uint64_t *at = (uint64_t *)(void *)q->ring + (size_t)index * step;

	qi_store_relaxed(status, tag - 1);
	if (qi_unlikely(n > (unsigned)q->mask - index)) {
		qi_write_around(q, index, q->status_phys + offset, tag, desc, n, options);
		return status;
	}
	for (; n; n--, desc++, at += step)
		qi_put(at, desc->qw0, desc->qw1, desc->qw2, desc->qw3, wide);
	qi_put_wait(at, q->status_phys + offset, tag, options, wide);
	return status;
}

void qi_replace(struct qi *q, uint64_t at, uint64_t status, uint32_t data)
{
	uint64_t phys = q->status_phys + ((status & q->mask) << q->spread);
	uint64_t *slot = qi_ring_at(q, at);

	if (q->shift == 5)
		qi_put_wait(slot, phys, data, QI_OPT_FENCE, true);
	else
		qi_put_wait(slot, phys, data, QI_OPT_FENCE, false);
	if (q->flushes)
		q->host->flush(q->ctx, slot, (size_t)1 << q->shift);
}

/* ---- 5: publish ---- */

/*
 * W0, pairs with W1 in qi_published(): the holder of the doorbell that sees this word sees all of
 * the submission. One exchange, so that either the holder finds the word, or this finds the
 * doorbell.
 */
qi_inline bool qi_publish(struct qi *q, uint64_t first, uint64_t wait, uint64_t flags)
{
	return qi_exchange_seq_cst(&qi_slot(q, first)->published,
				   wait << QI_SLOT_SHIFT | QI_SLOT_PUBLISHED | flags) ==
	       (first << QI_SLOT_SHIFT | QI_SLOT_DOORBELL);
}

/*
 * The doorbell is the caller's, whose submission is the first that the unit does not know of, and,
 * as is usual where submissions come one by one, the only one.
 */
qi_inline void qi_doorbell(struct qi *q, uint64_t first, uint64_t end, unsigned shift, bool odd)
{
	struct qi_slot *next = qi_slot(q, end);
	uint64_t word = qi_load_acquire(&next->published); /* W1 */
	const uint64_t this_lap = end << QI_SLOT_SHIFT;

	/*
	 * Others have come, or it can wait: see there. As the doorbell is here, a word of this lap
	 * is that of a published submission.
	 */
	if (qi_unlikely(qi_load_relaxed(&q->older) || word >= this_lap)) {
		qi_doorbell_settle(q, first);
		return;
	}
	qi_doorbell_write(q, first, end, shift, odd);
	if (qi_unlikely(!qi_swap_seq_cst(&next->published, &word, this_lap | QI_SLOT_DOORBELL)))
		qi_doorbell_ring(q, first, end);
	else if (qi_unlikely(qi_load_seq_cst(&q->again)))
		qi_doorbell_look(q, end, true);
}

/* A page response that has been sent is not repeated: the device would not know what it answers. */
static void qi_leave_out_sent(struct qi *q, const struct qi_ticket *t)
{
	unsigned i;

	for (i = t->base; i < t->base + t->n && i < t->sent; i++)
		if (qi_is_response(&t->desc[i]))
			qi_replace(q, t->first + (i - t->base), t->first, qi_tag(q, t->first) - 1);
}

/* Before it is published. Grows; of those that come at the same time the last one is to stand. */
static void qi_note_ats(struct qi *q, uint64_t first)
{
	uint64_t newest = qi_load_relaxed(&q->ats_newest);

	while (newest < first && !qi_swap_seq_cst(&q->ats_newest, &newest, first))
		;
}

bool qi_insert(struct qi *q, const struct qi_ticket *t)
{
	const struct qi_desc *desc = t->base ? t->desc + t->base : t->desc; /* which may be NULL */
	uint32_t tag = qi_tag(q, t->first);

	if (q->shift == 5)
		qi_write(q, t->first, tag, desc, t->n, t->options, true);
	else
		qi_write(q, t->first, tag, desc, t->n, t->options, false);
	if (t->flags & QI_SLOT_ATS)
		qi_note_ats(q, t->first);
	if (t->sent)
		qi_leave_out_sent(q, t);
	qi_before_publishing(q, t->first, desc, t->n);
	return qi_publish(q, t->first, t->first + t->n, t->flags);
}

/* ---- the calls ---- */

/*
 * 3 to 5. Interrupts off: slots that are reserved keep all submissions behind them waiting until
 * they are published, also one by a handler on this CPU.
 */
static bool qi_enter(struct qi *q, struct qi_ticket *t)
{
	unsigned long irq = qi_irq_save(q);
	bool reserved = qi_reserve(q, t->n + 1, &t->first);

	if (!reserved)
		t->first = 0;
	else if (qi_insert(q, t))
		qi_doorbell_settle(q, t->first);
	qi_irq_restore(q, irq);
	return reserved;
}

static int qi_start(struct qi *q, struct qi_ticket *t)
{
	enum qi_mode mode = qi_mode_of(t->epoch);
	int err;

	/* The rules may not be known before the queue has been on. */
	if (mode != QI_MODE_ON)
		return qi_finish(q, t,
				 mode == QI_MODE_DEAD ? qi_load_relaxed(&q->dead) : -QI_ERR_OFF);
	err = qi_validate(q, t);
	if (err)
		return err;
	t->n = t->count;
	t->flags = (uint16_t)(t->flags | QI_SLOT_NEW | (t->ats ? QI_SLOT_ATS : 0) |
			      (t->options & QI_OPT_WAIT_DRAIN ? QI_SLOT_DRAIN : 0));
	if (q->cfg.stats) {
		t->type = (uint8_t)qi_stats_type(t->desc, t->count);
		t->start = qi_now(q);
	}
	if (t->options & QI_OPT_WAIT_DRAIN || t->count >= q->mask || !qi_enter(q, t))
		return qi_line_enter(q, t);
	return 0;
}

/* What is not as plain as most: options, device TLBs, parts, a limit, something wrong. */
int qi_submit_within(struct qi *q, const struct qi_desc *desc, unsigned count, unsigned options,
		     uint64_t limit_ns, struct qi_error *error)
{
	struct qi_ticket t = { .desc = desc,
			       .count = count,
			       .options = options,
			       .limit = limit_ns,
			       .epoch = qi_load_acquire(&q->epoch),
			       .phase = QI_PHASE_FLIGHT,
			       /* One that may sleep does not look after the doorbell. */
			       .flags = options & QI_OPT_INTERRUPT ? 0 : QI_SLOT_POLLED };
	int err = qi_start(q, &t);

	if (!err)
		err = qi_wait(q, &t);
	if (error)
		*error = t.error;
	return err;
}

/* Not complete at once, or something has happened: what the owner remembers becomes a ticket. */
static __attribute__((__noinline__)) int qi_submit_wait(struct qi *q, const struct qi_desc *desc,
							unsigned count, uint64_t first,
							uint64_t epoch, uint64_t start)
{
	struct qi_ticket t = { .desc = desc,
			       .count = count,
			       .n = count,
			       .first = first,
			       .epoch = epoch,
			       .start = start,
			       .phase = QI_PHASE_FLIGHT,
			       .flags = QI_SLOT_POLLED | QI_SLOT_NEW };
	int err = 0;

	if (q->cfg.stats)
		t.type = (uint8_t)qi_stats_type(desc, count);
	if (!first)
		err = qi_line_enter(q, &t);
	return err ? err : qi_wait(q, &t);
}

/*
 * 3 to 7, where nothing is out of the ordinary. @odd: statistics, tracing, or slots to be flushed;
 * without, nothing of it is asked for.
 */
qi_inline int qi_sync(struct qi *q, const struct qi_desc *desc, unsigned count, uint64_t epoch,
		      bool wide, bool odd)
{
	uint64_t first, end, start = odd && q->counts ? qi_now(q) : 0;
	unsigned long irq = qi_irq_save(q);
	uint32_t tag, *status;
	bool complete;

	if (qi_unlikely(!qi_reserve(q, count + 1, &first))) {
		qi_irq_restore(q, irq);
		return qi_submit_wait(q, desc, count, 0, epoch, start);
	}
	end = first + count + 1;
	tag = qi_tag(q, first);
	status = qi_write(q, first, tag, desc, count, 0, wide);
	if (odd)
		qi_before_publishing(q, first, desc, count);
	if (qi_publish(q, first, end - 1, QI_SLOT_POLLED | QI_SLOT_NEW))
		qi_doorbell(q, first, end, wide ? 5 : 4, odd);
	complete = qi_load_acquire(status) == tag;
	qi_irq_restore(q, irq);
	if (qi_unlikely(!complete || qi_load_seq_cst(&q->epoch) != epoch))
		return qi_submit_wait(q, desc, (unsigned)(end - first - 1), first, epoch, start);
	if (odd && start)
		qi_stats_sample(q, first, qi_stats_type(desc, count), start);
	if (qi_unlikely(qi_crosses_grain(q, first, end)))
		qi_reclaim_behind(q, end);
	if (odd)
		qi_trace(q, .kind = QI_TRACE_COMPLETE, .at = first);
	return 0;
}

static __attribute__((__noinline__)) int qi_submit_plain(struct qi *q, const struct qi_desc *desc,
							 unsigned count, uint64_t epoch)
{
	return qi_sync(q, desc, count, epoch, false, false);
}

static __attribute__((__noinline__)) int qi_submit_wide(struct qi *q, const struct qi_desc *desc,
							unsigned count, uint64_t epoch)
{
	return qi_sync(q, desc, count, epoch, true, false);
}

static __attribute__((__noinline__)) int qi_submit_odd(struct qi *q, const struct qi_desc *desc,
						       unsigned count, uint64_t epoch)
{
	return qi_sync(q, desc, count, epoch, q->shift == 5, true);
}

int qi_submit_valid(struct qi *q, const struct qi_desc *desc, unsigned count, uint64_t epoch)
{
	if (q->way == QI_WAY_PLAIN)
		return qi_submit_plain(q, desc, count, epoch);
	return q->way == QI_WAY_WIDE ? qi_submit_wide(q, desc, count, epoch)
				     : qi_submit_odd(q, desc, count, epoch);
}

static __attribute__((__noinline__)) int qi_submit_otherwise(struct qi *q,
							     const struct qi_desc *desc,
							     unsigned count, unsigned options)
{
	return qi_submit_within(q, desc, count, options, 0, NULL);
}

static __attribute__((__noinline__)) int qi_submit_not_plain(struct qi *q,
							     const struct qi_desc *desc,
							     unsigned count, uint64_t epoch)
{
	if (q->shift != 5 ? !qi_is_plain(q, desc, count, false)
			  : !qi_is_plain(q, desc, count, true))
		return qi_submit_otherwise(q, desc, count, 0);
	return q->way == QI_WAY_WIDE ? qi_submit_wide(q, desc, count, epoch)
				     : qi_submit_odd(q, desc, count, epoch);
}

int qi_submit_sync(struct qi *q, const struct qi_desc *desc, unsigned count, unsigned options)
{
	uint64_t epoch = qi_load_acquire(&q->epoch);

	if (qi_unlikely((epoch & QI_EPOCH_MODE) != QI_MODE_ON || options || count >= q->mask ||
			(!desc && count)))
		return qi_submit_otherwise(q, desc, count, options);
	if (qi_unlikely(q->way != QI_WAY_PLAIN))
		return qi_submit_not_plain(q, desc, count, epoch);
	return qi_is_plain(q, desc, count, false) ? qi_submit_plain(q, desc, count, epoch)
						  : qi_submit_otherwise(q, desc, count, options);
}

int qi_submit(struct qi *q, const struct qi_desc *desc, unsigned count, unsigned options,
	      struct qi_ticket *t)
{
	*t = (struct qi_ticket){ .desc = desc,
				 .count = count,
				 .options = options,
				 .epoch = qi_load_acquire(&q->epoch),
				 .phase = QI_PHASE_FLIGHT };
	return qi_start(q, t);
}
