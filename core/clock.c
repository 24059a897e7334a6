/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * clock.c - how long a submission is waited for. The table in qi.h says what follows from it.
 *
 * The clock is not read while all is well: an owner's time begins with its first look at it. Time
 * that is up is not believed at once. The whole machine may have stood still, or the clock may have
 * jumped; so a last round of looks comes before the verdict, in which the unit has time to do what
 * it could not do before.
 */
#include "queue.h"

/* A waiter looks at the unit this often at least: with the longest of time-outs, too. */
#define QI_LOOK_NS 10000000ULL

/* The last round of looks takes this share of the time-out. */
#define QI_LAST_ROUND 16

/* Turns until the clock is read for the first time; later, until it is read again. */
#define QI_CLOCK_TURNS 16

/* The caller's own limit stands in for the time-out, where it is the shorter one. */
uint64_t qi_round_ns(const struct qi *q, const struct qi_ticket *t)
{
	uint64_t ns = q->cfg.timeout_ns;

	if (t && t->limit && t->limit < ns)
		ns = t->limit;
	return ns / QI_LAST_ROUND;
}

uint64_t qi_look_ns(const struct qi *q, const struct qi_ticket *t)
{
	uint64_t round = qi_round_ns(q, t);

	return round < QI_LOOK_NS ? round : QI_LOOK_NS;
}

bool qi_time_is_up(uint64_t round, uint64_t *late, uint64_t now, uint64_t end)
{
	if (now + round < end) {
		*late = 0;
		return false;
	}
	if (!*late) {
		*late = now;
		return false;
	}
	return now >= end && now >= *late + round;
}

uint64_t qi_limit(const struct qi *q, const struct qi_ticket *t)
{
	uint64_t ns = 2 * q->cfg.timeout_ns;

	if (t->slow)
		ns = (q->cfg.retries + 2ULL + t->nsilent) * q->cfg.ats_timeout_ns;
	return t->since + (t->limit && t->limit < ns ? t->limit : ns);
}

void qi_forgive_absence(struct qi *q, struct qi_ticket *t)
{
	uint64_t now, look = qi_look_ns(q, t);

	if (!t->since)
		return;
	now = qi_now(q);
	/* It was the part's time that was nearly up, not the call's. */
	if (now + qi_round_ns(q, t) < qi_limit(q, t))
		t->late = 0;
	/* Another CPU's clock may be a little behind. */
	if ((int64_t)(now - t->looked - look) > 0)
		t->since += now - t->looked - look;
	t->looked = now;
}

/* ---- when to look ---- */

/*
 * How long a turn takes is relax()'s affair, and between two calls of qi_poll() the caller's. The
 * clock is read after as many turns again, or, if they are slow, soon.
 */
static bool qi_clock_is_due(struct qi *q, struct qi_ticket *t)
{
	uint64_t now = qi_now(q), look = qi_look_ns(q, t);

	if (!t->since)
		t->looked = t->since = now;
	if (now - t->looked >= look) {
		t->clock_at = t->turns / 8 + 1;
		return true;
	}
	t->clock_at = now - t->looked > look / 4 ? t->turns + 1 : 2 * t->turns;
	return false;
}

bool qi_look_is_due(struct qi *q, struct qi_ticket *t, bool polled)
{
	if (++t->turns >= q->cfg.poll_budget) {
		t->clock_at = QI_CLOCK_TURNS;
		return true;
	}
	if (!t->clock_at)
		t->clock_at = QI_CLOCK_TURNS;
	return (polled || t->turns >= t->clock_at) && qi_clock_is_due(q, t);
}

/* ---- how long it may take ---- */

static uint64_t qi_allowed_ns(const struct qi *q, bool device)
{
	return device ? q->cfg.ats_timeout_ns : q->cfg.timeout_ns;
}

/*
 * True if a device may still have to answer for what is in the ring before `until`. A device whose
 * submission was given up, or aborted with others, has answered when a later one has completed.
 */
static bool qi_waits_for_device(struct qi *q, uint64_t until)
{
	uint64_t newest = qi_load_relaxed(&q->ats_newest), first, word;
	unsigned long flags;
	bool waits;

	if (!newest || (newest >= qi_load_relaxed(&q->head) && qi_is_complete(q, newest)))
		return false;
	flags = qi_lock(q);
	waits = q->ats_left;
	for (first = q->head; first < until; first = qi_behind(word)) {
		word = qi_published(q, first);
		if (!qi_is_published(word, first))
			break;
		if (qi_is_complete(q, first))
			waits = false;
		else if (word & QI_SLOT_ATS)
			waits = true;
	}
	qi_unlock(q, flags);
	return waits;
}

void qi_watch_head(struct qi *q, struct qi_watch *w, uint64_t head)
{
	bool busy = head < qi_load_relaxed(&q->rung);

	if (busy && head == w->head)
		return;
	w->head = busy ? head : 0;
	w->since = qi_now(q);
}

/* Watched from the first check on, which comes one round after the first look. */
bool qi_has_stalled(struct qi *q, struct qi_watch *w, uint64_t now)
{
	bool device = qi_waits_for_device(q, QI_ALL_ONES64);

	/*
	 * The last device has answered, or the unit waits for a repair, whose thread may have no
	 * CPU: the unit's own time starts anew.
	 */
	if ((w->device && !device) || qi_load_seq_cst(&q->repair))
		w->since = qi_now(q);
	w->device = device;
	return w->head && now + 2 * qi_round_ns(q, NULL) >= w->since + qi_allowed_ns(q, device);
}

/*
 * When the attempt is to be given up. From the moment at which the unit knows of it, it may take
 * one time-out, of the unit or of a device; before that as long as the whole call, unless the unit
 * stands still.
 */
static uint64_t qi_end_of(struct qi *q, struct qi_ticket *t, bool told, uint64_t now)
{
	const struct qi_watch *w = &t->watch;
	uint64_t end, limit;
	bool device;

	if (told && !t->deadline) {
		device = t->ats || qi_waits_for_device(q, t->first);
		t->slow |= device;
		t->deadline = now + qi_allowed_ns(q, device);
	}
	t->slow |= t->ats || (!told && w->device);
	limit = qi_limit(q, t);
	end = QI_ALL_ONES64;
	if (told)
		end = t->deadline;
	else if (w->head)
		end = w->since + qi_allowed_ns(q, w->device);
	return end < limit ? end : limit;
}

bool qi_is_half_time(const struct qi *q, const struct qi_ticket *t, uint64_t now)
{
	uint64_t half = q->cfg.timeout_ns / 2 + 1;

	return t->checked && (now - t->since) / half != (t->checked - t->since) / half;
}

bool qi_check_is_due(struct qi *q, struct qi_ticket *t, bool told, uint64_t now)
{
	if (!t->since)
		t->since = now;
	if (!t->checked)
		t->checked = now;
	if (now < t->checked + qi_round_ns(q, t) &&
	    now + 2 * qi_round_ns(q, t) < qi_end_of(q, t, told, now))
		return false;
	t->checked = now;
	return true;
}

int qi_look_at_clock(struct qi *q, struct qi_ticket *t, bool told, uint64_t now)
{
	bool stalled = qi_has_stalled(q, &t->watch, now);

	if (!qi_time_is_up(qi_round_ns(q, t), &t->late, now, qi_end_of(q, t, told, now)))
		return QI_PENDING;
	if (stalled)
		return -QI_ERR_DEAD;
	return told || now >= qi_limit(q, t) ? -QI_ERR_TIMEOUT : QI_PENDING;
}
