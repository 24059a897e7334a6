/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "walk.h"

#define PRESENT 1ULL
#define ADDRESS 0x000ffffffffff000ULL
#define LARGE (1ULL << 7)
#define READ_WRITE 3

static uint64_t word(const struct vtd_unit *u, uint64_t addr)
{
	uint64_t value = 0;

	u->cfg.ops->dma_read(u->cfg.ctx, addr, &value, sizeof(value));
	return value;
}

void walk(const struct vtd_unit *u, uint16_t sid, uint64_t iova, struct oracle_page *page,
	  bool *context)
{
	uint64_t root = word(u, (u->root & ~0xfffULL) + (sid >> 8) * 16), low, high, entry;
	uint64_t table = (root & ~0xfffULL) + (sid & 0xff) * 16;
	unsigned level;

	*page = (struct oracle_page){ .perm = READ_WRITE };
	*context = false;
	if (!(root & PRESENT))
		return;
	low = word(u, table);
	high = word(u, table + 8);
	*context = low & PRESENT;
	if (!*context)
		return;
	page->did = (uint16_t)(high >> 8);
	page->frame = iova & ~0xfffULL;
	page->present = (low >> 2 & 3) == 2; /* pass-through */
	if (page->present)
		return;
	table = low & ~0xfffULL;
	for (level = (high & 7) + 2;; level--) {
		unsigned shift = 12 + 9 * (level - 1);
		uint64_t within = (1ULL << shift) - 1;

		entry = word(u, table + (iova >> shift & 511) * 8);
		page->perm &= (int)(entry & READ_WRITE);
		if (!page->perm)
			return;
		table = entry & ADDRESS;
		if (level > 1 && !(entry & LARGE))
			continue;
		page->frame = (table & ~within) | (iova & within & ~0xfffULL);
		page->present = true;
		return;
	}
}
