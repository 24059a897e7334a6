/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare.h"

#include <describe/describe.h>
#include <inttypes.h>
#include <qinval/regs.h>
#include <string.h>

static const char two_files[] =
	"iommu_regset and invalidation_queue, which were read one after the "
	"other";

static const struct finding others = {
	.id = "dumps-differ",
	.weight = HINT,
	.certainty = CERTAIN,
	.next = "Take both files from the same machine and the same boot, one right after the "
		"other.",
};

static const struct finding refused = {
	.id = "refused-descriptor",
	.weight = CAUSE,
	.certainty = LIKELY,
	.from = two_files,
	.next = "Find the code that builds this descriptor, and compare it with CAP and ECAP; the "
		"descriptors before it tell which submission it belongs to.",
};

static const struct finding moves = {
	.id = "queue-moves",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "The unit fetches descriptors. If a CPU still waits for ever, look for a wait "
		"whose status was not written, or was taken by another CPU.",
};

static const struct finding stuck = {
	.id = "queue-stuck",
	.weight = CAUSE,
	.certainty = LIKELY,
	.from = two_files,
	.next = "See FSTS: an error keeps the unit from fetching until it is cleared. Without one, "
		"read "
		"both files again.",
};

static void compare(struct decode *d, const struct decode_unit *u)
{
	const struct decode_dump *regs = &u->registers, *ring = &u->ring;
	char text[240];

	if (!regs->known || !ring->known)
		return;
	if (regs->base != ring->base) {
		decode_find(d, &others, ring->line,
			    "%s: the ring of the dump is at 0x%" PRIx64
			    ", that of IQA at 0x%" PRIx64 ": they are not of the same queue.",
			    u->name, ring->base, regs->base);
	} else if (regs->head != ring->head) {
		decode_find(d, &moves, ring->line,
			    "%s: the head was at slot %ld in one file, at slot %ld in the other.",
			    u->name, ring->head, regs->head);
	} else if (regs->fsts & VTD_FSTS_IQE && ring->has_desc) {
		qi_desc_text(&ring->desc, text, sizeof(text));
		decode_find(d, &refused, ring->line,
			    "%s: the unit has refused the descriptor in slot %ld: %s.", u->name,
			    ring->head, text);
	} else if (regs->head != regs->tail && ring->head != ring->tail) {
		decode_find(d, &stuck, ring->line,
			    "%s: the head is at slot %ld in both files, and descriptors wait.",
			    u->name, ring->head);
	}
}

void compare_registers(struct decode *d, const char *name, const struct registers *r)
{
	struct decode_unit *u = *name ? decode_unit(d, name, strlen(name)) : NULL;
	struct registers_ring ring;

	if (!u || !registers_ring(r, &ring))
		return;
	u->registers = (struct decode_dump){
		.known = true,
		.base = r->value[REGISTER_IQA] & VTD_IQA_ADDR_MASK,
		.head = (long)(ring.head / ring.each),
		.tail = (long)(ring.tail / ring.each),
		.fsts = r->has[REGISTER_FSTS] ? r->value[REGISTER_FSTS] : 0,
		.line = r->line[REGISTER_IQH],
	};
	compare(d, u);
}

void compare_ring(struct decode *d, const struct block *b)
{
	struct decode_unit *u = b->unit ? decode_unit(d, b->unit, strlen(b->unit)) : NULL;
	struct decode_dump *ring;

	if (!u || b->head < 0 || b->tail < 0)
		return;
	ring = &u->ring;
	*ring = (struct decode_dump){ .head = b->head, .tail = b->tail, .line = b->line };
	ring->known = block_value(b, "Base", &ring->base);
	for (unsigned i = 0; i < b->rows; i++) {
		if (b->row[i].slot != b->head || !row_whole(&b->row[i]))
			continue;
		ring->has_desc = true;
		ring->desc = b->row[i].desc;
	}
	compare(d, u);
}
