/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* records.c - the fault recording registers, and the fault event. */
#include "trial_tables.h"

static bool fault(struct trial *t, bool write)
{
	uint64_t to;

	return trial_request(t, IOVA + 0x1040, write, &to) == CONFORM_NOWHERE;
}

static void check_record(struct trial *t, unsigned write)
{
	uint64_t upper;

	if (!trial_start(t) || !trial_expect(t, fault(t, write), "the request arrives"))
		return;
	upper = trial_record_upper(t, 0);
	trial_expect(t, upper & F, "F is clear");
	trial_expect(t, (upper & 0xffff) == (write ? WRITER : READER), "SID is another one");
	trial_expect(t, (upper >> 62 & 1) != write, "T1 is wrong");
	trial_expect(t, !(upper & (1ULL << 31)), "PP is set without a PASID");
	trial_expect(t, t->dev->read(t->dev->ctx, trial_record(t, 0), 8) == IOVA + 0x1000,
		     "FI is not the page");
	trial_expect(t, (trial_read(t, DMAR_FSTS_REG) & ~VTD_FSTS_QI) == VTD_FSTS_PPF,
		     "FSTS is not PPF with FRI 0");
}

static void check_clear(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_start(t) || !trial_expect(t, fault(t, false), "the request arrives"))
		return;
	trial_write(t, DMAR_FSTS_REG, VTD_FSTS_PPF);
	trial_expect(t, trial_read(t, DMAR_FSTS_REG) & VTD_FSTS_PPF, "a write of FSTS clears PPF");
	trial_clear_record(t, 0);
	trial_expect(t, !(trial_record_upper(t, 0) & F), "F stays set when 1 is written");
	trial_expect(t, !(trial_read(t, DMAR_FSTS_REG) & VTD_FSTS_PPF),
		     "PPF stays set when no record has F");
}

/* Requests of different requesters, as a unit may merge those of one. */
static void check_overflow(struct trial *t, unsigned arg)
{
	unsigned n = VTD_CAP_NFR(t->cap) + 1;

	(void)arg;
	if (!trial_start(t))
		return;
	for (unsigned i = 0; i <= n; i++)
		fault(t, i & 1);
	trial_expect(t, trial_read(t, DMAR_FSTS_REG) & VTD_FSTS_PFO,
		     "PFO is clear when a fault was lost");
	trial_write(t, DMAR_FSTS_REG, VTD_FSTS_PFO);
	trial_expect(t, !(trial_read(t, DMAR_FSTS_REG) & VTD_FSTS_PFO),
		     "PFO stays set when 1 is written");
}

/* True if FRI is the index of a record with a fault, whichever record is next. */
static bool fri_leads_to_a_fault(struct trial *t)
{
	unsigned fri = trial_read(t, DMAR_FSTS_REG) >> 8 & 0xff;

	return fri <= VTD_CAP_NFR(t->cap) && trial_record_upper(t, fri) & F;
}

static void check_several(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!trial_needs(t, VTD_CAP_NFR(t->cap) > 0, "a single record: CAP.NFR") || !trial_start(t))
		return;
	fault(t, false);
	fault(t, true);
	trial_expect(t, (trial_record_upper(t, 1) & (F | 0xffff)) == (F | WRITER),
		     "the second fault is not in the second record");
	trial_expect(t, fri_leads_to_a_fault(t), "FRI leads to no fault");
	trial_clear_record(t, 0);
	trial_expect(t, trial_read(t, DMAR_FSTS_REG) & VTD_FSTS_PPF,
		     "PPF is cleared though a record has F");
	trial_clear_record(t, 1);
	fault(t, false);
	trial_expect(t, fri_leads_to_a_fault(t), "FRI leads to no fault");
}

static void check_fpd(struct trial *t, unsigned arg)
{
	uint64_t to;

	(void)arg;
	if (!trial_start(t))
		return;
	trial_store(t, CONTEXTS + READER * 16, trial_load(t, CONTEXTS + READER * 16) | FPD);
	trial_expect(t, trial_request(t, IOVA + 0x1000, false, &to) == CONFORM_NOWHERE,
		     "the request arrives");
	trial_expect(t, !(trial_record_upper(t, 0) & F), "a fault is recorded");
	trial_store(t, CONTEXTS + WRITER * 16, 0);
	trial_faults(t, IOVA, true, 2);
}

static void check_event(struct trial *t, unsigned masked)
{
	struct conform_message m = { 0 };
	unsigned n;

	if (!trial_needs(t, t->dev->messages, "messages cannot be seen") || !trial_start(t))
		return;
	trial_write(t, DMAR_FEDATA_REG, 0x47);
	trial_write(t, DMAR_FEADDR_REG, 0xfee00000);
	trial_write(t, DMAR_FECTL_REG, masked ? VTD_IECTL_IM : 0);
	fault(t, false);
	n = t->dev->messages(t->dev->ctx, &m, 1);
	if (!masked) {
		trial_expect(t, n == 1 && m.addr == 0xfee00000 && m.data == 0x47,
			     "the fault event's message is not sent");
		return;
	}
	trial_expect(t, n == 0, "a message is sent though IM is set");
	trial_expect(t, trial_read(t, DMAR_FECTL_REG) & VTD_IECTL_IP, "IP stays clear");
	trial_write(t, DMAR_FECTL_REG, 0);
	t->dev->settle(t->dev->ctx);
	trial_expect(t, t->dev->messages(t->dev->ctx, &m, 1) == 1,
		     "the message does not follow when IM is cleared");
}

const struct conform_case conform_records[] = {
	{ "record.read", "a read's record: page, source, T1", SECTION_RECORD, check_record, 0, 0 },
	{ "record.write", "a write's record", SECTION_RECORD, check_record, 1, 0 },
	{ "record.clear", "F is cleared by 1, and PPF with the last", SECTION_RECORD, check_clear,
	  0, 0 },
	{ "record.overflow", "PFO says that there was no free record", SECTION_RECORD,
	  check_overflow, 0, 0 },
	{ "record.several", "each fault has a record, and FRI leads to the first", SECTION_RECORD,
	  check_several, 0, 0 },
	{ "record.fpd", "with FPD faults are not recorded", SECTION_LEGACY, check_fpd, 0, 0 },
	{ "record.event", "the fault event", SECTION_RECORD, check_event, 0, 0 },
	{ "record.event-masked", "it waits for IM to be cleared", SECTION_RECORD, check_event, 1,
	  0 },
	{ 0 }
};
