/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ticketed.c - submitters that depend on each other: one rings for several, one waits for space
 * that others must give back, one is stopped in the middle of an insertion, positions wrap.
 */
#include "scenarios.h"

#include <lab/age.h>

#include <qinval/regs.h>

static const struct engine_options plain;
static const struct submitter drain = { 0, 1, 0, 0 };

/* Three submissions fit into a ring of four slots. The third may leave the doorbell for later. */
const char *setup_crowd(const struct lab_params *p)
{
	const char *why = engine_setup(p, &plain);

	if (why)
		return why;
	scenario_submitter("T1", &drain);
	scenario_submitter("T2", &drain);
	scenario_submitter("T3", &drain);
	return NULL;
}

/* The handler, too, may find another CPU ringing, and leave its doorbell to it. */
const char *setup_handler_beside(const struct lab_params *p)
{
	const char *why = engine_setup(p, &plain);

	if (why)
		return why;
	scenario_submitter("T1", &drain);
	scenario_submitter("T2", &drain);
	lab_interrupt("irq", scenario_submit, (void *)(uintptr_t)&drain, "T1", LAB_ANY_TIME, 1);
	return NULL;
}

/* ---- a completed submission that its submitter does not poll ---- */

static struct qi_ticket *unpolled;

static int collect(void *arg)
{
	unsigned i;

	(void)arg;
	lab_join();
	for (i = 0; i < engine_slots - 1; i++)
		lab_check(qi_wait(engine_queue, &unpolled[i]) == 0);
	lab_check(qi_disable(engine_queue) == 0); /* all slots have been given back */
	return 0;
}

/*
 * The ring is full of submissions that are complete, but are not collected until all others are
 * done.
 */
const char *setup_unpolled(const struct lab_params *p)
{
	static const struct submitter one = { 1, 1, 0, 1 };
	const char *why = engine_setup_core(p, &plain);
	unsigned i;

	if (why)
		return why;
	unpolled = lab_alloc((p->slots - 1) * sizeof(*unpolled));
	if (!unpolled)
		return "out of memory";
	for (i = 0; i < p->slots - 1; i++) {
		if (qi_submit(engine_queue, NULL, 0, 0, &unpolled[i]))
			return "the ring cannot be filled";
	}
	scenario_submitter("T1", &one);
	scenario_submitter("T2", &drain);
	lab_actor("owner", collect, NULL);
	return NULL;
}

/*
 * The submission completes without being polled: its submitter or another thread that rings tells
 * the unit.
 */
static int submit_unpolled(void *arg)
{
	unsigned page = (unsigned)(uintptr_t)arg;
	struct qi_desc desc = scenario_page(page);
	struct qi_ticket t;

	lab_check(qi_submit(engine_queue, &desc, 1, 0, &t) == 0);
	while (scenario_page_cached(page))
		lab_host.relax(NULL);
	lab_check(qi_wait(engine_queue, &t) == 0);
	return 0;
}

const char *setup_told(const struct lab_params *p)
{
	const char *why = engine_setup_core(p, &plain);
	unsigned page;

	if (p->slots < 8)
		return "needs 8 slots: what does not fit waits for a poll";
	if (why)
		return why;
	for (page = 1; page <= 2; page++) {
		scenario_touch_page(page);
		lab_actor(page == 1 ? "T1" : "T2", submit_unpolled, (void *)(uintptr_t)page);
	}
	return NULL;
}

/* ---- a full ring, and the queue goes away ---- */

static int submit_or_not(void *arg)
{
	struct qi_desc desc = scenario_page(1);
	int err = engine->submit_sync(&desc, 1, 0);

	(void)arg;
	lab_check(err == 0 || err == -QI_ERR_OFF || err == -QI_ERR_DEAD);
	lab_check(err || !scenario_page_cached(1));
	return err;
}

static int give_up(void *arg)
{
	struct qi_desc desc = scenario_page(9);
	struct qi_ticket t;
	int err = qi_submit(engine_queue, &desc, 1, 0, &t);

	(void)arg;
	lab_check(err == 0 || err == -QI_ERR_OFF || err == -QI_ERR_DEAD);
	if (!err)
		qi_abandon(engine_queue, &t);
	return err;
}

static const char *setup_full(const struct lab_params *p, int (*rule)(void *arg))
{
	const char *why = engine_setup_core(p, &plain);

	if (why)
		return why;
	scenario_touch_page(1);
	lab_actor("T1", give_up, NULL);
	lab_actor("T2", submit_or_not, NULL);
	lab_actor("admin", rule, NULL);
	scenario_afterwards();
	return NULL;
}

const char *setup_full_restart(const struct lab_params *p)
{
	return setup_full(p, scenario_restart);
}

const char *setup_full_reset(const struct lab_params *p)
{
	return setup_full(p, scenario_reset);
}

/* ---- a fault ---- */

static int submit_refused(void *arg)
{
	struct qi_desc desc = scenario_page(9);

	(void)arg;
	lab_check(engine->submit_sync(&desc, 1, 0) == -QI_ERR_IQE);
	return -QI_ERR_IQE;
}

static const char *setup_beside(const struct lab_params *p, enum vtd_profile profile)
{
	const struct engine_options o = { .profile = profile };
	const char *why = engine_setup_core(p, &o);

	if (why)
		return why;
	scenario_refuse_page(9);
	lab_actor("T1", submit_refused, NULL);
	scenario_submitter("T2", &drain);
	scenario_afterwards();
	return NULL;
}

/* The repair meets submitters between reservation and publication, or while they ring. */
const char *setup_refused_beside(const struct lab_params *p)
{
	return setup_beside(p, VTD_SPEC);
}

/* A unit that reads its queue only when the tail is written. */
const char *setup_refused_kick(const struct lab_params *p)
{
	return setup_beside(p, VTD_QEMU_7_2);
}

/* ---- positions ---- */

/*
 * The lap bits in status and state words wrap, unless --laps says otherwise; one slot of the old
 * lap is left.
 */
const char *setup_laps(const struct lab_params *p)
{
	static const struct submitter s[] = { { 1, 1, 0, 1 }, { 0, 1, 0, 0 } };
	const char *why = engine_setup_core(p, &plain);
	unsigned i;

	if (why)
		return why;
	/* Bring the unit to the same position. */
	for (i = 0; i < p->slots - 1; i++) {
		if (qi_submit_sync(engine_queue, NULL, 0, 0))
			return "qi_submit_sync() fails";
	}
	if (!p->laps)
		age_queue(engine_queue, (1ULL << 31) - 2, 1);
	scenario_submitter("T1", &s[0]);
	scenario_submitter("T2", &s[1]);
	scenario_afterwards();
	return NULL;
}
