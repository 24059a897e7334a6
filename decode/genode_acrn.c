/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Messages of Genode's platform driver and of the ACRN hypervisor about VT-d. */
#include "dmesg_qi.h"
#include "faults.h"
#include "scan.h"

#include <inttypes.h>
#include <string.h>

/* ---- Genode ---- */

static const struct finding refused = {
	.id = "queue-error",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "Genode does not print the descriptor: it is the one at IQH (base + 0x80).",
};

static const struct finding time_out = {
	.id = "device-timeout",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "Genode does not print the device: which ones use ATS, and which was just reset?",
};

static const struct finding completion = {
	.id = "completion-error",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "Genode does not print the device: which ones use ATS, and which was just reset?",
};

static const struct finding lost = {
	.id = "faults-lost",
	.weight = SUSPECT,
	.certainty = CERTAIN,
	.next = "Take what the log shows for a part: there were more faults than records.",
};

static struct block *told(struct decode *d, const struct line *l, const char *system,
			  const char *message)
{
	struct block *b = block_new(system, l->number, "a message of a VT-d driver");

	decode_take(d);
	b->last = l->last;
	b->count = l->times;
	block_text(b, "message", "%s", message);
	return b;
}

static bool genode_status(struct decode *d, const struct line *l, const char *s)
{
	uint64_t reason;

	if (scan_words(&s, "Invalidation queue error: ")) {
		struct block *b = told(d, l, "genode", "the unit has refused a descriptor (IQE)");

		if (scan_hex(l, &s, &reason) == SCAN_OK) {
			block_hex(b, "IQERCD", reason, "%s", qi_iqei_text(reason & 0xf));
			decode_find(d, &refused, l->number,
				    "The unit has refused a descriptor (IQE, reason %" PRIu64
				    ": %s).",
				    reason & 0xf, qi_iqei_text(reason & 0xf));
		} else {
			block_cut(b, "IQERCD");
			decode_find(d, &refused, l->number,
				    "The unit has refused a descriptor (IQE).");
		}
		decode_block(d, b);
	} else if (scan_words(&s, "Invalidation time-out error")) {
		decode_find(d, &time_out, l->number,
			    "A device did not answer an invalidation of its TLB (ITE).");
		decode_block(d, told(d, l, "genode", "time-out (ITE)"));
	} else if (scan_words(&s, "Invalidation completion error")) {
		decode_find(d, &completion, l->number,
			    "A device has sent a wrong or unexpected completion (ICE).");
		decode_block(d, told(d, l, "genode", "completion error (ICE)"));
	} else if (scan_words(&s, "Fault recording overflow")) {
		decode_find(d, &lost, l->number, "Faults were lost (PFO).");
		decode_block(d, told(d, l, "genode", "faults were lost (PFO)"));
	} else {
		return false;
	}
	return true;
}

/* The value of "reason=0x6" after @s in the line. */
static bool value(const struct line *l, const char *s, const char *name, uint64_t *to)
{
	return scan_find_on(l, s, name, &s) && scan_hex(l, &s, to) == SCAN_OK;
}

/* "Fault: hi=0x..., reason=0x6, type=0x1, AT=0x0, ..., Source=0x10, info=0x7c346" */
static bool genode_fault(struct decode *d, const struct line *l, const char *s)
{
	uint64_t source, v;
	struct fault f;

	if (!scan_words(&s, "Fault: hi=") || !value(l, s, "Source=", &source))
		return false;
	decode_take(d);
	if (!value(l, s, "reason=", &v))
		v = 0;
	fault_begin(&f, l, v >= 0x20 && v <= 0x26, 0, (unsigned)source & 0xffff);
	if (value(l, s, "type=", &v) && !f.interrupt)
		fault_access(&f, v ? ACCESS_READ : ACCESS_WRITE);
	if (value(l, s, "info=", &v)) /* a page; for an interrupt the upper bits are its index */
		fault_address(&f, f.interrupt ? v >> 36 : v << 12);
	else
		fault_address_cut(&f);
	if (value(l, s, "reason=", &v))
		fault_reason(&f, v, "");
	fault_end(d, &f);
	return true;
}

/* ---- ACRN ---- */

static const struct finding not_done = {
	.id = "wait-not-completed",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "ACRN waits a millisecond, and goes on as if it were done: what was to be "
		"invalidated may not be. See whether the unit has an error (FSTS at base + 0x34).",
};

static bool acrn_timeout(struct decode *d, const struct line *l)
{
	const char *at = scan_find(l, l->text, "DMAR OP Timeout!", NULL);

	if (!at)
		return false;
	decode_find(d, &not_done, l->number,
		    "A command of the unit, or an invalidation, did not complete in time.");
	decode_block(d, told(d, l, "acrn", "not completed in time"));
	return true;
}

/* "0.2.0": bus, device and function, hexadecimal */
static bool dotted(const char **s, unsigned *sid)
{
	static const unsigned most[] = { 0xff, 0x1f, 7 };
	uint64_t part[3];

	for (unsigned i = 0; i < 3; i++) {
		if (!scan_digits(s, &part[i]) || part[i] > most[i] || (i < 2 && *(*s)++ != '.'))
			return false;
	}
	*sid = (unsigned)(part[0] << 8 | part[1] << 3 | part[2]);
	return true;
}

/* "Read/Atomic, Reason: 0x6, SID: 0.2.0 @0x7c346000" */
static bool acrn_fault(struct decode *d, const struct line *l)
{
	const char *at = scan_find(l, l->text, ", Reason: ", NULL), *s;
	uint64_t reason, address;
	unsigned sid;
	struct fault f;
	bool write;

	if (!at || !scan_find(l, at, ", Reason: ", &s) || scan_hex(l, &s, &reason) != SCAN_OK ||
	    !scan_words(&s, ", SID: ") || !dotted(&s, &sid))
		return false;
	decode_take(d);
	write = at - l->text >= 5 && !strncmp(at - 5, "Write", 5);
	fault_begin(&f, l, reason >= 0x20 && reason <= 0x26, 0, sid);
	if (!f.interrupt)
		fault_access(&f, write ? ACCESS_WRITE : ACCESS_READ);
	if (scan_words(&s, " @") && scan_hex(l, &s, &address) == SCAN_OK)
		fault_address(&f, f.interrupt ? address >> 48 : address & ~0xfffULL);
	else
		fault_address_cut(&f);
	fault_reason(&f, reason, "");
	fault_end(d, &f);
	return true;
}

static bool line(struct decode *d, void *state, const struct line *l)
{
	const char *s;

	(void)state;
	if (scan_find(l, l->text, "Error: ", &s) &&
	    (genode_status(d, l, s) || genode_fault(d, l, s)))
		return false;
	if (!acrn_timeout(d, l))
		acrn_fault(d, l);
	return false;
}

static const char *const words[] = { "Fault: hi=", "Fault rec", "Invalidation",
				     "DMAR OP",	   "SID: ",	NULL };

const struct recogniser genode_acrn_recogniser = { "genode-acrn", words, 0, line, NULL, false };
