/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * doorbell.c - who writes the tail register, and when; what is not as simple as in submit.c.
 *
 * The doorbell lies at exactly one slot, as QI_SLOT_DOORBELL in its word, or one thread holds it,
 * or it has been removed, as the queue is off. At rest it lies at the first slot that the unit does
 * not know of: unpublished, and then the publisher will find it there, or published by an owner
 * that polls, and then that owner looks after it. If that owner has no CPU, any other waiter does
 * so after a while.
 *
 * Its holder has interrupts off, and a submission of its own in the ring or the lock or `repair`,
 * so the queue is not turned off meanwhile.
 */
#include "queue.h"

/* Submissions that one doorbell tells of, at most: the unit is not to run dry meanwhile. */
#define QI_DOORBELL_REACH 32

/* Doorbells that one thread rings in a row, if the next submission's owner can ring as well. */
#define QI_DOORBELL_ROUNDS 4

/*
 * Where submissions come faster than the unit completes them, `older` is one that is followed by
 * work for a while. Until it completes the doorbell can wait. 0: the unit is as fast as they come.
 */
void qi_doorbell_mark(struct qi *q, uint64_t last, uint64_t at)
{
	qi_store_relaxed(&q->older, qi_is_past(q, q->newer) ? 0 : q->newer);
	qi_store_relaxed(&q->newer, last);
	q->mark = at;
}

/* `at` may be a lap old where a thread had no CPU: then the word is of the slot's later user. */
static bool qi_doorbell_take(struct qi *q, uint64_t at, uint64_t word)
{
	return word & QI_SLOT_DOORBELL && qi_wait_of(word) - at <= q->mask &&
	       qi_swap_seq_cst(&qi_slot(q, at)->published, &word, word & ~QI_SLOT_DOORBELL);
}

/* What this word, at `at`, is to be when the doorbell lies there; 0: it may not lie there. */
static uint64_t qi_doorbell_rest(const struct qi *q, uint64_t at, uint64_t word, unsigned rounds)
{
	if (!qi_is_published(word, at))
		return at << QI_SLOT_SHIFT | QI_SLOT_DOORBELL;
	if (!(word & QI_SLOT_POLLED))
		return 0;
	return rounds >= QI_DOORBELL_ROUNDS || qi_may_defer(q) ? word | QI_SLOT_DOORBELL : 0;
}

/* B0, pairs with W0: either the publisher finds what is laid down here, or this finds its word. */
static bool qi_doorbell_lay(struct qi *q, uint64_t at, unsigned rounds)
{
	uint64_t word = qi_published(q, at), to;

	do {
		to = qi_doorbell_rest(q, at, word, rounds);
		if (!to)
			return false;
	} while (!qi_swap_seq_cst(&qi_slot(q, at)->published, &word, to));
	/* C1, pairs with C0 in qi_doorbell_again(). */
	return !qi_load_seq_cst(&q->again) || !qi_doorbell_take(q, at, to);
}

void qi_doorbell_ring(struct qi *q, uint64_t last, uint64_t at)
{
	unsigned rounds = 0, told;
	uint64_t word;

	do {
		word = qi_published(q, at);
		for (told = 1; qi_is_published(word, at) && told < QI_DOORBELL_REACH; told++) {
			last = at;
			at = qi_behind(word);
			word = qi_published(q, at);
		}
		qi_store_relaxed(&q->again, 0);
		qi_doorbell_write(q, last, at, q->shift, true);
		rounds++;
	} while (!qi_doorbell_lay(q, at, rounds));
}

void qi_doorbell_settle(struct qi *q, uint64_t first)
{
	uint64_t word = qi_published(q, first);

	while (word & QI_SLOT_POLLED && qi_may_defer(q))
		if (qi_swap_seq_cst(&qi_slot(q, first)->published, &word, word | QI_SLOT_DOORBELL))
			return;
	qi_doorbell_ring(q, first, first);
}

void qi_doorbell_look(struct qi *q, uint64_t at, bool now)
{
	uint64_t word = qi_published(q, at);
	unsigned long irq;

	if (!(word & QI_SLOT_DOORBELL))
		return;
	if (!qi_load_relaxed(&q->again) &&
	    (!qi_is_published(word, at) || (!now && qi_may_defer(q))))
		return;
	irq = qi_irq_save(q);
	if (qi_doorbell_take(q, at, word))
		qi_doorbell_ring(q, at, at);
	qi_irq_restore(q, irq);
}

/*
 * C0, pairs with C1: one that holds the doorbell now looks at `again` when it has laid it down. If
 * `rung` is outdated here, any waiter that looks around finds `again` set.
 */
void qi_doorbell_again(struct qi *q)
{
	qi_exchange_seq_cst(&q->again, 1);
	qi_doorbell_look(q, qi_load_relaxed(&q->rung), true);
}

bool qi_doorbell_remove(struct qi *q)
{
	uint64_t at = qi_load_relaxed(&q->rung);

	if (!q->removed)
		q->removed = qi_doorbell_take(q, at, qi_published(q, at));
	return q->removed;
}
