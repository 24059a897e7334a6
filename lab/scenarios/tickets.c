/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tickets.c - several submissions of one thread under way: given up, or followed by late writes. */
#include "scenarios.h"

/* Collect the submissions in the reverse order. */
static int submit_two(void *arg)
{
	struct qi_desc desc[2] = { scenario_page(1), scenario_page(2) };
	struct qi_ticket t[2];

	(void)arg;
	lab_check(qi_submit(engine_queue, &desc[0], 1, 0, &t[0]) == 0);
	lab_check(qi_submit(engine_queue, &desc[1], 1, 0, &t[1]) == 0);
	lab_check(qi_wait(engine_queue, &t[1]) == 0);
	lab_check(!scenario_page_cached(2));
	lab_check(qi_wait(engine_queue, &t[0]) == 0);
	lab_check(!scenario_page_cached(1));
	return 0;
}

const char *setup_tickets(const struct lab_params *p)
{
	static const struct engine_options plain;
	static const struct submitter other = { 1, 1, 0, 3 };
	const char *why = engine_setup_core(p, &plain);

	if (why)
		return why;
	scenario_touch_page(1);
	scenario_touch_page(2);
	lab_actor("T1", submit_two, NULL);
	scenario_submitter("T2", &other);
	return NULL;
}

/* ---- given up ---- */

static int give_up(void *arg)
{
	struct qi_desc desc = scenario_page(9);
	struct qi_ticket t;

	lab_check(qi_submit(engine_queue, &desc, 1, 0, &t) == 0);
	qi_abandon(engine_queue, &t);
	return scenario_submit(arg);
}

static const char *setup_beside_drain(const struct lab_params *p, int (*actor)(void *submitter))
{
	static const struct engine_options plain;
	static const struct submitter again = { 1, 1, 0, 1 }, other = { 0, 1, 0, 0 };
	const char *why = engine_setup_core(p, &plain);

	if (why)
		return why;
	scenario_touch_page(1);
	lab_actor("T1", actor, (void *)(uintptr_t)&again);
	scenario_submitter("T2", &other);
	return NULL;
}

const char *setup_abandoned(const struct lab_params *p)
{
	const char *why = setup_beside_drain(p, give_up);

	if (!why)
		scenario_afterwards();
	return why;
}

/* Given-up submissions stay in the ring, and more of them follow. */
static int give_up_twice(void *arg)
{
	struct qi_desc desc = scenario_page(9);
	struct qi_ticket t[2];

	lab_check(qi_submit(engine_queue, NULL, 0, 0, &t[0]) == 0);
	qi_abandon(engine_queue, &t[0]);
	lab_check(qi_submit(engine_queue, &desc, 1, 0, &t[1]) == 0);
	qi_abandon(engine_queue, &t[1]);
	return scenario_submit(arg);
}

const char *setup_abandoned_twice(const struct lab_params *p)
{
	return setup_beside_drain(p, give_up_twice);
}

/* ---- late ---- */

static int submit_again(void *arg)
{
	struct qi_desc desc[2] = { scenario_page(1), scenario_page(2) };
	unsigned i;
	int err = 0;

	(void)arg;
	for (i = 0; i < 2; i++) {
		err = engine->submit_sync(&desc[i], 1, 0);
		lab_check(err == 0 || err == -QI_ERR_TIMEOUT || err == -QI_ERR_DEAD);
		lab_check(err || !scenario_page_cached(1 + i));
	}
	return err;
}

static const char *setup_slow_write(const struct lab_params *p, uint32_t steps,
				    int (*actor)(void *unused))
{
	static const struct engine_options plain;
	const struct vtd_fault slow = { .kind = VTD_FAULT_SLOW_WRITE, .count = 1, .steps = steps };
	const char *why = engine_setup_core(p, &plain);

	if (why)
		return why;
	vtd_fault_arm(engine_unit, &slow);
	scenario_touch_page(1);
	scenario_touch_page(2);
	lab_actor("T1", actor, NULL);
	return NULL;
}

const char *setup_late(const struct lab_params *p)
{
	return setup_slow_write(p, 4, submit_again);
}

/*
 * In a ring of 4 slots the third wait uses the slot of the first, whose status may not be written
 * yet.
 */
static int give_up_and_go_round(void *arg)
{
	struct submitter rest = { 1, 2, 0, 1 };
	struct qi_desc desc = scenario_page(9);
	struct qi_ticket t;

	(void)arg;
	lab_check(qi_submit(engine_queue, &desc, 1, 0, &t) == 0);
	qi_abandon(engine_queue, &t);
	return scenario_submit(&rest);
}

const char *setup_late_again(const struct lab_params *p)
{
	return setup_slow_write(p, 8, give_up_and_go_round);
}
