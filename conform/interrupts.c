/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* interrupts.c - the completion event and the fault event: status, mask, pending bit, message. */
#include "trial.h"

#define SECTION_FAULT_EVENT "11.4 Fault Event Control Register"
#define SECTION_STATUS "11.4.9 Invalidation Completion Status Register"
#define SECTION_CONTROL "11.4.9 Invalidation Event Control Register"

#define MESSAGES 4

/* The two events have registers of the same layout. */
struct event {
	unsigned control, data, addr;
	uint32_t message;
};

static const struct event completion = { DMAR_IECTL_REG, DMAR_IEDATA_REG, DMAR_IEADDR_REG, 0x41 };
static const struct event fault = { DMAR_FECTL_REG, DMAR_FEDATA_REG, DMAR_FEADDR_REG, 0x42 };

#define MESSAGE_ADDR 0xfee00000ULL

static bool start(struct trial *t, const struct event *e, bool masked)
{
	if (!trial_queue_on(t, 0))
		return false;
	trial_write(t, e->data, e->message);
	trial_write(t, e->addr, MESSAGE_ADDR);
	trial_write(t, e->control, masked ? VTD_IECTL_IM : 0);
	return true;
}

/* Raise the event: by a wait with IF, or by an undefined descriptor. */
static void raise(struct trial *t, const struct event *e)
{
	const struct qi_desc bad = { 0, 0, 0, 0 };

	trial_put(t, e == &completion ? trial_wait(t, QI_IWD_IF, 0, 0) : bad);
	trial_submit(t);
}

/* Clear the event's cause; for a fault, replace the descriptor, too. */
static void clear(struct trial *t, const struct event *e)
{
	if (e == &completion) {
		trial_write(t, DMAR_ICS_REG, VTD_ICS_IWC);
		return;
	}
	trial_put_at(t, t->tail - 1, trial_invalidation());
	trial_write(t, DMAR_FSTS_REG, VTD_FSTS_IQE);
	trial_submit(t);
}

/* Check the number of messages, and that all belong to the event. */
static void expect_messages(struct trial *t, const struct event *e, unsigned expected)
{
	struct conform_message m[MESSAGES];
	unsigned n;

	if (!t->dev->messages)
		return;
	n = t->dev->messages(t->dev->ctx, m, MESSAGES);
	if (n != expected)
		trial_deviates(t, "%u messages are sent in place of %u", n, expected);
	for (unsigned i = 0; i < n && i < MESSAGES; i++)
		trial_expect(t, m[i].addr == MESSAGE_ADDR && m[i].data == e->message,
			     "the message has another address or other data");
}

static void expect_control(struct trial *t, const struct event *e, uint32_t expected)
{
	uint64_t value = trial_read(t, e->control);

	if (value != expected)
		trial_deviates(t, "the control register reads 0x%llx in place of 0x%x",
			       (unsigned long long)value, expected);
}

static const struct event *event_of(unsigned which)
{
	return which ? &fault : &completion;
}

#define COMPLETION 0
#define FAULT 1

static void check_message(struct trial *t, unsigned which)
{
	const struct event *e = event_of(which);

	if (!trial_needs(t, t->dev->messages, "messages cannot be seen") || !start(t, e, false))
		return;
	raise(t, e);
	expect_messages(t, e, 1);
	expect_control(t, e, 0);
}

static void check_masked(struct trial *t, unsigned which)
{
	const struct event *e = event_of(which);

	if (!start(t, e, true))
		return;
	raise(t, e);
	expect_messages(t, e, 0);
	expect_control(t, e, VTD_IECTL_IM | VTD_IECTL_IP);
}

static void check_unmasked(struct trial *t, unsigned which)
{
	const struct event *e = event_of(which);

	if (!start(t, e, true))
		return;
	raise(t, e);
	trial_write(t, e->control, 0);
	expect_messages(t, e, 1);
	expect_control(t, e, 0);
	trial_write(t, e->control, VTD_IECTL_IM);
	trial_write(t, e->control, 0);
	expect_messages(t, e, 0);
}

static void check_pending_cleared(struct trial *t, unsigned which)
{
	const struct event *e = event_of(which);

	if (!start(t, e, true))
		return;
	raise(t, e);
	clear(t, e);
	expect_control(t, e, VTD_IECTL_IM);
	trial_write(t, e->control, 0);
	expect_messages(t, e, 0);
}

/*
 * A second event sends nothing while the cause of the first one is still there, and sends a message
 * afterwards.
 */
static void check_once(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!start(t, &completion, false))
		return;
	raise(t, &completion);
	expect_messages(t, &completion, 1);
	raise(t, &completion);
	expect_messages(t, &completion, 0);
	expect_control(t, &completion, 0);
	clear(t, &completion);
	raise(t, &completion);
	expect_messages(t, &completion, 1);
	trial_expect(t, trial_read(t, DMAR_ICS_REG) & VTD_ICS_IWC, "ICS.IWC stays clear");
}

static void check_fault_twice(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!start(t, &fault, false))
		return;
	raise(t, &fault);
	expect_messages(t, &fault, 1);
	clear(t, &fault);
	raise(t, &fault);
	expect_messages(t, &fault, 1);
}

static void check_status_w1c(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!start(t, &completion, true))
		return;
	raise(t, &completion);
	if (!trial_expect(t, trial_read(t, DMAR_ICS_REG) == VTD_ICS_IWC, "ICS is not 1"))
		return;
	trial_write(t, DMAR_ICS_REG, 0);
	trial_expect(t, trial_read(t, DMAR_ICS_REG) == VTD_ICS_IWC, "a write of 0 clears it");
	trial_write(t, DMAR_ICS_REG, ~VTD_ICS_IWC);
	trial_expect(t, trial_read(t, DMAR_ICS_REG) == VTD_ICS_IWC,
		     "a write of the other bits clears it");
	trial_write(t, DMAR_ICS_REG, VTD_ICS_IWC);
	trial_expect(t, trial_read(t, DMAR_ICS_REG) == 0, "a write of 1 does not clear it");
}

/* Check that no message was sent. */
static void check_silent(struct trial *t, unsigned arg)
{
	(void)arg;
	if (!start(t, &completion, true))
		return;
	trial_put(t, trial_invalidation());
	trial_put(t, trial_wait(t, QI_IWD_SW, 0, 5));
	trial_submit(t);
	trial_expect(t, trial_read(t, DMAR_ICS_REG) == 0, "ICS.IWC is set");
	expect_control(t, &completion, VTD_IECTL_IM);
}

/* The mask of one event does not affect the other. */
static void check_separate(struct trial *t, unsigned which)
{
	const struct event *e = event_of(which), *other = event_of(!which);

	if (!start(t, e, true))
		return;
	trial_write(t, other->control, 0);
	raise(t, e);
	expect_messages(t, e, 0);
	expect_control(t, e, VTD_IECTL_IM | VTD_IECTL_IP);
	expect_control(t, other, 0);
}

const struct conform_case conform_interrupts[] = {
	{ "interrupt.completion", "a wait with IF sends the message of IEADDR and IEDATA",
	  SECTION_EVENTS, check_message, COMPLETION, BOTH_WIDTHS },
	{ "interrupt.completion-masked", "while IECTL.IM is set IECTL.IP is, and nothing is sent",
	  SECTION_CONTROL, check_masked, COMPLETION, BOTH_WIDTHS },
	{ "interrupt.completion-unmasked", "clearing IECTL.IM sends what is pending, once",
	  SECTION_CONTROL, check_unmasked, COMPLETION, BOTH_WIDTHS },
	{ "interrupt.completion-cleared", "clearing ICS.IWC clears IECTL.IP", SECTION_CONTROL,
	  check_pending_cleared, COMPLETION, BOTH_WIDTHS },
	{ "interrupt.completion-once", "while ICS.IWC is set another completion sends nothing",
	  SECTION_EVENTS, check_once, 0, BOTH_WIDTHS },
	{ "interrupt.completion-w1c", "only a write of 1 to ICS.IWC clears it", SECTION_STATUS,
	  check_status_w1c, 0, BOTH_WIDTHS },
	{ "interrupt.completion-without", "without IF there is no completion event", SECTION_EVENTS,
	  check_silent, 0, BOTH_WIDTHS },
	{ "interrupt.completion-separate", "FECTL does not mask or unmask completion events",
	  SECTION_CONTROL, check_separate, COMPLETION, BOTH_WIDTHS },
	{ "interrupt.fault", "IQE sends the message of FEADDR and FEDATA", SECTION_FAULT_EVENT,
	  check_message, FAULT, BOTH_WIDTHS },
	{ "interrupt.fault-masked", "while FECTL.IM is set FECTL.IP is, and nothing is sent",
	  SECTION_FAULT_EVENT, check_masked, FAULT, BOTH_WIDTHS },
	{ "interrupt.fault-unmasked", "clearing FECTL.IM sends what is pending, once",
	  SECTION_FAULT_EVENT, check_unmasked, FAULT, BOTH_WIDTHS },
	{ "interrupt.fault-cleared", "clearing the last status bit clears FECTL.IP",
	  SECTION_FAULT_EVENT, check_pending_cleared, FAULT, BOTH_WIDTHS },
	{ "interrupt.fault-twice", "after IQE has been cleared the next one sends a message again",
	  SECTION_FAULT_EVENT, check_fault_twice, 0, BOTH_WIDTHS },
	{ "interrupt.fault-separate", "IECTL does not mask or unmask fault events",
	  SECTION_FAULT_EVENT, check_separate, FAULT, BOTH_WIDTHS },
	{ 0 }
};
