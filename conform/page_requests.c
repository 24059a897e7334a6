/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* page_requests.c - the page request queue, its overflow, its event, and the responses. */
#include "trial_tables.h"

#define QUEUE 0x20000 /* offset in the device's memory */
#define ENTRIES 128   /* entries of 32 bytes in a page */

#define PQH 0xc0
#define PQT 0xc8
#define PQA 0xd0
#define PRS 0xdc
#define PECTL 0xe0
#define PEDATA 0xe4
#define PEADDR 0xe8
#define PPR 1U
#define PRO 2U

#define PRE (1 << 4)
#define PASIDE (1 << 3)
#define EVENT 0x51
#define COMPLETION 0x52

static bool start(struct trial *t)
{
	if (!trial_needs(t,
			 t->dev->page_request && t->dev->responses && t->dev->messages &&
				 has_ecap(t, VTD_ECAP_PRS | VTD_ECAP_PASID),
			 "no page requests: ECAP.PRS, ECAP.PASID, or no such devices") ||
	    !trial_start_scalable(t))
		return false;
	trial_store(t, CONTEXTS + READER * 32,
		    trial_load(t, CONTEXTS + READER * 32) | PRE | PASIDE);
	t->dev->write(t->dev->ctx, PQA, trial_at(t, QUEUE), 8);
	t->dev->write(t->dev->ctx, PQH, 0, 8);
	t->dev->write(t->dev->ctx, PQT, 0, 8);
	t->dev->write(t->dev->ctx, PRS, PPR | PRO, 4);
	t->dev->write(t->dev->ctx, PEDATA, EVENT, 4);
	t->dev->write(t->dev->ctx, PEADDR, 0xfee00000, 4);
	t->dev->write(t->dev->ctx, PECTL, 0, 4);
	t->dev->messages(t->dev->ctx, NULL, 0);
	return true;
}

static void ask(struct trial *t, unsigned group)
{
	const struct conform_page_request p = { .addr = IOVA,
						.pasid = CONFORM_NO_PASID,
						.sid = READER,
						.group = (uint16_t)group,
						.write = true,
						.last = true };

	trial_expect(t, t->dev->page_request(t->dev->ctx, &p), "no page request can be made");
}

static uint32_t status(struct trial *t)
{
	return (uint32_t)t->dev->read(t->dev->ctx, PRS, 4);
}

/* The code of the single response; -1: there is not exactly one. */
static int response(struct trial *t, unsigned group)
{
	struct conform_page_response r[2];
	unsigned n = t->dev->responses(t->dev->ctx, r, 2);

	return n == 1 && r[0].sid == READER && r[0].group == group ? r[0].code : -1;
}

static void check_entry(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!start(t))
		return;
	ask(t, 5);
	t->dev->settle(t->dev->ctx);
	trial_expect(t, t->dev->read(t->dev->ctx, PQT, 8) == 32, "PQT has not moved by an entry");
	trial_expect(t, (trial_load(t, QUEUE) & 0xff) == 1, "the entry's type is not 1");
	trial_expect(t, (trial_load(t, QUEUE) >> 16 & 0xffff) == READER, "RID is another one");
	trial_expect(t, !(trial_load(t, QUEUE) >> 8 & 1), "it has a PASID");
	trial_expect(t, trial_load(t, QUEUE + 8) == (IOVA | 5 << 3 | 1 << 2 | W),
		     "address, group, last or what is asked for is wrong");
	trial_expect(t, status(t) & PPR, "PRS.PPR is clear");
}

static void check_event(struct trial *t, unsigned masked)
{
	struct conform_message m = { 0 };
	unsigned n;

	if (!start(t))
		return;
	t->dev->write(t->dev->ctx, PECTL, masked ? VTD_IECTL_IM : 0, 4);
	ask(t, 1);
	t->dev->settle(t->dev->ctx);
	ask(t, 2);
	t->dev->settle(t->dev->ctx);
	n = t->dev->messages(t->dev->ctx, &m, 1);
	if (!masked) {
		trial_expect(t, n > 0 && m.addr == 0xfee00000 && m.data == EVENT,
			     "the page request event's message is not sent");
		trial_expect(t, n <= 1, "it is sent again, though PPR was set");
		return;
	}
	trial_expect(t, n == 0, "a message is sent though IM is set");
	trial_expect(t, t->dev->read(t->dev->ctx, PECTL, 4) & VTD_IECTL_IP, "IP stays clear");
	t->dev->write(t->dev->ctx, PECTL, 0, 4);
	trial_expect(t, t->dev->messages(t->dev->ctx, &m, 1) == 1,
		     "the message does not follow when IM is cleared");
}

static void check_clear(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!start(t))
		return;
	ask(t, 1);
	t->dev->settle(t->dev->ctx);
	t->dev->write(t->dev->ctx, PRS, 0, 4);
	trial_expect(t, status(t) & PPR, "PPR is cleared by 0");
	t->dev->write(t->dev->ctx, PRS, PPR, 4);
	trial_expect(t, !(status(t) & PPR), "PPR stays set when 1 is written");
}

static void fill(struct trial *t)
{
	for (unsigned i = 0; i < ENTRIES - 1; i++) {
		ask(t, i);
		t->dev->settle(t->dev->ctx);
	}
}

/*
 * A queue with one free entry counts as full. The unit responds in place of software, so that
 * devices go on.
 */
static void check_overflow(struct trial *t, unsigned arg)
{
	struct conform_page_response r;

	(void)arg;
	if (!start(t))
		return;
	fill(t);
	trial_expect(t, !(status(t) & PRO), "PRO is set before the queue is full");
	trial_expect(t, t->dev->responses(t->dev->ctx, &r, 1) == 0, "the unit answers by itself");
	ask(t, 0x1f0);
	t->dev->settle(t->dev->ctx);
	trial_expect(t, status(t) & PRO, "PRO is clear when a request was lost");
	trial_expect(t, trial_read(t, DMAR_FSTS_REG) & VTD_FSTS_PRO, "FSTS.PRO is clear");
	trial_expect(t, response(t, 0x1f0) == 0, "the unit does not answer success by itself");
	trial_expect(t, t->dev->read(t->dev->ctx, PQT, 8) == (ENTRIES - 1) * 32, "PQT moves");
}

/* While PRO is set requests are dropped; afterwards they are queued. */
static void check_go_on(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!start(t))
		return;
	fill(t);
	ask(t, 1);
	t->dev->settle(t->dev->ctx);
	t->dev->write(t->dev->ctx, PQH, 64, 8);
	ask(t, 2);
	t->dev->settle(t->dev->ctx);
	trial_expect(t, t->dev->read(t->dev->ctx, PQT, 8) == (ENTRIES - 1) * 32,
		     "a request is queued while PRO is set");
	t->dev->write(t->dev->ctx, PRS, PRO, 4);
	trial_expect(t, !(status(t) & PRO), "PRO stays set when 1 is written");
	ask(t, 3);
	t->dev->settle(t->dev->ctx);
	trial_expect(t, t->dev->read(t->dev->ctx, PQT, 8) == 0, "the queue does not go on");
}

enum why { NOT_ENABLED, LEGACY };

static void check_refused(struct trial *t, unsigned why)
{
	static const struct {
		uint8_t reason, code;
	} expected[] = { { 0x47, 1 }, { 0x32, 15 } };
	unsigned found;

	if (!start(t))
		return;
	if (why == LEGACY)
		trial_set_root(t, trial_at(t, ROOT));
	else
		trial_store(t, CONTEXTS + READER * 32,
			    trial_load(t, CONTEXTS + READER * 32) & ~(uint64_t)PRE);
	ask(t, 9);
	t->dev->settle(t->dev->ctx);
	found = trial_record_upper(t, 0) >> 32 & 0xff;
	if (trial_expect(t, trial_record_upper(t, 0) & F, "no fault is recorded") &&
	    found != expected[why].reason)
		trial_deviates(t, "the fault's reason is 0x%x", found);
	trial_expect(t, response(t, 9) == expected[why].code, "another response, or none");
	trial_expect(t, t->dev->read(t->dev->ctx, PQT, 8) == 0, "the request is queued");
}

static void check_response(struct trial *t, unsigned code)
{
	if (!start(t))
		return;
	trial_put(t, qi_desc_page_response(READER, false, 0, code, 7, true));
	trial_submit(t);
	trial_expect(t, response(t, 7) == (int)code, "the device gets another response, or none");
}

/*
 * A wait with PD completes after all earlier requests are in the queue, so their event comes before
 * the wait's. Without PD the order is open; so several tries are made.
 */
static void check_drain(struct trial *t, unsigned arg)
{
	struct conform_message m[2] = { 0 };

	(void)arg;
	if (!trial_needs(t, has_ecap(t, VTD_ECAP_PDS), "no draining: ECAP.PDS") || !start(t))
		return;
	trial_write(t, DMAR_IEDATA_REG, COMPLETION);
	trial_write(t, DMAR_IEADDR_REG, 0xfee00000);
	trial_write(t, DMAR_IECTL_REG, 0);
	for (unsigned i = 0; i < 16; i++) {
		trial_write(t, DMAR_ICS_REG, 1);
		t->dev->write(t->dev->ctx, PRS, PPR, 4);
		ask(t, i);
		trial_put(t, trial_wait(t, QI_IWD_IF | QI_IWD_PD, 0, 0));
		trial_submit(t);
		if (!trial_expect(t, t->dev->messages(t->dev->ctx, m, 2) == 2,
				  "not one event each is sent"))
			return;
		trial_expect(t, m[0].data == EVENT && m[1].data == COMPLETION,
			     "the wait completes before a request is in the queue");
	}
}

const struct conform_case conform_page_requests[] = {
	{ "pages.entry", "a page request becomes an entry of the queue", SECTION_PAGES, check_entry,
	  0, 0 },
	{ "pages.event", "its event, once while PPR is set", SECTION_PAGES, check_event, 0, 0 },
	{ "pages.event-masked", "it waits for IM to be cleared", SECTION_PAGES, check_event, 1, 0 },
	{ "pages.clear", "PPR is cleared by 1", SECTION_PAGES, check_clear, 0, 0 },
	{ "pages.overflow", "a full queue: PRO, and the unit answers", SECTION_PAGES,
	  check_overflow, 0, 0 },
	{ "pages.go-on", "the queue goes on when PRO is cleared", SECTION_PAGES, check_go_on, 0,
	  0 },
	{ "pages.not-enabled", "without PRE: reason 47h, invalid request", SECTION_PAGES,
	  check_refused, NOT_ENABLED, 0 },
	{ "pages.legacy", "in legacy mode: reason 32h, failure", SECTION_PAGES, check_refused,
	  LEGACY, 0 },
	{ "pages.success", "a response reaches its device: success", SECTION_PAGES, check_response,
	  0, 0 },
	{ "pages.invalid", "and invalid request", SECTION_PAGES, check_response, 1, 0 },
	{ "pages.failure", "and failure", SECTION_PAGES, check_response, 15, 0 },
	{ "pages.drain", "PD waits for what was asked before", SECTION_PAGES, check_drain, 0, 0 },
	{ 0 }
};
