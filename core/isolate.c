/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * isolate.c - which device timed out, where the unit does not say.
 *
 * A time-out error drops every wait under way, and ITESID may be 0, "not reported". Whoever had a
 * device-TLB invalidation among them is then a suspect, and guessing would blame the innocent. So
 * suspects are tried again one at a time: first a plain drain, which ends when every request that
 * is still with a device has been answered or has timed out; then the suspect's descriptors of one
 * device, with no other device-TLB invalidation under way. A time-out now has one possible cause.
 * Until the last suspect is through, other submissions with device-TLB invalidations wait their
 * turn. Those without never notice.
 *
 * Everything here runs under the lock.
 */
#include "core.h"

/*
 * Completed, given up or with a verdict: nothing of it is under way, or nobody cares. Behind the
 * head its slot may be somebody else's already.
 */
static bool qi_isolate_settled(const struct qi *q)
{
	return q->isolated < q->head || qi_completed(q, q->isolated) ||
	       qi_state(q, q->isolated) != QI_IN_USE;
}

void qi_isolate_step(struct qi *q)
{
	if (q->isolated) {
		if (!qi_isolate_settled(q))
			return;
		q->isolated = 0;
	}
	if (!q->suspects || q->quiet)
		return;
	/*
	 * Who has room but no slots yet may have one to come, which the drain would not wait for.
	 */
	if ((q->drain.wait || qi_ring_still(q)) && qi_ring_drained(q, &q->drain)) {
		q->quiet = true;
		q->drain.wait = 0;
	}
}

/* May this one go into the ring now, as far as isolation is concerned? */
bool qi_isolate_admits(const struct qi *q, const struct qi_ticket *t)
{
	return !t->ats || (t->suspect && q->quiet);
}

/* Of a suspect's next n descriptors, as many as concern one device. */
unsigned qi_isolate_cut(const struct qi_ticket *t, unsigned n)
{
	const struct qi_desc *d = t->desc + t->base;
	bool any = false;
	uint16_t sid = 0;
	unsigned i;

	for (i = 0; i < n; i++) {
		if (!qi_is_ats(&d[i]))
			continue;
		if (any && qi_ats_sid(&d[i]) != sid)
			break;
		sid = qi_ats_sid(&d[i]);
		any = true;
	}
	return i;
}
