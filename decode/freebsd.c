/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The few messages of FreeBSD. */
#include "faults.h"
#include "scan.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct finding time_out = {
	.id = "device-timeout",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "FreeBSD prints neither the device nor the descriptor: which devices behind this "
		"unit use "
		"ATS, and which was just detached or reset?",
};

static const struct finding completion = {
	.id = "completion-error",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "A device has answered an invalidation wrongly or unasked: which devices behind "
		"this unit "
		"use ATS, and which was just reset?",
};

static const struct finding queue = {
	.id = "queue-error",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "The unit has refused a descriptor and stands still. FreeBSD does not print which: "
		"read "
		"the unit's IQH (base + 0x80) and IQERCD (base + 0xb0).",
};

static const struct finding overflow = {
	.id = "faults-lost",
	.weight = SUSPECT,
	.certainty = CERTAIN,
	.next = "More faults than the unit has records: those that were printed are not all. They "
		"are "
		"faults of DMA, not of the queue.",
};

static const struct {
	const char *words;
	const struct finding *finding;
	const char *text;
} messages[] = {
	{ "Invalidation timed out", &time_out, "a device did not answer an invalidation (ITE)" },
	{ "Invalidation completion error", &completion,
	  "a device has sent a wrong or unexpected completion (ICE)" },
	{ "Invalidation queue error", &queue, "the unit has refused a descriptor (IQE)" },
	{ "Fault Overflow", &overflow, "fault records were lost (PFO)" },
	{ "Advanced pending fault", NULL, "a fault waits in the advanced log (APF)" },
	{ "Advanced fault overflow", &overflow, "the advanced fault log has overflowed (AFO)" },
};

/* "DMAR0:", in capitals and with a number, as only FreeBSD prints it. */
static const char *freebsd_unit(const struct line *l, const char **behind)
{
	const char *s = l->text;

	while ((s = scan_find(l, s, "DMAR", behind))) {
		const char *t = *behind;

		while (isdigit((unsigned char)*t))
			t++;
		if (t > *behind && *t == ':' && t[1] == ' ') {
			*behind = t + 2;
			return s;
		}
		s++;
	}
	return NULL;
}

static bool freebsd_message(struct decode *d, const struct line *l, const char *unit, const char *s)
{
	for (unsigned i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
		struct block *b;

		if (strncmp(s, messages[i].words, strlen(messages[i].words)) != 0)
			continue;
		decode_take(d);
		b = block_new("freebsd", l->number, "FreeBSD: fault status of a unit");
		block_unit(b, unit, strcspn(unit, ":"));
		block_text(b, "message", "%s", messages[i].text);
		if (messages[i].finding)
			decode_find(d, messages[i].finding, l->number, "%.*s: %s.",
				    (int)strcspn(unit, ":"), unit, messages[i].text);
		decode_block(d, b);
		return true;
	}
	return false;
}

/*
 * "pci0:2:0 sid 10 fault acc 1 adt 0x0 reason 0x6 addr 39b5845000", with a device's name before it
 */
static bool freebsd_fault(struct decode *d, const struct line *l, const char *unit, const char *s)
{
	static const char *const names[] = { "sid ", " fault acc ", " adt ", " reason ", " addr " };
	uint64_t value[5] = { 0 };
	unsigned n = 0;
	struct fault f;
	const char *at = scan_find(l, s, "sid ", NULL);
	bool interrupt;

	if (!at || !scan_find(l, at, "fault acc", NULL))
		return false;
	decode_take(d);
	while (n < 5 && scan_words(&at, names[n]) && scan_hex(l, &at, &value[n]) == SCAN_OK)
		n++;
	if (!n)
		return true;
	interrupt = n > 3 && value[3] >= 0x20 && value[3] <= 0x26;
	fault_begin(&f, l, interrupt, 0, (unsigned)value[0] & 0xffff);
	block_unit(f.block, unit, strcspn(unit, ":"));
	if (n > 1)
		block_hex(f.block, "access", value[1], NULL);
	if (n > 3)
		fault_reason(&f, value[3], "");
	if (n > 4)
		fault_address(&f, value[4]);
	else
		fault_address_cut(&f);
	fault_end(d, &f);
	return true;
}

static bool line(struct decode *d, void *state, const struct line *l)
{
	const char *behind, *unit = freebsd_unit(l, &behind);

	(void)state;
	if (unit && !freebsd_message(d, l, unit, behind))
		freebsd_fault(d, l, unit, behind);
	return false;
}

static const char *const words[] = { "DMAR", NULL };

const struct recogniser freebsd_recogniser = { "freebsd", words, 0, line, NULL, false };
