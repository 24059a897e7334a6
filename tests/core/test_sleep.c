/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Waiting asleep: for the completion interrupt, and what else must wake a sleeper. The host sleeps
 * as a futex does, and remembers how it was woken.
 */
#include "rig.h"

#include <string.h>

#define SLOTS 8
#define NEVER 1000 /* steps after which a sleeper that is not woken gives up */

static struct {
	unsigned sleeps, wakes;
	unsigned through;		     /* sleeps that lasted to their end */
	unsigned refused;		     /* at once, as the word had changed already */
	void (*before_sleep)(struct rig *r); /* what happens between the look and the sleep */
} seen;

static void host_sleep(void *ctx, const uint32_t *word, uint32_t value, uint64_t ns)
{
	struct rig *r = ctx;
	void (*before)(struct rig *) = seen.before_sleep;
	unsigned step;

	assert_int_equal(r->locked, 0);
	assert_ptr_equal(word, &r->q.events);
	assert_true(ns > 0);
	seen.sleeps++;
	seen.before_sleep = NULL;
	if (before)
		before(r);
	if (*word != value) {
		seen.refused++;
		return;
	}
	for (step = 0; step < NEVER; step++) {
		rig_steps(r, 1);
		if (*word != value)
			return;
	}
	seen.through++;
	r->now += ns;
}

static void host_wake(void *ctx, const uint32_t *word)
{
	struct rig *r = ctx;

	assert_int_equal(r->locked, 0);
	assert_ptr_equal(word, &r->q.events);
	seen.wakes++;
}

static struct rig *start(void)
{
	struct rig *r = rig_new(SLOTS, 128);

	r->host.sleep = host_sleep;
	r->host.wake = host_wake;
	r->cfg.interrupt.enable = true;
	r->interrupts = true;
	memset(&seen, 0, sizeof(seen));
	rig_start(r);
	return r;
}

static void only_those_who_ask_for_the_interrupt_sleep(void **state)
{
	struct rig *r = start();
	struct qi_desc d = rig_desc(1);

	(void)state;
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	assert_int_equal(seen.sleeps, 0);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, QI_OPT_INTERRUPT), 0);
	assert_int_equal(seen.sleeps, 1);
	assert_int_equal(seen.wakes, 1);
	assert_int_equal(seen.through, 0);
	rig_free(r);
}

/* Without functions to sleep with, the interrupt is asked for all the same and the owner polls. */
static void a_host_that_cannot_sleep_polls(void **state)
{
	struct rig *r = start();

	(void)state;
	r->host.sleep = NULL;
	r->host.wake = NULL;
	assert_int_equal(qi_submit_sync(&r->q, NULL, 0, QI_OPT_INTERRUPT), 0);
	rig_run(r);
	assert_int_equal(r->messages, 1);
	rig_free(r);
}

/* The whole of it happens between the owner's look at its status word and its falling asleep. */
static void an_interrupt_before_the_sleep_is_not_lost(void **state)
{
	struct rig *r = start();

	(void)state;
	seen.before_sleep = rig_run;
	assert_int_equal(qi_submit_sync(&r->q, NULL, 0, QI_OPT_INTERRUPT), 0);
	assert_int_equal(seen.sleeps, 1);
	assert_int_equal(seen.refused, 1);
	assert_int_equal(seen.through, 0);
	rig_free(r);
}

/* Two complete with one message, as the first has not been handled yet: both owners wake. */
static void one_message_wakes_all_whom_it_concerns(void **state)
{
	struct rig *r = start();
	struct qi_ticket t[2];

	(void)state;
	r->interrupts = false;
	assert_int_equal(qi_submit(&r->q, NULL, 0, QI_OPT_INTERRUPT, &t[0]), 0);
	assert_int_equal(qi_submit(&r->q, NULL, 0, QI_OPT_INTERRUPT, &t[1]), 0);
	rig_run(r);
	assert_int_equal(r->messages, 1);
	assert_int_equal(r->u.ics, VTD_ICS_IWC);
	r->interrupts = true;
	rig_steps(r, 1);
	assert_int_equal(r->u.ics, 0);
	assert_int_equal(seen.wakes, 1);
	assert_int_equal(qi_poll(&r->q, &t[0]), 0);
	assert_int_equal(qi_poll(&r->q, &t[1]), 0);
	rig_free(r);
}

/* The refused wait's replacement raises no interrupt: the repairing thread must wake its owner. */
static void a_refused_one_is_woken_by_the_repair(void **state)
{
	struct rig *r = start();
	struct qi_desc d = rig_desc(1);

	(void)state;
	rig_refuse(r, 1, VTD_IQEI_TYPE);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, QI_OPT_INTERRUPT), -QI_ERR_IQE);
	assert_int_equal(seen.through, 0);
	assert_int_equal(seen.wakes, 1);
	rig_free(r);
}

static void an_aborted_one_is_woken_and_tried_again(void **state)
{
	struct vtd_fault f = { .kind = VTD_FAULT_SILENT, .sid = RIG_SID(1), .count = 1 };
	struct rig *r = start();
	struct qi_desc d = rig_ats(1);

	(void)state;
	assert_true(vtd_fault_arm(&r->u, &f));
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, QI_OPT_INTERRUPT), 0);
	assert_int_equal(seen.through, 0);
	assert_int_equal(r->stats.retries, 1);
	rig_free(r);
}

static void kill(struct rig *r)
{
	assert_int_equal(qi_reset(&r->q), 0);
}

static void a_dead_queue_wakes_its_sleepers(void **state)
{
	struct rig *r = start();

	(void)state;
	rig_arm(r, VTD_FAULT_STALL, 0, false);
	seen.before_sleep = kill;
	assert_int_equal(qi_submit_sync(&r->q, NULL, 0, QI_OPT_INTERRUPT), -QI_ERR_DEAD);
	assert_int_equal(seen.refused, 1);
	rig_free(r);
}

/* No interrupt comes through: found by the look around after one full sleep each. */
static void without_any_interrupt_it_only_takes_longer(void **state)
{
	struct rig *r = start();
	struct qi_desc d = rig_desc(1);

	(void)state;
	r->interrupts = false;
	rig_refuse(r, 1, VTD_IQEI_TYPE);
	assert_int_equal(qi_submit_sync(&r->q, NULL, 0, QI_OPT_INTERRUPT), 0);
	assert_int_equal(seen.through, 1);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, QI_OPT_INTERRUPT), -QI_ERR_IQE);
	assert_in_range(seen.through, 2, 3);
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, QI_OPT_INTERRUPT), 0);
	rig_free(r);
}

/* A status write that never comes, and no interrupt either: bounded even asleep. */
static void a_sleeper_gives_up_in_time(void **state)
{
	struct vtd_fault f = { .kind = VTD_FAULT_LOSE_WRITE, .count = 1 };
	struct rig *r = start();
	uint64_t before = r->now;

	(void)state;
	r->interrupts = false;
	assert_true(vtd_fault_arm(&r->u, &f));
	assert_int_equal(qi_submit_sync(&r->q, NULL, 0, QI_OPT_INTERRUPT), -QI_ERR_TIMEOUT);
	assert_in_range(r->now - before, r->cfg.timeout_ns, 4 * r->cfg.timeout_ns);
	rig_free(r);
}

/* While it waits for space there is no status word to be woken for: it must not sleep. */
static struct qi_ticket in_front;

static void front_polls(struct rig *r)
{
	qi_poll(&r->q, &in_front);
}

static void one_who_waits_for_space_does_not_sleep(void **state)
{
	struct rig *r = start();
	struct qi_desc d[6];
	struct qi_ticket t;
	unsigned i;

	(void)state;
	for (i = 0; i < 6; i++)
		d[i] = rig_desc(i);
	r->interrupts = false;
	assert_int_equal(qi_submit(&r->q, d, 6, 0, &in_front), 0);
	assert_int_equal(qi_submit(&r->q, NULL, 0, QI_OPT_INTERRUPT, &t), 0);
	r->on_relax = front_polls;
	assert_int_equal(qi_wait(&r->q, &t), 0);
	assert_int_equal(in_front.error.code, 0);
	assert_int_equal(seen.sleeps, seen.through);
	assert_in_range(seen.sleeps, 0, 1);
	rig_free(r);
}

static void the_messages_are_programmed(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);

	(void)state;
	r->cfg.interrupt.enable = true;
	r->cfg.interrupt.data = 0xc0;
	r->cfg.interrupt.addr = 0xfee01004;
	r->cfg.interrupt.uaddr = 0x12;
	rig_start(r);
	assert_int_equal(r->u.iedata, 0xc0);
	assert_int_equal(r->u.ieaddr, 0xfee01004);
	assert_int_equal(r->u.ieuaddr, 0x12);
	assert_int_equal(r->u.iectl, 0);
	rig_free(r);

	r = rig_new(SLOTS, 128);
	rig_start(r);
	assert_int_equal(r->u.iectl, VTD_IECTL_IM);
	rig_free(r);
}

/* A lost status write, and a time-out shorter than a sleeper's usual sleep. */
static void a_short_time_out_is_not_slept_through(void **state)
{
	struct vtd_fault lost = { .kind = VTD_FAULT_LOSE_WRITE, .count = 1 };
	struct rig *r = start();
	uint64_t began;

	(void)state;
	assert_true(r->q.cfg.timeout_ns >= 1000000);
	r->q.cfg.timeout_ns = 1000000;
	assert_true(vtd_fault_arm(&r->u, &lost));
	began = r->now;
	assert_int_equal(qi_submit_sync(&r->q, NULL, 0, QI_OPT_INTERRUPT), -QI_ERR_TIMEOUT);
	assert_true(seen.through > 0);
	assert_in_range(r->now - began, 900000, 2000000);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_those_who_ask_for_the_interrupt_sleep),
		cmocka_unit_test(a_host_that_cannot_sleep_polls),
		cmocka_unit_test(an_interrupt_before_the_sleep_is_not_lost),
		cmocka_unit_test(one_message_wakes_all_whom_it_concerns),
		cmocka_unit_test(a_refused_one_is_woken_by_the_repair),
		cmocka_unit_test(an_aborted_one_is_woken_and_tried_again),
		cmocka_unit_test(a_dead_queue_wakes_its_sleepers),
		cmocka_unit_test(without_any_interrupt_it_only_takes_longer),
		cmocka_unit_test(a_sleeper_gives_up_in_time),
		cmocka_unit_test(one_who_waits_for_space_does_not_sleep),
		cmocka_unit_test(the_messages_are_programmed),
		cmocka_unit_test(a_short_time_out_is_not_slept_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
