/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * first_stage.c - the first stage, whose tables have the processor's format: for requests without
 * PASID, which QEMU's unit supports as well, and for requests with one.
 */
#include "trial_tables.h"

#define PASID 1

/* ---- Arrivals ---- */

static void check_page(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_start_first(t))
		return;
	trial_arrives(t, IOVA, false, trial_frame(t, 0));
	trial_arrives(t, IOVA + 0xfc0, true, trial_frame(t, 0) + 0xfc0);
	trial_expect(t, !(trial_read(t, DMAR_FSTS_REG) & VTD_FSTS_PPF), "a fault is recorded");
}

static void check_five_levels(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_needs(t, has_cap(t, CAP_FS5LP), "no 5 levels: CAP.FS5LP") ||
	    !trial_start_first(t))
		return;
	trial_map_first(t, TABLES, 5, 0);
	trial_store(t, PASIDS + 16, trial_load(t, PASIDS + 16) | 1 << 2);
	trial_arrives(t, IOVA, false, trial_frame(t, 0));
}

static void check_large(struct trial *t, unsigned level)
{
	uint64_t size = 1ULL << trial_shift_of(level), to = trial_frame(t, 2);

	if (!trial_needs(t, level == 2 || has_cap(t, CAP_FS1GP), "no such pages: CAP.FS1GP") ||
	    !trial_start_first(t))
		return;
	trial_store(t, trial_entry(TABLES, 4, level), (to & ~(size - 1)) | R | W | USER | LARGE);
	trial_arrives(t, (IOVA & ~(size - 1)) | (to & (size - 1)), false, to);
	trial_arrives(t, (IOVA & ~(size - 1)) | (to & (size - 1)), true, to);
}

/* A is set in each entry on the way, and D in the page's when it is written. */
static void check_accessed(struct trial *t, unsigned write)
{
	uint64_t leaf = trial_entry(TABLES, 4, 1);

	if (!trial_start_first(t))
		return;
	trial_arrives(t, IOVA, false, trial_frame(t, 0));
	if (write) {
		trial_expect(t, !(trial_load(t, leaf) & DIRTY), "a read sets D");
		trial_arrives(t, IOVA, true, trial_frame(t, 0));
		trial_expect(t, trial_load(t, leaf) & DIRTY, "a write does not set D");
		return;
	}
	for (unsigned level = 1; level <= 4; level++)
		trial_expect(t, trial_load(t, trial_entry(TABLES, 4, level)) & ACCESSED,
			     level == 1 ? "A of the page stays clear"
					: "A of a table's entry stays clear");
}

/* ---- Faults: one entry of valid tables is wrong ---- */

#define NOWHERE ~1ULL  /* the entry leads to a page that does not exist */
#define MESSAGES ~2ULL /* the entry leads to the interrupt address range */

static const struct wrong {
	unsigned level;	     /* of the entry; 0: the PASID's entry */
	uint64_t set, clear; /* set: bits, or one of the above */
	bool write;
	uint8_t reason;
} wrongs[] = {
	{ 1, 0, R, false, 0x71 },	{ 2, 0, R, false, 0x71 },
	{ 2, NOWHERE, 0, false, 0x70 }, { 0, NOWHERE, 0, false, 0x73 },
	{ 4, LARGE, 0, false, 0x72 },	{ 1, 0, USER, false, 0x81 },
	{ 2, 0, USER, false, 0x81 },	{ 1, 0, W, true, 0x85 },
	{ 2, 0, W, true, 0x85 },	{ 1, MESSAGES, 0, true, 0x87 },
	{ 0, 2 << 2, 0, false, 0x5b },
};

static void check_wrong(struct trial *t, unsigned which)
{
	const struct wrong *w = &wrongs[which];
	uint64_t offset, e;

	if (!trial_needs(t, w->set != NOWHERE || t->dev->nowhere, "no address without memory") ||
	    !trial_start_first(t))
		return;
	offset = w->level ? trial_entry(TABLES, 4, w->level) : PASIDS + 16;
	e = trial_load(t, offset);
	if (w->set == NOWHERE)
		e = t->dev->nowhere | (e & 0xfff);
	else if (w->set == MESSAGES)
		e = 0xfee00000 | (e & 0xfff);
	else
		e |= w->set;
	trial_store(t, offset, e & ~w->clear);
	trial_faults(t, IOVA, w->write, w->reason);
}

static void check_canonical(struct trial *t, unsigned arg)
{
	(void)arg;
	if (trial_start_first(t))
		trial_faults(t, IOVA | 1ULL << 47, false, 0x80);
}

/* ---- Requests with PASID ---- */

static bool start_pasid(struct trial *t)
{
	if (!trial_needs(t, t->dev->transact && has_ecap(t, VTD_ECAP_PASID),
			 "no requests with PASID: ECAP.PASID, or no such devices") ||
	    !trial_start_first(t))
		return false;
	trial_store(t, CONTEXTS + READER * 32, trial_load(t, CONTEXTS + READER * 32) | 1 << 3);
	trial_map_first(t, OTHER_TABLES, 4, 1);
	trial_pasid_entry(t, PASID, 1, OTHER_TABLES, 0);
	return true;
}

static void transaction(struct trial *t, struct conform_transaction x, unsigned reason)
{
	struct conform_completion c;
	unsigned found;

	x.addr = IOVA;
	x.sid = READER;
	if (t->dev->transact(t->dev->ctx, &x, &c) == CONFORM_ARRIVES) {
		trial_expect(t, !reason, "the request arrives");
		trial_expect(t, c.addr == trial_frame(t, 1), "the request arrives elsewhere");
		return;
	}
	found = trial_record_upper(t, 0) >> 32 & 0xff;
	if (!reason)
		trial_deviates(t, "the request does not arrive");
	else if (!(trial_record_upper(t, 0) & F))
		trial_deviates(t, "no fault is recorded");
	else if (found != reason)
		trial_deviates(t, "the fault's reason is 0x%x", found);
}

static void check_pasid(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!start_pasid(t))
		return;
	transaction(t, (struct conform_transaction){ .pasid = PASID, .read = true }, 0);
	trial_arrives(t, IOVA, false, trial_frame(t, 0));
}

enum execution { WITHOUT_ERS, NOT_EXECUTABLE, WITHOUT_SRS, PRIVILEGED };

static void check_execution(struct trial *t, unsigned what)
{
	struct conform_transaction x = { .pasid = PASID, .read = true };
	static const uint8_t reason[] = { 0x5c, 0x82, 0x5d, 0 };
	uint64_t upper = PASIDS + PASID * 64 + 16, leaf = trial_entry(OTHER_TABLES, 4, 1);

	if (!trial_needs(t, has_ecap(t, ECAP_ERS | ECAP_SRS),
			 "no requests for execution, or privileged: ECAP.ERS, ECAP.SRS") ||
	    !start_pasid(t))
		return;
	x.execute = what == WITHOUT_ERS || what == NOT_EXECUTABLE;
	x.privileged = !x.execute;
	if (what == NOT_EXECUTABLE) {
		trial_store(t, upper, trial_load(t, upper) | 1 << 1);
		trial_store(t, leaf, trial_load(t, leaf) | NO_EXECUTE);
	}
	if (what == PRIVILEGED) {
		trial_store(t, upper, trial_load(t, upper) | 1);
		trial_store(t, leaf, trial_load(t, leaf) & ~USER);
	}
	transaction(t, x, reason[what]);
}

static void check_pasid_disabled(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!start_pasid(t))
		return;
	trial_store(t, CONTEXTS + READER * 32,
		    trial_load(t, CONTEXTS + READER * 32) & ~(1ULL << 3));
	transaction(t, (struct conform_transaction){ .pasid = PASID, .read = true }, 0x45);
}

static void check_pasid_beyond(struct trial *t, unsigned arg)
{
	(void)arg;
	if (start_pasid(t))
		transaction(t, (struct conform_transaction){ .pasid = 1 << 19, .read = true },
			    0x46);
}

static void check_pasid_legacy(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!start_pasid(t))
		return;
	trial_set_root(t, trial_at(t, ROOT));
	transaction(t, (struct conform_transaction){ .pasid = PASID, .read = true }, 0x31);
}

/* PP and the PASID, which the record of a request without PASID does not have. */
static void check_record(struct trial *t, unsigned arg)
{
	uint64_t upper;

	(void)arg;
	if (!start_pasid(t))
		return;
	trial_store(t, trial_entry(OTHER_TABLES, 4, 1), 0);
	transaction(t, (struct conform_transaction){ .pasid = PASID, .read = true }, 0x71);
	upper = trial_record_upper(t, 0);
	trial_expect(t, upper & 1ULL << 31, "PP is clear");
	trial_expect(t, (upper >> 40 & 0xfffff) == PASID, "PASID is another one");
}

/* ---- Which invalidations make a change effective, and what they leave ---- */

enum seen { BY_PAGE, BY_PASID, BY_DOMAIN, BY_TABLE, BY_ENTRY };

static void change(struct trial *t, enum seen how)
{
	switch (how) {
	case BY_TABLE: /* another PASID's table of pages is used */
		trial_store(t, trial_entry(TABLES, 4, 2),
			    trial_load(t, trial_entry(OTHER_TABLES, 4, 2)));
		break;
	case BY_ENTRY:
		trial_pasid_entry(t, 0, 1, OTHER_TABLES, 0);
		break;
	default:
		trial_store(t, trial_entry(TABLES, 4, 1), trial_frame(t, 1) | R | W | USER);
	}
}

static void check_seen(struct trial *t, unsigned how)
{
	if (!trial_start_first(t))
		return;
	trial_map_first(t, OTHER_TABLES, 4, 1);
	trial_arrives(t, IOVA, false, trial_frame(t, 0));
	change(t, how);
	if (how == BY_ENTRY)
		trial_put(t, qi_desc_pasid_cache(QI_PC_PASID, DID, 0));
	if (how == BY_DOMAIN)
		trial_put(t, qi_desc_iotlb(QI_IOTLB_DOMAIN, DID, 0, 0, false, 0));
	else if (how == BY_PAGE || how == BY_TABLE)
		trial_put(t, qi_desc_piotlb(3, DID, 0, IOVA, 0, how == BY_PAGE));
	else
		trial_put(t, qi_desc_piotlb(2, DID, 0, 0, 0, false));
	trial_submit(t);
	trial_arrives(t, IOVA, false, trial_frame(t, 1));
}

/* Another PASID's page may stay. If it is removed that is no error, but a remark. */
static void check_left(struct trial *t, unsigned arg)
{
	struct conform_transaction x = {
		.addr = IOVA, .sid = READER, .pasid = PASID, .read = true
	};
	struct conform_completion c = { 0 };

	(void)arg;
	if (!start_pasid(t))
		return;
	transaction(t, x, 0);
	trial_store(t, trial_entry(OTHER_TABLES, 4, 1), trial_frame(t, 2) | R | W | USER);
	trial_put(t, qi_desc_piotlb(3, DID, 0, IOVA, 0, false));
	trial_put(t, qi_desc_piotlb(2, DID, PASID + 1, 0, 0, false));
	trial_put(t, qi_desc_pasid_cache(QI_PC_PASID, DID, PASID));
	trial_submit(t);
	t->dev->transact(t->dev->ctx, &x, &c);
	if (c.addr == trial_frame(t, 2))
		trial_remark(t, "a page of another PASID is removed as well");
	else
		trial_expect(t, c.addr == trial_frame(t, 1), "the request arrives elsewhere");
	trial_put(t, qi_desc_piotlb(3, DID, PASID, IOVA, 0, true));
	trial_submit(t);
	t->dev->transact(t->dev->ctx, &x, &c);
	trial_expect(t, c.addr == trial_frame(t, 2), "the page is not removed");
}

/* ---- */

#define FAULT(name, rule, which)                                                \
	{                                                                       \
		"fault.first-" name, rule, SECTION_FIRST, check_wrong, which, 0 \
	}

const struct conform_case conform_first_stage[] = {
	{ "first.page", "a page's address leads to its frame", SECTION_FIRST, check_page, 0, 0 },
	{ "first.levels-5", "tables of 5 levels", SECTION_FIRST, check_five_levels, 0, 0 },
	{ "first.large-2m", "pages of 2 MiB", SECTION_FIRST, check_large, 2, 0 },
	{ "first.large-1g", "pages of 1 GiB", SECTION_FIRST, check_large, 3, 0 },
	{ "first.accessed", "A is set in each entry on the way", SECTION_FIRST, check_accessed, 0,
	  0 },
	{ "first.dirty", "D is set by a write, and not by a read", SECTION_FIRST, check_accessed, 1,
	  0 },
	FAULT("absent", "a page that is not there: reason 71h", 0),
	FAULT("table-absent", "a table that is not there: reason 71h", 1),
	FAULT("table-nowhere", "a table that cannot be read: reason 70h", 2),
	FAULT("top-nowhere", "a first table that cannot be read: reason 73h", 3),
	FAULT("reserved", "PS is reserved above 1 GiB: reason 72h", 4),
	FAULT("supervisor", "a user's request without U/S: reason 81h", 5),
	FAULT("supervisor-above", "without U/S in a table above: reason 81h", 6),
	FAULT("write", "a write without R/W: reason 85h", 7),
	FAULT("write-above", "a write without R/W in a table above: reason 85h", 8),
	FAULT("interrupts", "no page leads to interrupts: reason 87h", 9),
	FAULT("levels", "levels that there are not: reason 5Bh", 10),
	{ "fault.first-canonical", "an address that is not canonical: reason 80h", SECTION_FIRST,
	  check_canonical, 0, 0 },
	{ "first.pasid", "each PASID has tables of its own", SECTION_SCALABLE, check_pasid, 0, 0 },
	{ "first.privileged", "a privileged request needs no U/S", SECTION_FIRST, check_execution,
	  PRIVILEGED, 0 },
	{ "fault.pasid-disabled", "a PASID without PASIDE: reason 45h", SECTION_SCALABLE,
	  check_pasid_disabled, 0, 0 },
	{ "fault.pasid-beyond", "a PASID beyond the directory: reason 46h", SECTION_SCALABLE,
	  check_pasid_beyond, 0, 0 },
	{ "fault.pasid-legacy", "a PASID in legacy mode: reason 31h", SECTION_LEGACY,
	  check_pasid_legacy, 0, 0 },
	{ "fault.pasid-execute", "execution without ERE: reason 5Ch", SECTION_SCALABLE,
	  check_execution, WITHOUT_ERS, 0 },
	{ "fault.pasid-privileged", "a privileged request without SRE: reason 5Dh",
	  SECTION_SCALABLE, check_execution, WITHOUT_SRS, 0 },
	{ "fault.first-execute", "execution where XD is set: reason 82h", SECTION_FIRST,
	  check_execution, NOT_EXECUTABLE, 0 },
	{ "record.pasid", "a record of a request with PASID: PP, PASID", SECTION_RECORD,
	  check_record, 0, 0 },
	{ "seen.first-page", "a page behind an invalidation of it, with IH too",
	  SECTION_INVALIDATION, check_seen, BY_PAGE, 0 },
	{ "seen.first-pasid", "and behind one of the PASID", SECTION_INVALIDATION, check_seen,
	  BY_PASID, 0 },
	{ "seen.first-domain", "and behind one of the domain", SECTION_INVALIDATION, check_seen,
	  BY_DOMAIN, 0 },
	{ "seen.first-table", "without IH the tables above, too", SECTION_INVALIDATION, check_seen,
	  BY_TABLE, 0 },
	{ "seen.first-entry", "a PASID's entry behind invalidations of it and of its pages",
	  SECTION_INVALIDATION, check_seen, BY_ENTRY, 0 },
	{ "seen.first-other", "a page of a PASID needs one of that PASID", SECTION_INVALIDATION,
	  check_left, 0, 0 },
	{ 0 }
};
