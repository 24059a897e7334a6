/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * insert.h - from a ticket to descriptors in slots that are its own.
 *
 * Inline, as submit.c does it without the lock and ring.c under it.
 */
#ifndef QI_INSERT_H
#define QI_INSERT_H

#include "core.h"

static inline uint64_t *qi_slot_at(const struct qi *q, uint64_t pos)
{
	size_t offset = (size_t)(pos & q->mask) << q->shift;

	return (uint64_t *)(void *)((char *)q->cfg.ring.virt + offset);
}

static inline void qi_put(uint64_t *at, const struct qi_desc *d, bool wide)
{
	at[0] = d->qw0;
	at[1] = d->qw1;
	if (wide) {
		at[2] = d->qw2;
		at[3] = d->qw3;
	}
}

/* The core's own wait: status write of the slot's tag into the slot's word. */
static inline void qi_put_wait(struct qi *q, uint64_t pos, unsigned options)
{
	struct qi_desc d = { QI_IWD_TYPE | QI_IWD_SW | options | (uint64_t)qi_tag(q, pos) << 32,
			     q->cfg.status.phys + ((pos & q->mask) << q->spread) * 4, 0, 0 };

	qi_put(qi_slot_at(q, pos), &d, q->shift == 5);
}

static inline void qi_put_run(uint64_t *at, const struct qi_desc *d, size_t n, bool wide)
{
	for (; n; n--, d++, at += wide ? 4 : 2)
		qi_put(at, d, wide);
}

/* As two runs, if the ring's end is in between. */
static inline void qi_put_all(struct qi *q, uint64_t pos, const struct qi_desc *d, size_t n)
{
	size_t straight = q->mask + 1 - (pos & q->mask), first = n < straight ? n : straight;
	uint64_t *at = qi_slot_at(q, pos);

	if (q->shift == 5)
		qi_put_run(at, d, first, true);
	else
		qi_put_run(at, d, first, false);
	if (first != n)
		qi_put_run(q->cfg.ring.virt, d + first, n - first, q->shift == 5);
}

static inline void qi_flush_slots(struct qi *q, uint64_t first, uint64_t last)
{
	for (; first <= last; first++)
		q->cfg.host->flush(q->cfg.ctx, qi_slot_at(q, first), (size_t)1 << q->shift);
}

/* Make slots [first, wait] one submission, of this ticket or of nobody. */
static inline void qi_claim(struct qi *q, uint64_t first, uint64_t wait, struct qi_ticket *t,
			    unsigned flags)
{
	struct qi_slot *w = qi_slot(q, wait);

	qi_outdate(q, wait);
	/* Relaxed, as qi_bell_may_leave() may be late. */
	qi_store_relaxed(&w->flags, (uint8_t)flags);
	w->ticket = t;
	/*
	 * Its owner learns of the slots from T0, others from W0. The slot's last owner may be about
	 * to free it only now, but its own lap, which is not there any more.
	 */
	qi_store_relaxed(&w->state, qi_mark(q, wait, t ? QI_IN_USE : QI_FREE));
	if (q->cfg.host->flush)
		qi_flush_slots(q, first, wait);
}

/*
 * W0, pairs with W1 in qi_wait_of(): who sees it sees all of the submission. To be followed by a
 * look at `rung`, B1, pairs with B0 in bell.c, which is why it is sequentially consistent: either
 * who rings sees what is written here, or the look sees that nobody will.
 */
static inline void qi_publish(struct qi *q, uint64_t first, uint64_t wait)
{
	qi_store_seq_cst(&qi_slot(q, first)->wait, wait);
}

/* For who is the one that rings: with the lock in the locked engine, or with QI_RINGING. */
static inline void qi_publish_ringing(struct qi *q, uint64_t first, uint64_t wait)
{
	qi_store_release(&qi_slot(q, first)->wait, wait);
}

/* The newest counts, whoever comes first. Relaxed would do: W0 follows. */
static inline void qi_note_ats(struct qi *q, uint64_t wait)
{
	uint64_t newest = qi_load_relaxed(&q->ats_wait);

	while (newest < wait && !qi_swap_seq_cst(&q->ats_wait, &newest, wait))
		;
}

/*
 * Write the ticket's next part into the slots from `first` on, which have been taken for it. It is
 * to be published then.
 */
static inline void qi_fill(struct qi *q, struct qi_ticket *t, uint64_t first, unsigned flags)
{
	uint64_t wait = first + t->n;

	if (t->n)
		qi_put_all(q, first, t->desc + t->base, t->n);
	qi_put_wait(q, wait, t->options);
	if (q->cfg.stats)
		qi_stats_insert(q, t);
	if (t->waits)
		flags |= QI_SLOT_WAITS;
	if (t->ats) {
		flags |= QI_SLOT_ATS;
		qi_note_ats(q, wait);
	}
	qi_claim(q, first, wait, t, flags);
	t->wait = wait;
	/* T0, pairs with T1: the owner may go on without the lock; the ticket is its own again. */
	qi_store_release(&t->phase, QI_PHASE_FLIGHT);
}

/* ---- without the lock: interrupts are off ---- */

/*
 * Take slots, if there are as many and the queue is open, which it is only while it is on and
 * nobody waits for space. Then the next ones are the caller's: nobody fails or waits because others
 * come too.
 *
 * A1, pairs with A0 in qi_ring_advance(): the slots' earlier users have done with them.
 */
static inline bool qi_take(struct qi *q, unsigned slots, uint64_t *first, int64_t *room)
{
	/* A look that costs nothing, as it seldom changes: those in line want what comes back. */
	if (qi_load_relaxed(&q->closed))
		return false;
	*room = qi_add_seq_cst(&q->room, -(int64_t)slots);
	if (*room < (int64_t)slots) {
		qi_add_seq_cst(&q->room, (int64_t)slots);
		return false;
	}
	*first = qi_add_seq_cst(&q->tail, slots);
	return true;
}

/*
 * Nobody before this one is still writing, and the unit needs work: be the one who rings from now
 * on. The others rely on it. Whoever is behind would have to wait for these slots in any case.
 */
static inline bool qi_bell_take(struct qi *q, uint64_t first, bool defer)
{
	uint64_t at = first;

	return qi_load_relaxed(&q->rung) == first && (!defer || qi_bell_pressing(q)) &&
	       qi_swap_seq_cst(&q->rung, &at, first | QI_RINGING);
}

/* ---- the bell, for who has QI_RINGING ---- */

/* Submissions that one doorbell tells of, at most. */
#define QI_BELL_REACH 32

static inline void qi_bell_write(struct qi *q, uint64_t to)
{
	qi_write64(q, DMAR_IQT_REG, (to & q->mask) << q->shift);
	qi_count(q, doorbells, 1);
}

/* Is there anything to tell? */
static inline bool qi_bell_due(struct qi *q, uint64_t at)
{
	return qi_load_seq_cst(&qi_slot(q, at)->wait) >= at || qi_load_seq_cst(&q->kick);
}

/*
 * Tell the unit of everything up to the first position that is not written, but not so far that the
 * unit runs out of work while this collects some more. @wait: of the first of them, which is
 * written. Returns the position.
 *
 * On the way it notes which wait is followed by work enough for a doorbell to be on its way. Where
 * submissions come one by one there is nothing to be gained by waiting for others, and a look at
 * the unit's progress would only cost time: so that is looked at once in a while.
 */
static inline uint64_t qi_bell_tell(struct qi *q, uint64_t wait)
{
	uint64_t older = q->older, newer = q->newer, at;
	unsigned told = 0, followed = q->followed;

	/*
	 * All others read this line to see whether it is their turn: it is left alone until the
	 * end.
	 */
	do {
		if (++followed > q->backlog) {
			older = newer;
			newer = wait;
			followed = 0;
			q->deep = !qi_completed(q, older);
		}
		at = wait + 1;
	} while (++told < QI_BELL_REACH && (wait = qi_wait_of(q, at)) >= at);
	qi_bell_write(q, at);
	q->older = older;
	q->newer = newer;
	q->followed = followed;
	/* Read without QI_RINGING by who comes next, for whom any will do. */
	qi_store_relaxed(&q->watch, told > 1 || q->deep ? older : 0);
	/*
	 * B0: after this one more look at what follows. Whoever had written that before this store
	 * found QI_RINGING, and relies on that look; whoever writes it later finds its own position
	 * in `rung`, B1. Likewise `kick`, in qi_bell_again().
	 */
	qi_store_seq_cst(&q->rung, at);
	return at;
}

/* Of the submission that ends at `wait`, and of those behind it. */
static inline void qi_bell_ring(struct qi *q, uint64_t wait)
{
	uint64_t at = qi_bell_tell(q, wait);

	if (qi_bell_due(q, at))
		qi_bell_for_all(q);
}

/*
 * Write and publish. An owner that waits will look after the doorbell meanwhile, so it may be left
 * for later as long as the unit has work enough.
 */
static inline void qi_insert_at(struct qi *q, struct qi_ticket *t, uint64_t first)
{
	bool ringing = qi_bell_take(q, first, t->waits);

	qi_fill(q, t, first, 0);
	if (ringing) {
		qi_publish_ringing(q, first, t->wait);
		qi_bell_ring(q, t->wait);
		return;
	}
	qi_publish(q, first, t->wait);
	if (qi_load_seq_cst(&q->rung) == first) {
		t->front = t->waits && !qi_bell_pressing(q);
		if (!t->front)
			qi_bell(q);
	}
}

/* False: in line for the lock, please. *room: how much there was. */
static inline bool qi_insert(struct qi *q, struct qi_ticket *t, int64_t *room)
{
	uint64_t first;

	if (!qi_take(q, t->n + 1, &first, room))
		return false;
	qi_insert_at(q, t, first);
	return true;
}

#endif
