/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* seen.c - which invalidations make a change of the tables effective. */
#include "trial_tables.h"

enum seen { BY_PAGE, BY_DOMAIN, BY_GLOBAL, BY_TABLE, BY_CONTEXT, BY_PASID, BY_SRTP };

static void submit(struct trial *t, struct qi_desc d)
{
	trial_put(t, d);
	trial_submit(t);
}

static struct qi_desc iotlb(unsigned granularity, bool ih)
{
	return qi_desc_iotlb(granularity, DID, granularity == QI_IOTLB_PAGE ? IOVA : 0, 0, ih, 0);
}

static void change_leaf(struct trial *t)
{
	trial_store(t, trial_entry(TABLES, trial_levels(t), 1), trial_frame(t, 1) | R | W);
}

static void check_seen(struct trial *t, unsigned how)
{
	unsigned top = trial_levels(t);

	if (!trial_needs(t, (how != BY_PAGE && how != BY_TABLE) || has_cap(t, VTD_CAP_PSI),
			 "no page-selective invalidation: CAP.PSI") ||
	    (how == BY_PASID ? !trial_start_scalable(t) : !trial_start(t)))
		return;
	trial_map(t, OTHER_TABLES, top, 1);
	trial_arrives(t, IOVA, false, trial_frame(t, 0));
	switch (how) {
	case BY_TABLE:
		trial_store(t, trial_entry(TABLES, top, 2),
			    trial_load(t, trial_entry(OTHER_TABLES, top, 2)));
		submit(t, iotlb(QI_IOTLB_PAGE, false));
		break;
	case BY_CONTEXT:
		trial_attach(t, READER, OTHER_DID, OTHER_TABLES, top);
		submit(t, qi_desc_context(QI_CC_DEVICE, DID, READER, 0));
		submit(t, iotlb(QI_IOTLB_DOMAIN, false));
		break;
	case BY_PASID:
		trial_store(t, PASIDS, trial_load(t, PASIDS) + OTHER_TABLES - TABLES);
		submit(t, qi_desc_pasid_cache(QI_PC_PASID, DID, 0));
		submit(t, iotlb(QI_IOTLB_DOMAIN, false));
		break;
	case BY_SRTP:
		/* The context table of the other root lies in place of the directory. */
		trial_store(t, OTHER_ROOT, trial_at(t, DIRECTORY) | PRESENT);
		trial_store(t, DIRECTORY + READER * 16, trial_at(t, OTHER_TABLES) | PRESENT);
		trial_store(t, DIRECTORY + READER * 16 + 8, (uint64_t)OTHER_DID << 8 | (top - 2));
		trial_set_root(t, trial_at(t, OTHER_ROOT));
		submit(t, qi_desc_context(QI_CC_GLOBAL, 0, 0, 0));
		submit(t, iotlb(QI_IOTLB_GLOBAL, false));
		break;
	default:
		change_leaf(t);
		submit(t, iotlb(how == BY_PAGE	   ? QI_IOTLB_PAGE
				: how == BY_DOMAIN ? QI_IOTLB_DOMAIN
						   : QI_IOTLB_GLOBAL,
				how == BY_PAGE));
		break;
	}
	trial_arrives(t, IOVA, false, trial_frame(t, 1));
}

/* A request that was blocked is looked up again: without CAP.CM nothing is cached of it. */
static void check_becomes_present(struct trial *t, unsigned arg)
{
	uint64_t to;

	(void)arg;
	if (!trial_needs(t, !has_cap(t, VTD_CAP_CM), "what is not present may be cached: CAP.CM") ||
	    !trial_start(t))
		return;
	trial_store(t, trial_entry(TABLES, trial_levels(t), 1), 0);
	trial_request(t, IOVA, false, &to);
	change_leaf(t);
	trial_arrives(t, IOVA, false, trial_frame(t, 1));
	trial_store(t, CONTEXTS + WRITER * 16, 0);
	trial_request(t, IOVA, true, &to);
	trial_attach(t, WRITER, DID, TABLES, trial_levels(t));
	trial_arrives(t, IOVA, true, trial_frame(t, 1));
}

/* After invalidations a removed entry is absent, whatever CAP.CM says. */
static void check_absent(struct trial *t, unsigned context)
{
	uint64_t to;

	if (!trial_start(t))
		return;
	if (context)
		trial_store(t, CONTEXTS + READER * 16, 0);
	else
		trial_store(t, trial_entry(TABLES, trial_levels(t), 1), 0);
	trial_request(t, IOVA, false, &to);
	if (context) {
		trial_attach(t, READER, DID, TABLES, trial_levels(t));
		submit(t, qi_desc_context(QI_CC_DEVICE, 0, READER, 0));
		trial_arrives(t, IOVA, false, trial_frame(t, 0));
	} else {
		change_leaf(t);
		submit(t, iotlb(has_cap(t, VTD_CAP_PSI) ? QI_IOTLB_PAGE : QI_IOTLB_DOMAIN, true));
		trial_arrives(t, IOVA, false, trial_frame(t, 1));
	}
}

/* Invalidation by register, with the queue off. */
static void check_register(struct trial *t, unsigned context)
{
	unsigned reg = context ? CCMD_REG : IOTLB_REG(t), top = trial_levels(t);
	uint64_t done;

	if (!trial_start(t))
		return;
	trial_map(t, OTHER_TABLES, top, 1);
	trial_arrives(t, IOVA, false, trial_frame(t, 0));
	/* QEMU's unit lets software turn the queue off only after a wait. */
	submit(t, trial_wait(t, QI_IWD_SW, 0, 1));
	trial_command(t, VTD_GCMD_QIE, false);
	if (context) {
		trial_attach(t, READER, OTHER_DID, OTHER_TABLES, top);
		t->dev->write(t->dev->ctx, CCMD_REG, 1ULL << 63 | 1ULL << 61, 8);
	} else {
		change_leaf(t);
	}
	t->dev->write(t->dev->ctx, IOTLB_REG(t), 1ULL << 63 | 1ULL << 60, 8);
	t->dev->settle(t->dev->ctx);
	done = t->dev->read(t->dev->ctx, reg, 8);
	trial_expect(t, !(done >> 63), "the command is never done");
	trial_expect(t, (done >> (context ? 59 : 57) & 3) == 1, "another granularity is reported");
	trial_arrives(t, IOVA, false, trial_frame(t, 1));
}

const struct conform_case conform_seen[] = {
	{ "seen.page", "a page is looked up anew behind an invalidation of it, with IH too",
	  SECTION_INVALIDATION, check_seen, BY_PAGE, 0 },
	{ "seen.domain", "and behind one of the domain", SECTION_INVALIDATION, check_seen,
	  BY_DOMAIN, 0 },
	{ "seen.global", "and behind one of all", SECTION_INVALIDATION, check_seen, BY_GLOBAL, 0 },
	{ "seen.table", "without IH the tables above, too", SECTION_INVALIDATION, check_seen,
	  BY_TABLE, 0 },
	{ "seen.context", "a context behind an invalidation of it and of its domain",
	  SECTION_INVALIDATION, check_seen, BY_CONTEXT, 0 },
	{ "seen.pasid", "a PASID's entry behind an invalidation of it and of its domain",
	  SECTION_INVALIDATION, check_seen, BY_PASID, 0 },
	{ "seen.root", "another root table behind SRTP and invalidations of all",
	  SECTION_INVALIDATION, check_seen, BY_SRTP, 0 },
	{ "seen.present", "what was not present needs none", SECTION_INVALIDATION,
	  check_becomes_present, 0, 0 },
	{ "seen.absent", "a page that was not there, behind an invalidation of it",
	  SECTION_INVALIDATION, check_absent, 0, 0 },
	{ "seen.context-absent", "a context that was not there, behind one of domain 0's",
	  SECTION_INVALIDATION, check_absent, 1, 0 },
	{ "seen.iotlb-register", "by register: the IOTLB", SECTION_REGISTER, check_register, 0, 0 },
	{ "seen.context-register", "by register: contexts", SECTION_REGISTER, check_register, 1,
	  0 },
	{ 0 }
};
