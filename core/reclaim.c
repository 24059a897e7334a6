/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * reclaim.c - slots come back, in ring order, when the hardware has done with them.
 *
 * A submission is over when its status word says "complete", or when a time-out error has aborted
 * it: then its wait never completes. That is the hardware's word alone. What an owner has seen or
 * not does not come into it, with one exception: if it is to repeat an aborted submission, its
 * slots come back last, so that qi_disable() can wait for it (`owed`).
 *
 * Everything here but qi_reclaim_behind() runs under the lock.
 */
#include "queue.h"

/*
 * While the ring is closed, the one that opens it counts the room. A0, pairs with A1 in
 * qi_reserve().
 */
static void qi_give_room(struct qi *q, uint64_t slots)
{
	uint64_t was;

	if (qi_load_relaxed(&q->closed))
		return;
	was = qi_load_relaxed(&q->space);
	while ((int32_t)was >= 0 && !qi_swap_seq_cst(&q->space, &was, was + slots))
		;
}

static void qi_advance(struct qi *q, uint64_t head)
{
	uint64_t slots = head - q->head;

	if (!slots)
		return;
	if (q->cfg.stats)
		qi_stats_reclaimed(q, q->head, head);
	/* A2, pairs with the looks at `head` in ticket.c and fault.c. */
	qi_store_release(&q->head, head);
	qi_give_room(q, slots);
	/* The positions in `space` have 32 bits, and none that is in use is before the head. */
	if (head - q->base > 1U << 30)
		qi_store_relaxed(&q->base, head);
}

void qi_note_unheard(struct qi *q, uint64_t before)
{
	if (!before)
		return;
	if (q->unheard.before < before)
		q->unheard.before = before;
	q->unheard.since = q->epoch;
}

/* There is need of its slots, so what its owner has to hear stands elsewhere from now on. */
static void qi_pass_owed(struct qi *q, uint64_t first)
{
	qi_and_relaxed(&qi_slot(q, first)->published, ~QI_SLOT_OWED);
	if (q->npassed < QI_PASSED) {
		q->passed[q->npassed++] = first;
		return;
	}
	q->owed--;
	qi_note_unheard(q, first + 1);
}

/* What has completed behind a gap shows that everything in the gap is over, too. */
static void qi_pass_gap(struct qi *q, uint64_t first, uint64_t end)
{
	uint64_t word;

	for (; first != end; first = qi_behind(word)) {
		word = qi_published(q, first);
		if (word & QI_SLOT_OWED)
			qi_pass_owed(q, first);
	}
}

/*
 * A late status write may hide for good that this one is complete: its owner saw that before, and
 * is gone. Where there is need, nothing may be able to complete behind it. An owner that has yet to
 * look does it again. Not while the queue is being turned off, which waits for such owners.
 */
static bool qi_pass_hidden(struct qi *q, uint64_t first, uint64_t word)
{
	if (qi_mode_of(q->epoch) != QI_MODE_ON || !qi_is_overwritten(q, first) ||
	    qi_wait_of(word) >= q->fetched)
		return false;
	qi_set_mode(q, QI_MODE_ON); /* all owners look once */
	qi_note_unheard(q, first + 1);
	return true;
}

void qi_reclaim(struct qi *q, uint64_t tail, bool need, bool deep)
{
	uint64_t first = q->head, head = first, word;
	bool gap = false; /* something before is not over */

	for (; first != tail; first = qi_behind(word)) {
		word = qi_published(q, first);
		if (!qi_is_published(word, first))
			break;
		if (qi_is_complete(q, first)) {
			if (gap)
				qi_pass_gap(q, head, first);
			gap = false;
			q->ats_left = 0;
		} else if (!qi_is_void(q, word)) {
			gap = gap || !need || !deep || !qi_pass_hidden(q, first, word);
		}
		if (gap && (!deep || word & QI_SLOT_DRAIN))
			break;
		if (word & QI_SLOT_OWED && !need)
			break;
		if (gap)
			continue;
		if (word & QI_SLOT_OWED)
			qi_pass_owed(q, first);
		head = qi_behind(word);
		if (word & QI_SLOT_ATS && !qi_is_complete(q, first))
			q->ats_left = first;
	}
	qi_advance(q, head);
}

/*
 * A wait completes only after every invalidation before it, so all up to the caller's own is over.
 * Not so where page requests are drained, or where something has been aborted: `careful` is behind
 * these.
 */
void qi_reclaim_behind(struct qi *q, uint64_t end)
{
	unsigned long flags = qi_lock(q);

	if (end > q->head && q->head < q->careful) {
		qi_reclaim(q, end, false, false);
	} else if (end > q->head) {
		qi_advance(q, end);
		q->ats_left = 0;
	}
	qi_unlock(q, flags);
}
