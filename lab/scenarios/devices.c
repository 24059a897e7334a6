/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* devices.c - a device does not answer its invalidation (ITE): only its own submitter is told. */
#include "scenarios.h"

#include <qinval/regs.h>

#define CULPRIT 1
#define INNOCENT 2

static int submit_to_culprit(void *arg)
{
	struct qi_desc desc = scenario_ats(CULPRIT);
	struct qi_ticket t;

	(void)arg;
	if (!engine->is_core) {
		lab_check(engine->submit_sync(&desc, 1, 0) != 0);
		return 1;
	}
	lab_check(qi_submit(engine_queue, &desc, 1, 0, &t) == 0);
	lab_check(qi_wait(engine_queue, &t) == -QI_ERR_DEVICE);
	lab_check(t.error.index == 0);
	lab_check(t.error.sid == SCENARIO_SID(CULPRIT));
	return -QI_ERR_DEVICE;
}

static int submit_to_innocent(void *arg)
{
	struct qi_desc desc = scenario_ats(INNOCENT);

	(void)arg;
	lab_check(engine->submit_sync(&desc, 1, 0) == 0);
	lab_check(!scenario_ats_cached(INNOCENT));
	return 0;
}

static const char *setup(const struct lab_params *p, bool no_sid)
{
	static const struct engine_options options = { .window = 4 };
	struct vtd_fault silent = { .kind = VTD_FAULT_SILENT,
				    .sid = SCENARIO_SID(CULPRIT),
				    .no_sid = no_sid };
	const char *why = engine_setup(p, &options);

	if (why)
		return why;
	vtd_fault_arm(engine_unit, &silent);
	lab_actor("T1", submit_to_culprit, NULL);
	return NULL;
}

static const char *setup_both(const struct lab_params *p, bool no_sid)
{
	const char *why = setup(p, no_sid);

	if (why)
		return why;
	scenario_touch_ats(INNOCENT);
	lab_actor("T2", submit_to_innocent, NULL);
	return NULL;
}

const char *setup_silent(const struct lab_params *p)
{
	return setup_both(p, false);
}

const char *setup_silent_nameless(const struct lab_params *p)
{
	return setup_both(p, true);
}

/*
 * A suspect that is tried alone and another one that waits for its turn may interrupt each other.
 */
const char *setup_handler_silent(const struct lab_params *p)
{
	const char *why = setup(p, true);

	if (why)
		return why;
	scenario_touch_ats(INNOCENT);
	lab_interrupt("irq", submit_to_innocent, NULL, "T1", LAB_ANY_TIME, 1);
	return NULL;
}

const char *setup_silent_plain(const struct lab_params *p)
{
	static const struct submitter plain = { 1, 1, 0, 1 };
	const char *why = setup(p, false);

	if (!why)
		scenario_submitter("T2", &plain);
	return why;
}

const char *setup_silent_drain(const struct lab_params *p)
{
	static const struct submitter drain = { 0, 1, 0, 0 };
	const char *why = setup(p, false);

	if (!why)
		scenario_submitter("T2", &drain);
	return why;
}

/* Any result is right: only the return is checked. */
static int submit_and_return(void *arg)
{
	struct qi_desc desc = scenario_ats((unsigned)(uintptr_t)arg);

	return engine->submit_sync(&desc, 1, 0);
}

static int drain_and_return(void *arg)
{
	(void)arg;
	return engine->submit_sync(NULL, 0, 0);
}

const char *setup_silent_returns(const struct lab_params *p)
{
	static const struct engine_options options = { .window = 1 };
	static const struct vtd_fault silent = { .kind = VTD_FAULT_SILENT,
						 .sid = SCENARIO_SID(CULPRIT),
						 .count = 1 };
	const char *why = engine_setup(p, &options);

	if (why)
		return why;
	vtd_fault_arm(engine_unit, &silent);
	lab_actor("T1", submit_and_return, (void *)CULPRIT);
	lab_actor("T2", drain_and_return, NULL);
	return NULL;
}

/*
 * The device would answer a second request, but the core must not send one. The slots of the wait
 * that the unit has dropped must be free again all the same.
 */
const char *setup_silent_once(const struct lab_params *p)
{
	static const struct engine_options options = { .window = 4 };
	static const struct vtd_fault silent = { .kind = VTD_FAULT_SILENT,
						 .sid = SCENARIO_SID(CULPRIT),
						 .count = 1 };
	const char *why = engine_setup(p, &options);

	if (why)
		return why;
	vtd_fault_arm(engine_unit, &silent);
	lab_actor("T1", submit_to_culprit, NULL);
	scenario_afterwards();
	return NULL;
}

/* ---- removal ---- */

struct slot_of_the_machine {
	bool empty;
};

static struct slot_of_the_machine *hotplug;

static bool is_present(void *ctx, uint16_t sid)
{
	(void)ctx;
	return sid != SCENARIO_SID(CULPRIT) || !__atomic_load_n(&hotplug->empty, __ATOMIC_ACQUIRE);
}

static int remove_device(void *arg)
{
	static const struct vtd_fault silent = { .kind = VTD_FAULT_SILENT,
						 .sid = SCENARIO_SID(CULPRIT) };

	(void)arg;
	lab_arm(&silent);
	__atomic_store_n(&hotplug->empty, true, __ATOMIC_RELEASE);
	return 0;
}

/* The device may be gone before the submission, or present all the time. */
static int submit_to_removed(void *arg)
{
	struct qi_desc desc = scenario_ats(CULPRIT);
	int err = engine->submit_sync(&desc, 1, 0);

	(void)arg;
	lab_check(err == 0 || err == -QI_ERR_DEVICE);
	lab_check(err || !scenario_ats_cached(CULPRIT));
	return err;
}

static const char *setup_with_hotplug(const struct lab_params *p, unsigned window)
{
	struct engine_options options = { .window = window };
	struct qi_host *host = lab_alloc(sizeof(*host));

	hotplug = lab_alloc(sizeof(*hotplug));
	if (!host || !hotplug)
		return "out of memory";
	*host = lab_host;
	host->device_present = is_present;
	options.host = host;
	return engine_setup(p, &options);
}

const char *setup_removed(const struct lab_params *p)
{
	const char *why = setup_with_hotplug(p, 4);

	if (why)
		return why;
	scenario_touch_ats(CULPRIT);
	scenario_touch_ats(INNOCENT);
	lab_actor("T1", submit_to_removed, NULL);
	lab_actor("T2", submit_to_innocent, NULL);
	lab_actor("hotplug", remove_device, NULL);
	return NULL;
}

const char *setup_absent(const struct lab_params *p)
{
	static const struct submitter innocent = { 1, 1, 0, 1 };
	static const struct vtd_fault silent = { .kind = VTD_FAULT_SILENT,
						 .sid = SCENARIO_SID(CULPRIT) };
	const char *why = setup_with_hotplug(p, 1);

	if (why)
		return why;
	hotplug->empty = true;
	vtd_fault_arm(engine_unit, &silent);
	lab_actor("T1", submit_and_return, (void *)CULPRIT);
	scenario_submitter("T2", &innocent);
	return NULL;
}
