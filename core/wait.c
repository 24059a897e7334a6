/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * wait.c - a submission's owner looks for its outcome.
 *
 * While all is well an owner only reads its own status word and its own ticket. It takes no lock:
 * to free its slots is one compare-and-swap, and whoever needs them finds that in its own time.
 */
#include "core.h"

/* How long a sleeper trusts the completion interrupt before it looks for faults itself. */
#define QI_SLEEP_NS 10000000ULL

/*
 * How many turns one who waits for space leaves between two tries: the first in line, and the
 * others, in case he has no CPU, or polls his ticket seldom.
 */
#define QI_PUMP_TURNS 16
#define QI_PUMP_TURNS_BEHIND 256

/*
 * After so many turns anybody looks whether who should have rung has, as he may have no CPU; and
 * after twice as many, and so on: with many CPUs each of these looks keeps who rings from that
 * line.
 */
#define QI_BELL_TURNS 64

int qi_finish(struct qi *q, struct qi_ticket *t, int code)
{
	t->phase = QI_PHASE_FINISHED;
	t->error.code = code;
	qi_count(q, errors[-code], 1);
	return code;
}

static inline int qi_succeed(struct qi *q, struct qi_ticket *t)
{
	t->phase = QI_PHASE_FINISHED;
	t->error.code = 0;
	if (q->cfg.stats)
		qi_stats_latency(q, t);
	return 0;
}

/* S0, pairs with S1 in qi_state(). Nothing is done to a slot that is somebody else's by now. */
static inline bool qi_free(struct qi *q, const struct qi_ticket *t, enum qi_state from)
{
	return qi_swap_release(&qi_slot(q, t->wait)->state, qi_mark(q, t->wait, from),
			       qi_mark(q, t->wait, QI_FREE));
}

/*
 * Under the lock, when somebody else was faster with the slots. True: they were taken back, and the
 * debt is paid now. False: there is a verdict that the owner has not seen, and all of it is in the
 * ticket, as who wrote it had the lock.
 */
static bool qi_taken_back(struct qi *q, const struct qi_ticket *t, enum qi_state from)
{
	if (from == QI_IN_USE && qi_load_relaxed(&t->phase) == QI_PHASE_ABORTED)
		return false;
	q->owed--;
	return true;
}

bool qi_free_or_owed(struct qi *q, const struct qi_ticket *t, enum qi_state from)
{
	unsigned long flags;
	bool over;

	if (qi_free(q, t, from))
		return true;
	flags = qi_lock(q);
	over = qi_taken_back(q, t, from);
	qi_unlock(q, flags);
	return over;
}

/*
 * From ABORT: the same part again; from IN_USE: it has completed, and the next part is due.
 *
 * In one step, so that qi_disable() never finds a submission that is neither in the ring nor queued
 * and takes it for done.
 */
int qi_requeue(struct qi *q, struct qi_ticket *t, enum qi_state from)
{
	unsigned long flags = qi_lock(q);
	int dead;

	if (!qi_free(q, t, from) && !qi_taken_back(q, t, from)) {
		qi_unlock(q, flags);
		return qi_aborted(q, t);
	}
	if (from == QI_IN_USE)
		t->base += t->n;
	t->deadline = 0;
	t->turns = 0;
	t->front = false;
	dead = q->mode == QI_MODE_DEAD ? q->dead : 0;
	if (!dead)
		qi_ring_enter(q, t);
	qi_unlock(q, flags);
	return dead ? qi_finish(q, t, dead) : QI_PENDING;
}

/* A part has waited for its owner, not for the unit: the others are not to have less time for it. */
static void qi_forgive_absence(struct qi *q, struct qi_ticket *t)
{
	uint64_t now, look = qi_look_ns(q);

	if (!t->looked)
		return;
	now = qi_now(q);
	if (now - t->looked > look)
		t->since += now - t->looked - look;
	t->looked = now;
}

/*
 * The verdict counts for more than the tag: once a device's answer has been given up, waits fetched
 * later complete as if it had come. H1 makes the ABORT visible by then, and freeing fails.
 */
static inline int qi_part_completed(struct qi *q, struct qi_ticket *t)
{
	if (t->base + t->n != t->count) {
		qi_forgive_absence(q, t);
		return qi_requeue(q, t, QI_IN_USE);
	}
	if (qi_free(q, t, QI_IN_USE) || qi_free_or_owed(q, t, QI_IN_USE))
		return qi_succeed(q, t);
	return qi_aborted(q, t);
}

/* The queue is dead or time is up: leave it, wherever the ticket is. */
static int qi_leave(struct qi *q, struct qi_ticket *t, int code)
{
	unsigned long flags = qi_lock(q);

	/* Somebody may have put it into the ring since its owner looked. */
	if (qi_is_queued(t))
		qi_ring_unqueue(q, t);
	else if (!qi_free(q, t, QI_IN_USE) && !qi_free(q, t, QI_ABORT))
		q->owed--;
	else if (t->wait >= q->voided) /* its status write may have been lost */
		qi_store_relaxed(&q->voided, t->wait + 1);
	/* What was held back on its account may go now. */
	if (q->mode == QI_MODE_ON || q->mode == QI_MODE_DRAINING)
		qi_ring_pump(q, NULL, NULL);
	qi_unlock(q, flags);
	return qi_finish(q, t, code);
}

/* Is there an outcome after all, or has the ticket been put into the ring? */
static bool qi_has_news(struct qi *q, const struct qi_ticket *t, bool queued)
{
	if (queued)
		return !qi_is_queued(t);
	return qi_completed(q, t->wait) || qi_load_relaxed(&t->phase) != QI_PHASE_FLIGHT;
}

/* With the ticketed engine: interrupts off, as a handler might wait for who is interrupted here. */
static void qi_see_to_bell(struct qi *q)
{
	unsigned long flags;

	if (!qi_ticketed(q))
		return;
	flags = qi_irq_save(q);
	qi_bell(q);
	qi_irq_restore(q, flags);
}

/* Does it wait for a device, its own or one that is asked before? Then it may take longer. */
static bool qi_is_slow(struct qi *q, const struct qi_ticket *t)
{
	unsigned long flags;
	bool slow = t->ats;

	/* Without the lock a guess, but what was before this submission is known by now. */
	if (!slow && qi_load_relaxed(&q->ats_wait) > qi_load_relaxed(&q->completed)) {
		flags = qi_lock(q);
		slow = qi_ring_slow_ahead(q, t);
		qi_unlock(q, flags);
	}
	return slow;
}

/* Has the unit been told? Not, perhaps, as who has taken slots before this one has no CPU. */
static bool qi_is_rung(const struct qi *q, const struct qi_ticket *t)
{
	return t->wait < (qi_rung(q) & ~QI_RINGING);
}

/* When the ticket is to be given up, if it is what it is now. */
static uint64_t qi_end_of(struct qi *q, struct qi_ticket *t, bool queued, uint64_t now)
{
	bool slow = qi_is_slow(q, t);
	uint64_t limit;

	t->slow |= slow;
	limit = qi_limit(q, t);
	if (queued || !qi_is_rung(q, t))
		return limit;
	if (!t->deadline)
		t->deadline = now + (slow ? q->cfg.ats_timeout_ns : q->cfg.timeout_ns);
	return t->deadline < limit ? t->deadline : limit;
}

/*
 * A whole poll budget, or some time, has brought nothing: look at the unit and at the clock, and,
 * when time is up, once more at what is waited for: this thread may have been without a CPU all
 * that time.
 */
static int qi_look_around(struct qi *q, struct qi_ticket *t, bool queued)
{
	uint64_t now;

	t->turns = 0;
	qi_see_to_bell(q);
	qi_check_fault(q);
	now = qi_now(q);
	t->looked = now;
	if (!t->since)
		t->since = now;
	if (!qi_time_is_up(q, &t->late, now, qi_end_of(q, t, queued, now)) ||
	    qi_has_news(q, t, queued))
		return QI_PENDING;
	return qi_leave(q, t, -QI_ERR_TIMEOUT);
}

/*
 * How long a turn takes is relax()'s affair, and between two calls of qi_poll() the caller's. The
 * clock is read after as many turns again, or, if they are slow, soon.
 */
static bool qi_clock_is_due(struct qi *q, struct qi_ticket *t)
{
	uint64_t now = qi_now(q), look = qi_look_ns(q);

	if (!t->looked) {
		t->looked = now;
		t->since = now;
	}
	if (now - t->looked >= look) {
		t->clock_at = t->turns / 8 + 1;
		return true;
	}
	t->clock_at = now - t->looked > look / 4 ? t->turns + 1 : 2 * t->turns;
	return false;
}

/* Has this turn brought so many, or so much time, that a look at the unit is due? */
static bool qi_look_is_due(struct qi *q, struct qi_ticket *t, bool polled)
{
	if (++t->turns >= q->cfg.poll_budget) {
		t->clock_at = QI_CLOCK_TURNS;
		return true;
	}
	return (polled || t->turns >= t->clock_at) && qi_clock_is_due(q, t);
}

static inline bool qi_may_look_after_bell(const struct qi_ticket *t)
{
	return t->turns >= QI_BELL_TURNS && !(t->turns & (t->turns - 1));
}

/* Is it this one's turn to try and put what is queued into the ring? */
static bool qi_may_pump(struct qi *q, const struct qi_ticket *t, uint32_t phase)
{
	uint64_t ripe = qi_load_relaxed(&q->ripe);

	if (phase == QI_PHASE_NEXT && t->turns % QI_PUMP_TURNS == 0)
		return ripe < qi_load_relaxed(&q->voided) || qi_completed(q, ripe);
	return t->turns % QI_PUMP_TURNS_BEHIND == 0;
}

static void qi_pump(struct qi *q, struct qi_ticket *t)
{
	unsigned long irq = qi_irq_save(q), flags = qi_lock(q);
	uint64_t first;
	bool taken = q->mode != QI_MODE_DEAD && qi_ring_pump(q, t, &first);

	qi_unlock(q, flags);
	if (taken)
		qi_ring_insert_at(q, t, first);
	qi_irq_restore(q, irq);
}

static int qi_poll_queued(struct qi *q, struct qi_ticket *t, uint32_t phase, bool polled)
{
	bool due = qi_look_is_due(q, t, polled);

	/* D1, pairs with D0 in qi_kill(): q->dead is set. */
	if (qi_load_acquire(&q->mode) == QI_MODE_DEAD)
		return qi_leave(q, t, q->dead);
	/* The room may be that of one whose owner has put the doorbell off, and has no CPU. */
	if (qi_may_look_after_bell(t) && qi_bell_pressing(q))
		qi_see_to_bell(q);
	if (due || qi_may_pump(q, t, phase))
		qi_pump(q, t);
	return due ? qi_look_around(q, t, true) : QI_PENDING;
}

/* Nothing new in the slot's two words. */
static int qi_poll_pending(struct qi *q, struct qi_ticket *t, bool polled)
{
	if (qi_load_acquire(&q->mode) == QI_MODE_DEAD) /* D1 */
		return qi_leave(q, t, q->dead);
	if (qi_look_is_due(q, t, polled))
		return qi_look_around(q, t, false);
	if ((t->front || qi_may_look_after_bell(t)) && qi_bell_pressing(q)) {
		t->front = false;
		qi_see_to_bell(q);
	}
	return QI_PENDING;
}

/* Not completed. */
static int qi_poll_otherwise(struct qi *q, struct qi_ticket *t, uint32_t phase, bool polled)
{
	if (phase == QI_PHASE_FLIGHT)
		return qi_poll_pending(q, t, polled);
	if (phase == QI_PHASE_ABORTED)
		return qi_aborted(q, t);
	if (phase == QI_PHASE_COMPLETED)
		return qi_part_completed(q, t);
	if (phase == QI_PHASE_FINISHED)
		return t->error.code;
	return qi_poll_queued(q, t, phase, polled);
}

/* @polled: by a caller that looks at its ticket when it likes. */
static inline int qi_poll_once(struct qi *q, struct qi_ticket *t, bool polled)
{
	/*
	 * T1, pairs with T0 in qi_fill(): wait and n are set; and, as V1, with V0 in fault.c: the
	 * verdict is in the ticket.
	 */
	uint32_t phase = qi_load_acquire(&t->phase);

	if (phase == QI_PHASE_FLIGHT && qi_completed(q, t->wait))
		return qi_part_completed(q, t);
	return qi_poll_otherwise(q, t, phase, polled);
}

int qi_poll(struct qi *q, struct qi_ticket *t)
{
	return qi_poll_once(q, t, true);
}

/*
 * A sleeper compares `events` as it was before its look at the status word, so an interrupt between
 * that look and falling asleep is not lost.
 */
static void qi_sleep(struct qi *q, struct qi_ticket *t, uint32_t events)
{
	const struct qi_host *host = q->cfg.host;

	if (!(t->options & QI_OPT_INTERRUPT) || !host->sleep ||
	    qi_load_relaxed(&t->phase) != QI_PHASE_FLIGHT) {
		qi_relax(q);
		return;
	}
	if (!t->asleep)
		t->asleep = qi_now(q);
	host->sleep(q->cfg.ctx, &q->events, events, QI_SLEEP_NS);
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
		ret = qi_poll_once(q, t, false);
		if (ret != QI_PENDING)
			return ret;
		qi_sleep(q, t, events);
	}
}

void qi_abandon(struct qi *q, struct qi_ticket *t)
{
	if (qi_load_acquire(&t->phase) != QI_PHASE_FINISHED) /* T1 */
		qi_leave(q, t, -QI_ERR_TIMEOUT);
}
