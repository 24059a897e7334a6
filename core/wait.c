/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * wait.c - an owner waits: one turn after the other, until there is an outcome (ticket.c).
 *
 * A turn reads the submission's own status word and `epoch`. After a poll budget without a result,
 * or some time, it looks at the unit and at the clock (clock.c).
 */
#include "queue.h"

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

/* ---- no outcome yet ---- */

static bool qi_has_news(const struct qi *q, const struct qi_ticket *t, bool queued)
{
	int32_t progress;

	/* What happens to the ring does not concern what is in line. */
	if (queued)
		return !qi_is_queued(t);
	if (qi_load_acquire(&q->epoch) != t->epoch)
		return true;
	progress = qi_progress(q, t->first);
	return progress >= 0 || (progress < -1 && !t->hidden);
}

/* What was given up is over when the unit is past it: then there may be room. */
static void qi_note_head(struct qi *q, uint64_t head)
{
	unsigned long flags = qi_lock(q);

	qi_note_fetched(q, head);
	qi_unlock(q, flags);
}

static int qi_give_up(struct qi *q, struct qi_ticket *t, bool queued, uint64_t head, int code)
{
	/* This thread may have been without a CPU all the time. */
	if (qi_has_news(q, t, queued))
		return QI_PENDING;
	if (code == -QI_ERR_DEAD) {
		qi_kill(q, code);
		return QI_PENDING;
	}
	qi_note_head(q, head);
	return qi_leave(q, t, code);
}

/*
 * A poll budget, or some time, has brought nothing: look at the doorbell, the fault register and
 * the clock, and now and then at the unit's head, and whether it still knows that the queue is on.
 */
static int qi_look_around(struct qi *q, struct qi_ticket *t, bool queued)
{
	uint64_t now = qi_now(q), head;
	bool told = !queued && t->first < qi_load_relaxed(&q->rung), check, half;
	int code;

	t->looked = now;
	t->turns = 0;
	/* Or its completion was lost, but others behind it have completed. */
	if (!queued && t->first < qi_load_acquire(&q->head)) /* A2 */
		return qi_look_into(q, t);
	qi_doorbell_look(q, qi_load_relaxed(&q->rung), true);
	half = qi_is_half_time(q, t, now);
	check = qi_check_is_due(q, t, told, now);
	qi_check_fault(q, half);
	head = queued || check ? qi_read_head(q) : 0;
	if (queued && head) {
		qi_note_head(q, head);
		qi_line_dispatch(q, t, true);
	}
	if (!check || !head || queued != qi_is_queued(t))
		return QI_PENDING;
	qi_watch_head(q, &t->watch, head);
	code = qi_look_at_clock(q, t, told, now);
	return code == QI_PENDING ? code : qi_give_up(q, t, queued, head, code);
}

static bool qi_may_look_after_doorbell(const struct qi_ticket *t)
{
	return t->turns >= QI_DOORBELL_TURNS && !(t->turns & (t->turns - 1));
}

/* True if it is this owner's turn to see whether those in line can go on. */
static bool qi_may_dispatch(const struct qi *q, const struct qi_ticket *t, uint32_t phase)
{
	if (phase == QI_PHASE_NEXT && t->turns % QI_LINE_TURNS == 0)
		return qi_is_past(q, qi_load_relaxed(&q->room_at));
	return t->turns % QI_LINE_TURNS_BEHIND == 0;
}

static int qi_turn_queued(struct qi *q, struct qi_ticket *t, uint32_t phase, bool polled)
{
	if (qi_mode(q) == QI_MODE_DEAD)
		return qi_leave(q, t, q->dead);
	if (qi_look_is_due(q, t, polled))
		return qi_look_around(q, t, true);
	/* The room may be that of one that left the doorbell for later, and has no CPU. */
	if (qi_may_look_after_doorbell(t))
		qi_doorbell_look(q, qi_load_relaxed(&q->rung), false);
	if (qi_may_dispatch(q, t, phase))
		qi_line_dispatch(q, t, t->turns % QI_LINE_TURNS_BEHIND == 0);
	return QI_PENDING;
}

static int qi_turn_pending(struct qi *q, struct qi_ticket *t, bool polled)
{
	uint64_t word;

	/* Looked at so late that the number in its status word has come round. */
	if (polled && t->first < qi_load_acquire(&q->head)) /* A2 */
		return qi_look_into(q, t);
	if (qi_look_is_due(q, t, polled)) {
		if (t->hidden && qi_is_fetched(q, t->first + t->n))
			return qi_look_into(q, t);
		return qi_look_around(q, t, false);
	}
	word = qi_load_relaxed(&qi_slot(q, t->first)->published);
	if (word & QI_SLOT_DOORBELL && qi_wait_of(word) == t->first + t->n)
		qi_doorbell_look(q, t->first, false);
	else if (qi_may_look_after_doorbell(t))
		qi_doorbell_look(q, qi_load_relaxed(&q->rung), false);
	return QI_PENDING;
}

/* One turn of a wait loop. @polled: by a caller that looks at its ticket when it likes. */
static int qi_turn(struct qi *q, struct qi_ticket *t, bool polled)
{
	uint32_t phase = qi_load_acquire(&t->phase); /* T1 */
	int32_t progress;

	if (phase == QI_PHASE_FINISHED)
		return t->error.code;
	if (phase != QI_PHASE_FLIGHT)
		return qi_turn_queued(q, t, phase, polled);
	progress = qi_progress(q, t->first);
	/* R1, pairs with R0: what was noted before the unit completed this is seen. */
	if (qi_load_seq_cst(&q->epoch) != t->epoch || (progress < -1 && !t->hidden))
		return qi_look_into(q, t);
	return progress >= 0 ? qi_part_complete(q, t) : qi_turn_pending(q, t, polled);
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
	uint64_t ns;

	if (!(t->options & QI_OPT_INTERRUPT) || !host->sleep ||
	    qi_load_relaxed(&t->phase) != QI_PHASE_FLIGHT) {
		qi_relax(q);
		return;
	}
	ns = qi_look_ns(q, t);
	if (!t->asleep)
		t->asleep = qi_now(q);
	host->sleep(q->ctx, &q->events, events, ns);
	/* However often others' interrupts woke it: after so long a look for a fault is due. */
	if (qi_now(q) >= t->asleep + ns) {
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
