/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * retry.c - the owner of a part that a time-out error has aborted.
 *
 * The time-out of another's device costs a repetition and nothing else. That of a device of its own
 * is repeated as often as the configuration says, or not at all if the device has been removed.
 */
#include "queue.h"

/*
 * True if the device of this descriptor is the one that timed out. Where the unit does not name it,
 * it is that of the submission which was tried alone when the error came.
 */
static bool qi_blames(struct qi *q, const struct qi_ticket *t, const struct qi_desc *d,
		      const struct qi_fault *f)
{
	if (f->sid)
		return qi_ats_sid(d) == f->sid;
	return f->alone == t->first || qi_gone(q, qi_ats_sid(d));
}

/* First descriptor of the aborted part to blame, of those that were fetched; or the part's end. */
static unsigned qi_culprit(struct qi *q, const struct qi_ticket *t, const struct qi_fault *f)
{
	unsigned i;

	for (i = 0; i < t->n && t->first + i < f->at; i++)
		if (qi_is_ats(&t->desc[t->base + i]) && qi_blames(q, t, &t->desc[t->base + i], f))
			return t->base + i;
	return t->base + t->n;
}

/* Another's device has timed out: that is not to be at this one's expense. */
static void qi_note_silent(struct qi_ticket *t, uint16_t sid)
{
	unsigned i;

	for (i = 0; i < t->nsilent; i++)
		if (t->silent[i] == sid)
			return;
	if (i < QI_SILENT_DEVICES)
		t->silent[t->nsilent++] = sid;
}

bool qi_responds(const struct qi_ticket *t, unsigned from)
{
	unsigned i = from > t->sent ? from : t->sent;

	for (; i < t->base + t->n; i++)
		if (qi_is_response(&t->desc[i]))
			return true;
	return false;
}

int qi_resubmit(struct qi *q, struct qi_ticket *t)
{
	int err;

	t->flags &= (uint16_t)~QI_SLOT_NEW;
	t->deadline = t->watch.head = 0;
	t->turns = 0;
	t->cut = t->hidden = false;
	err = qi_line_enter(q, t);
	return err ? err : QI_PENDING;
}

int qi_blame(struct qi *q, struct qi_ticket *t, const struct qi_fault *f)
{
	unsigned culprit = qi_culprit(q, t, f);

	t->slow = true;
	if (!t->since)
		t->looked = t->since = qi_now(q);
	if (!f->sid && t->ats)
		t->suspect = true;
	if (culprit == t->base + t->n) {
		qi_note_silent(t, f->sid);
		return 0;
	}
	if (t->attempts++ < q->cfg.retries && !qi_gone(q, qi_ats_sid(&t->desc[culprit])))
		return 0;
	t->error.index = culprit;
	t->error.sid = qi_ats_sid(&t->desc[culprit]);
	return -QI_ERR_DEVICE;
}

int qi_repeat(struct qi *q, struct qi_ticket *t)
{
	uint64_t now = qi_now(q);

	if (!t->since)
		t->looked = t->since = now;
	if (qi_time_is_up(qi_round_ns(q, t), &t->late, now, qi_limit(q, t)))
		return qi_finish(q, t, -QI_ERR_TIMEOUT);
	qi_count(q, retries, 1);
	return qi_resubmit(q, t);
}

int qi_retry(struct qi *q, struct qi_ticket *t)
{
	/* They were fetched, and none was refused. */
	qi_note_sent(t);
	return qi_repeat(q, t);
}
