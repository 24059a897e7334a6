/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* ats.c - translation requests, translated requests, and devices with a TLB. */
#include "trial_tables.h"

#define BOTH_KINDS (1 << 2) /* TT 1: translated and translation requests are allowed, too */
#define DTE (1 << 2)

static bool start(struct trial *t)
{
	if (!trial_needs(t, t->dev->transact && has_ecap(t, VTD_ECAP_DT),
			 "no device TLBs: ECAP.DT, or no such devices") ||
	    !trial_start(t))
		return false;
	trial_store(t, CONTEXTS + READER * 16, trial_load(t, CONTEXTS + READER * 16) | BOTH_KINDS);
	return true;
}

static enum conform_arrival ask(struct trial *t, unsigned at, uint64_t addr,
				struct conform_completion *c)
{
	const struct conform_transaction x = { .addr = addr,
					       .pasid = CONFORM_NO_PASID,
					       .sid = READER,
					       .at = (uint8_t)at,
					       .read = true,
					       .write = at == CONFORM_TRANSLATION };

	*c = (struct conform_completion){ 0 };
	return t->dev->transact(t->dev->ctx, &x, c);
}

static void answered(struct trial *t, bool read, bool write)
{
	struct conform_completion c;

	if (!trial_expect(t, ask(t, CONFORM_TRANSLATION, IOVA, &c) == CONFORM_ARRIVES,
			  "a translation request is not answered"))
		return;
	trial_expect(t, c.read == read, read ? "R is not granted" : "R is granted");
	trial_expect(t, c.write == write, write ? "W is not granted" : "W is granted");
	trial_expect(t, !read || c.addr == trial_frame(t, 0), "the answer is another page");
	trial_expect(t, !(trial_record_upper(t, 0) & F), "a fault is recorded");
}

enum what { GOOD, READ_ONLY, ABSENT, ABSENT_TABLE };

static void check_answer(struct trial *t, unsigned what)
{
	uint64_t offset = trial_entry(TABLES, trial_levels(t), what == ABSENT_TABLE ? 2 : 1);

	if (!start(t))
		return;
	if (what == READ_ONLY)
		trial_store(t, offset, trial_load(t, offset) & ~W);
	else if (what != GOOD)
		trial_store(t, offset, 0);
	answered(t, what == GOOD || what == READ_ONLY, what == GOOD);
}

static void check_size(struct trial *t, unsigned arg)
{
	uint64_t size = 1ULL << trial_shift_of(2), to = trial_frame(t, 0);
	struct conform_completion c;

	(void)arg;
	if (!trial_needs(t, t->cap >> 34 & 1, "no large pages: CAP.SSLPS") || !start(t))
		return;
	trial_store(t, trial_entry(TABLES, trial_levels(t), 2), (to & ~(size - 1)) | R | W | LARGE);
	ask(t, CONFORM_TRANSLATION, IOVA, &c);
	trial_expect(t, c.shift == trial_shift_of(2), "the answer is for another size");
}

static void check_translated(struct trial *t, unsigned arg)
{
	struct conform_completion c;

	(void)arg;
	if (!start(t))
		return;
	trial_store(t, trial_entry(TABLES, trial_levels(t), 1), 0);
	trial_expect(t,
		     ask(t, CONFORM_TRANSLATED, trial_frame(t, 3), &c) == CONFORM_ARRIVES &&
			     c.addr == trial_frame(t, 3),
		     "a translated request does not arrive");
}

/* The request is refused with this reason. */
static void refused(struct trial *t, unsigned at, unsigned reason)
{
	struct conform_completion c;
	unsigned found;

	if (!trial_expect(t, ask(t, at, IOVA, &c) != CONFORM_ARRIVES, "the request is granted"))
		return;
	found = trial_record_upper(t, 0) >> 32 & 0xff;
	if (trial_expect(t, trial_record_upper(t, 0) & F, "no fault is recorded") &&
	    found != reason)
		trial_deviates(t, "the fault's reason is 0x%x", found);
	trial_expect(t, (trial_record_upper(t, 0) >> 60 & 3) == at, "AT is another one");
}

static void check_not_allowed(struct trial *t, unsigned at)
{
	if (!start(t))
		return;
	trial_store(t, CONTEXTS + READER * 16,
		    trial_load(t, CONTEXTS + READER * 16) & ~(uint64_t)BOTH_KINDS);
	refused(t, at, 0xd);
}

static void check_not_enabled(struct trial *t, unsigned at)
{
	if (!trial_needs(t, t->dev->transact && has_ecap(t, VTD_ECAP_DT),
			 "no device TLBs: ECAP.DT, or no such devices") ||
	    !trial_start_scalable(t))
		return;
	refused(t, at, 0x44);
}

/* Reserved bits are an error for all kinds of requests. */
static void check_error(struct trial *t, unsigned arg)
{
	uint64_t offset = trial_entry(TABLES, trial_levels(t), 2);

	(void)arg;
	if (!start(t))
		return;
	trial_store(t, offset, trial_load(t, offset) | 1ULL << 62);
	refused(t, CONFORM_TRANSLATION, 0xc);
}

/* ---- A device with a TLB ---- */

static void uses(struct trial *t, unsigned i)
{
	const struct conform_transaction x = {
		.addr = IOVA, .pasid = CONFORM_NO_PASID, .sid = READER, .read = true, .tlb = true
	};
	struct conform_completion c;

	if (t->dev->transact(t->dev->ctx, &x, &c) != CONFORM_ARRIVES)
		trial_deviates(t, "the request does not arrive");
	else
		trial_expect(t, c.addr == trial_frame(t, i), "the request arrives elsewhere");
}

enum range { OF_PAGE, OF_SIXTEEN, OF_ALL };

/*
 * The IOTLB is invalidated first, then the device's TLB. In between the device may use its entry.
 */
static void check_seen(struct trial *t, unsigned range)
{
	static const struct {
		uint64_t addr;
		unsigned order;
	} what[] = { { IOVA, 0 }, { IOVA & ~0xffffULL, 4 }, { 0, QI_DEV_TLB_ALL } };

	if (!start(t))
		return;
	uses(t, 0);
	trial_store(t, trial_entry(TABLES, trial_levels(t), 1), trial_frame(t, 1) | R | W);
	trial_put(t, qi_desc_iotlb(QI_IOTLB_DOMAIN, DID, 0, 0, false, 0));
	trial_put(t, qi_desc_dev_tlb(READER, 0, 0, what[range].addr, what[range].order));
	trial_submit(t);
	uses(t, 1);
}

/* Invalidations for another device or another page leave the device's entry. */
static void check_left(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!start(t))
		return;
	uses(t, 0);
	trial_store(t, trial_entry(TABLES, trial_levels(t), 1), trial_frame(t, 1) | R | W);
	trial_put(t, qi_desc_iotlb(QI_IOTLB_DOMAIN, DID, 0, 0, false, 0));
	trial_put(t, qi_desc_dev_tlb(READER + 1, 0, 0, IOVA, 0));
	trial_put(t, qi_desc_dev_tlb(READER, 0, 0, IOVA + 0x1000, 0));
	trial_submit(t);
	uses(t, 0);
}

const struct conform_case conform_ats[] = {
	{ "ats.answer", "a translation request is answered with the page, R and W", SECTION_ATS,
	  check_answer, GOOD, 0 },
	{ "ats.read-only", "without W, where a table has none", SECTION_ATS, check_answer,
	  READ_ONLY, 0 },
	{ "ats.absent", "with neither, and no fault, where there is no page", SECTION_ATS,
	  check_answer, ABSENT, 0 },
	{ "ats.table-absent", "so where there is no table", SECTION_ATS, check_answer, ABSENT_TABLE,
	  0 },
	{ "ats.size", "the answer says how large the page is", SECTION_ATS, check_size, 0, 0 },
	{ "ats.translated", "a translated request goes where it says", SECTION_ATS,
	  check_translated, 0, 0 },
	{ "fault.ats-type", "a translation request with TT 0: reason Dh", SECTION_ATS,
	  check_not_allowed, CONFORM_TRANSLATION, 0 },
	{ "fault.ats-type-translated", "a translated request with TT 0: reason Dh", SECTION_ATS,
	  check_not_allowed, CONFORM_TRANSLATED, 0 },
	{ "fault.ats-enable", "a translation request without DTE: reason 44h", SECTION_ATS,
	  check_not_enabled, CONFORM_TRANSLATION, 0 },
	{ "fault.ats-enable-translated", "a translated request without DTE: reason 44h",
	  SECTION_ATS, check_not_enabled, CONFORM_TRANSLATED, 0 },
	{ "fault.ats-reserved", "what is reserved is a fault of translation requests, too",
	  SECTION_ATS, check_error, 0, 0 },
	{ "seen.device-page", "a device's page behind an invalidation of it in the device",
	  SECTION_INVALIDATION, check_seen, OF_PAGE, 0 },
	{ "seen.device-range", "and behind one of 16 pages", SECTION_INVALIDATION, check_seen,
	  OF_SIXTEEN, 0 },
	{ "seen.device-all", "and behind one of all", SECTION_INVALIDATION, check_seen, OF_ALL, 0 },
	{ "seen.device-other", "other devices' and other pages' leave it", SECTION_INVALIDATION,
	  check_left, 0, 0 },
	{ 0 }
};
