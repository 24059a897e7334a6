/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arrivals.c - where devices' requests arrive, in legacy mode and through the second stage by
 * PASID.
 */
#include "trial_tables.h"

static void check_page(struct trial *t, unsigned scalable)
{
	if (scalable ? !trial_start_scalable(t) : !trial_start(t))
		return;
	trial_arrives(t, IOVA, false, trial_frame(t, 0));
	trial_arrives(t, IOVA + 0xfc0, true, trial_frame(t, 0) + 0xfc0);
	trial_expect(t, !(trial_read(t, DMAR_FSTS_REG) & VTD_FSTS_PPF), "a fault is recorded");
}

static void check_levels(struct trial *t, unsigned top)
{
	if (!trial_needs(t, VTD_CAP_SAGAW(t->cap) >> (top - 2) & 1,
			 "not so many levels: CAP.SAGAW") ||
	    !trial_start(t))
		return;
	trial_map(t, TABLES, top, 0);
	trial_attach(t, READER, DID, TABLES, top);
	trial_arrives(t, IOVA, false, trial_frame(t, 0));
}

/* A large page contains one of the frames; the request goes there. */
static void check_large(struct trial *t, unsigned level)
{
	uint64_t size = 1ULL << trial_shift_of(level), to = trial_frame(t, 2);

	if (!trial_needs(t, t->cap >> (32 + level) & 1, "no such large pages: CAP.SSLPS") ||
	    !trial_start(t))
		return;
	trial_store(t, trial_entry(TABLES, trial_levels(t), level),
		    (to & ~(size - 1)) | R | W | LARGE);
	trial_arrives(t, (IOVA & ~(size - 1)) | (to & (size - 1)), false, to);
	trial_arrives(t, (IOVA & ~(size - 1)) | (to & (size - 1)), true, to);
}

static void check_pass_through(struct trial *t, unsigned scalable)
{
	if (!trial_needs(t, has_ecap(t, VTD_ECAP_PT), "no pass-through: ECAP.PT") ||
	    (scalable ? !trial_start_scalable(t) : !trial_start(t)))
		return;
	if (scalable)
		trial_store(t, PASIDS, (uint64_t)(trial_levels(t) - 2) << 2 | 4 << 6 | PRESENT);
	else
		trial_store(t, CONTEXTS + READER * 16, 2 << 2 | PRESENT);
	trial_arrives(t, trial_frame(t, 3), false, trial_frame(t, 3));
}

static void check_off(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_start(t))
		return;
	trial_command(t, VTD_GCMD_TE, false);
	trial_arrives(t, trial_frame(t, 4), false, trial_frame(t, 4));
	trial_arrives(t, trial_frame(t, 5), true, trial_frame(t, 5));
}

const struct conform_case conform_arrivals[] = {
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
