/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* scenarios.h - common parts of the lab's own scenarios, and their setup functions by file. */
#ifndef LAB_SCENARIOS_H
#define LAB_SCENARIOS_H

#include <lab/engine.h>

/* ---- pages of domain 1: each has an IOTLB entry and an invalidation ---- */

struct qi_desc scenario_page(unsigned page);
void scenario_touch_page(unsigned page);
bool scenario_page_cached(unsigned page);

/* From now on the unit refuses the descriptor of this page. */
void scenario_refuse_page(unsigned page);

/* ---- devices: each has one page in its device TLB, and its invalidation ---- */

#define SCENARIO_SID(n) ((uint16_t)((n) << 3))

struct qi_desc scenario_ats(unsigned device);
void scenario_touch_ats(unsigned device);
bool scenario_ats_cached(unsigned device);

/* ---- actors ---- */

/*
 * Submits invalidations of pages `page` to `page + count - 1`, next time of the following ones. All
 * must succeed.
 */
struct submitter {
	unsigned count, times, options, page;
};

int scenario_submit(void *submitter);
void scenario_submitter(const char *name, const struct submitter *s);

int scenario_restart(void *arg); /* turns the queue off and on again */
int scenario_reset(void *arg);

/*
 * When all other actors have returned, submit as much as the ring holds. This hangs if a slot has
 * leaked.
 */
void scenario_afterwards(void);

/* ---- plain.c ---- */

const char *setup_seed(const struct lab_params *p);
const char *setup_zeros(const struct lab_params *p);
const char *setup_ones(const struct lab_params *p);
const char *setup_three(const struct lab_params *p);
const char *setup_wrap(const struct lab_params *p);
const char *setup_wrap_mixed(const struct lab_params *p);
const char *setup_options(const struct lab_params *p);
const char *setup_window(const struct lab_params *p);

/* ---- refused.c ---- */

const char *setup_refused(const struct lab_params *p);
const char *setup_refused_two(const struct lab_params *p);
const char *setup_refused_leak(const struct lab_params *p);

/* ---- devices.c ---- */

const char *setup_silent(const struct lab_params *p);
const char *setup_silent_nameless(const struct lab_params *p);
const char *setup_handler_silent(const struct lab_params *p);
const char *setup_silent_plain(const struct lab_params *p);
const char *setup_silent_drain(const struct lab_params *p);
const char *setup_silent_returns(const struct lab_params *p);
const char *setup_silent_once(const struct lab_params *p);
const char *setup_removed(const struct lab_params *p);
const char *setup_absent(const struct lab_params *p);

/* ---- tickets.c ---- */

const char *setup_tickets(const struct lab_params *p);
const char *setup_abandoned(const struct lab_params *p);
const char *setup_abandoned_twice(const struct lab_params *p);
const char *setup_late(const struct lab_params *p);
const char *setup_late_again(const struct lab_params *p);

/* ---- life.c ---- */

const char *setup_restart(const struct lab_params *p);
const char *setup_suspend(const struct lab_params *p);
const char *setup_reset(const struct lab_params *p);
const char *setup_snapshot(const struct lab_params *p);
const char *setup_pause(const struct lab_params *p);

/* ---- interrupts.c ---- */

const char *setup_sleepers(const struct lab_params *p);
const char *setup_fault_interrupt(const struct lab_params *p);
const char *setup_handler(const struct lab_params *p);
const char *setup_handler_full(const struct lab_params *p);
const char *setup_handler_in_line(const struct lab_params *p);
const char *setup_handler_fault(const struct lab_params *p);
const char *setup_handler_put_off(const struct lab_params *p);
const char *setup_handler_put_off_full(const struct lab_params *p);
const char *setup_handler_restart(const struct lab_params *p);
const char *setup_handler_reset(const struct lab_params *p);

/* ---- ticketed.c ---- */

const char *setup_crowd(const struct lab_params *p);
const char *setup_handler_beside(const struct lab_params *p);
const char *setup_unpolled(const struct lab_params *p);
const char *setup_told(const struct lab_params *p);
const char *setup_full_restart(const struct lab_params *p);
const char *setup_full_reset(const struct lab_params *p);
const char *setup_refused_beside(const struct lab_params *p);
const char *setup_refused_kick(const struct lab_params *p);
const char *setup_laps(const struct lab_params *p);

/* ---- together.c ---- */

const char *setup_three_refused(const struct lab_params *p);
const char *setup_parts_silent(const struct lab_params *p);
const char *setup_drain_voided(const struct lab_params *p);
const char *setup_fetch_transient(const struct lab_params *p);
const char *setup_overflow(const struct lab_params *p);
const char *setup_handlers_full(const struct lab_params *p);
const char *setup_tickets_off(const struct lab_params *p);

/* ---- garbage.c ---- */

const char *setup_garbage(const struct lab_params *p);

#endif
