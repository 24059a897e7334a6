/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Lists that name functions of the queue and are no events: locks, leaks, profiles. */
#include "lockup.h"
#include "scan.h"

#include <ctype.h>
#include <string.h>

#define PROFILE_WITHIN 60
#define LOCKS_WITHIN 2 /* lines over which an entry of a list of locks may be wrapped */
#define LEAK_WITHIN 40 /* lines of one object of kmemleak */

static const struct finding profiled = {
	.id = "profile-through-queue",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "If this is too much: lazy invalidation (iommu.strict=0), pass-through for trusted "
		"devices (iommu=pt), larger or fewer mappings; `qinval simulate` shows what the "
		"queue can do.",
};

/* The share of time in "45.31%  ksoftirqd/3  [kernel.kallsyms]  [k] qi_submit_sync" */
static bool share(const char *s)
{
	const size_t n = strspn(s, "0123456789.");

	return n && s[n] == '%';
}

/*
 * True for a profile or a function trace, which shows where time is spent. Its stacks do not belong
 * to an event.
 */
bool lockup_profile_sign(struct lockup *k, const struct line *l)
{
	const char *s = l->text + l->body;
	const bool sign = share(s) || !strncmp(s, "# Overhead", 10) ||
			  !strncmp(s, "# Samples", 9) || !strncmp(s, "---", 3) ||
			  !strncmp(s, "--", 2) || !strncmp(s, "@[", 2) ||
			  scan_find(l, l->text, "([kernel.kallsyms])", NULL) ||
			  scan_find(l, l->text, " <-", NULL) || !strncmp(s, "# tracer:", 9);

	if (sign)
		k->profile_line = l->number;
	return sign;
}

bool lockup_profile(struct decode *d, const struct lockup *k, const struct line *l, bool event)
{
	struct block *b;

	if (!k->profile_line || l->number > k->profile_line + PROFILE_WITHIN || l->record)
		return false;
	if (!scan_find(l, l->text, WAITER, NULL))
		return k->profile_line == l->number || !event;
	decode_take(d);
	b = block_new("profile", l->number,
		      "a profile or trace of functions, with the queue in it");
	b->last = l->last;
	decode_block(d, b);
	decode_find(d, &profiled, l->number,
		    "A profile shows time in qi_submit_sync: waiting for the unit, or for the "
		    "queue's lock. That is what invalidations cost, and nothing hangs.");
	return true;
}

/* "#1: ffff8e5840262978 (&qi->q_lock){..-.}-{2:2}, at: qi_submit_sync+0x110/0x900" */
bool lockup_lock_line(struct lockup *k, const struct line *l)
{
	const char *at, *end = l->text + l->own;

	if (scan_find(l, l->text, "held by ", NULL) || scan_find(l, l->text, "locks held in", NULL))
		return true;
	at = l->text + l->body;
	if (*at == '#' && isdigit((unsigned char)at[1]) && strspn(at + 1, "0123456789:") > 1 &&
	    at[1 + strspn(at + 1, "0123456789")] == ':') {
		/* Text that is wrapped after it belongs to the same lock. */
		k->lock_line = l->number;
		return true;
	}
	at = scan_find(l, l->text, ", at:", NULL);
	if (at && memchr(l->text, '{', (size_t)(at - l->text))) {
		k->lock_line = end - at < 8 ? l->number : 0;
		return true;
	}
	/* The place where a lock was taken, which mail has moved to the next line. */
	return k->lock_line && l->number <= k->lock_line + LOCKS_WITHIN && !l->record;
}

/* "unreferenced object 0xffff...", followed by the place of its allocation: no CPU hangs there. */
bool lockup_leak_line(struct lockup *k, const struct line *l)
{
	if (scan_find(l, l->text, "unreferenced object 0x", NULL))
		k->leak_line = l->number;
	else if (k->leak_line && (l->number > k->leak_line + LEAK_WITHIN || !l->own))
		k->leak_line = 0;
	return k->leak_line;
}
