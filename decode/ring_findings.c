/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Findings from Linux's slot states, head and tail. */
#include "ring.h"

#include <describe/describe.h>
#include <inttypes.h>
#include <string.h>

static const struct finding idle = {
	.id = "ring-idle",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "Nothing to do here. If a CPU hangs in qi_submit_sync all the same, this fits "
		"bug-history 1: "
		"its wait's slot was reclaimed by another submitter before it looked; see whether "
		"the kernel "
		"has the fix.",
};

static const struct finding busy = {
	.id = "ring-busy",
	.weight = NOTE,
	.certainty = INFERRED,
	.from = "one dump, which cannot tell work from standstill",
	.next = "Dump it again a second later: if Head has not moved, the unit has stopped; then "
		"look at FSTS in "
		"iommu_regset and for error lines in dmesg.",
};

static const struct finding completion_missing = {
	.id = "completion-missing",
	.weight = ERROR,
	.certainty = LIKELY,
	.from = "Head, which is past the wait, and the wait's status, which is still \"in use\"; a "
		"dump taken in "
		"the microseconds between fetch and status write looks the same",
	.next = "Dump it again: if the same slot is still in use, it hangs. Then see dmesg for "
		"time-out errors, "
		"and look at the devices named here (are they there, is ATS on?).",
};

static const struct finding leaked = {
	.id = "slot-leaked",
	.weight = ERROR,
	.certainty = LIKELY,
	.from = "the states: the owner's other slots are free, so it has left, and the unit's late "
		"DONE lies in "
		"its wait's slot",
	.next = "This fits bug-history 33: after an early return (-EINVAL, -ETIMEDOUT) the slots "
		"were freed "
		"before the unit had written the status. The ring stays so until reboot (kernels "
		"without the fix for bug-history 1 reclaim it with the next submission); look for "
		"the error before it in dmesg.",
};

static const struct finding not_collected = {
	.id = "completion-not-collected",
	.weight = SUSPECT,
	.certainty = INFERRED,
	.from = "one dump; the owner may look at it the next moment",
	.next = "Dump it again: if it stays so, find the CPU that runs the owner (stalled, in an "
		"interrupt, a "
		"virtual CPU that is not scheduled).",
};

static const struct finding aborted = {
	.id = "waits-aborted",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "There was a time-out error: look for it in dmesg. The owners of these slots are "
		"to submit again; "
		"if the states stay so, they do not run.",
};

static const struct finding full = {
	.id = "ring-full",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "Every CPU that submits now waits for space. See which slot holds the others back.",
};

static const struct finding held_back = {
	.id = "reclaim-held-back",
	.weight = SUSPECT,
	.certainty = INFERRED,
	.from = "the rule that slots are reclaimed in ring order, and the states behind the tail",
	.next = "This slot's owner is the one to look for: no slot behind it is used again before "
		"it is free.",
};

static const struct finding held_by_nobody = {
	.id = "reclaim-held-back",
	.weight = SUSPECT,
	.certainty = INFERRED,
	.from = "the rule that slots are reclaimed in ring order, and the states behind the tail",
	.next = "This slot has no owner any more (slot-leaked, above): nothing gives it back, and "
		"the room runs out when the tail has come round.",
};

static const struct finding odd_states = {
	.id = "status-unknown",
	.weight = SUSPECT,
	.certainty = CERTAIN,
	.next = "Linux stores 0 to 3 there. Another value is either a damaged copy, or memory that "
		"was overwritten.",
};

static const struct finding states_cut = {
	.id = "ring-states-unknown",
	.weight = UNCLEAR,
	.certainty = CERTAIN,
	.next = "Get the dump as a file (`cat invalidation_queue >file`): the state of a slot is "
		"the last column.",
};

/* The devices of the requests before a wait: one of them may not have answered. */
static void submission_text(const struct ring *r, unsigned wait, char *to, size_t size)
{
	const unsigned first = ring_first_of(r, wait);
	int n;

	if (first == wait) {
		snprintf(to, size, "a plain drain, without any invalidation");
		return;
	}
	n = snprintf(to, size, "for ");
	for (unsigned slot = first, i = 0; slot != wait && n < (int)size; slot = ring_next(slot)) {
		char text[200];

		if (i++ == 2) {
			snprintf(to + n, size - (size_t)n, " and %u more",
				 ring_distance(slot, wait));
			break;
		}
		if (row_whole(r->slot[slot]))
			qi_desc_text(&r->slot[slot]->desc, text, sizeof(text));
		else
			snprintf(text, sizeof(text), "a descriptor that is cut off");
		n += snprintf(to + n, size - (size_t)n, "%s%s", i > 1 ? "; " : "", text);
	}
}

/* Fetched: it is before Head. */
static bool fetched(const struct ring *r, unsigned slot)
{
	return ring_distance(slot, r->tail) > r->pending;
}

static bool requests_free(const struct ring *r, unsigned wait)
{
	unsigned before = (wait + RING_SLOTS - 1) % RING_SLOTS, requests = 0;

	while (r->slot[before] && !ring_is_wait(r->slot[before]) && requests < RING_SLOTS) {
		if (ring_not_free(r->slot[before]))
			return false;
		requests++;
		before = (before + RING_SLOTS - 1) % RING_SLOTS;
	}
	return requests;
}

static bool is_leaked(const struct ring *r, unsigned slot)
{
	return ring_is_wait(r->slot[slot]) && r->slot[slot]->status == SLOT_DONE &&
	       requests_free(r, slot);
}

/* The oldest few are enough: all that follow one that hangs hang, too. */
#define DETAILED 3

struct waits {
	unsigned missing, aborted;
};

static void judge_wait(struct decode *d, const struct ring *r, unsigned wait, struct waits *seen)
{
	const struct row *row = r->slot[wait];
	const bool missing = row->status == SLOT_IN_USE && fetched(r, wait);
	char what[420];

	if ((missing && ++seen->missing > DETAILED) ||
	    (row->status == SLOT_ABORT && ++seen->aborted > DETAILED))
		return;
	submission_text(r, wait, what, sizeof(what));
	if (missing)
		decode_find(d, &completion_missing, row->line,
			    "The unit has fetched the wait in slot %u and has not written its "
			    "status: its submitter "
			    "waits, %s.",
			    wait, what);
	else if (is_leaked(r, wait))
		decode_find(d, &leaked, row->line,
			    "Slot %u is done, and has no owner any more: it is never reclaimed.",
			    wait);
	else if (row->status == SLOT_DONE)
		decode_find(d, &not_collected, row->line,
			    "The wait in slot %u has completed, and its submitter has not seen it "
			    "yet: %s.",
			    wait, what);
	else if (row->status == SLOT_ABORT)
		decode_find(d, &aborted, row->line,
			    "The wait in slot %u was aborted after a time-out: %s.", wait, what);
}

static const struct finding idle_but_waited = {
	.id = "wait-slot-reclaimed",
	.weight = SUSPECT,
	.certainty = INFERRED,
	.from = "a ring that is idle, and a CPU that waits for it all the same; they may be of "
		"different units, or "
		"of different times",
	.next = "This fits bug-history 1: a zero-count submitter spins for ever, as another one "
		"has freed its wait's "
		"slot before it looked. See whether the kernel has the fix (the owner alone sets "
		"QI_FREE).",
};

static const struct finding idle_elsewhere = {
	.id = "ring-idle-elsewhere",
	.weight = NOTE,
	.certainty = INFERRED,
	.from = "a ring that is idle, and a CPU that waits for its invalidation all the same",
	.next = "Dump all units again while the CPU hangs: this ring is another unit's, or was "
		"dumped at another time. It does not fit bug-history 1, which affects CPUs that "
		"wait without an invalidation of their own.",
};

void ring_idle_but_waited(struct decode *d)
{
	const struct decode_facts *f = decode_facts(d);
	const struct finding *is = f->waiter_requests ? &idle_elsewhere : &idle_but_waited;

	for (unsigned i = 0; i < 2 && f->idle_line && f->waiter_line; i++)
		decode_find(d, is, i ? f->idle_line : f->waiter_line,
			    "A CPU waits in qi_submit_sync, and the ring has nothing that it could "
			    "wait for.");
}

static const char *state_word(long status)
{
	static const char *const words[] = { "free", "in use", "done", "aborted" };

	return status >= 0 && status <= SLOT_ABORT ? words[status] : "unknown";
}

/* False if all used slots are also pending: then there is nothing to report. */
static bool holds_back(const struct ring *r)
{
	return r->used && r->span > r->pending + 2 && fetched(r, r->oldest);
}

static void judge_ring(struct decode *d, const struct ring *r)
{
	const char *unit = r->b->unit ? r->b->unit : "the unit";
	const struct row *oldest = r->used ? r->slot[r->oldest] : NULL;

	if (!r->pending && !r->used && r->no_state) {
		decode_find(
			d, &states_cut, r->b->line,
			"All descriptors in the ring of %s have been fetched (Head = Tail = %u), "
			"but of %u of the %u slots in the dump the state is not known, so it is "
			"not known whether a CPU still waits.",
			unit, r->head, r->no_state, r->known);
		return;
	}
	if (!r->pending && !r->used) {
		struct decode_facts *f = decode_facts(d);

		f->idle_line = r->b->line;
		ring_idle_but_waited(d);
		decode_find(d, &idle, r->b->line,
			    "The ring of %s is idle: Head = Tail = %u, %s. The descriptors in it "
			    "are those of "
			    "the last lap; all of them have been fetched.",
			    unit, r->head,
			    r->known == RING_SLOTS ? "all slots are free"
						   : "all slots that are in the dump are free");
		return;
	}
	if (r->pending)
		decode_find(d, &busy, r->b->line,
			    "The ring of %s is not empty: %u descriptors, from slot %u on, have "
			    "not been fetched.",
			    unit, r->pending, r->head);
	if (r->used && r->span >= RING_SLOTS - 3 && r->known == RING_SLOTS)
		decode_find(d, &full, r->b->line,
			    "The ring of %s is full: %u of %u slots are in use.", unit, r->span,
			    RING_SLOTS);
	if (holds_back(r))
		decode_find(d, is_leaked(r, r->oldest) ? &held_by_nobody : &held_back, oldest->line,
			    "Slot %u (%s) holds reclaim back in the ring of %s: it is the oldest "
			    "that is not free, "
			    "%u slots behind the tail.",
			    r->oldest, state_word(oldest->status), unit, r->span);
}

/* ---- two dumps of one unit ---- */

static const struct finding stuck = {
	.id = "queue-stuck",
	.weight = CAUSE,
	.certainty = LIKELY,
	.from = "two dumps of the same unit: a head that moves on is hardly ever seen twice at one "
		"place",
	.next = "See what is at the head or in the slot, FSTS in iommu_regset, and error lines in "
		"dmesg.",
};

static void compare(struct decode *d, const struct ring *now, const struct ring_before *before)
{
	if (now->pending && before->pending && now->head == before->head)
		for (unsigned i = 0; i < 2; i++)
			decode_find(d, &stuck, i ? now->b->line : before->line,
				    "The unit %s has not fetched anything between two dumps: its "
				    "head stays at slot "
				    "%u.",
				    now->b->unit, now->head);
	else if (now->used && before->used && now->oldest == before->oldest)
		for (unsigned i = 0; i < 2; i++)
			decode_find(d, &stuck, i ? now->b->line : before->line,
				    "Slot %u of the unit %s was not free in either of two dumps.",
				    now->oldest, now->b->unit);
}

/* The entry for this unit; the oldest entry is reused if there are too many. */
static void remember(struct decode *d, const struct ring *r, struct ring_before before[RING_UNITS])
{
	struct ring_before *b = before;

	if (!r->b->unit || strlen(r->b->unit) >= sizeof(b->unit))
		return;
	while (b < before + RING_UNITS - 1 && b->line && strcmp(b->unit, r->b->unit))
		b++;
	if (b->line && !strcmp(b->unit, r->b->unit))
		compare(d, r, b);
	strcpy(b->unit, r->b->unit);
	b->line = r->b->line;
	b->head = r->head;
	b->pending = r->pending;
	b->used = r->used;
	b->oldest = r->oldest;
}

void ring_findings(struct decode *d, const struct block *b, struct ring_before before[RING_UNITS])
{
	struct waits seen = { 0 };
	struct ring r;

	if (!ring_read(&r, b))
		return;
	if (r.odd_states)
		decode_find(d, &odd_states, b->line,
			    "%u slots have a status that is none of Linux's.", r.odd_states);
	for (unsigned i = 0, slot = r.oldest; i < r.span; i++, slot = ring_next(slot))
		if (ring_is_wait(r.slot[slot]) && ring_not_free(r.slot[slot]))
			judge_wait(d, &r, slot, &seen);
	if (seen.missing > DETAILED)
		decode_find(d, &completion_missing, b->line,
			    "%u waits in all are fetched and not completed.", seen.missing);
	if (seen.aborted > DETAILED)
		decode_find(d, &aborted, b->line, "%u waits in all were aborted.", seen.aborted);
	judge_ring(d, &r);
	ring_addresses(d, &r);
	remember(d, &r, before);
}
