/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Problems of calls of qi_submit_sync(): failed, repeated, slow, not returned. */
#include "calls.h"

#include <describe/describe.h>
#include <stdio.h>
#include <string.h>

#define SLOW 1000000000ULL /* a call usually takes microseconds: a device or the unit hangs */
#define STUCK (10 * SLOW)

#define LOOK_IN_DMESG                                                                            \
	"`dmesg | qinval decode -` says which error it was, and of which device, if the kernel " \
	"has "                                                                                   \
	"printed one."

static const struct finding failed = {
	.id = "call-failed",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = LOOK_IN_DMESG,
};

static const struct finding repeated = {
	.id = "call-repeated",
	.weight = SUSPECT,
	.certainty = CERTAIN,
	.next = LOOK_IN_DMESG
	" A device that does not answer aborts what others have submitted, too.",
};

static const struct finding slow = {
	.id = "call-slow",
	.weight = SUSPECT,
	.certainty = CERTAIN,
	.next = "All CPUs that submit to the same unit wait for it. Look at that device's link "
		"and "
		"firmware; `qinval top` shows whether it goes on.",
};

static const struct finding unfinished = {
	.id = "call-unfinished",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "It hangs. Read /sys/kernel/debug/iommu/intel/invalidation_queue twice, and give "
		"both "
		"to `qinval decode`, with dmesg.",
};

/* The subject of a call: its only device, or its first descriptor. */
unsigned calls_sid(const struct live_desc *desc, unsigned n)
{
	struct qi_field field[QI_DESC_MAX_FIELDS];
	unsigned sid = NO_SID, fields;

	for (unsigned i = 0; i < n; i++) {
		const struct qi_desc d = { desc[i].qw0, desc[i].qw1, 0, 0 };

		if (qi_desc_type(&d) != QI_DIOTLB_TYPE && qi_desc_type(&d) != QI_DEIOTLB_TYPE)
			continue;
		fields = qi_desc_fields(&d, field);
		for (unsigned j = 0; j < fields; j++) {
			if (strcmp(field[j].name, "SID"))
				continue;
			if (sid != NO_SID && sid != field[j].value)
				return NO_SID;
			sid = (unsigned)field[j].value;
		}
	}
	return sid;
}

const char *calls_type_name(unsigned type)
{
	static const char *const names[QI_TYPES] = {
		"type 0", "context cache", "IOTLB",	  "device TLB",	      "interrupt entries",
		"drain",  "PASID IOTLB",   "PASID cache", "PASID device TLB", "page response",
	};

	return type < QI_TYPES ? names[type] : type == CALLS_REST ? "others" : "unknown type";
}

static const char *what_of(unsigned type, unsigned sid, char text[CALLS_NAME])
{
	char device[SID_TEXT];

	if (sid == NO_SID)
		snprintf(text, CALLS_NAME, "%s", calls_type_name(type));
	else
		snprintf(text, CALLS_NAME, "the device TLB of %s", sid_text(device, sid));
	return text;
}

static const char *errno_text(int ret)
{
	return ret == -110  ? " (ETIMEDOUT: a device has not answered in time)"
	       : ret == -22 ? " (EINVAL: the unit has refused a descriptor)"
	       : ret == -11 ? " (EAGAIN: a time-out error has aborted it)"
			    : "";
}

void calls_judge(struct calls *c, const struct live_call *call)
{
	unsigned type = call->descs ? call->desc[0].qw0 & 0xf : QI_IWD_TYPE;
	unsigned sid = calls_sid(call->desc, call->descs);
	char what[CALLS_NAME];

	what_of(type, sid, what);
	if (call->ret)
		decode_find_of(c->d, &failed, c->line, sid,
			       "qi_submit_sync() has returned %d%s: %s.", call->ret,
			       errno_text(call->ret), what);
	if (call->retries)
		decode_find_of(
			c->d, &repeated, c->line, sid,
			"A time-out error (ITE) has struck, and the kernel has submitted again: "
			"%s.",
			what);
	if (call->took >= SLOW && !call->ret)
		decode_find_of(c->d, &slow, c->line, sid,
			       "qi_submit_sync() has taken more than a second: %s.", what);
}

void calls_judge_open(struct calls *c, const struct live_pending *p)
{
	unsigned sid = p->count ? calls_sid(&p->first, 1) : NO_SID;
	uint64_t age = c->last > p->at ? c->last - p->at : 0;
	struct finding f = unfinished;
	char what[CALLS_NAME];

	if (age < SLOW)
		return;
	f.weight = age < STUCK ? SUSPECT : ERROR;
	what_of(p->count ? p->first.qw0 & 0xf : QI_IWD_TYPE, sid, what);
	decode_find_of(c->d, &f, c->line, sid,
		       "qi_submit_sync() had not returned when the trace ended, more than %s after "
		       "it was called: %s.",
		       age < STUCK ? "a second" : "ten seconds", what);
}
