/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * retry.c - the owner of a part that a time-out error has aborted.
 *
 * The time-out of another's device costs a repetition and nothing else. That of a device of its own
 * is repeated as often as the configuration says, or not at all if the device has been removed.
 */
#include "queue.h"

/* The longest that the call may take, from its first look on; see the table in qi.h. */
uint64_t qi_limit(const struct qi *q, const struct qi_ticket *t)
{
	if (!t->slow)
		return t->called + 2 * q->cfg.timeout_ns;
	return t->called + (q->cfg.retries + 2 + t->others) * q->cfg.ats_timeout_ns;
}

/*
 * Is the device of this descriptor the one that timed out? Where the unit does not name it, it is
 * that of the submission which was tried alone.
 */
static bool qi_blames(struct qi *q, const struct qi_ticket *t, const struct qi_desc *d,
		      const struct qi_fault *f)
{
	if (f->sid)
		return qi_ats_sid(d) == f->sid;
	return t->isolated || qi_gone(q, qi_ats_sid(d));
}

/* First descriptor of the aborted part to blame, or its end. */
static unsigned qi_culprit(struct qi *q, const struct qi_ticket *t, const struct qi_fault *f)
{
	unsigned i;

	for (i = t->base; i < t->base + t->n; i++)
		if (qi_is_ats(&t->desc[i]) && qi_blames(q, t, &t->desc[i], f))
			break;
	return i;
}

/* Each further device that falls silent meanwhile may cost the call one device's time-out. */
static void qi_note_other(struct qi_ticket *t, uint16_t sid)
{
	if (sid != t->other_sid)
		t->others++;
	t->other_sid = sid;
}

int qi_resubmit(struct qi *q, struct qi_ticket *t)
{
	int err;

	t->flags &= (uint16_t)~QI_SLOT_NEW;
	t->since = t->seen_head = 0;
	t->turns = 0;
	t->overdue = t->isolated = false;
	err = qi_line_enter(q, t);
	return err ? err : QI_PENDING;
}

int qi_retry(struct qi *q, struct qi_ticket *t, const struct qi_fault *f)
{
	unsigned culprit = qi_culprit(q, t, f), end = t->base + t->n;
	uint64_t fetched = f->at - t->first, now = qi_now(q);

	/* A page response that was fetched has been sent, and is not to be sent again. */
	t->sent = fetched < t->n ? t->base + (unsigned)fetched : end;
	t->slow = true;
	if (!t->called)
		t->called = now;
	if (culprit == end) {
		qi_note_other(t, f->sid);
	} else if (t->attempts++ >= q->cfg.retries || qi_gone(q, qi_ats_sid(&t->desc[culprit]))) {
		t->error.index = culprit;
		t->error.sid = qi_ats_sid(&t->desc[culprit]);
		return qi_finish(q, t, -QI_ERR_DEVICE);
	}
	if (!f->sid && t->ats)
		t->suspect = true;
	if (now >= qi_limit(q, t))
		return qi_finish(q, t, -QI_ERR_TIMEOUT);
	qi_count(q, retries, 1);
	return qi_resubmit(q, t);
}
