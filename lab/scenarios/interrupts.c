/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* interrupts.c - the unit's interrupts, and interrupt handlers that submit. */
#include "scenarios.h"

#include <qinval/regs.h>

static int on_completion(void *arg)
{
	(void)arg;
	qi_completion_interrupt(engine_queue);
	return 0;
}

static int on_fault(void *arg)
{
	(void)arg;
	qi_fault_interrupt(engine_queue);
	return 0;
}

const char *setup_sleepers(const struct lab_params *p)
{
	static const struct engine_options interrupt = { .interrupt = true };
	static const struct submitter s[] = { { 1, 1, QI_OPT_INTERRUPT, 1 },
					      { 0, 1, QI_OPT_INTERRUPT, 0 } };
	const char *why = engine_setup_core(p, &interrupt);

	if (why)
		return why;
	scenario_submitter("T1", &s[0]);
	scenario_submitter("T2", &s[1]);
	lab_interrupt("irq", on_completion, NULL, NULL, LAB_COMPLETION, 0);
	return NULL;
}

static int submit_refused(void *arg)
{
	struct qi_desc desc = scenario_page(9);

	(void)arg;
	lab_check(engine->submit_sync(&desc, 1, 0) == -QI_ERR_IQE);
	return -QI_ERR_IQE;
}

const char *setup_fault_interrupt(const struct lab_params *p)
{
	static const struct engine_options plain;
	static const struct submitter good = { 1, 1, 0, 1 };
	const char *why = engine_setup_core(p, &plain);

	if (why)
		return why;
	scenario_refuse_page(9);
	vtd_write(engine_unit, DMAR_FEDATA_REG, LAB_FAULT, 4);
	vtd_write(engine_unit, DMAR_FEADDR_REG, 0xfee00000, 4);
	vtd_write(engine_unit, DMAR_FECTL_REG, 0, 4);
	lab_actor("T1", submit_refused, NULL);
	scenario_submitter("T2", &good);
	lab_interrupt("irq", on_fault, NULL, NULL, LAB_FAULT, 0);
	return NULL;
}

/* ---- a handler that submits, on the CPU of another submitter ---- */

const char *setup_handler(const struct lab_params *p)
{
	static const struct engine_options plain;
	static const struct submitter s[] = { { 1, 1, 0, 1 }, { 0, 1, 0, 0 } };
	const char *why = engine_setup(p, &plain);

	if (why)
		return why;
	scenario_submitter("T1", &s[0]);
	lab_interrupt("irq", scenario_submit, (void *)(uintptr_t)&s[1], "T1", LAB_ANY_TIME, 1);
	return NULL;
}

/* The interrupted submitter has filled the ring and not collected its submissions. */
const char *setup_handler_full(const struct lab_params *p)
{
	static const struct engine_options plain;
	static const struct submitter s[] = { { 1, 1, 0, 1 }, { 1, 1, 0, 2 } };
	const char *why = engine_setup(p, &plain);

	if (why)
		return why;
	scenario_submitter("T1", &s[0]);
	scenario_touch_page(2);
	lab_interrupt("irq", scenario_submit, (void *)(uintptr_t)&s[1], "T1", LAB_ANY_TIME, 1);
	return NULL;
}

/*
 * T1's second submission has to wait for space; it may be the next to insert when the handler
 * interrupts it.
 */
static int submit_two_in_line(void *arg)
{
	struct qi_desc desc[2] = { scenario_page(1), scenario_page(3) };
	struct qi_ticket t;

	(void)arg;
	lab_check(qi_submit(engine_queue, &desc[0], 1, 0, &t) == 0);
	lab_check(qi_submit_sync(engine_queue, &desc[1], 1, 0) == 0);
	lab_check(!scenario_page_cached(3));
	lab_check(qi_wait(engine_queue, &t) == 0);
	return 0;
}

const char *setup_handler_in_line(const struct lab_params *p)
{
	static const struct engine_options plain;
	static const struct submitter in_handler = { 1, 1, 0, 2 };
	const char *why = engine_setup_core(p, &plain);

	if (why)
		return why;
	scenario_touch_page(2);
	scenario_touch_page(3);
	lab_actor("T1", submit_two_in_line, NULL);
	lab_interrupt("irq", scenario_submit, (void *)(uintptr_t)&in_handler, "T1", LAB_ANY_TIME,
		      1);
	return NULL;
}

const char *setup_handler_fault(const struct lab_params *p)
{
	static const struct engine_options plain;
	static const struct submitter in_handler = { 1, 1, 0, 1 };
	const char *why = engine_setup_core(p, &plain);

	if (why)
		return why;
	scenario_refuse_page(9);
	scenario_touch_page(1);
	lab_actor("T1", submit_refused, NULL);
	lab_interrupt("irq", scenario_submit, (void *)(uintptr_t)&in_handler, "T1", LAB_ANY_TIME,
		      1);
	return NULL;
}

/*
 * T1's third submission may leave the doorbell for later, as the unit is still busy with the first
 * two. The handler interrupts it then.
 */
static int submit_and_put_off(void *arg)
{
	struct qi_ticket t[2];
	unsigned i;

	(void)arg;
	for (i = 0; i < 2; i++)
		lab_check(qi_submit(engine_queue, NULL, 0, 0, &t[i]) == 0);
	lab_check(qi_submit_sync(engine_queue, NULL, 0, 0) == 0);
	for (i = 0; i < 2; i++)
		lab_check(qi_wait(engine_queue, &t[i]) == 0);
	return 0;
}

static const char *setup_put_off(const struct lab_params *p, const struct submitter *in_handler)
{
	static const struct engine_options patient = { .poll_budget = 4 };
	const char *why = engine_setup_core(p, &patient);
	unsigned i;

	if (why)
		return why;
	for (i = 0; i < in_handler->count; i++)
		scenario_touch_page(in_handler->page + i);
	lab_actor("T1", submit_and_put_off, NULL);
	lab_interrupt("irq", scenario_submit, (void *)(uintptr_t)in_handler, "T1", LAB_ANY_TIME, 1);
	return NULL;
}

/* The handler's submission comes after one of which the unit has not been told. */
const char *setup_handler_put_off(const struct lab_params *p)
{
	static const struct submitter behind = { 0, 1, 0, 0 };

	return setup_put_off(p, &behind);
}

/* The handler needs the slots of that one. */
const char *setup_handler_put_off_full(const struct lab_params *p)
{
	static const struct submitter all = { 2, 1, 0, 1 };

	return setup_put_off(p, &all);
}

/* ---- a handler that submits, on the CPU that turns the queue on ---- */

static int submit_refused_or_off(void *arg)
{
	struct qi_desc desc = scenario_page(9);
	int err = engine->submit_sync(&desc, 1, 0);

	(void)arg;
	lab_check(err == -QI_ERR_IQE || err == -QI_ERR_OFF || err == -QI_ERR_DEAD);
	return err;
}

static const char *setup_handler_beside_rule(const struct lab_params *p, int (*rule)(void *arg))
{
	static const struct engine_options plain;
	const char *why = engine_setup_core(p, &plain);

	if (why)
		return why;
	scenario_refuse_page(9);
	lab_actor("admin", rule, NULL);
	lab_interrupt("irq", submit_refused_or_off, NULL, "admin", LAB_ANY_TIME, 1);
	return NULL;
}

/*
 * The handler interrupts the thread that turns the queue on, and has a fault that must be repaired.
 */
const char *setup_handler_restart(const struct lab_params *p)
{
	return setup_handler_beside_rule(p, scenario_restart);
}

const char *setup_handler_reset(const struct lab_params *p)
{
	return setup_handler_beside_rule(p, scenario_reset);
}
