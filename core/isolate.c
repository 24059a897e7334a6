/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * isolate.c - which device timed out, where the unit does not say.
 *
 * A time-out error aborts every wait under way, and ITESID may be 0, "not reported". Each
 * submission with a device-TLB invalidation among them is then a suspect, and to guess would be to
 * blame the innocent. So suspects are tried again one at a time: first a plain drain, which ends
 * when every request that is still with a device has been answered or has timed out; then the
 * suspect's descriptors of one device, with no other device-TLB invalidation under way. A time-out
 * now has one possible cause. Until the last suspect is through, other submissions with device-TLB
 * invalidations stay in line. All others go on.
 *
 * Everything here runs under the lock, and with the ring closed.
 */
#include "queue.h"

/*
 * Its slots may be another submission's already: then it is over. Where a late status write hides
 * whether it is, or only what was fetched is over, the drain that comes before the next suspect
 * ends it; where there is no other suspect, none has to be alone any more.
 */
static bool qi_isolated_is_over(const struct qi *q)
{
	uint64_t first = q->isolated;

	return first < q->head || first < q->aborted || qi_progress(q, first) != -1 ||
	       qi_published(q, first) & QI_SLOT_LEFT;
}

void qi_isolate_step(struct qi *q, struct qi_dispatched *d)
{
	if (q->isolated) {
		if (!qi_isolated_is_over(q))
			return;
		q->isolated = 0;
	}
	if (q->suspects && !q->quiet && qi_drained(q, &q->drain, d)) {
		q->quiet = true;
		q->drain.first = 0;
	}
}

/* True if isolation lets this one go into the ring now. */
bool qi_isolate_admits(const struct qi *q, const struct qi_ticket *t)
{
	return !t->ats || (t->suspect && q->quiet);
}

/* How many of a suspect's next n descriptors concern one device. */
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
