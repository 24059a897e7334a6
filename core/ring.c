/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ring.c - slots: who gets them, what is written there, when they come back.
 *
 * Everything here runs under the lock.
 */
#include "core.h"

/*
 * Has this wait, or a later one, completed? Then every invalidation before it is over, also those
 * whose slots have long been somebody else's.
 */
static bool qi_ring_settled(struct qi *q, uint64_t wait)
{
	if (wait > q->completed && qi_completed(q, wait))
		q->completed = wait;
	return wait <= q->completed;
}

/*
 * The wait at `wait` was given up, or its status never comes. Its slots may be used again only when
 * the hardware has fetched them: some later wait that has completed proves it without a register.
 */
static bool qi_ring_fetched(struct qi *q, uint64_t wait)
{
	uint64_t first, later;

	for (first = wait + 1; wait >= q->fetched && first != q->tail; first = later + 1) {
		later = qi_wait_of(q, first);
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

/* In place of its owner, who is owed the outcome, unless it frees them this instant. */
static void qi_ring_free(struct qi *q, uint64_t wait)
{
	uint32_t *word = &qi_slot(q, wait)->state, is = qi_load_relaxed(word);

	if (is != qi_mark(q, wait, QI_FREE) && qi_swap_release(word, is, qi_mark(q, wait, QI_FREE)))
		q->owed++;
}

/* In ring order, and called when slots are needed, so that many are taken back at once. */
static void qi_ring_take_back(struct qi *q, bool need)
{
	uint64_t head = q->head, wait;

	while (head != q->tail) {
		wait = qi_wait_of(q, head);
		if (!qi_ring_reusable(q, wait, need))
			break;
		if (need)
			qi_ring_free(q, wait);
		head = wait + 1;
	}
	/* Read without the lock by qi_check_fault(), which only needs a lower bound. */
	qi_store_relaxed(&q->head, head);
}

void qi_ring_reclaim(struct qi *q)
{
	qi_ring_take_back(q, false);
}

bool qi_ring_make_room(struct qi *q, uint64_t slots)
{
	qi_ring_take_back(q, false);
	if (slots > qi_ring_room(q))
		qi_ring_take_back(q, true);
	return slots <= qi_ring_room(q);
}

static inline uint64_t *qi_ring_at(const struct qi *q, uint64_t pos)
{
	size_t offset = (size_t)(pos & q->mask) << q->shift;

	return (uint64_t *)(void *)((char *)q->cfg.ring.virt + offset);
}

static inline void qi_ring_put(struct qi *q, uint64_t pos, const struct qi_desc *d)
{
	uint64_t *at = qi_ring_at(q, pos);

	at[0] = d->qw0;
	at[1] = d->qw1;
	if (q->shift == 5) {
		at[2] = d->qw2;
		at[3] = d->qw3;
	}
}

static void qi_ring_flush(struct qi *q, uint64_t first, uint64_t last)
{
	for (; first <= last; first++)
		q->cfg.host->flush(q->cfg.ctx, qi_ring_at(q, first), (size_t)1 << q->shift);
}

/* The core's own wait: status write of the slot's tag into the slot's word. */
static inline void qi_ring_put_wait(struct qi *q, uint64_t pos, unsigned options)
{
	struct qi_desc d = { QI_IWD_TYPE | QI_IWD_SW | options | (uint64_t)qi_tag(q, pos) << 32,
			     q->cfg.status.phys + (pos & q->mask) * 4, 0, 0 };

	qi_ring_put(q, pos, &d);
	qi_count_locked(q, descriptors[QI_IWD_TYPE], 1);
}

/*
 * Its owner may free the slots at once, and nobody waits for this status write. The fence sees to
 * it that it does not come after that of the slot's next user.
 */
void qi_ring_replace(struct qi *q, uint64_t pos)
{
	qi_ring_put_wait(q, pos, QI_OPT_FENCE);
	if (q->cfg.host->flush)
		qi_ring_flush(q, pos, pos);
}

/* Make slots [first, wait] one submission, of this ticket or of nobody. */
static inline void qi_ring_claim(struct qi *q, uint64_t first, uint64_t wait, struct qi_ticket *t,
				 uint8_t flags)
{
	struct qi_slot *w = qi_slot(q, wait);

	qi_slot(q, first)->span = (uint16_t)(wait - first + 1);
	w->flags = flags;
	w->ticket = t;
	/*
	 * Its owner learns of the slots from T0; others look under the lock. The slot's last owner
	 * may be about to free it only now, but its own lap, which is not there any more.
	 */
	qi_store_relaxed(&w->state, qi_mark(q, wait, t ? QI_IN_USE : QI_FREE));
	q->tail = wait + 1;
	if (q->cfg.host->flush)
		qi_ring_flush(q, first, wait);
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
	d->wait = q->tail;
	d->since = now;
	qi_ring_put_wait(q, d->wait, 0);
	qi_ring_claim(q, d->wait, d->wait, NULL, 0);
	return false;
}

/* Is a device's answer still to come that a wait at the tail waits for? */
bool qi_ring_slow(struct qi *q)
{
	if (q->ats_wait > q->completed)
		qi_ring_reclaim(q);
	return q->ats_wait > q->completed;
}

static void qi_ring_count(struct qi *q, const struct qi_ticket *t)
{
	unsigned i;

	for (i = t->base; i < t->base + t->n; i++)
		qi_count_locked(q, descriptors[t->desc[i].qw0 & 0xf], 1);
}

static void qi_ring_insert(struct qi *q, struct qi_ticket *t)
{
	uint64_t first = q->tail, wait = first + t->n;
	uint8_t flags = 0;
	unsigned i;

	for (i = 0; i < t->n; i++)
		qi_ring_put(q, first + i, &t->desc[t->base + i]);
	qi_ring_put_wait(q, wait, t->options);
	if (q->cfg.stats)
		qi_ring_count(q, t);

	t->slow = t->ats || qi_ring_slow(q);
	if (t->ats) {
		flags = QI_SLOT_ATS;
		q->ats_wait = wait;
	}
	if (t->suspect) {
		flags |= QI_SLOT_ISOLATED;
		q->isolated = wait;
		q->quiet = false;
		q->suspects--;
	}
	t->wait = wait;
	qi_ring_claim(q, first, wait, t, flags);
	/* T0, pairs with T1: the owner may go on without the lock; the ticket is its own again. */
	qi_store_release(&t->phase, QI_PHASE_FLIGHT);
}

/*
 * Under the lock, as an older tail after a newer one would read as a ring nearly full of garbage.
 */
void qi_ring_doorbell(struct qi *q)
{
	qi_write64(q, DMAR_IQT_REG, (q->tail & q->mask) << q->shift);
	qi_count_locked(q, doorbells, 1);
}

static void qi_ring_enqueue(struct qi *q, struct qi_ticket *t)
{
	if (t->suspect) {
		t->n = qi_isolate_cut(t, t->n);
		q->suspects++;
	}
	t->next = NULL;
	t->phase = QI_PHASE_QUEUED;
	*q->queued_end = t;
	q->queued_end = &t->next;
}

static void qi_ring_unlink(struct qi *q, struct qi_ticket **link)
{
	struct qi_ticket *t = *link;

	*link = t->next;
	if (!*link)
		q->queued_end = link;
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
}

/*
 * First come, first served: a submission that does not fit keeps later ones waiting, smaller ones
 * too. Only those that wait for an isolated attempt are passed by, as theirs is not about space.
 */
void qi_ring_pump(struct qi *q)
{
	struct qi_ticket **link = &q->queued, *t;
	uint64_t tail = q->tail;

	qi_ring_reclaim(q);
	if (qi_isolating(q))
		qi_isolate_step(q);
	while ((t = *link)) {
		if (qi_isolating(q) && !qi_isolate_admits(q, t)) {
			link = &t->next;
			continue;
		}
		if (t->n + 1 > qi_ring_room(q) && !qi_ring_make_room(q, t->n + 1))
			break;
		qi_ring_unlink(q, link);
		qi_ring_insert(q, t);
	}
	if (q->tail != tail)
		qi_ring_doorbell(q);
}

void qi_ring_enter(struct qi *q, struct qi_ticket *t)
{
	unsigned most = q->mask - 1, left = t->count - t->base;

	t->n = left < most ? left : most;
	if (q->queued || t->suspect || qi_isolating(q) ||
	    (t->n + 1 > qi_ring_room(q) && !qi_ring_make_room(q, t->n + 1))) {
		qi_ring_enqueue(q, t);
		qi_ring_pump(q);
	} else {
		/* The way that nearly all take: queued and taken out again, so to speak. */
		qi_ring_insert(q, t);
		qi_ring_doorbell(q);
	}
}
