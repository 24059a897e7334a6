/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "registers_by_hand.h"
#include "dmesg_qi.h"

#include <inttypes.h>
#include <string.h>

static void add_slots(struct by_hand *h)
{
	const struct registers *r = &h->r;

	if (r->has[REGISTER_IQH] && !r->has[REGISTER_IQA])
		block_text(h->block, "head",
			   "slot %" PRIu64 ", or %" PRIu64 " with 256-bit descriptors",
			   r->value[REGISTER_IQH] >> 4, r->value[REGISTER_IQH] >> 5);
}

void by_hand_finish(struct decode *d, struct by_hand *h)
{
	if (h->block) {
		add_slots(h);
		registers_check(d, "The unit", &h->r, NULL);
		decode_block(d, h->block);
	}
	memset(h, 0, sizeof(*h));
}

/* A register that is read again begins another reading. */
static bool has_register(const struct by_hand *h, const char *name)
{
	for (unsigned i = 0; i < REGISTERS; i++)
		if (!strcmp(register_names[i], name))
			return h->r.has[i];
	return false;
}

void by_hand_keep(struct decode *d, struct by_hand *h, uint64_t line, const char *name,
		  uint64_t value)
{
	char text[REGISTER_TEXT];

	if (has_register(h, name)) {
		const bool xen = h->xen;

		by_hand_finish(d, h);
		h->xen = xen;
	}
	if (!h->block) {
		h->block = block_new("registers", line,
				     h->xen ? "registers, as Xen shows them"
					    : "registers, read by hand");
		h->r.read = 0;
	}
	decode_take(d);
	h->line = h->block->last = line;
	h->r.read++;
	h->r.ones += register_ones(name, value);
	for (unsigned i = 0; i < REGISTERS; i++)
		if (!strcmp(register_names[i], name)) {
			h->r.has[i] = true;
			h->r.value[i] = value;
			h->r.line[i] = line;
		}
	if (!strcmp(name, "IQERCD") && value & 0xf && value != UINT64_MAX)
		block_hex(h->block, name, value, "IQEI %" PRIu64 ": %s", value & 0xf,
			  qi_iqei_text(value & 0xf));
	else if (register_text(text, name, value))
		block_hex(h->block, name, value, "%s", text);
	else
		block_hex(h->block, name, value, NULL);
}
