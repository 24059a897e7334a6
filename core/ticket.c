/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ticket.c - a submission's owner looks for the outcome.
 *
 * While all is well it reads its own status word and `epoch`, and takes no lock. If `epoch` has
 * changed it looks once, under the lock, whether a fault concerns its slots. After a poll budget
 * without a result it looks at the unit and at the clock.
 */
#include "queue.h"

/* How long a sleeper trusts the completion interrupt before it looks for faults itself. */
#define QI_SLEEP_NS 10000000ULL

/* How long a ticket that is polled seldom goes without a look at the unit. */
#define QI_LOOK_NS 10000000ULL

/*
 * Turns between two tries of one in line: the first, if there may be room; and any, in case the
 * first has no CPU or polls seldom.
 */
#define QI_LINE_TURNS 16
#define QI_LINE_TURNS_BEHIND 256

/*
 * After so many turns any owner looks whether the doorbell has been left to one that has no CPU;
 * and after twice as many, and so on, as each look takes that line from those that ring.
 */
#define QI_DOORBELL_TURNS 64

int qi_finish(struct qi *q, struct qi_ticket *t, int code)
{
	unsigned long flags;

	if (t->owes) {
		flags = qi_lock(q);
		q->owed--;
		qi_unlock(q, flags);
		t->owes = false;
	}
	t->phase = QI_PHASE_FINISHED;
	t->error.code = code;
	if (code)
		qi_count(q, errors[-code], 1);
	return code;
}

/* ---- the ticket leaves its slots ---- */

/* Under the lock: was it aborted, and its slots reclaimed without its owner? */
static bool qi_was_passed(struct qi *q, uint64_t first)
{
	unsigned i;

	for (i = 0; i < q->npassed; i++) {
		if (q->passed[i] != first)
			continue;
		q->passed[i] = q->passed[--q->npassed];
		return true;
	}
	return false;
}

/* Under the lock: qi_disable() waits for the owner of what was aborted; now, for its ticket. */
static void qi_owe(struct qi *q, struct qi_ticket *t)
{
	if (t->owes)
		q->owed--;
	t->owes = true;
}

/*
 * What the owner finds in its slots, under the lock. If they are others' by now, they were
 * reclaimed when its submission was complete, but for those that have been noted. @leave: it does
 * not look at these slots any more.
 */
enum qi_found { QI_FOUND_PENDING, QI_FOUND_COMPLETE, QI_FOUND_REUSED, QI_FOUND_ABORTED };

static enum qi_found qi_find(struct qi *q, struct qi_ticket *t)
{
	if (t->first < q->head && qi_was_passed(q, t->first)) {
		qi_owe(q, t);
		return QI_FOUND_ABORTED;
	}
	if (qi_load_acquire(qi_status(q, t->first)) == qi_tag(q, t->first))
		return QI_FOUND_COMPLETE;
	return t->first < q->head ? QI_FOUND_REUSED : QI_FOUND_PENDING;
}

static void qi_leave_slots(struct qi *q, struct qi_ticket *t, bool leave)
{
	struct qi_slot *slot = qi_slot(q, t->first);

	if (t->first < q->head)
		return;
	if (qi_load_relaxed(&slot->published) & QI_SLOT_OWED) {
		qi_and_relaxed(&slot->published, ~QI_SLOT_OWED);
		qi_owe(q, t);
	}
	if (leave)
		qi_or_relaxed(&slot->published, QI_SLOT_LEFT);
}

/* Given up. What was held back on its account may go now. */
static int qi_leave(struct qi *q, struct qi_ticket *t, int code)
{
	unsigned long irq = qi_irq_save(q), flags = qi_lock(q);
	struct qi_dispatched d;

	if (!qi_line_leave(q, t)) {
		(void)qi_find(q, t);
		qi_leave_slots(q, t, true);
	}
	d = qi_dispatch(q, NULL, false);
	qi_unlock(q, flags);
	qi_dispatched(q, NULL, d);
	qi_irq_restore(q, irq);
	return qi_finish(q, t, code);
}

void qi_abandon(struct qi *q, struct qi_ticket *t)
{
	if (qi_load_acquire(&t->phase) != QI_PHASE_FINISHED)
		qi_leave(q, t, -QI_ERR_TIMEOUT);
}

/* ---- the outcome ---- */

static int qi_part_complete(struct qi *q, struct qi_ticket *t)
{
	if (qi_crosses_grain(q, t->first, t->first + t->n + 1))
		qi_reclaim_behind(q, t->first + t->n + 1);
	if (t->base + t->n != t->count) {
		t->base += t->n;
		return qi_resubmit(q, t);
	}
	if (t->start)
		qi_stats_sample(q, t->first, t->type, t->start);
	return qi_finish(q, t, 0);
}

/*
 * Does this fault concern the submission? A time-out error aborts what was fetched and was not
 * complete. Where the wait was not fetched, the submission completes afterwards all the same, and
 * yet it is aborted if a device-TLB invalidation before it was: that may be the one which was given
 * up.
 */
static bool qi_concerns(const struct qi_fault *f, const struct qi_ticket *t, enum qi_found found)
{
	uint64_t wait = t->first + t->n;

	if (f->kind == QI_FAULT_IQE)
		return t->first <= f->at && f->at <= wait;
	/* A reset ends what is under way: a call whose further parts are still to come, too. */
	if (f->kind == QI_FAULT_RESET && t->base + t->n != t->count)
		return true;
	if (t->first < f->from || f->at <= t->first)
		return false;
	if (f->kind == QI_FAULT_ITE && wait >= f->at)
		return t->ats;
	/* A reset has ended what was not over; and nobody can tell what was where slots are reused. */
	if (f->kind == QI_FAULT_RESET)
		return found != QI_FOUND_COMPLETE;
	return found == QI_FOUND_PENDING || found == QI_FOUND_ABORTED;
}

/* Under the lock: the first fault since the submission that concerns it, or NULL. */
static const struct qi_fault *qi_find_fault(const struct qi *q, const struct qi_ticket *t,
					    enum qi_found found)
{
	unsigned i = q->faults < QI_FAULT_LOG ? 0 : q->faults - QI_FAULT_LOG;

	for (; i != q->faults; i++) {
		const struct qi_fault *f = &q->log[i % QI_FAULT_LOG];

		if (f->epoch > t->epoch && qi_concerns(f, t, found))
			return f;
	}
	return NULL;
}

/* In doubt the part is done again, and nobody is to blame. */
static int qi_act_on(struct qi *q, struct qi_ticket *t, const struct qi_fault *f, bool doubt)
{
	if (doubt) {
		t->sent = t->base + t->n;
		return qi_resubmit(q, t);
	}
	if (f->kind == QI_FAULT_ITE)
		return qi_retry(q, t, f);
	if (f->kind == QI_FAULT_RESET)
		return qi_finish(q, t, f->code);
	t->error.index = f->at < t->first + t->n ? t->base + (unsigned)(f->at - t->first) : t->count;
	t->error.iqei = f->iqei;
	return qi_finish(q, t, -QI_ERR_IQE);
}

/* `epoch` has changed since the submission. */
static int qi_look_into(struct qi *q, struct qi_ticket *t)
{
	unsigned long flags = qi_lock(q);
	enum qi_found found = qi_find(q, t);
	const struct qi_fault *f = qi_find_fault(q, t, found);
	struct qi_fault fault = f ? *f : (struct qi_fault){ .kind = QI_FAULT_NONE };
	bool doubt = t->epoch < q->forgotten;
	int dead = qi_mode_of(q->epoch) == QI_MODE_DEAD ? q->dead : 0;

	qi_leave_slots(q, t, f || doubt);
	t->epoch = q->epoch;
	qi_unlock(q, flags);

	if (f || doubt)
		return qi_act_on(q, t, &fault, doubt);
	if (found != QI_FOUND_PENDING)
		return qi_part_complete(q, t);
	return dead ? qi_finish(q, t, dead) : QI_PENDING;
}

/* ---- no outcome yet ---- */

/*
 * Is a device's answer still to come, this submission's or one that the unit may be waiting for?
 * What has completed behind one that was given up says that it has come.
 */
static bool qi_waits_for_device(struct qi *q, const struct qi_ticket *t)
{
	unsigned long flags = qi_lock(q);
	bool slow = t->ats || q->ats_left;
	uint64_t first, word;

	for (first = q->head; !t->ats; first = qi_behind(word)) {
		word = qi_published(q, first);
		if (!qi_is_published(word, first))
			break;
		if (qi_is_complete(q, first))
			slow = false;
		else if (word & QI_SLOT_ATS && !qi_is_past(q, first))
			slow = true;
	}
	qi_unlock(q, flags);
	return slow;
}

/* A head that does not move though there is work: the unit has abandoned the queue. */
static bool qi_has_stalled(const struct qi *q, struct qi_ticket *t, uint64_t head, uint64_t now,
			   uint64_t allowed)
{
	if (head != t->seen_head || head >= qi_load_relaxed(&q->rung)) {
		t->seen_head = head;
		t->seen_since = now;
	}
	return now >= t->seen_since + allowed;
}

static bool qi_has_news(const struct qi *q, const struct qi_ticket *t, bool queued)
{
	return queued != qi_is_queued(t) || qi_load_acquire(&q->epoch) != t->epoch ||
	       (!queued && qi_is_complete(q, t->first));
}

/*
 * A time-out has passed without a result. What the unit has fetched may take no longer, or as long
 * as a device may; all else, as long as the whole call. The machine may have stood still since the
 * last look, or the clock may have jumped: so one more round of looks comes before the verdict.
 */
static int qi_overdue(struct qi *q, struct qi_ticket *t, uint64_t now, bool queued)
{
	uint64_t head, allowed, until;
	bool stalled;

	qi_check_fault(q, true);
	head = qi_read_head(q);
	t->slow = t->slow || qi_waits_for_device(q, t);
	allowed = t->slow ? q->cfg.ats_timeout_ns : q->cfg.timeout_ns;
	stalled = qi_has_stalled(q, t, head, now, allowed);
	until = qi_limit(q, t);
	/* The last device may have answered only now: then the unit's own time starts anew. */
	if (!queued && head > t->first + t->n && t->seen_since + allowed < until)
		until = t->seen_since + allowed;
	if (!stalled && now < until)
		return QI_PENDING;
	if (qi_has_news(q, t, queued))
		return QI_PENDING;
	/* Its completion was lost, but others behind it have completed. */
	if (!queued && t->first < qi_load_acquire(&q->head))
		return qi_look_into(q, t);
	if (!t->overdue) {
		t->overdue = true;
		return QI_PENDING;
	}
	if (!stalled)
		return qi_leave(q, t, -QI_ERR_TIMEOUT);
	qi_kill(q, -QI_ERR_DEAD);
	return QI_PENDING;
}

/*
 * A whole poll budget has brought nothing: look at the fault register, and at the clock, which
 * starts to run now, as none is read while all is well.
 */
static int qi_look_around(struct qi *q, struct qi_ticket *t, bool queued)
{
	uint64_t now;

	t->turns = 0;
	qi_doorbell_look(q, qi_load_relaxed(&q->rung), true);
	qi_check_fault(q, false);
	now = qi_now(q);
	t->looked = now;
	if (!t->called)
		t->called = now;
	if (!t->since)
		t->since = now;
	return now < t->since + q->cfg.timeout_ns ? QI_PENDING : qi_overdue(q, t, now, queued);
}

/* A ticket that is polled seldom makes few turns: there the clock decides. */
static bool qi_is_time_to_look(struct qi *q, struct qi_ticket *t, bool seldom)
{
	uint64_t now;

	if (++t->turns >= q->cfg.poll_budget)
		return true;
	if (!seldom)
		return false;
	now = qi_now(q);
	if (!t->looked)
		t->looked = now;
	return now >= t->looked + QI_LOOK_NS;
}

static bool qi_may_look_after_doorbell(const struct qi_ticket *t)
{
	return t->turns >= QI_DOORBELL_TURNS && !(t->turns & (t->turns - 1));
}

/* Is it this one's turn to see whether those in line can go on? */
static bool qi_may_dispatch(const struct qi *q, const struct qi_ticket *t, uint32_t phase)
{
	if (phase == QI_PHASE_NEXT && t->turns % QI_LINE_TURNS == 0)
		return qi_is_past(q, qi_load_relaxed(&q->room_at));
	return t->turns % QI_LINE_TURNS_BEHIND == 0;
}

/* Slots that were given up are free when the unit is past them. */
static void qi_look_at_head(struct qi *q)
{
	uint64_t head = qi_read_head(q);
	unsigned long flags = qi_lock(q);

	qi_note_fetched(q, head);
	qi_unlock(q, flags);
}

static int qi_turn_queued(struct qi *q, struct qi_ticket *t, uint32_t phase, bool seldom)
{
	bool look = qi_is_time_to_look(q, t, seldom);

	if (qi_mode(q) == QI_MODE_DEAD)
		return qi_leave(q, t, q->dead);
	/* The room may be that of one that left the doorbell for later, and has no CPU. */
	if (qi_may_look_after_doorbell(t))
		qi_doorbell_look(q, qi_load_relaxed(&q->rung), false);
	if (look)
		qi_look_at_head(q);
	if (look || qi_may_dispatch(q, t, phase))
		qi_line_dispatch(q, t, look || t->turns % QI_LINE_TURNS_BEHIND == 0);
	return look ? qi_look_around(q, t, qi_is_queued(t)) : QI_PENDING;
}

static int qi_turn_pending(struct qi *q, struct qi_ticket *t, bool seldom)
{
	uint64_t word;

	if (qi_is_time_to_look(q, t, seldom))
		return qi_look_around(q, t, false);
	word = qi_load_relaxed(&qi_slot(q, t->first)->published);
	if (word & QI_SLOT_DOORBELL && qi_wait_of(word) == t->first + t->n)
		qi_doorbell_look(q, t->first, false);
	else if (qi_may_look_after_doorbell(t))
		qi_doorbell_look(q, qi_load_relaxed(&q->rung), false);
	return QI_PENDING;
}

/* One turn of a wait loop. */
static int qi_turn(struct qi *q, struct qi_ticket *t, bool seldom)
{
	uint32_t phase = qi_load_acquire(&t->phase); /* T1 */
	bool complete;

	if (phase == QI_PHASE_FINISHED)
		return t->error.code;
	if (phase != QI_PHASE_FLIGHT)
		return qi_turn_queued(q, t, phase, seldom);
	complete = qi_is_complete(q, t->first);
	/* R1, pairs with R0: what was noted before the unit completed this is seen. */
	if (qi_load_seq_cst(&q->epoch) != t->epoch)
		return qi_look_into(q, t);
	return complete ? qi_part_complete(q, t) : qi_turn_pending(q, t, seldom);
}

int qi_poll(struct qi *q, struct qi_ticket *t)
{
	return qi_turn(q, t, true);
}

/*
 * A sleeper compares `events` as it was before its look at the status word, so an interrupt between
 * that look and falling asleep is not lost.
 */
static void qi_sleep(struct qi *q, struct qi_ticket *t, uint32_t events)
{
	const struct qi_host *host = q->host;

	if (!(t->options & QI_OPT_INTERRUPT) || !host->sleep ||
	    qi_load_relaxed(&t->phase) != QI_PHASE_FLIGHT) {
		qi_relax(q);
		return;
	}
	if (!t->asleep)
		t->asleep = qi_now(q);
	host->sleep(q->ctx, &q->events, events, QI_SLEEP_NS);
	/* However often others' interrupts woke it: after so long a look for a fault is due. */
	if (qi_now(q) >= t->asleep + QI_SLEEP_NS) {
		t->asleep = 0;
		t->turns = q->cfg.poll_budget - 1;
	}
}

int qi_wait(struct qi *q, struct qi_ticket *t)
{
	uint32_t events;
	int ret;

	for (;;) {
		/* E1, pairs with E0 in qi_wake(): what the interrupt told of is visible. */
		events = qi_load_acquire(&q->events);
		ret = qi_turn(q, t, false);
		if (ret != QI_PENDING)
			return ret;
		qi_sleep(q, t, events);
	}
}
