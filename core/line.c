/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * line.c - what happens to a submission that finds no room, or may not enter the ring yet.
 *
 * The ring is open or closed. While it is open, slots are reserved without the lock (submit.c).
 * While it is closed, the room in `space` is negative, so that no thread finds any, `closed` is
 * the position of the tail plus one, and slots are reserved under the lock, first come, first
 * served, from the line of tickets. It is closed by the first thread that finds too little room, or
 * under the lock: when the queue is not on, or devices are tried one at a time (isolate.c). It is
 * opened under the lock when none of these is so and the line is empty.
 *
 * Any thread that has the lock puts into the ring what is first in line and fits, also on behalf of
 * others. So a thread that has no CPU holds up no other, a ticket that is polled now and then goes
 * on all the same, and a handler can go on that has interrupted the first in line.
 */
#include "queue.h"

#define QI_SPACE_LOW (-(1 << 30))

static uint64_t qi_tail(const struct qi *q)
{
	return q->closed - 1;
}

static uint64_t qi_room(const struct qi *q)
{
	return q->mask - (qi_tail(q) - q->head);
}

/*
 * Where another thread has made the room negative, it is about to say where the tail is. Until then
 * that is not known here. Once closed, the value is put right again now and then, as each thread
 * that still comes takes something away.
 */
bool qi_close(struct qi *q)
{
	uint64_t was, base = q->base;

	if (qi_load_acquire(&q->closed)) {
		if ((int32_t)qi_load_relaxed(&q->space) < QI_SPACE_LOW)
			qi_exchange_seq_cst(&q->space, QI_SPACE_CLOSED);
		return true;
	}
	was = qi_exchange_seq_cst(&q->space, QI_SPACE_CLOSED);
	if ((int32_t)was < 0)
		return false;
	qi_store_relaxed(&q->closed, base + (uint32_t)((uint32_t)(was >> 32) - (uint32_t)base) + 1);
	return true;
}

/* A0, pairs with A1: what has been reclaimed meanwhile is room. */
static void qi_open(struct qi *q)
{
	uint64_t tail = qi_tail(q), room = qi_room(q);

	if (qi_mode_of(q->epoch) != QI_MODE_ON || q->line || qi_isolating(q))
		return;
	qi_store_relaxed(&q->closed, 0);
	qi_exchange_seq_cst(&q->space, tail << 32 | room);
}

/* ---- the line ---- */

static void qi_line_unlink(struct qi *q, struct qi_ticket **link)
{
	struct qi_ticket *t = *link;

	*link = t->next;
	if (!*link)
		q->line_end = link;
	if (q->line)
		qi_store_relaxed(&q->line->phase, QI_PHASE_NEXT);
}

bool qi_line_leave(struct qi *q, struct qi_ticket *t)
{
	struct qi_ticket **link = &q->line;

	if (!qi_is_queued(t))
		return false;
	while (*link != t)
		link = &(*link)->next;
	qi_line_unlink(q, link);
	/* Without suspects others go on: the next one must not trust in today's quiet. */
	if (t->suspect && !--q->suspects) {
		q->quiet = false;
		qi_drop_drain(q, &q->drain);
	}
	return true;
}

static void qi_line_append(struct qi *q, struct qi_ticket *t)
{
	unsigned most = q->mask - 1, left = t->count - t->base;

	t->n = left < most ? left : most;
	/* It has more to do than is in the ring at any time, so it has to be waited for. */
	if (left > most && !t->owes) {
		t->owes = true;
		q->owed++;
	}
	if (t->suspect) {
		t->n = qi_isolate_cut(t, t->n);
		q->suspects++;
	}
	t->next = NULL;
	qi_store_relaxed(&t->phase, q->line ? QI_PHASE_QUEUED : QI_PHASE_NEXT);
	*q->line_end = t;
	q->line_end = &t->next;
}

/* ---- from the line into the ring ---- */

/* True: the doorbell has come with it. From T0 on the ticket is its owner's alone. */
static bool qi_insert_ticket(struct qi *q, struct qi_ticket *t, uint64_t first)
{
	bool doorbell;

	t->first = first;
	doorbell = qi_insert(q, t);
	qi_store_release(&t->phase, QI_PHASE_FLIGHT);
	return doorbell;
}

static uint64_t qi_line_reserve(struct qi *q, unsigned slots)
{
	uint64_t first = qi_tail(q);

	qi_store_relaxed(&q->closed, first + slots + 1);
	return first;
}

static bool qi_make_room(struct qi *q, unsigned slots, bool deep)
{
	if (slots > qi_room(q))
		qi_reclaim(q, qi_tail(q), true, deep);
	return slots <= qi_room(q);
}

/*
 * The completion of this submission makes room for the first in line and, so that one doorbell
 * serves many, for others: for a quarter of the ring. 0: one that is not published yet is in the
 * way, or there is room.
 */
static uint64_t qi_find_room_at(const struct qi *q, uint64_t slots)
{
	uint64_t first = q->head, at = 0, until, word;

	if (slots < q->mask / 4)
		slots = q->mask / 4;
	for (until = qi_tail(q) + slots - q->mask; first < until && first < qi_tail(q);
	     first = qi_behind(word)) {
		word = qi_published(q, first);
		if (!qi_is_published(word, first))
			return 0;
		at = first;
	}
	return at;
}

static void qi_dispatch_one(struct qi *q, struct qi_ticket *t, const struct qi_ticket *mine,
			    struct qi_dispatched *d)
{
	uint64_t first = qi_line_reserve(q, t->n + 1);

	/* Nothing before it in the ring concerns it, and the lock is held. */
	t->epoch = q->epoch;
	if (t->flags & QI_SLOT_DRAIN)
		q->careful = first + 1;
	if (t->suspect) {
		q->isolated = first;
		q->quiet = false;
		q->suspects--;
	}
	if (t == mine && !t->suspect)
		d->mine = first;
	else if (qi_insert_ticket(q, t, first))
		d->doorbell = first;
}

/*
 * First come, first served: a submission that does not fit keeps later ones waiting, smaller ones
 * too. Only those that wait for a suspect's turn are passed by, as theirs is not about space.
 */
struct qi_dispatched qi_dispatch(struct qi *q, struct qi_ticket *mine, bool deep)
{
	enum qi_mode mode = qi_mode_of(q->epoch);
	struct qi_ticket **link = &q->line, *t;
	struct qi_dispatched d = { 0, 0 };
	uint64_t room_at = 0;

	/* The thread that is closing the ring comes here next. */
	if ((mode != QI_MODE_ON && mode != QI_MODE_DRAINING) || !qi_close(q))
		return d;
	qi_reclaim(q, qi_tail(q), false, deep);
	if (qi_isolating(q))
		qi_isolate_step(q, &d);
	while ((t = *link)) {
		if (qi_isolating(q) && !qi_isolate_admits(q, t)) {
			link = &t->next;
			continue;
		}
		if (!qi_make_room(q, t->n + 1, deep)) {
			room_at = qi_find_room_at(q, t->n + 1);
			break;
		}
		qi_line_unlink(q, link);
		qi_dispatch_one(q, t, mine, &d);
	}
	qi_store_relaxed(&q->room_at, room_at);
	qi_open(q);
	return d;
}

/* The caller's own ticket is inserted without the lock, side by side with others. */
void qi_dispatched(struct qi *q, struct qi_ticket *mine, struct qi_dispatched d)
{
	if (d.mine && qi_insert_ticket(q, mine, d.mine))
		d.doorbell = d.mine;
	if (d.doorbell)
		qi_doorbell_settle(q, d.doorbell);
}

void qi_line_dispatch(struct qi *q, struct qi_ticket *mine, bool deep)
{
	unsigned long irq = qi_irq_save(q), flags = qi_lock(q);
	struct qi_dispatched d = qi_dispatch(q, mine, deep);

	qi_unlock(q, flags);
	qi_dispatched(q, mine, d);
	qi_irq_restore(q, irq);
}

/*
 * While the queue is being turned off, only what belongs to accepted calls goes on; and nothing
 * once the ring is empty and the doorbell removed.
 */
static int qi_line_refusal(const struct qi *q, const struct qi_ticket *t)
{
	enum qi_mode mode = qi_mode_of(q->epoch);

	if (mode == QI_MODE_ON ||
	    (mode == QI_MODE_DRAINING && !(t->flags & QI_SLOT_NEW) && !q->removed))
		return 0;
	return mode == QI_MODE_DEAD ? q->dead : -QI_ERR_OFF;
}

/*
 * Many may have found the ring closed, and it has been opened since, as there was no line. With
 * room for others too there is no need to close it again for all of them. True: *d has the ticket's
 * slots.
 */
static bool qi_line_pass(struct qi *q, struct qi_ticket *t, struct qi_dispatched *d)
{
	unsigned n = t->count - t->base;

	if (t->suspect || t->flags & QI_SLOT_DRAIN || n >= q->mask ||
	    (int32_t)qi_load_relaxed(&q->space) < (int32_t)(n + 1 + q->mask / 8U))
		return false;
	t->n = n;
	if (qi_reserve_open(q, n + 1, &d->mine))
		return true;
	d->mine = 0;
	return false;
}

/* Interrupts off, as a handler on this CPU might wait for slots that are reserved here. */
int qi_line_enter(struct qi *q, struct qi_ticket *t)
{
	unsigned long irq = qi_irq_save(q), flags;
	struct qi_dispatched d = { 0, 0 };
	int err = 0;

	if (!qi_line_pass(q, t, &d)) {
		flags = qi_lock(q);
		err = qi_line_refusal(q, t);
		if (!err && !qi_line_pass(q, t, &d)) {
			qi_line_append(q, t);
			/*
			 * Behind one that polls, it is for that one to look when there may be room.
			 */
			if (q->line == t || !(q->line->flags & QI_SLOT_POLLED) || qi_isolating(q))
				d = qi_dispatch(q, t, false);
			else
				qi_close(q); /* has it been, `space` is put right */
			if (!d.mine && qi_is_queued(t))
				qi_count(q, full_waits, 1);
		}
		qi_unlock(q, flags);
	}
	qi_dispatched(q, t, d);
	qi_irq_restore(q, irq);
	return err ? qi_finish(q, t, err) : 0;
}

/* Left, so that its slot comes back though its status write was lost. */
void qi_drop_drain(struct qi *q, struct qi_drain *drain)
{
	if (drain->first >= q->head)
		qi_or_relaxed(&qi_slot(q, drain->first)->published, QI_SLOT_LEFT);
	drain->first = 0;
}

/*
 * The core's own drain has no owner. Another one follows at once where a time-out error has aborted
 * it or an earlier wait's late status write may have hidden its completion; and after a while in
 * any case, as that may have been lost.
 */
bool qi_drained(struct qi *q, struct qi_drain *drain, struct qi_dispatched *d)
{
	struct qi_ticket t = { .flags = QI_SLOT_CORE };
	uint64_t now;

	/* Or something behind it is, and its own status write was lost. */
	if (drain->first && (qi_is_complete(q, drain->first) ||
			     (drain->first < q->head && drain->first >= q->aborted)))
		return true;
	now = qi_now(q);
	if (drain->first >= q->aborted && !qi_is_overwritten(q, drain->first) &&
	    now < drain->since + q->cfg.timeout_ns)
		return false;
	qi_drop_drain(q, drain);
	if (!qi_make_room(q, 1, false))
		return false;
	drain->since = now;
	drain->first = t.first = qi_line_reserve(q, 1);
	if (qi_insert(q, &t))
		d->doorbell = t.first;
	return false;
}
