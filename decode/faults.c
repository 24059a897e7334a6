/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "faults.h"
#include "fault_reasons.h"
#include "machine.h"
#include "scan.h"

#include <inttypes.h>
#include <string.h>

#define TEXT_MAX 120
#define INTERRUPTS_FIRST 0xfee00000
#define INTERRUPTS_LAST 0xfeefffff
#define SID_IGD 0x10 /* 00:02.0: the integrated display of Intel's processors */

#define NOT_QUEUE "This is not an error of the invalidation queue."

void fault_begin(struct fault *f, const struct line *l, bool interrupt, unsigned segment,
		 unsigned sid)
{
	char text[SID_TEXT];

	*f = (struct fault){ .line = l->number,
			     .times = l->times,
			     .interrupt = interrupt,
			     .segment = segment,
			     .sid = sid };
	f->block = block_new(interrupt ? "interrupt-fault" : "dma-fault", l->number,
			     interrupt ? "interrupt-remapping fault, not of the queue"
				       : "DMA fault, not of the queue");
	f->block->last = l->last;
	f->block->timed = l->timed;
	f->block->time = l->time;
	f->block->count = l->times;
	if (segment)
		block_hex(f->block, "segment", segment, NULL);
	block_hex(f->block, "SID", sid, "%s", sid_text(text, sid));
}

void fault_access(struct fault *f, enum access access)
{
	f->access = access;
	if (access != ACCESS_UNKNOWN)
		block_text(f->block, "access", access == ACCESS_READ ? "read" : "write");
}

void fault_address(struct fault *f, uint64_t address)
{
	f->has_address = true;
	f->address = address;
	block_hex(f->block, f->interrupt ? "fault index" : "fault address", address, NULL);
}

void fault_address_cut(struct fault *f)
{
	block_cut(f->block, f->interrupt ? "fault index" : "fault address");
}

void fault_reason(struct fault *f, uint64_t reason, const char *words)
{
	const struct fault_reason *known = fault_reason_of(reason);
	size_t n;

	f->has_reason = true;
	f->reason = reason;
	scan_blanks(&words);
	n = strcspn(words, "\n`");
	while (n && (words[n - 1] == ' ' || words[n - 1] == '|'))
		n--;
	if (n)
		block_hex(f->block, "fault reason", reason, "%.*s",
			  (int)(n < TEXT_MAX ? n : TEXT_MAX), words);
	else
		block_hex(f->block, "fault reason", reason, known ? "%s" : NULL,
			  known ? known->meaning : "");
}

/* ---- findings ---- */

static const struct finding dma = {
	.id = "dma-fault",
	.weight = DAMAGE,
	.certainty = CERTAIN,
	.next = "Look at the device and its driver: the address was not mapped, not any more, or "
		"not for this kind of access.",
};

static const struct finding interrupt = {
	.id = "interrupt-remapping-fault",
	.weight = DAMAGE,
	.certainty = CERTAIN,
	.next = "Look at the device that sends this interrupt, and at its setup: left by firmware "
		"or an old kernel, kexec, or compatibility format while remapping is on.",
};

static const struct finding address_zero = {
	.id = "fault-address-zero",
	.weight = HINT,
	.certainty = LIKELY,
	.from = "the address: nothing is ever mapped at 0",
	.next = "Look for a descriptor that the device fetched before its driver had filled it "
		"in, or after it had been zeroed: a reset, a ring that wraps, a missing barrier.",
};

static const struct finding address_interrupt = {
	.id = "fault-address-interrupt",
	.weight = HINT,
	.certainty = CERTAIN,
	.next = "Compare the device's MSI address with what its driver has set: a read there, or "
		"DMA of more than four bytes, is never an interrupt.",
};

static const struct finding display = {
	.id = "fault-of-display",
	.weight = HINT,
	.certainty = LIKELY,
	.from = "the source id: 00:02.0 is the integrated display of Intel's processors",
	.next = "See whether the address lies in an RMRR or in \"Graphics Stolen Memory\" (boot "
		"log, /proc/iomem); with the display passed to a guest that memory has to be given "
		"to it, too; with the host's own driver try intel_iommu=igfx_off.",
};

static void find_address(struct decode *d, const struct fault *f)
{
	char sid[SID_TEXT];

	if (f->interrupt || !f->has_address)
		return;
	if (f->address < 0x1000 && !(f->has_reason && fault_reason_is_unattached(f->reason)))
		decode_find_of(d, &address_zero, f->line, f->sid,
			       "The address that %s used is 0%s: a pointer that was never set.",
			       sid_text(sid, f->sid), f->address ? ", but for its page" : "");
	else if (f->address >= INTERRUPTS_FIRST && f->address <= INTERRUPTS_LAST)
		decode_find_of(
			d, &address_interrupt, f->line, f->sid,
			"The address that %s used, FEEx_xxxxh, is that of interrupts, not of "
			"memory.",
			sid_text(sid, f->sid));
	else if (f->sid == SID_IGD && !f->segment && f->has_reason)
		decode_find_of(d, &display, f->line, f->sid,
			       "It is the display that was blocked: memory that firmware has set "
			       "aside for it (stolen memory, RMRR) may not be mapped.");
}

static const char *did(const struct fault *f)
{
	return f->access == ACCESS_READ	   ? "A DMA read"
	       : f->access == ACCESS_WRITE ? "A DMA write"
					   : "DMA";
}

static void find_fault(struct decode *d, const struct fault *f)
{
	const struct fault_reason *r = f->has_reason ? fault_reason_of(f->reason) : NULL;
	struct finding is = f->interrupt ? interrupt : dma;
	char sid[SID_TEXT];

	if (r)
		is.next = r->next;
	sid_text(sid, f->sid);
	if (r && f->interrupt)
		decode_find_of(d, &is, f->line, f->sid,
			       "An interrupt of %s was blocked by interrupt remapping: %s (reason "
			       "0x%" PRIx64 "). %s " NOT_QUEUE,
			       sid, r->meaning, f->reason, r->causes);
	else if (r)
		decode_find_of(d, &is, f->line, f->sid,
			       "%s of %s was blocked: %s (reason 0x%" PRIx64 "). %s " NOT_QUEUE,
			       did(f), sid, r->meaning, f->reason, r->causes);
	else if (f->interrupt)
		decode_find_of(d, &is, f->line, f->sid,
			       "An interrupt of %s was blocked by interrupt remapping. " NOT_QUEUE,
			       sid);
	else
		decode_find_of(d, &is, f->line, f->sid,
			       "%s of %s was blocked: a fault of address translation. " NOT_QUEUE,
			       did(f), sid);
}

/* Keep it for conclusions after all files have been read. */
static void remember(struct machine *m, const struct fault *f)
{
	struct machine_fault *to = m->fault;

	for (; to < m->fault + m->faults; to++)
		if (to->sid == f->sid && to->segment == f->segment &&
		    to->interrupt == f->interrupt && to->has_reason == f->has_reason &&
		    to->reason == f->reason)
			break;
	if (to == m->fault + MACHINE_FAULTS)
		return;
	if (to == m->fault + m->faults) {
		m->faults++;
		*to = (struct machine_fault){ .interrupt = f->interrupt,
					      .has_reason = f->has_reason,
					      .segment = f->segment,
					      .sid = f->sid,
					      .reason = f->reason,
					      .line = f->line };
	}
	to->count += f->times;
	if (!f->has_address)
		return;
	if (!to->has_address || f->address < to->first)
		to->first = f->address;
	if (!to->has_address || f->address > to->last)
		to->last = f->address;
	to->has_address = true;
}

void fault_end(struct decode *d, struct fault *f)
{
	struct block *b = f->block;

	if (!b)
		return;
	f->block = NULL;
	if (!f->has_reason)
		block_cut(b, "fault reason");
	remember(decode_machine(d), f);
	decode_count(d, f->times);
	find_fault(d, f);
	find_address(d, f);
	decode_count(d, 1);
	decode_block(d, b);
}
