/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bell.c - who writes the tail register, and for whom.
 *
 * Submissions are written side by side and in any order, but the unit fetches in ring order, so it
 * may be told only of those before the first that is still being written. Whoever can move `rung`
 * on takes QI_RINGING in it, looks how far that is, and rings once for all; the others leave it to
 * him. One at a time, as an older tail after a newer one would read as a ring nearly full of garbage.
 *
 * Nobody waits here. Who rings has a submission of his own in the ring, or the lock, or `repair`: so
 * the queue is not turned off under him.
 */
#include "insert.h"

/* Times that one thread rings for others who came meanwhile. Then they see to it themselves. */
#define QI_BELL_ROUNDS 8

void qi_bell_for_all(struct qi *q)
{
	uint64_t at = qi_load_seq_cst(&q->rung);
	unsigned rounds = 0;

	while (!(at & QI_RINGING) && rounds < QI_BELL_ROUNDS && qi_bell_due(q, at)) {
		if (!qi_swap_seq_cst(&q->rung, &at, at | QI_RINGING))
			continue;
		qi_store_relaxed(&q->kick, 0);
		at = qi_bell_tell(q, at);
		rounds++;
	}
}

/* Under the lock all are written, and nobody else rings. */
static void qi_bell_by_turns(struct qi *q)
{
	uint64_t tail = qi_tail(q);

	qi_bell_write(q, tail);
	qi_store_relaxed(&q->rung, tail);
}

void qi_bell(struct qi *q)
{
	if (qi_ticketed(q))
		qi_bell_for_all(q);
	else
		qi_bell_by_turns(q);
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
		qi_bell_by_turns(q);
		qi_unlock(q, flags);
	}
}
