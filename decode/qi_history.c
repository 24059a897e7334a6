/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* An error of the queue together with earlier ones: a device that repeatedly does not answer. */
#include "dmesg_qi.h"

#include <string.h>

#define ICE_SECONDS 5.0
#define ICE_LINES 100
#define RETRIES 3
#define RETRY_SECONDS 300.0

static const struct finding retries = {
	.id = "retried-for-ever",
	.weight = SUSPECT,
	.certainty = LIKELY,
	.from = "the repetitions",
	.next = "Linux before 6.9 submits an invalidation again for ever after a time-out; from "
		"6.9 on it gives "
		"up if the device is gone, and only if the unit reports its source id. Remove the "
		"cause, the "
		"device; a reset of it, or `echo 1 > /sys/bus/pci/devices/.../remove` before it is "
		"pulled, "
		"ends the loop.",
};

static const struct finding bad_state = {
	.id = "device-in-bad-state",
	.weight = CAUSE,
	.certainty = INFERRED,
	.from = "the order: a completion that was not expected, and then none at all",
	.next = "Look at what was done to a device just before (reset, FLR, unbinding, vfio, "
		"power): its ATS "
		"was left on while it was in no state to answer. Turn ATS off before the reset, or "
		"reset by "
		"other means.",
};

bool qi_within(double earlier, double later, double most)
{
	return later - earlier <= most && earlier - later <= 1.0;
}

/* True if an earlier completion error may belong to the device that has not answered now. */
static bool soon_after(const struct qi_history *h, const struct qi_error *e)
{
	const struct block *b = e->block;
	const uint64_t sid = e->value[QI_ITE];

	if (!h->ice_line || (h->ice_sid && sid && h->ice_sid != sid))
		return false;
	if (h->ice_timed && b->timed)
		return qi_within(h->ice_time, b->time, ICE_SECONDS);
	return b->line - h->ice_line < ICE_LINES;
}

/* Count consecutive time-outs of one device. Combined errors of several devices are no retries. */
static void count_retries(struct decode *d, const struct qi_error *e, struct qi_history *h)
{
	const unsigned sid = e->cut[QI_ITE] ? 0 : (unsigned)e->value[QI_ITE];
	const struct block *b = e->block;
	struct qi_retries *r = h->retries, *end = r + QI_RETRIED;
	char device[SID_TEXT];

	for (; r < end && r->count && r->sid != sid; r++)
		;
	if (r == end) /* drop the first one */
		memmove(h->retries, h->retries + 1, (size_t)((char *)--r - (char *)h->retries));
	if (r->sid != sid || (b->timed && !qi_within(r->time, b->time, RETRY_SECONDS)))
		r->count = 0;
	if (!r->count++)
		r->line = b->line;
	r->sid = sid;
	r->time = b->time;
	if (r->count != RETRIES)
		return;
	if (sid)
		decode_find(d, &retries, r->line, "The time-out of %s happens again and again.",
			    sid_text(device, sid));
	else
		decode_find(d, &retries, r->line, "The time-out happens again and again.");
}

void qi_error_history(struct decode *d, const struct qi_error *e)
{
	struct qi_history *h = &decode_facts(d)->qi_history;
	const struct block *b = e->block;

	if (e->boot != decode_facts(d)->boots)
		return; /* it has become complete too late, and counts as history */
	if (e->seen[QI_ICE]) {
		h->ice_line = b->line;
		h->ice_timed = b->timed;
		h->ice_time = b->time;
		h->ice_sid = e->value[QI_ICE];
	}
	if (!e->seen[QI_ITE])
		return;
	if (soon_after(h, e))
		decode_find(d, &bad_state, h->ice_line,
			    "A completion error (ICE) and then a time-out (ITE): the device is "
			    "alive, and not in a "
			    "state to answer invalidations properly.");
	count_retries(d, e, h);
}
