/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* refused.c - the hardware refuses descriptors (IQE): only their submitter is told. */
#include "scenarios.h"

#include <qinval/regs.h>

#define BAD 9 /* the page whose descriptor is refused */

/* Submits `count` descriptors, one of which is refused: the lab tries each position. */
static int submit_bad(void *arg)
{
	unsigned count = (unsigned)(uintptr_t)arg, bad = lab_choose(count), i;
	struct qi_desc desc[3];
	struct qi_ticket t;

	for (i = 0; i < count; i++)
		desc[i] = scenario_page(i == bad ? BAD : 20 + i);
	if (!engine->is_core) {
		lab_check(engine->submit_sync(desc, count, 0) != 0);
		return 1;
	}
	lab_check(qi_submit(engine_queue, desc, count, 0, &t) == 0);
	lab_check(qi_wait(engine_queue, &t) == -QI_ERR_IQE);
	lab_check(t.error.index == bad);
	lab_check(t.error.iqei == VTD_IQEI_RESERVED);
	return -QI_ERR_IQE;
}

static const char *setup(const struct lab_params *p, const struct engine_options *o)
{
	const char *why = engine_setup(p, o);

	if (!why)
		scenario_refuse_page(BAD);
	return why;
}

static const struct engine_options plain;

const char *setup_refused(const struct lab_params *p)
{
	static const struct submitter good = { 1, 1, 0, 1 };
	const char *why = setup(p, &plain);

	if (why)
		return why;
	lab_actor("T1", submit_bad, (void *)3);
	scenario_submitter("T2", &good);
	return NULL;
}

const char *setup_refused_two(const struct lab_params *p)
{
	const char *why = setup(p, &plain);

	if (why)
		return why;
	lab_actor("T1", submit_bad, (void *)2);
	lab_actor("T2", submit_bad, (void *)1);
	return NULL;
}

static int submit_bad_then_good(void *arg)
{
	submit_bad((void *)1);
	return scenario_submit(arg);
}

const char *setup_refused_leak(const struct lab_params *p)
{
	static const struct submitter good = { 1, 2, 0, 1 };
	const char *why = setup(p, &plain);

	if (why)
		return why;
	lab_actor("T1", submit_bad_then_good, (void *)(uintptr_t)&good);
	scenario_afterwards();
	return NULL;
}
