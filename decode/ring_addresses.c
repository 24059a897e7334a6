/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Checks that each wait of a dump writes to the status word of its own slot. */
#include "ring.h"

#include <inttypes.h>

#include <qinval/desc.h>

#define LINUX_DONE 2

static const struct finding wrong_address = {
	.id = "status-address-wrong",
	.weight = ERROR,
	.certainty = LIKELY,
	.from = "Linux's layout: the status words of all slots are one array, which the other "
		"waits in this dump "
		"agree on",
	.next = "This wait completes another slot, and its own owner waits for ever: a damaged "
		"copy, memory that was "
		"overwritten, or a driver that computes the address wrongly (bug-history 10).",
};

static const struct finding rule_fails = {
	.id = "slot-rule-fails",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "Do not infer slots from status addresses in this machine's log: take these "
		"instead, less the "
		"array's address.",
};

static bool status_base(const struct row *r, uint64_t *base)
{
	if (!ring_is_wait(r) || !(r->desc.qw0 & QI_IWD_SW) || r->desc.qw0 >> 32 != LINUX_DONE)
		return false;
	*base = (r->desc.qw1 & ~3ULL) - 4 * (uint64_t)r->slot;
	return true;
}

/* The base address that most waits agree on, found by elimination; the other waits are wrong. */
void ring_addresses(struct decode *d, const struct ring *r)
{
	uint64_t base = 0, other;
	unsigned votes = 0, waits = 0;

	for (unsigned i = 0; i < RING_SLOTS; i++) {
		if (!r->slot[i] || !status_base(r->slot[i], &other))
			continue;
		waits++;
		if (!votes)
			base = other;
		votes += other == base ? 1 : -1;
	}
	if (waits < 2 || !votes)
		return;
	if (base & 0x3ff)
		decode_find(d, &rule_fails, r->b->line,
			    "The status words of this ring are at 0x%" PRIx64
			    ", which is not aligned to 1 KiB: slots cannot be told from status "
			    "addresses alone.",
			    base);
	for (unsigned i = 0; i < RING_SLOTS; i++)
		if (r->slot[i] && status_base(r->slot[i], &other) && other != base)
			decode_find(d, &wrong_address, r->slot[i]->line,
				    "The wait in slot %u does not write to the status word of its "
				    "slot.",
				    i);
}
