/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * retry.c - the owner of an aborted submission acts on the verdict.
 *
 * A refused descriptor is the end of it. A time-out of somebody else's device costs a repetition
 * and nothing else. A time-out of its own device is repeated as often as the configuration says, or
 * not at all if the device has been removed.
 */
#include "core.h"

/* Is the device of this descriptor the one that the verdict blames? */
static bool qi_blames(struct qi *q, const struct qi_ticket *t, const struct qi_desc *d)
{
	switch (t->verdict) {
	case QI_VERDICT_DEVICE:
		return qi_ats_sid(d) == t->sid;
	case QI_VERDICT_SELF:
		return true;
	default:
		return qi_gone(q, qi_ats_sid(d));
	}
}

/* First descriptor of the dropped part that the verdict blames, or its end. */
static unsigned qi_culprit(struct qi *q, const struct qi_ticket *t)
{
	unsigned i;

	for (i = t->base; i < t->base + t->n; i++) {
		if (qi_is_ats(&t->desc[i]) && qi_blames(q, t, &t->desc[i]))
			break;
	}
	return i;
}

/* Somebody else's device has timed out: that is not to be at this one's expense. */
static void qi_note_silent(struct qi_ticket *t)
{
	unsigned i;

	for (i = 0; i < t->nsilent; i++) {
		if (t->silent[i] == t->sid)
			return;
	}
	if (i < QI_SILENT_DEVICES)
		t->silent[t->nsilent++] = t->sid;
}

static int qi_end(struct qi *q, struct qi_ticket *t, int code)
{
	qi_free_or_owed(q, t, QI_ABORT);
	return qi_finish(q, t, code);
}

static int qi_retry(struct qi *q, struct qi_ticket *t)
{
	unsigned culprit = qi_culprit(q, t);
	uint64_t now = qi_now(q);

	if (culprit < t->base + t->n) {
		t->error.index = culprit;
		t->error.sid = qi_ats_sid(&t->desc[culprit]);
		if (t->attempts++ >= q->cfg.retries || qi_gone(q, t->error.sid))
			return qi_end(q, t, -QI_ERR_DEVICE);
		t->error.index = 0;
		t->error.sid = 0;
	} else {
		qi_note_silent(t);
	}
	if (t->verdict == QI_VERDICT_SUSPECT)
		t->suspect = true;
	t->slow = true;
	if (!t->since)
		t->since = now;
	if (qi_time_is_up(q, &t->late, now, qi_limit(q, t)))
		return qi_end(q, t, -QI_ERR_TIMEOUT);
	qi_count(q, retries, 1);
	return qi_requeue(q, t, QI_ABORT);
}

int qi_aborted(struct qi *q, struct qi_ticket *t)
{
	if (t->verdict != QI_VERDICT_IQE)
		return qi_retry(q, t);
	t->error.index = t->index < t->n ? t->base + t->index : t->count;
	t->error.iqei = t->iqei;
	return qi_end(q, t, -QI_ERR_IQE);
}
