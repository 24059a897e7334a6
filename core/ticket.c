/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ticket.c - a submission's owner learns the outcome.
 *
 * While all is well it reads its own status word and `epoch`, and takes no lock. If `epoch` has
 * changed it looks once, under the lock, whether a fault concerns its slots.
 */
#include "queue.h"

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
	qi_trace(q, .kind = QI_TRACE_COMPLETE, .at = t->first, .result = code);
	if (code)
		qi_count(q, errors[-code], 1);
	return code;
}

/* ---- the ticket leaves its slots ---- */

/* Under the lock: true if it was aborted, and its slots were reclaimed without its owner. */
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
 * reclaimed when its submission was complete, but for those that have been noted.
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

/* Under the lock. @leave: the owner does not look at these slots any more. */
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

int qi_leave(struct qi *q, struct qi_ticket *t, int code)
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

/*
 * It has been complete. A later completion proves nothing of one that drains page requests, so if a
 * late status write hides it now, reclaim needs another sign that it is over.
 */
static void qi_leave_drain(struct qi *q, struct qi_ticket *t)
{
	unsigned long flags = qi_lock(q);

	qi_note_fetched(q, t->first + t->n + 1);
	qi_leave_slots(q, t, true);
	qi_unlock(q, flags);
}

/* ---- the outcome ---- */

int qi_part_complete(struct qi *q, struct qi_ticket *t)
{
	bool last = t->base + t->n == t->count;

	if (t->cut)
		return qi_retry(q, t);
	if (t->flags & QI_SLOT_DRAIN)
		qi_leave_drain(q, t);
	/* Before its slots are reclaimed, and counted. */
	if (last && t->start)
		qi_stats_sample(q, t->first, t->type, t->start);
	if (qi_crosses_grain(q, t->first, t->first + t->n + 1))
		qi_reclaim_behind(q, t->first + t->n + 1);
	if (!last) {
		qi_forgive_absence(q, t);
		t->base += t->n;
		return qi_resubmit(q, t);
	}
	return qi_finish(q, t, 0);
}

/*
 * True if this fault concerns the submission. A time-out error aborts what was fetched and was not
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
	/* A reset has ended what was not over. Where slots are reused, that cannot be told. */
	if (f->kind == QI_FAULT_RESET)
		return found != QI_FOUND_COMPLETE;
	return found == QI_FOUND_PENDING || found == QI_FOUND_ABORTED;
}

/*
 * A time-out error before the wait was fetched, and a page response is among what the unit has yet
 * to fetch. It will be executed, or refused; it must be neither sent twice nor taken for sent, so
 * its owner waits for that before it repeats the part.
 */
static bool qi_cuts(const struct qi_fault *f, const struct qi_ticket *t)
{
	return f->kind == QI_FAULT_ITE && t->first + t->n >= f->at &&
	       qi_responds(t, t->base + (unsigned)(f->at - t->first));
}

/*
 * Under the lock: the first fault since the submission that concerns it, or NULL. What is to be
 * repeated after that, or in doubt, is not if it was refused or a reset has followed; and what has
 * been cut may be aborted as a whole. In doubt a refusal may have been forgotten: then a page
 * response is not taken for sent because of a time-out error that is known.
 */
static const struct qi_fault *qi_find_fault(const struct qi *q, const struct qi_ticket *t,
					    enum qi_found found, bool doubt)
{
	bool cut = t->cut, repeat = cut || (doubt && found != QI_FOUND_COMPLETE);
	unsigned i = q->faults < QI_FAULT_LOG ? 0 : q->faults - QI_FAULT_LOG;
	const struct qi_fault *concerns = NULL, *f;

	for (; i != q->faults; i++) {
		f = &q->log[i % QI_FAULT_LOG];
		if (f->epoch <= t->epoch)
			continue;
		if (repeat && !cut && f->kind == QI_FAULT_ITE)
			continue;
		if (!(repeat && f->kind == QI_FAULT_RESET) && !qi_concerns(f, t, found))
			continue;
		concerns = f;
		if (f->kind != QI_FAULT_ITE)
			break;
		repeat = true;
		cut = qi_cuts(f, t);
	}
	if (doubt && concerns && concerns->kind == QI_FAULT_ITE && qi_responds(t, t->base))
		return NULL;
	return concerns;
}

/*
 * True if there is a doubt though every fault is known. A late status write hides whether it is
 * complete; or its slots were reclaimed, and it may have been aborted and found no place in
 * `passed`. In both cases the unit has fetched its page responses, and has not refused them.
 */
static bool qi_find_doubt(const struct qi *q, struct qi_ticket *t, enum qi_found found)
{
	if (found == QI_FOUND_PENDING) {
		t->hidden = qi_is_overwritten(q, t->first);
		return t->hidden && (!qi_responds(t, t->base) || t->first + t->n < q->fetched);
	}
	return found == QI_FOUND_REUSED && t->first < q->unheard.before &&
	       t->epoch < q->unheard.since;
}

/*
 * In doubt the part is done again, and no device is to blame. Where it may have been refused, it
 * cannot be told whether a page response has been sent: it is given up.
 */
static int qi_act_in_doubt(struct qi *q, struct qi_ticket *t, int dead)
{
	if (qi_responds(t, t->base))
		return qi_finish(q, t, dead ? dead : -QI_ERR_TIMEOUT);
	/* What was forgotten may be the time-out of a device. */
	t->slow |= qi_load_relaxed(&q->ats_newest) != 0;
	return qi_repeat(q, t);
}

/* Index of the caller's descriptor; `count` for the core's wait, also in place of a response. */
static unsigned qi_refused_index(const struct qi_ticket *t, uint64_t at)
{
	unsigned i = t->base + (unsigned)(at - t->first);

	if (at >= t->first + t->n || (i < t->sent && qi_is_response(&t->desc[i])))
		return t->count;
	return i;
}

static int qi_act_on(struct qi *q, struct qi_ticket *t, const struct qi_fault *f)
{
	int err;

	if (f->kind == QI_FAULT_RESET)
		return qi_finish(q, t, f->code);
	if (f->kind == QI_FAULT_ITE) {
		err = qi_blame(q, t, f);
		return err ? qi_finish(q, t, err) : qi_retry(q, t);
	}
	t->error.index = qi_refused_index(t, f->at);
	t->error.iqei = f->iqei;
	return qi_finish(q, t, -QI_ERR_IQE);
}

/* Its slots remain its own until the rest has been fetched, if it is to be repeated. */
static int qi_act_on_cut(struct qi *q, struct qi_ticket *t, const struct qi_fault *f)
{
	int err = qi_blame(q, t, f);

	t->cut = true;
	t->deadline = 0;
	return err ? qi_leave(q, t, err) : QI_PENDING;
}

int qi_look_into(struct qi *q, struct qi_ticket *t)
{
	unsigned long flags = qi_lock(q);
	enum qi_found found = qi_find(q, t);
	bool doubt = t->epoch < q->forgotten;
	const struct qi_fault *f = qi_find_fault(q, t, found, doubt);
	struct qi_fault fault = { .kind = QI_FAULT_NONE };
	int dead = qi_mode_of(q->epoch) == QI_MODE_DEAD ? q->dead : 0;
	bool cut;

	if (!f && !doubt && qi_find_doubt(q, t, found)) {
		doubt = true;
		qi_note_sent(t);
		f = qi_find_fault(q, t, found, doubt);
	}
	if (f)
		fault = *f;
	cut = f && !doubt && found == QI_FOUND_PENDING && qi_cuts(f, t);
	qi_leave_slots(q, t, (f && !cut) || doubt);
	/* It will come again, so the queue is not to be turned off before it has. */
	if ((doubt || fault.kind == QI_FAULT_ITE) && !t->owes) {
		t->owes = true;
		q->owed++;
	}
	t->epoch = q->epoch;
	qi_unlock(q, flags);

	if (cut && !dead)
		return qi_act_on_cut(q, t, &fault);
	if (f && !cut)
		return qi_act_on(q, t, &fault);
	if (doubt)
		return qi_act_in_doubt(q, t, dead);
	if (found != QI_FOUND_PENDING)
		return qi_part_complete(q, t);
	return dead ? qi_finish(q, t, dead) : QI_PENDING;
}
