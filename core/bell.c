/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bell.c - who writes the tail register, and for whom.
 *
 * Submissions are written side by side and in any order, but the unit fetches in ring order, so it
 * may be told only of those before the first that is still being written. Whoever can move `rung`
 * on takes QI_RINGING in it, looks how far that is, and rings once for all; the others leave it to
 * him. One at a time, as an older tail after a newer one would read as a ring nearly full of
 * garbage.
 *
 * Nobody waits here. Who rings has a submission of his own in the ring or in line, or the lock, or
 * `repair`: so the queue is not turned off under him.
 */
#include "insert.h"

/*
 * Times that one thread rings for others who came meanwhile. Then they see to it themselves: soon
 * if there are few at a time, as this thread has other things to do, too, but not if the next one's
 * owner may be away.
 */
#define QI_BELL_ROUNDS 4
#define QI_BELL_ROUNDS_MOST 64
#define QI_BELL_FEW 32 /* slots */

static uint64_t qi_bell_round(struct qi *q, uint64_t at)
{
	uint64_t wait = qi_wait_of(q, at);

	qi_store_relaxed(&q->kick, 0);
	if (wait >= at)
		return qi_bell_tell(q, wait);
	qi_bell_write(q, at);
	qi_store_seq_cst(&q->rung, at); /* B0 */
	return at;
}

/*
 * Does the next one's owner look after the doorbell? If somebody has rung meanwhile, and this is
 * another lap's, so much the better: then it is for him to ask.
 */
static bool qi_bell_may_leave(struct qi *q, uint64_t at)
{
	uint64_t wait = qi_wait_of(q, at);

	return wait >= at && qi_load_relaxed(&qi_slot(q, wait)->flags) & QI_SLOT_WAITS &&
	       !qi_load_seq_cst(&q->kick);
}

void qi_bell_for_all(struct qi *q)
{
	uint64_t at = qi_load_seq_cst(&q->rung), before;
	unsigned rounds = 0;

	while (!(at & QI_RINGING) && rounds < QI_BELL_ROUNDS_MOST && qi_bell_due(q, at)) {
		if (!qi_swap_seq_cst(&q->rung, &at, at | QI_RINGING))
			continue;
		before = at;
		at = qi_bell_round(q, at);
		if (++rounds >= QI_BELL_ROUNDS && at - before < QI_BELL_FEW &&
		    qi_bell_may_leave(q, at))
			break;
	}
}

void qi_bell(struct qi *q)
{
	if (qi_ticketed(q))
		qi_bell_for_all(q);
	else
		qi_bell_write(q, q->tail); /* all is written, and nobody else rings */
}

void qi_bell_again(struct qi *q)
{
	unsigned long flags;

	if (qi_ticketed(q)) {
		qi_store_seq_cst(&q->kick, 1);
		flags = qi_irq_save(q);
		qi_bell_for_all(q);
		qi_irq_restore(q, flags);
	} else {
		flags = qi_lock(q);
		qi_bell_write(q, q->tail);
		qi_unlock(q, flags);
	}
}
