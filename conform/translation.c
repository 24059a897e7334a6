/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* translation.c - where requests of devices arrive. */
#include "dma.h"

#define SECTION_LEGACY "9.1 to 9.3 Root Entry, Context Entry"
#define SECTION_PAGING "9.8 Second-Stage Paging Entries"
#define SECTION_SCALABLE "9.4 to 9.6 Scalable-Mode Context Entry, PASID Entries"

static void check_page(struct trial *t, unsigned scalable)
{
	if (scalable ? !dma_start_scalable(t) : !dma_start(t))
		return;
	dma_arrives(t, IOVA, false, dma_frame(t, 0));
	dma_arrives(t, IOVA + 0xfc0, true, dma_frame(t, 0) + 0xfc0);
	trial_expect(t, !(trial_read(t, DMAR_FSTS_REG) & VTD_FSTS_PPF), "a fault is recorded");
}

static void check_levels(struct trial *t, unsigned top)
{
	if (!trial_needs(t, VTD_CAP_SAGAW(t->cap) >> (top - 2) & 1,
			 "not so many levels: CAP.SAGAW") ||
	    !dma_start(t))
		return;
	dma_map(t, TABLES, top, 0);
	dma_attach(t, READER, DID, TABLES, top);
	dma_arrives(t, IOVA, false, dma_frame(t, 0));
}

/* A large page has one frame somewhere, and we go there. */
static void check_large(struct trial *t, unsigned level)
{
	uint64_t size = 1ULL << dma_shift(level), to = dma_frame(t, 2);

	if (!trial_needs(t, t->cap >> (32 + level) & 1, "no such large pages: CAP.SSLPS") ||
	    !dma_start(t))
		return;
	dma_store(t, dma_entry(TABLES, dma_levels(t), level), (to & ~(size - 1)) | R | W | LARGE);
	dma_arrives(t, (IOVA & ~(size - 1)) | (to & (size - 1)), false, to);
	dma_arrives(t, (IOVA & ~(size - 1)) | (to & (size - 1)), true, to);
}

static void check_pass_through(struct trial *t, unsigned scalable)
{
	if (!trial_needs(t, has_ecap(t, VTD_ECAP_PT), "no pass-through: ECAP.PT") ||
	    (scalable ? !dma_start_scalable(t) : !dma_start(t)))
		return;
	if (scalable)
		dma_store(t, PASIDS, (uint64_t)(dma_levels(t) - 2) << 2 | 4 << 6 | PRESENT);
	else
		dma_store(t, CONTEXTS + READER * 16, 2 << 2 | PRESENT);
	dma_arrives(t, dma_frame(t, 3), false, dma_frame(t, 3));
}

static void check_off(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!dma_start(t))
		return;
	trial_command(t, VTD_GCMD_TE, false);
	dma_arrives(t, dma_frame(t, 4), false, dma_frame(t, 4));
	dma_arrives(t, dma_frame(t, 5), true, dma_frame(t, 5));
}

const struct conform_case conform_translation[] = {
	{ "translate.page", "a page's address leads to its frame", SECTION_PAGING, check_page, 0,
	  0 },
	{ "translate.scalable", "so it does in scalable mode", SECTION_SCALABLE, check_page, 1, 0 },
	{ "translate.levels-3", "tables of 3 levels", SECTION_PAGING, check_levels, 3, 0 },
	{ "translate.levels-4", "tables of 4 levels", SECTION_PAGING, check_levels, 4, 0 },
	{ "translate.levels-5", "tables of 5 levels", SECTION_PAGING, check_levels, 5, 0 },
	{ "translate.large-2m", "pages of 2 MiB", SECTION_PAGING, check_large, 2, 0 },
	{ "translate.large-1g", "pages of 1 GiB", SECTION_PAGING, check_large, 3, 0 },
	{ "translate.pass", "pass-through leads to the same address", SECTION_LEGACY,
	  check_pass_through, 0, 0 },
	{ "translate.pass-scalable", "so it does in scalable mode", SECTION_SCALABLE,
	  check_pass_through, 1, 0 },
	{ "translate.off", "without GCMD.TE addresses are what they are", SECTION_LEGACY, check_off,
	  0, 0 },
	{ 0 }
};
