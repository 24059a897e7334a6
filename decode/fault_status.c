/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Linux's line about the fault status register (FSTS). The kernel prints the register whenever the
 * unit reports an event, but not always a line for each bit: this reports the bits that no other
 * line explains.
 */
#include "decode.h"
#include "scan.h"

#include <inttypes.h>
#include <qinval/regs.h>
#include <string.h>

#define STATUS_WITHIN 12 /* lines between it and those that explain it */

struct fault_status {
	uint64_t line, value; /* not explained yet; value 0: none */
};

static const struct finding silent_errors = {
	.id = "fault-status",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "Linux before 5.13 says no more than this of time-out and completion errors, and "
		"of IQE only if the first descriptor of a submission was refused; since 5.13 there "
		"are lines \"VT-d detected ...\" and QI HEAD next to this one: see whether they "
		"were filtered out.",
};

static const struct finding recorded = {
	.id = "fault-recorded",
	.weight = DAMAGE,
	.certainty = CERTAIN,
	.next = "Get the line that follows in the whole log (\"Request device\"): it names the "
		"device, the address and the reason.",
};

static const struct finding lost = {
	.id = "faults-lost",
	.weight = SUSPECT,
	.certainty = CERTAIN,
	.next = "Take what the log shows for a part: other devices may have had faults, too. Stop "
		"the device that has most of them, and look again.",
};

static const struct finding prq_overflow = {
	.id = "page-requests-lost",
	.weight = DAMAGE,
	.certainty = CERTAIN,
	.next = "The page request queue was full, and requests were answered with a failure or "
		"lost: see which device floods it (trace event prq_report).",
};

static const struct finding ones = {
	.id = "unit-not-answering",
	.weight = CAUSE,
	.certainty = CERTAIN,
	.next = "Find out why the unit's registers are out of reach: compare its base address "
		"(reg_base_addr in the boot log) with /proc/iomem and with the windows of bridges "
		"in `lspci -vv`; look at what was configured just before (VMD, hotplug, power "
		"management).",
};

/* True if there is a line about this error shortly before or after. */
static bool explained(const struct fault_status *f, uint64_t line)
{
	return line && line + STATUS_WITHIN >= f->line;
}

static void forget(struct decode *d, struct fault_status *f)
{
	static const unsigned bit[] = { VTD_FSTS_IQE, VTD_FSTS_ITE, VTD_FSTS_ICE };
	static const char *const name[] = { "IQE", "ITE", "ICE" };
	const struct decode_facts *facts = decode_facts(d);
	char names[16] = "";

	for (unsigned i = 0; i < 3; i++)
		if (f->value & bit[i] && !explained(f, facts->qi_line[i])) {
			strcat(names, *names ? " " : "");
			strcat(names, name[i]);
		}
	if (*names)
		decode_find(d, &silent_errors, f->line,
			    "The fault status register 0x%" PRIx64
			    " tells of an error of the invalidation queue (%s), of which no line "
			    "of its own is in this input.",
			    f->value, names);
	if (f->value & VTD_FSTS_PPF && !explained(f, facts->fault_line))
		decode_find(d, &recorded, f->line,
			    "The unit has recorded a fault of DMA or of an interrupt (PPF); the "
			    "line that says which is not in this input.");
	f->value = 0;
}

static const char *status_text(uint64_t v, char to[64])
{
	static const char *const bits[] = {
		"PFO", "PPF", "AFO", "APF", "IQE", "ICE", "ITE", "PRO"
	};

	*to = '\0';
	for (unsigned i = 0; i < 8; i++)
		if (v >> i & 1) {
			strcat(to, *to ? " " : "");
			strcat(to, bits[i]);
		}
	return *to ? to : "nothing";
}

static void read_status(struct decode *d, struct fault_status *f, const struct line *l, uint64_t v,
			struct block *b)
{
	char text[64];

	block_hex(b, "FSTS", v, "%s; fault record index %" PRIu64 "%s", status_text(v, text),
		  v >> 8 & 0xff,
		  v & VTD_FSTS_PPF ? "" : "; PPF is clear: there is no record of a DMA fault");
	if (v & VTD_FSTS_PFO)
		decode_find(d, &lost, l->number,
			    "Faults were lost (PFO): there were more than the unit has records "
			    "for.");
	if (v & VTD_FSTS_PRO)
		decode_find(d, &prq_overflow, l->number,
			    "Page requests overflowed (PRO in the fault status).");
	forget(d, f);
	/* One line of a storm represents all, and the lines of the faults are elsewhere. */
	if (l->times > 1 && decode_facts(d)->fault_line)
		return;
	if (v & (VTD_FSTS_QI | VTD_FSTS_PPF)) {
		f->value = v & 0xff;
		f->line = l->number;
	}
}

/* "DRHD: handling fault status reg 40" */
static bool line(struct decode *d, void *state, const struct line *l)
{
	struct fault_status *f = state;
	struct block *b;
	const char *s;
	uint64_t v;

	if (f->value && l->number > f->line + STATUS_WITHIN)
		forget(d, f);
	if (!scan_find_typed(l, l->text, "handling fault status reg", &s) || s > l->text + l->len)
		return f->value;
	s += strspn(s, ": ");
	scan_blanks(&s);
	decode_take(d);
	b = block_new("fault-status", l->number, "fault status, read by the interrupt handler");
	b->timed = l->timed;
	b->time = l->time;
	b->count = l->times;
	if (scan_hex(l, &s, &v) != SCAN_OK) {
		block_cut(b, "FSTS");
	} else if (v == 0xffffffff) {
		block_hex(b, "FSTS", v, "all ones: the unit does not answer");
		decode_find(d, &ones, l->number,
			    "The fault status register was read as all ones: the unit does not "
			    "answer at all.");
	} else {
		read_status(d, f, l, v, b);
	}
	decode_block(d, b);
	return f->value;
}

static void end(struct decode *d, void *state)
{
	forget(d, state);
}

static const char *const words[] = { "DRHD", "ault status", NULL };

const struct recogniser fault_status_recogniser = {
	"fault-status", words, sizeof(struct fault_status), line, end, true
};
