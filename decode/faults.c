/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "faults.h"
#include "scan.h"

#include <string.h>

#define TEXT_MAX 120

static const struct finding dma = {
	.id = "dma-fault",
	.weight = DAMAGE,
	.certainty = CERTAIN,
	.next = "Look at the device and its driver: the address was not mapped, not any more, or "
		"not for "
		"this kind of access.",
};

static const struct finding interrupt_fault = {
	.id = "interrupt-remapping-fault",
	.weight = DAMAGE,
	.certainty = CERTAIN,
	.next = "Look at the device that sends this interrupt, and at its setup (left by firmware "
		"or an "
		"old kernel, or compatibility format while remapping is on).",
};

struct block *fault_block(const struct line *l, bool interrupt, unsigned segment, unsigned sid)
{
	struct block *b = block_new(interrupt ? "interrupt-fault" : "dma-fault", l->number,
				    interrupt ? "interrupt-remapping fault, not of the queue"
					      : "DMA fault, not of the queue");
	char text[SID_TEXT];

	b->last = l->last;
	b->timed = l->timed;
	b->time = l->time;
	if (segment)
		block_hex(b, "segment", segment, NULL);
	block_hex(b, "SID", sid, "%s", sid_text(text, sid));
	return b;
}

void fault_find(struct decode *d, uint64_t line, bool interrupt, unsigned sid)
{
	char text[SID_TEXT];

	if (interrupt)
		decode_find(d, &interrupt_fault, line,
			    "An interrupt of %s was blocked by interrupt remapping. This is not an "
			    "error of the invalidation queue.",
			    sid_text(text, sid));
	else
		decode_find(d, &dma, line,
			    "DMA of %s was blocked: a fault of address translation. This is not an "
			    "error of the invalidation queue.",
			    sid_text(text, sid));
}

void fault_reason(struct block *b, const char *s, uint64_t reason)
{
	size_t n;

	scan_blanks(&s);
	n = strcspn(s, "\n");
	block_hex(b, "fault reason", reason, "%.*s", (int)(n < TEXT_MAX ? n : TEXT_MAX), s);
}
