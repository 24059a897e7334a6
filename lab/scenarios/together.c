/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* together.c - pairs of events that other scenarios have one at a time. */
#include "scenarios.h"

#include <qinval/regs.h>

#define BAD 9 /* the page whose descriptor is refused */
#define CULPRIT 1
#define INNOCENT 2

static const struct engine_options plain;
static const struct submitter drain = { 0, 1, 0, 0 };

/* One descriptor of several is refused: neither the first nor the last. */
static int submit_refused(void *arg)
{
	struct qi_desc desc = scenario_page(BAD);

	(void)arg;
	lab_check(engine->submit_sync(&desc, 1, 0) != 0);
	return 1;
}

const char *setup_three_refused(const struct lab_params *p)
{
	static const struct submitter two = { 2, 1, 0, 2 };
	const char *why = engine_setup(p, &plain);

	if (why)
		return why;
	scenario_refuse_page(BAD);
	scenario_submitter("T1", &drain);
	lab_actor("T2", submit_refused, NULL);
	scenario_submitter("T3", &two);
	return NULL;
}

/* ---- a submission in parts ---- */

/* More descriptors than the ring holds; in each part one device does not answer. */
static int submit_parts(void *arg)
{
	struct qi_desc desc[4];
	struct qi_ticket t;
	unsigned i;

	(void)arg;
	for (i = 0; i < 4; i++)
		desc[i] = i % 2 ? scenario_page(i) : scenario_ats(CULPRIT);
	lab_check(qi_submit(engine_queue, desc, 4, 0, &t) == 0);
	lab_check(qi_wait(engine_queue, &t) == -QI_ERR_DEVICE);
	lab_check(t.error.index % 2 == 0);
	lab_check(t.error.sid == SCENARIO_SID(CULPRIT));
	return -QI_ERR_DEVICE;
}

static const struct vtd_fault silent = { .kind = VTD_FAULT_SILENT, .sid = SCENARIO_SID(CULPRIT) };

const char *setup_parts_silent(const struct lab_params *p)
{
	const char *why = engine_setup_core(p, &plain);

	if (p->slots != 4)
		return "needs a ring of 4 slots, which four descriptors do not fit into";
	if (why)
		return why;
	vtd_fault_arm(engine_unit, &silent);
	lab_actor("T1", submit_parts, NULL);
	scenario_submitter("T2", &drain);
	scenario_afterwards();
	return NULL;
}

/* ---- a drain of page requests, and a device that does not answer ---- */

static int submit_to_culprit(void *arg)
{
	struct qi_desc desc = scenario_ats(CULPRIT);

	(void)arg;
	lab_check(engine->submit_sync(&desc, 1, 0) == -QI_ERR_DEVICE);
	return -QI_ERR_DEVICE;
}

/* The drain's wait is dropped, too. As the wait does the work, it has to be submitted again. */
const char *setup_drain_voided(const struct lab_params *p)
{
	static const struct submitter page_requests = { 0, 1, QI_OPT_WAIT_DRAIN, 0 };
	static const struct engine_options options = { .window = 4 };
	const char *why = engine_setup_core(p, &options);

	if (why)
		return why;
	vtd_fault_arm(engine_unit, &silent);
	lab_actor("T1", submit_to_culprit, NULL);
	scenario_submitter("T2", &page_requests);
	return NULL;
}

/* ---- fetches fail, and succeed the next time ---- */

const char *setup_fetch_transient(const struct lab_params *p)
{
	static const struct vtd_fault fetch = { .kind = VTD_FAULT_FETCH, .count = 2 };
	static const struct engine_options patient = { .retries = 3 };
	static const struct submitter one = { 1, 1, 0, 1 };
	const char *why = engine_setup_core(p, &patient);

	if (why)
		return why;
	vtd_fault_arm(engine_unit, &fetch);
	scenario_submitter("T1", &one);
	scenario_submitter("T2", &drain);
	return NULL;
}

/* ---- a bit of FSTS that is not the queue's ---- */

static int look_for_overflow(void *arg)
{
	(void)arg;
	lab_join();
	lab_check((lab_read32(DMAR_FSTS_REG) & VTD_FSTS_PFO) != 0);
	return 0;
}

/* A fault of DMA that software has not handled yet is no error of the queue, and must stay. */
const char *setup_overflow(const struct lab_params *p)
{
	const char *why = engine_setup_core(p, &plain);

	if (why)
		return why;
	engine_unit->fsts |= VTD_FSTS_PFO;
	scenario_refuse_page(BAD);
	lab_actor("T1", submit_refused, NULL);
	scenario_submitter("T2", &drain);
	lab_actor("DMA", look_for_overflow, NULL);
	return NULL;
}

/* ---- handlers on two CPUs ---- */

/* The submitters that are interrupted have filled the ring. */
const char *setup_handlers_full(const struct lab_params *p)
{
	static const struct submitter one = { 1, 1, 0, 1 };
	const char *why = engine_setup(p, &plain);

	if (why)
		return why;
	scenario_submitter("T1", &one);
	scenario_submitter("T2", &drain);
	lab_interrupt("irq1", scenario_submit, (void *)(uintptr_t)&drain, "T1", LAB_ANY_TIME, 1);
	lab_interrupt("irq2", scenario_submit, (void *)(uintptr_t)&drain, "T2", LAB_ANY_TIME, 1);
	return NULL;
}

/* ---- tickets that are collected while the queue is turned off ---- */

/*
 * Collect the later submission first. Both were accepted, so they complete before the queue is off.
 */
static int submit_and_collect(void *arg)
{
	struct qi_desc desc[2] = { scenario_page(1), scenario_page(2) };
	struct qi_ticket t[2];
	bool accepted[2];
	unsigned i;
	int err;

	(void)arg;
	for (i = 0; i < 2; i++) {
		err = qi_submit(engine_queue, &desc[i], 1, 0, &t[i]);
		lab_check(err == 0 || err == -QI_ERR_OFF);
		accepted[i] = !err;
	}
	while (i--) {
		if (!accepted[i])
			continue;
		lab_check(qi_wait(engine_queue, &t[i]) == 0);
		lab_check(!scenario_page_cached(1 + i));
	}
	return 0;
}

static int turn_off(void *arg)
{
	(void)arg;
	lab_check(qi_disable(engine_queue) == 0);
	return 0;
}

const char *setup_tickets_off(const struct lab_params *p)
{
	const char *why = engine_setup_core(p, &plain);

	if (why)
		return why;
	scenario_touch_page(1);
	scenario_touch_page(2);
	lab_actor("T1", submit_and_collect, NULL);
	lab_actor("admin", turn_off, NULL);
	return NULL;
}
