/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * nested.c - nesting: the addresses of each first-stage table, and of the page, go through the
 * second stage.
 */
#include "trial_tables.h"

/* The first stage's tables are at guest addresses that map to themselves; the page is at GUEST. */
#define GUEST 0x7fe00000ULL
#define SECOND 0x20000 /* offsets of the second stage's tables */
#define SECOND_END 0x30000

static uint64_t used; /* bytes used by those */

/* Find the second stage's entry of this level for a guest address; missing tables are made. */
static uint64_t second_entry(struct trial *t, uint64_t guest, unsigned level)
{
	uint64_t table = SECOND, offset;
	unsigned l = trial_levels(t);

	for (;; l--) {
		offset = table + (guest >> trial_shift_of(l) & 0x1ff) * 8;
		if (l == level)
			return offset;
		if (!trial_load(t, offset)) {
			trial_store(t, offset, trial_at(t, used) | R | W);
			used += 0x1000;
		}
		table = (trial_load(t, offset) & ~0xfffULL) - t->dev->memory;
	}
}

static bool start(struct trial *t)
{
	static const char zeros[SECOND_END - SECOND];

	if (!trial_needs(t, has_ecap(t, ECAP_NEST | ECAP_SSTS),
			 "no nesting: ECAP.NEST, ECAP.SSTS") ||
	    !trial_start_first(t))
		return false;
	t->dev->store(t->dev->ctx, trial_at(t, SECOND), zeros, sizeof(zeros));
	used = SECOND + 0x1000;
	for (unsigned i = 0; i < 4; i++) {
		uint64_t table = trial_at(t, TABLES + i * 0x1000);

		trial_store(t, second_entry(t, table, 1), table | R | W);
	}
	trial_store(t, second_entry(t, GUEST, 1), trial_frame(t, 0) | R | W);
	trial_store(t, trial_entry(TABLES, 4, 1), GUEST | R | W | USER);
	trial_pasid_entry(t, 0, 3, TABLES, SECOND);
	return true;
}

static void check_page(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!start(t))
		return;
	trial_arrives(t, IOVA, false, trial_frame(t, 0));
	trial_arrives(t, IOVA + 0xfc0, true, trial_frame(t, 0) + 0xfc0);
}

/*
 * The second-stage entry that is wrong: that of the page, of a table of the first stage, or of its
 * root.
 */
enum where { PAGE, TABLE, TOP };

static const struct wrong {
	enum where where;
	uint64_t clear;
	bool write;
	uint8_t reason;
} wrongs[] = {
	{ PAGE, ~0ULL, false, 0x79 },  { PAGE, W, true, 0x85 },	    { PAGE, R, false, 0x86 },
	{ TABLE, ~0ULL, false, 0x76 }, { TOP, ~0ULL, false, 0x75 }, { TABLE, W, false, 0x77 },
};

static uint64_t where(struct trial *t, enum where w)
{
	switch (w) {
	case PAGE:
		return second_entry(t, GUEST, 1);
	case TABLE:
		return second_entry(t, trial_at(t, TABLES + 0x3000), 1);
	default:
		return second_entry(t, trial_at(t, TABLES), 1);
	}
}

static void check_wrong(struct trial *t, unsigned which)
{
	const struct wrong *w = &wrongs[which];
	uint64_t offset;

	if (!start(t))
		return;
	offset = where(t, w->where);
	trial_store(t, offset, trial_load(t, offset) & ~w->clear);
	trial_faults(t, IOVA, w->write, w->reason);
}

/* A table of the first stage lies at an address that the second stage does not map. */
static void check_beyond(struct trial *t, unsigned arg)
{
	uint64_t offset = trial_entry(TABLES, 4, 2);

	(void)arg;
	if (!start(t))
		return;
	trial_store(t, offset,
		    trial_load(t, offset) | 1ULL << (trial_shift_of(trial_levels(t)) + 9));
	trial_faults(t, IOVA, false, 0x74);
}

/* An access that one stage forbids is forbidden, even if the other stage permits it. */
static void check_first(struct trial *t, unsigned arg)
{
	uint64_t offset = trial_entry(TABLES, 4, 1);

	(void)arg;
	if (!start(t))
		return;
	trial_store(t, offset, trial_load(t, offset) & ~W);
	trial_faults(t, IOVA, true, 0x85);
}

enum seen { BY_PASID, BY_DOMAIN, BY_PAGE_OF_DOMAIN, FIRST_BY_PAGE };

static void check_seen(struct trial *t, unsigned how)
{
	if (!trial_needs(t, has_cap(t, VTD_CAP_PSI), "no page-selective invalidation: CAP.PSI") ||
	    !start(t))
		return;
	trial_arrives(t, IOVA, false, trial_frame(t, 0));
	if (how == FIRST_BY_PAGE) {
		trial_store(t, second_entry(t, GUEST + 0x1000, 1), trial_frame(t, 1) | R | W);
		trial_store(t, trial_entry(TABLES, 4, 1), (GUEST + 0x1000) | R | W | USER);
		trial_put(t, qi_desc_piotlb(3, DID, 0, IOVA, 0, true));
	} else {
		trial_store(t, second_entry(t, GUEST, 1), trial_frame(t, 1) | R | W);
	}
	if (how == BY_PASID) {
		trial_put(t, qi_desc_iotlb(QI_IOTLB_PAGE, DID, GUEST, 0, true, 0));
		trial_put(t, qi_desc_piotlb(2, DID, 0, 0, 0, false));
	}
	if (how == BY_DOMAIN)
		trial_put(t, qi_desc_iotlb(QI_IOTLB_DOMAIN, DID, 0, 0, false, 0));
	if (how == BY_PAGE_OF_DOMAIN)
		trial_put(t, qi_desc_iotlb(QI_IOTLB_PAGE, DID, GUEST, 0, true, 0));
	trial_submit(t);
	trial_arrives(t, IOVA, false, trial_frame(t, 1));
}

#define FAULT(name, rule, which)                                                  \
	{                                                                         \
		"fault.nested-" name, rule, SECTION_NESTED, check_wrong, which, 0 \
	}

const struct conform_case conform_nested[] = {
	{ "nested.page", "a page goes through both stages", SECTION_NESTED, check_page, 0, 0 },
	FAULT("absent", "a page that the second stage has not: reason 79h", 0),
	FAULT("write", "a write without the second stage's W: reason 85h", 1),
	FAULT("read", "a read without the second stage's R: reason 86h", 2),
	FAULT("table", "a table that the second stage does not let be read: reason 76h", 3),
	FAULT("top", "a first table that it does not let be read: reason 75h", 4),
	FAULT("accessed", "a table whose A it does not let be set: reason 77h", 5),
	{ "fault.nested-beyond", "a table beyond the second stage's width: reason 74h",
	  SECTION_NESTED, check_beyond, 0, 0 },
	{ "fault.nested-first", "a write without the first stage's R/W: reason 85h", SECTION_NESTED,
	  check_first, 0, 0 },
	{ "seen.nested-pasid", "a page of the second stage behind ones of it and of the PASID",
	  SECTION_INVALIDATION, check_seen, BY_PASID, 0 },
	{ "seen.nested-domain", "and behind one of the domain", SECTION_INVALIDATION, check_seen,
	  BY_DOMAIN, 0 },
	{ "seen.nested-page", "and behind one of that page of the domain", SECTION_INVALIDATION,
	  check_seen, BY_PAGE_OF_DOMAIN, 0 },
	{ "seen.nested-first", "a page of the first stage behind one of it", SECTION_INVALIDATION,
	  check_seen, FIRST_BY_PAGE, 0 },
	{ 0 }
};
