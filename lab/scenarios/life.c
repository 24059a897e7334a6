/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* life.c - the queue goes off, on, away, and comes back, while it is in use. */
#include "scenarios.h"

/* Done, or refused because the queue is off; nothing else, and nothing stale. */
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

static int restart(void *arg)
{
	(void)arg;
	lab_check(qi_disable(engine_queue) == 0);
	lab_check(qi_enable(engine_queue) == 0);
	return 0;
}

static int suspend(void *arg)
{
	(void)arg;
	lab_check(qi_suspend(engine_queue) == 0);
	lab_check(qi_resume(engine_queue) == 0);
	return 0;
}

/* Whoever was under way is told that the queue died. */
static int submit_or_dead(void *arg)
{
	struct qi_desc desc = scenario_page(1);
	int err = engine->submit_sync(&desc, 1, 0);

	(void)arg;
	lab_check(err == 0 || err == -QI_ERR_DEAD);
	lab_check(err || !scenario_page_cached(1));
	return err;
}

static int reset(void *arg)
{
	(void)arg;
	lab_check(qi_reset(engine_queue) == 0);
	return 0;
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
	return setup(p, submit_or_off, restart);
}

const char *setup_suspend(const struct lab_params *p)
{
	return setup(p, submit_or_off, suspend);
}

const char *setup_reset(const struct lab_params *p)
{
	return setup(p, submit_or_dead, reset);
}
