/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* devices.c - devices that do not answer, or answer wrongly: ITE and ICE. */
#include "trial.h"

#define SECTION_RECORD "11.4.9 Invalidation Queue Error Record Register"
#define SECTION_STATUS "11.4 Fault Status Register"

#define SID 0x1234
#define OTHER 0x0100

/* Turn the queue on, with a device that answers in this way. */
static bool start(struct trial *t, enum conform_answer how)
{
	if (!trial_needs(t, has_ecap(t, VTD_ECAP_DT), "no devices with TLBs: ECAP.DT") ||
	    !trial_needs(t, t->dev->answer && t->dev->answer(t->dev->ctx, SID, how),
			 "devices cannot be made to misbehave"))
		return false;
	return trial_queue_on(t, 0);
}

static struct qi_desc request(uint16_t sid)
{
	return qi_desc_dev_tlb(sid, 0, 0, 0x1000, 0);
}

static bool expect_bit(struct trial *t, uint32_t bit, const char *words)
{
	return trial_expect(t, (trial_read(t, DMAR_FSTS_REG) & VTD_FSTS_QI) == bit, words);
}

/*
 * Submit a request to the silent device, a wait (word 0), a request to another device, a wait (word
 * 1).
 */
static bool time_out(struct trial *t)
{
	if (!start(t, CONFORM_SILENT))
		return false;
	trial_put(t, request(SID));
	trial_put(t, trial_wait(t, QI_IWD_SW, 0, 5));
	trial_put(t, request(OTHER));
	trial_put(t, trial_wait(t, QI_IWD_SW, 1, 6));
	trial_submit(t);
	return expect_bit(t, VTD_FSTS_ITE, "FSTS.ITE is not set alone");
}

static void check_time_out(struct trial *t, unsigned arg)
{
	(void)arg;
	if (time_out(t))
		trial_expect(t, trial_status(t, 0) == 0 && trial_status(t, 1) == 0,
			     "the status of a wait behind it is written");
}

static void check_time_out_device(struct trial *t, unsigned arg)
{
	uint64_t record;

	(void)arg;
	if (!time_out(t))
		return;
	record = trial_read(t, DMAR_IQERCD_REG);
	if (!VTD_IQERCD_ITESID(record))
		trial_remark(t, "ITESID is 0: not reported");
	else
		trial_expect(t, VTD_IQERCD_ITESID(record) == SID, "ITESID names another device");
}

/* Waits that had been fetched are aborted and never complete; others will complete. */
static void check_aborted(struct trial *t, unsigned arg)
{
	uint64_t head;

	(void)arg;
	if (!time_out(t))
		return;
	head = trial_head(t);
	t->dev->answer(t->dev->ctx, SID, CONFORM_ANSWERS);
	trial_write(t, DMAR_FSTS_REG, VTD_FSTS_ITE);
	trial_submit(t);
	expect_bit(t, 0, "FSTS.ITE stays set or comes again");
	for (unsigned i = 0; i < 2; i++) {
		bool fetched = head > 2 * i + 1;

		trial_expect(t, trial_status(t, i) == (fetched ? 0 : 5 + i),
			     fetched ? "an aborted wait's status is written"
				     : "a wait fetched afterwards does not complete");
	}
	trial_expect(t, trial_head(t) == t->tail, "IQH is not at the tail");
}

static void check_stopped(struct trial *t, unsigned arg)
{
	uint64_t head;

	(void)arg;
	if (!time_out(t))
		return;
	head = trial_head(t);
	trial_put(t, trial_wait(t, QI_IWD_SW, 2, 7));
	trial_submit(t);
	trial_expect(t, trial_head(t) == head, "IQH moves");
	trial_expect(t, trial_status(t, 2) == 0, "a descriptor is executed");
	trial_write(t, DMAR_FSTS_REG, VTD_FSTS_IQE | VTD_FSTS_ICE);
	t->dev->settle(t->dev->ctx);
	expect_bit(t, VTD_FSTS_ITE, "a write of other bits clears ITE");
	trial_write(t, DMAR_FSTS_REG, VTD_FSTS_ITE);
	t->dev->settle(t->dev->ctx);
	trial_expect(t, trial_status(t, 2) == 7, "nothing is fetched when ITE is cleared");
}

/* @how: silent, which causes ITE; wrong, which causes ICE and then ITE, in one event. */
static void check_event(struct trial *t, unsigned how)
{
	struct conform_message m;

	if (!start(t, how))
		return;
	trial_put(t, request(SID));
	trial_submit(t);
	trial_expect(t, trial_read(t, DMAR_FECTL_REG) == (VTD_IECTL_IM | VTD_IECTL_IP),
		     "FECTL.IP stays clear");
	trial_write(t, DMAR_FEDATA_REG, 0x43);
	trial_write(t, DMAR_FEADDR_REG, 0xfee00000);
	trial_write(t, DMAR_FECTL_REG, 0);
	if (t->dev->messages)
		trial_expect(t, t->dev->messages(t->dev->ctx, &m, 1) == 1 && m.data == 0x43,
			     "the fault event's message is not sent, once");
}

/* A time-out does not undo what was executed before. */
static void check_before(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!start(t, CONFORM_SILENT))
		return;
	trial_put(t, trial_invalidation());
	trial_put(t, trial_wait(t, QI_IWD_SW, 0, 5));
	trial_submit(t);
	trial_expect(t, trial_status(t, 0) == 5, "what came before does not complete");
	trial_put(t, request(SID));
	trial_submit(t);
	expect_bit(t, VTD_FSTS_ITE, "FSTS.ITE is not set alone");
}

/* The device answers wrongly, and then not at all: first ICE, finally ITE. */
static bool answer_wrongly(struct trial *t)
{
	if (!start(t, CONFORM_WRONG))
		return false;
	trial_put(t, request(SID));
	trial_submit(t);
	return trial_expect(t, trial_read(t, DMAR_FSTS_REG) & VTD_FSTS_ICE, "FSTS.ICE stays clear");
}

static void check_wrong(struct trial *t, unsigned arg)
{
	uint64_t record;

	(void)arg;
	if (!answer_wrongly(t))
		return;
	record = trial_read(t, DMAR_IQERCD_REG);
	if (!VTD_IQERCD_ICESID(record))
		trial_remark(t, "ICESID is 0: not reported");
	else
		trial_expect(t, VTD_IQERCD_ICESID(record) == SID, "ICESID names another device");
}

static void check_wrong_cleared(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!answer_wrongly(t))
		return;
	t->dev->answer(t->dev->ctx, SID, CONFORM_ANSWERS);
	trial_write(t, DMAR_FSTS_REG, VTD_FSTS_ITE);
	trial_expect(t, trial_read(t, DMAR_FSTS_REG) & VTD_FSTS_ICE,
		     "a write of another bit clears ICE");
	trial_put(t, trial_wait(t, QI_IWD_SW, 0, 5));
	trial_submit(t);
	trial_expect(t, trial_status(t, 0) == 5, "the queue does not go on while ICE is set");
	trial_write(t, DMAR_FSTS_REG, VTD_FSTS_ICE);
	expect_bit(t, 0, "FSTS.ICE stays set");
	trial_expect(t, VTD_IQERCD_ICESID(trial_read(t, DMAR_IQERCD_REG)) == 0, "ICESID stays");
}

const struct conform_case conform_devices[] = {
	{ "device.time-out", "a device that does not answer: ITE, and no wait behind it completes",
	  SECTION_ERRORS, check_time_out, 0, BOTH_WIDTHS },
	{ "device.time-out-sid", "ITESID is the device's source id, or 0", SECTION_RECORD,
	  check_time_out_device, 0, BOTH_WIDTHS },
	{ "device.time-out-aborts", "ITE aborts the waits that were fetched, and no others",
	  SECTION_ERRORS, check_aborted, 0, BOTH_WIDTHS },
	{ "device.time-out-stops", "nothing is fetched until ITE is cleared", SECTION_ERRORS,
	  check_stopped, 0, BOTH_WIDTHS },
	{ "device.time-out-before", "what completed before a time-out has completed",
	  SECTION_ERRORS, check_before, 0, BOTH_WIDTHS },
	{ "device.time-out-event", "ITE is a fault event", "11.4 Fault Event Control Register",
	  check_event, CONFORM_SILENT, BOTH_WIDTHS },
	{ "device.wrong-event", "ICE is a fault event", "11.4 Fault Event Control Register",
	  check_event, CONFORM_WRONG, BOTH_WIDTHS },
	{ "device.wrong", "an invalid completion raises ICE; ICESID is the device's, or 0",
	  SECTION_RECORD, check_wrong, 0, BOTH_WIDTHS },
	{ "device.wrong-goes-on", "ICE does not stop the queue, and only a write of 1 clears it",
	  SECTION_STATUS, check_wrong_cleared, 0, BOTH_WIDTHS },
	{ 0 }
};
