/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* life.c - the queue is turned off, turned on, and reset, while it is in use. */
#include "scenarios.h"

/*
 * Accept success, or a refusal because the queue is off, and nothing else; a success must not leave
 * a stale entry.
 */
static int submit_or_off(void *arg)
{
	struct qi_desc desc[2] = { scenario_page(1), scenario_page(2) };
	unsigned i;
	int err = 0;

	(void)arg;
	for (i = 0; i < 2; i++) {
		err = engine->submit_sync(&desc[i], 1, 0);
		lab_check(err == 0 || err == -QI_ERR_OFF);
		lab_check(err || !scenario_page_cached(1 + i));
	}
	return err;
}

static int suspend(void *arg)
{
	(void)arg;
	lab_check(qi_suspend(engine_queue) == 0);
	lab_check(qi_resume(engine_queue) == 0);
	return 0;
}

/* Accept a failure because the queue is dead, too. */
static int submit_or_dead(void *arg)
{
	struct qi_desc desc = scenario_page(1);
	int err = engine->submit_sync(&desc, 1, 0);

	(void)arg;
	lab_check(err == 0 || err == -QI_ERR_DEAD);
	lab_check(err || !scenario_page_cached(1));
	return err;
}

static const char *setup(const struct lab_params *p, int (*submit)(void *arg),
			 int (*rule)(void *arg))
{
	static const struct engine_options plain;
	const char *why = engine_setup_core(p, &plain);

	if (why)
		return why;
	scenario_touch_page(1);
	scenario_touch_page(2);
	lab_actor("T1", submit, NULL);
	lab_actor("admin", rule, NULL);
	scenario_afterwards();
	return NULL;
}

const char *setup_restart(const struct lab_params *p)
{
	return setup(p, submit_or_off, scenario_restart);
}

const char *setup_suspend(const struct lab_params *p)
{
	return setup(p, submit_or_off, suspend);
}

const char *setup_reset(const struct lab_params *p)
{
	return setup(p, submit_or_dead, scenario_reset);
}

/* ---- readers ---- */

/* All descriptors that a snapshot shows between head and tail are completely written. */
static int look(void *arg)
{
	static struct qi_slot_view view[16];
	struct qi_snapshot s = { .slot = view, .slots = 16 };
	const struct qi_slot_view *v;
	unsigned i;

	(void)arg;
	qi_snapshot(engine_queue, &s);
	for (i = 0; i < s.used; i++) {
		v = &view[(s.head + i) % s.slots];
		lab_check(v->desc.qw0 != 0);
		/* A wait of an earlier lap would have an earlier tag. */
		lab_check((v->desc.qw0 & 0xf) != QI_IWD_TYPE || v->desc.qw0 >> 32 == v->tag);
	}
	return 0;
}

const char *setup_snapshot(const struct lab_params *p)
{
	static const struct engine_options plain;
	static const struct submitter one = { 1, 2, 0, 1 };
	const char *why = engine_setup_core(p, &plain);

	if (why)
		return why;
	scenario_submitter("T1", &one);
	lab_actor("snapshot", look, NULL);
	return NULL;
}

/* The clock jumps once past every time-out, wherever T1 and the unit are. */
const char *setup_pause(const struct lab_params *p)
{
	static const struct engine_options o = { .poll_budget = 4 };
	static const struct submitter one = { 1, 1, 0, 1 };
	const char *why = engine_setup_core(p, &o);

	if (why)
		return why;
	scenario_submitter("T1", &one);
	scenario_afterwards();
	return NULL;
}
