/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ring.c - slots: who gets them, what is written there, when they come back.
 *
 * Everything here runs under the lock.
 */
#include "insert.h"

/*
 * Submissions whose slots are taken back at a time while there is no need. What each costs is
 * mostly a cache line's way from their owner, so to do all at once, when the ring is full, keeps
 * the unit waiting.
 */
#define QI_TIDY 8

/*
 * Has this wait, or a later one, completed? Then every invalidation before it is over, also those
 * whose slots have long been somebody else's.
 */
static bool qi_ring_settled(struct qi *q, uint64_t wait)
{
	if (wait > q->completed && qi_completed(q, wait))
		qi_store_relaxed(&q->completed, wait);
	return wait <= q->completed;
}

/*
 * The wait at `wait` was given up, or its status never comes. Its slots may be used again only when
 * the hardware has fetched them: some later wait that has completed proves it without a register.
 */
static bool qi_ring_fetched(struct qi *q, uint64_t wait)
{
	uint64_t first, later;

	for (first = wait + 1; wait >= q->fetched && first != qi_tail(q); first = later + 1) {
		later = qi_wait_of(q, first);
		if (later < first)
			break;
		if (qi_ring_settled(q, later))
			q->fetched = later + 1;
	}
	return wait < q->fetched;
}

/*
 * May the slots of the submission that ends at `wait` be used again? Yes, if its owner has freed
 * them and the hardware is past them. If its owner has not looked: only for `need`, and if the
 * outcome is out, in the hardware's word or in the ticket.
 */
static bool qi_ring_reusable(struct qi *q, uint64_t wait, bool need)
{
	enum qi_state state = qi_state(q, wait);

	if (state == QI_IN_USE)
		return need && qi_ring_settled(q, wait) && qi_completed(q, wait);
	if (state == QI_ABORT && !need)
		return false;
	return qi_ring_settled(q, wait) || qi_ring_fetched(q, wait);
}

/*
 * In place of its owner, who is owed the outcome, unless it frees them this instant: then S1, as
 * all that it has done, if only as the one that rang, comes before what is done with the slots
 * next.
 *
 * An owner that has not freed them cannot leave without the lock. So its ticket is there, and gets
 * the outcome: the status word is somebody else's from now on.
 */
static void qi_ring_free(struct qi *q, uint64_t wait)
{
	struct qi_slot *w = qi_slot(q, wait);
	uint64_t is = qi_load_relaxed(&w->state);

	if (is == qi_mark(q, wait, QI_FREE) ||
	    !qi_swap_release(&w->state, is, qi_mark(q, wait, QI_FREE))) {
		(void)qi_state(q, wait);
		return;
	}
	q->owed++;
	if (is == qi_mark(q, wait, QI_IN_USE))
		qi_store_release(&w->ticket->phase, QI_PHASE_COMPLETED); /* T0 */
}

/*
 * Nobody looks at the slots before `head` any more. A0, pairs with A1 in qi_take(): who gets them
 * there knows.
 */
static void qi_ring_advance(struct qi *q, uint64_t head)
{
	uint64_t slots = head - q->head;

	if (!slots)
		return;
	qi_store_release(&q->head, head);
	if (qi_ticketed(q))
		qi_add_seq_cst(&q->room, (int64_t)slots);
}

/*
 * All that is FREE at the head, up to so many submissions, if the hardware is past the last of it,
 * as it nearly always is when slots are needed. In ring order, and many at once.
 */
static void qi_ring_take_back_free(struct qi *q, uint64_t most)
{
	uint64_t head = q->head, tail = qi_tail(q), last = 0, wait;

	for (; most && head != tail; most--) {
		wait = qi_wait_of(q, head);
		if (wait < head || qi_state(q, wait) != QI_FREE)
			break;
		last = wait;
		head = wait + 1;
	}
	if (last && qi_ring_settled(q, last))
		qi_ring_advance(q, head);
}

/* One by one. */
static void qi_ring_take_back(struct qi *q, bool need)
{
	uint64_t head = q->head, tail = qi_tail(q), wait;

	while (head != tail) {
		wait = qi_wait_of(q, head);
		if (wait < head || !qi_ring_reusable(q, wait, need))
			break;
		if (need)
			qi_ring_free(q, wait);
		if (qi_load_relaxed(&qi_slot(q, wait)->flags) & QI_SLOT_ATS && wait > q->completed)
			q->ats_left = wait;
		head = wait + 1;
	}
	qi_ring_advance(q, head);
}

void qi_ring_reclaim(struct qi *q)
{
	qi_ring_take_back_free(q, q->mask);
	qi_ring_take_back(q, false);
}

bool qi_ring_make_room(struct qi *q, uint64_t slots)
{
	qi_ring_take_back_free(q, slots + QI_TIDY);
	if (slots > qi_ring_room(q))
		qi_ring_take_back(q, false);
	if (slots > qi_ring_room(q))
		qi_ring_take_back(q, true);
	return slots <= qi_ring_room(q);
}

/*
 * Its owner may free the slots at once, and nobody waits for this status write. The fence sees to
 * it that it does not come after that of the slot's next user.
 */
void qi_ring_replace(struct qi *q, uint64_t pos)
{
	qi_put_wait(q, pos, QI_OPT_FENCE);
	if (q->cfg.host->flush)
		qi_flush_slots(q, pos, pos);
	qi_count(q, descriptors[QI_IWD_TYPE], 1);
}

void qi_ring_gate(struct qi *q)
{
	bool closed = !qi_ticketed(q) || q->mode != QI_MODE_ON || q->queued || qi_isolating(q);

	if (closed == q->closed)
		return;
	qi_store_relaxed(&q->closed, closed);
	qi_add_seq_cst(&q->room, closed ? -QI_CLOSED : QI_CLOSED);
}

void qi_ring_tidy(struct qi *q)
{
	unsigned long flags;

	if (qi_load_relaxed(&q->tidying) || qi_exchange_seq_cst(&q->tidying, 1))
		return;
	flags = qi_lock(q);
	qi_ring_take_back_free(q, QI_TIDY);
	qi_unlock(q, flags);
	qi_store_release(&q->tidying, 0);
}

/* While nobody gets room but under the lock, and there is as much. */
static uint64_t qi_ring_take(struct qi *q, uint64_t slots)
{
	uint64_t first;

	if (qi_ticketed(q)) {
		qi_add_seq_cst(&q->room, -(int64_t)slots);
		return qi_add_seq_cst(&q->tail, slots);
	}
	first = q->tail;
	qi_store_relaxed(&q->tail, first + slots);
	return first;
}

/* The bell is to follow, before the lock is given back. */
static inline void qi_ring_publish(struct qi *q, uint64_t first, uint64_t wait)
{
	if (qi_ticketed(q))
		qi_publish(q, first, wait);
	else
		qi_publish_ringing(q, first, wait);
}

/*
 * A drain has no owner, so its slot comes back when the hardware is past it. Another one follows
 * where a time-out error voided it, and after a while in any case: its status word may have fallen
 * to a late write of somebody's who had given up.
 */
bool qi_ring_drained(struct qi *q, struct qi_drain *d)
{
	uint64_t now;

	if (d->wait && qi_ring_settled(q, d->wait))
		return true;
	now = qi_now(q);
	if (d->wait && d->wait >= q->aborted &&
	    (d->wait >= q->fetched || now < d->since + q->cfg.timeout_ns))
		return false;
	if (!qi_ring_room(q) && !qi_ring_make_room(q, 1))
		return false;
	d->wait = qi_ring_take(q, 1);
	d->since = now;
	qi_put_wait(q, d->wait, 0);
	qi_count(q, descriptors[QI_IWD_TYPE], 1);
	qi_claim(q, d->wait, d->wait, NULL, 0);
	qi_ring_publish(q, d->wait, d->wait);
	return false;
}

/* Is a device's answer still to come that somebody may be waiting for? */
bool qi_ring_slow(struct qi *q)
{
	if (qi_load_relaxed(&q->ats_wait) > q->completed)
		qi_ring_reclaim(q);
	return qi_load_relaxed(&q->ats_wait) > q->completed;
}

bool qi_ring_slow_ahead(struct qi *q, const struct qi_ticket *t)
{
	bool queued = qi_is_queued(t);
	uint64_t end = queued ? qi_tail(q) : t->wait, first, wait;
	const struct qi_ticket *o;

	if (!qi_ring_slow(q))
		return false;
	if (q->ats_left > q->completed || qi_load_relaxed(&q->ats_wait) < end)
		return true;
	for (o = q->queued; queued && o && o != t; o = o->next) {
		if (o->ats)
			return true;
	}
	for (first = q->head; first < end; first = wait + 1) {
		wait = qi_wait_of(q, first);
		if (wait < first)
			break;
		if (qi_load_relaxed(&qi_slot(q, wait)->flags) & QI_SLOT_ATS &&
		    !qi_completed(q, wait))
			return true;
	}
	return false;
}

static void qi_ring_insert(struct qi *q, struct qi_ticket *t)
{
	uint64_t first = qi_ring_take(q, t->n + 1), wait = first + t->n;
	unsigned flags = 0;

	if (t->suspect) {
		flags = QI_SLOT_ISOLATED;
		q->isolated = wait;
		q->quiet = false;
		q->suspects--;
	}
	/* Then the ticket is its owner's again. */
	qi_fill(q, t, first, flags);
	qi_ring_publish(q, first, wait);
}

static void qi_ring_enqueue(struct qi *q, struct qi_ticket *t)
{
	if (t->suspect) {
		t->n = qi_isolate_cut(t, t->n);
		q->suspects++;
	}
	t->next = NULL;
	t->phase = q->queued ? QI_PHASE_QUEUED : QI_PHASE_NEXT;
	*q->queued_end = t;
	q->queued_end = &t->next;
	qi_ring_gate(q);
}

static void qi_ring_unlink(struct qi *q, struct qi_ticket **link)
{
	struct qi_ticket *t = *link;

	*link = t->next;
	if (!*link)
		q->queued_end = link;
	if (q->queued)
		qi_store_relaxed(&q->queued->phase, QI_PHASE_NEXT);
}

void qi_ring_unqueue(struct qi *q, struct qi_ticket *t)
{
	struct qi_ticket **link = &q->queued;

	while (*link != t)
		link = &(*link)->next;
	qi_ring_unlink(q, link);
	/* Without suspects others go on: the next one must not trust in today's quiet. */
	if (t->suspect && !--q->suspects) {
		q->quiet = false;
		q->drain.wait = 0;
	}
	qi_ring_gate(q);
}

/*
 * Those that are queued find room when this wait has completed: for the first of them, and, so that
 * one doorbell serves many, a quarter of the ring. The unit has the rest to work on meanwhile. 0:
 * at any moment, as the room is that of somebody who has not inserted yet.
 */
static uint64_t qi_ring_ripe(const struct qi *q, uint64_t slots)
{
	uint64_t first = q->head, tail = qi_tail(q), wait = 0, until;

	if (slots < q->mask / 4)
		slots = q->mask / 4;
	until = tail + slots - q->mask;
	for (; first < tail && first < until; first = wait + 1) {
		if (qi_wait_of(q, first) < first)
			break;
		wait = qi_wait_of(q, first);
	}
	return wait;
}

/*
 * First come, first served: a submission that does not fit keeps later ones waiting, smaller ones
 * too. Only those that wait for an isolated attempt are passed by, as theirs is not about space.
 */
bool qi_ring_pump(struct qi *q, const struct qi_ticket *mine, uint64_t *first)
{
	struct qi_ticket **link = &q->queued, *t;
	uint64_t tail = qi_tail(q), ripe = 0;
	bool taken = false;

	qi_ring_reclaim(q);
	if (qi_isolating(q))
		qi_isolate_step(q);
	while ((t = *link)) {
		if (qi_isolating(q) && !qi_isolate_admits(q, t)) {
			link = &t->next;
			continue;
		}
		if (t->n + 1 > qi_ring_room(q) && !qi_ring_make_room(q, t->n + 1)) {
			ripe = qi_ring_ripe(q, t->n + 1);
			break;
		}
		qi_ring_unlink(q, link);
		/* Others' owners may have been interrupted by who waits for these very slots. */
		if (t == mine && qi_ticketed(q) && !qi_isolating(q)) {
			*first = qi_ring_take(q, t->n + 1);
			taken = true;
		} else {
			qi_ring_insert(q, t);
		}
	}
	qi_store_relaxed(&q->ripe, ripe);
	if (qi_tail(q) != tail)
		qi_bell(q);
	qi_ring_gate(q);
	return taken;
}

bool qi_ring_keep_room(struct qi *q, const struct qi_ticket *t)
{
	int64_t slots = (int64_t)t->n + 1;

	if (q->closed || t->n >= q->mask)
		return false;
	if (qi_add_seq_cst(&q->room, -slots) < slots) {
		qi_ring_take_back_free(q, q->mask);
		/* Whoever takes room that is not there owes it. Does nobody? */
		if (qi_load_acquire(&q->room) < 0) {
			qi_add_seq_cst(&q->room, slots);
			return false;
		}
	}
	return true;
}

void qi_ring_insert_at(struct qi *q, struct qi_ticket *t, uint64_t first)
{
	qi_insert_at(q, t, first);
}

/*
 * The way that nearly all take who have the lock: queued and taken out again, so to speak. With the
 * ticketed engine others may take slots meanwhile; whoever finds none shuts them out, so that it is
 * nobody else's turn before it is his.
 */
static bool qi_ring_insert_now(struct qi *q, struct qi_ticket *t)
{
	uint64_t first;
	int64_t room;

	if (q->queued || t->suspect || qi_isolating(q))
		return false;
	if (t->n + 1 > qi_ring_room(q) && !qi_ring_make_room(q, t->n + 1))
		return false;
	if (!q->closed) {
		if (!qi_take(q, t->n + 1, &first, &room))
			return false;
		qi_ring_insert_at(q, t, first); /* the lock has turned interrupts off */
		return true;
	}
	qi_ring_insert(q, t);
	qi_bell(q);
	return true;
}

void qi_ring_enter(struct qi *q, struct qi_ticket *t)
{
	unsigned most = q->mask - 1, left = t->count - t->base;

	t->n = left < most ? left : most;
	if (qi_ring_insert_now(q, t))
		return;
	qi_ring_enqueue(q, t);
	/* Behind one who waits it is for that one to look, who knows when it is worth it. */
	if (q->queued == t || !q->queued->waits || qi_isolating(q))
		qi_ring_pump(q, NULL, NULL);
}
