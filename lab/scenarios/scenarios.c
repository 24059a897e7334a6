/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "scenarios.h"

#include <qinval/regs.h>

const struct lab_scenario lab_scenarios[] = {
	/* plain.c */
	{ "seed", "T1 submits one descriptor, T2 none: it only waits", setup_seed, 4, 0 },
	{ "zeros", "two submit no descriptor", setup_zeros, 4, 0 },
	{ "ones", "two submit one descriptor each", setup_ones, 4, 0 },
	{ "three", "three submit none, one and two descriptors", setup_three, 8, 0 },
	{ "wrap", "two submit one descriptor twice: the ring fills and wraps", setup_wrap, 4, 0 },
	{ "wrap-mixed", "one submits two descriptors twice, one none three times", setup_wrap_mixed,
	  4, 0 },
	{ "options", "one waits with FN, one with PD", setup_options, 4, 0 },
	{ "window", "the unit executes out of order what is between waits", setup_window, 8, 0 },
	/* refused.c */
	{ "refused", "T1's first, second or third descriptor is refused (IQE), T2's is good",
	  setup_refused, 8, 0 },
	{ "refused-two", "descriptors of both submitters are refused", setup_refused_two, 8, 0 },
	{ "refused-leak", "one thread's refused submission, and three good ones after it",
	  setup_refused_leak, 4, 0 },
	/* devices.c */
	{ "silent", "T1's device never answers (ITE with its source id), T2's does", setup_silent,
	  8, 0 },
	{ "silent-nameless", "the same, and the unit does not say which device it was",
	  setup_silent_nameless, 8, 0 },
	{ "handler-silent", "the same, and a handler submits the other, on T1's CPU",
	  setup_handler_silent, 4, 0 },
	{ "silent-plain", "T1's device never answers, T2 has none", setup_silent_plain, 8, 0 },
	{ "silent-drain", "T1's device never answers, T2 submits no descriptor", setup_silent_drain,
	  8, 0 },
	{ "silent-returns", "T1's device misses one, T2 submits no descriptor: do both return?",
	  setup_silent_returns, 8, 0 },
	{ "silent-once", "T1's device would answer if it were asked once more, which it is not",
	  setup_silent_once, 4, 0 },
	{ "removed", "T1's device is removed at any moment, T2's stays", setup_removed, 8, 0 },
	{ "absent", "T1's device has gone: is T2, which has none, told of it?", setup_absent, 8,
	  0 },
	/* tickets.c */
	{ "tickets", "T1 has two submissions under way, T2 one", setup_tickets, 4, 0 },
	{ "abandoned", "T1 gives a submission up and submits again at once", setup_abandoned, 4,
	  0 },
	{ "abandoned-twice", "T1 gives two submissions up and submits again, T2 none",
	  setup_abandoned_twice, 4, 0 },
	{ "late", "a status write comes late, the wait may time out, slots are used again",
	  setup_late, 4, 1 },
	{ "late-again", "a status write comes late, perhaps when its slot's next user waits",
	  setup_late_again, 4, 0 },
	/* life.c */
	{ "restart", "the queue is turned off and on while T1 submits", setup_restart, 4, 0 },
	{ "suspend", "the queue is suspended and resumed while T1 submits", setup_suspend, 4, 0 },
	{ "reset", "the queue is reset while T1 submits", setup_reset, 4, 0 },
	{ "snapshot", "a snapshot is taken while T1 submits", setup_snapshot, 4, 0 },
	{ "pause", "the machine stands still for an hour, and nothing is wrong", setup_pause, 4,
	  1 },
	/* interrupts.c */
	{ "sleepers", "two sleep until the completion interrupt", setup_sleepers, 4, 0 },
	{ "fault-interrupt", "the fault interrupt and a waiter find the same error",
	  setup_fault_interrupt, 4, 0 },
	{ "handler", "an interrupt handler submits on T1's CPU, wherever T1 is", setup_handler, 4,
	  0 },
	{ "handler-full", "the same, and the handler needs slots that T1 has not given back",
	  setup_handler_full, 4, 0 },
	{ "handler-in-line", "the same, and T1 may be next in line for space",
	  setup_handler_in_line, 4, 0 },
	{ "handler-fault", "the same, and T1's descriptor is refused", setup_handler_fault, 4, 0 },
	{ "handler-put-off", "a handler's submission is behind one whose doorbell T1 puts off",
	  setup_handler_put_off, 4, 0 },
	{ "handler-put-off-full", "the same, and the handler needs its slots",
	  setup_handler_put_off_full, 4, 0 },
	{ "handler-restart", "a handler's descriptor is refused where the queue goes off and on",
	  setup_handler_restart, 4, 0 },
	{ "handler-reset", "the same, and the queue is reset", setup_handler_reset, 4, 0 },
	/* ticketed.c */
	{ "crowd", "three submit no descriptor: one may ring for the others", setup_crowd, 4, 0 },
	{ "handler-beside", "a handler submits on T1's CPU, wherever T1 and T2 are",
	  setup_handler_beside, 4, 0 },
	{ "unpolled", "the ring is full of what is not collected, and two submit", setup_unpolled,
	  4, 0 },
	{ "told", "two submit, and look whether the pages are gone instead of polling", setup_told,
	  8, 0 },
	{ "full-restart", "two need the same space, one gives up, and the queue goes off and on",
	  setup_full_restart, 4, 0 },
	{ "full-reset", "the same, and the queue is reset", setup_full_reset, 4, 0 },
	{ "refused-beside", "T1's descriptor is refused while T2 submits none",
	  setup_refused_beside, 4, 0 },
	{ "refused-kick", "the same, and the unit goes on only when the tail is written",
	  setup_refused_kick, 4, 0 },
	{ "laps", "the lap's bits start anew, and words of long ago are about", setup_laps, 4, 0 },
	/* together.c */
	{ "three-refused", "three submit none, one and two descriptors, and the one is refused",
	  setup_three_refused, 8, 0 },
	{ "parts-silent", "more than the ring holds, and a device that never answers in each part",
	  setup_parts_silent, 4, 0 },
	{ "drain-voided", "T1's device never answers, T2 waits for page requests",
	  setup_drain_voided, 8, 0 },
	{ "fetch-transient", "two fetches fail that would not the next time", setup_fetch_transient,
	  4, 0 },
	{ "overflow", "a fault of DMA is pending while T1's descriptor is refused", setup_overflow,
	  4, 0 },
	{ "handlers-full", "handlers submit on both CPUs, and the ring is full",
	  setup_handlers_full, 4, 0 },
	{ "tickets-off", "two tickets are collected while the queue is turned off",
	  setup_tickets_off, 4, 0 },
	/* garbage.c */
	{ "garbage", "qi_init() finds memory that is full of anything, then two submit",
	  setup_garbage, 4, 0 },
	{ 0 }
};

/* ---- pages ---- */

static struct vtd_entry page_entry(unsigned page)
{
	return (struct vtd_entry){ .kind = VTD_IOTLB,
				   .did = 1,
				   .pasid = VTD_NO_PASID,
				   .addr = (uint64_t)page << QI_PAGE_SHIFT };
}

struct qi_desc scenario_page(unsigned page)
{
	return qi_desc_iotlb(QI_IOTLB_PAGE, 1, (uint64_t)page << QI_PAGE_SHIFT, 0, false, 0);
}

void scenario_touch_page(unsigned page)
{
	struct vtd_entry e = page_entry(page);

	vtd_touch(engine_unit, &e);
}

bool scenario_page_cached(unsigned page)
{
	struct vtd_entry e = page_entry(page);

	return lab_cached(&e);
}

void scenario_refuse_page(unsigned page)
{
	struct vtd_fault f = { .kind = VTD_FAULT_REFUSE,
			       .iqei = VTD_IQEI_RESERVED,
			       .type = QI_IOTLB_TYPE,
			       .qw1 = scenario_page(page).qw1,
			       .qw1_mask = ~0ULL };

	vtd_fault_arm(engine_unit, &f);
}

/* ---- devices ---- */

static struct vtd_entry ats_entry(unsigned device)
{
	return (struct vtd_entry){ .kind = VTD_DEVTLB,
				   .sid = SCENARIO_SID(device),
				   .pasid = VTD_NO_PASID,
				   .addr = 0x1000 };
}

struct qi_desc scenario_ats(unsigned device)
{
	return qi_desc_dev_tlb(SCENARIO_SID(device), 0, 0, 0x1000, 0);
}

void scenario_touch_ats(unsigned device)
{
	struct vtd_entry e = ats_entry(device);

	vtd_touch(engine_unit, &e);
}

bool scenario_ats_cached(unsigned device)
{
	struct vtd_entry e = ats_entry(device);

	return lab_cached(&e);
}

/* ---- actors ---- */

int scenario_submit(void *submitter)
{
	const struct submitter *s = submitter;
	struct qi_desc desc[4];
	unsigned t, i, page = s->page;
	int err = 0;

	for (t = 0; t < s->times; t++, page += s->count) {
		for (i = 0; i < s->count; i++)
			desc[i] = scenario_page(page + i);
		err = engine->submit_sync(s->count ? desc : NULL, s->count, s->options);
		lab_check(err == 0);
		for (i = 0; i < s->count; i++)
			lab_check(!scenario_page_cached(page + i));
	}
	return err;
}

void scenario_submitter(const char *name, const struct submitter *s)
{
	unsigned i;

	for (i = 0; i < s->count * s->times; i++)
		scenario_touch_page(s->page + i);
	lab_actor(name, scenario_submit, (void *)(uintptr_t)s);
}

int scenario_restart(void *arg)
{
	(void)arg;
	lab_check(qi_disable(engine_queue) == 0);
	lab_check(qi_enable(engine_queue) == 0);
	return 0;
}

int scenario_reset(void *arg)
{
	(void)arg;
	lab_check(qi_reset(engine_queue) == 0);
	return 0;
}

static int fill_the_ring(void *arg)
{
	struct qi_desc desc[14];
	unsigned slots = (unsigned)(uintptr_t)arg, i;

	lab_join();
	for (i = 0; i < slots - 2; i++)
		desc[i] = scenario_page(100 + i);
	lab_check(engine->submit_sync(desc, slots - 2, 0) == 0);
	return 0;
}

void scenario_afterwards(void)
{
	lab_actor("after", fill_the_ring, (void *)(uintptr_t)engine_slots);
}
