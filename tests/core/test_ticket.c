/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Tickets: submissions without waiting, the full ring, giving up. */
#include "rig.h"

#include <core/queue.h>

#define SLOTS 8

static void poll_does_not_wait(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_desc d = rig_desc(1);
	struct qi_ticket t;

	(void)state;
	rig_start(r);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &t), 0);
	assert_int_equal(qi_poll(&r->q, &t), QI_PENDING);
	rig_run(r);
	assert_int_equal(qi_poll(&r->q, &t), 0);
	assert_int_equal(qi_poll(&r->q, &t), 0);
	assert_int_equal(qi_wait(&r->q, &t), 0);
	qi_abandon(&r->q, &t);
	assert_int_equal(t.error.code, 0);
	rig_free(r);
}

/* The defect that the project starts from, with one thread to drive both: a completed zero-count
 * submission that its owner has not looked at survives any number of reclaims by others. */
static void an_unseen_completion_is_never_reclaimed(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_desc d = rig_desc(1);
	struct qi_ticket one, zero;
	unsigned i;

	(void)state;
	rig_start(r);
	assert_int_equal(qi_submit(&r->q, &d, 1, 0, &one), 0);
	assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &zero), 0);
	rig_run(r);
	assert_int_equal(qi_wait(&r->q, &one), 0);
	/* Its slots are used again, and again. */
	for (i = 0; i < 5 * SLOTS; i++)
		assert_int_equal(qi_submit_sync(&r->q, NULL, 0, 0), 0);
	assert_true(r->q.head > zero.first + SLOTS);
	assert_int_equal(qi_poll(&r->q, &zero), 0);
	rig_assert_clean(r);
	rig_free(r);
}

/* More tickets than slots, from one thread that collects them in the worst order. */
static void a_full_ring_queues_and_no_one_is_stuck(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_desc d[20][2];
	struct qi_ticket t[20];
	unsigned i, n;
	int ret;

	(void)state;
	rig_start(r);
	for (i = 0; i < 20; i++) {
		d[i][0] = rig_desc(i);
		d[i][1] = rig_desc(i + 100);
		assert_int_equal(qi_submit(&r->q, d[i], i % 3, 0, &t[i]), 0);
	}
	assert_true(r->stats.full_waits > 10);
	for (n = 0; n < 20;) {
		for (i = 20; i-- > 0;) {
			rig_steps(r, 3);
			if (!t[i].count && t[i].phase == 0)
				continue;
			ret = qi_poll(&r->q, &t[i]);
			if (ret == QI_PENDING)
				continue;
			assert_int_equal(ret, 0);
			t[i].count = 0;
			n++;
		}
		r->now += 10;
	}
	rig_assert_clean(r);
	rig_free(r);
}

/* First come, first served: a large one is not overtaken by small ones for ever. */
static void a_large_submission_is_not_starved(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_desc d[6];
	struct qi_ticket big, small[40];
	unsigned i;

	(void)state;
	rig_start(r);
	for (i = 0; i < 6; i++)
		d[i] = rig_desc(i);
	assert_int_equal(qi_submit(&r->q, d, 1, 0, &small[0]), 0);
	assert_int_equal(qi_submit(&r->q, d, 6, 0, &big), 0);
	for (i = 1; i < 40; i++) {
		assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &small[i]), 0);
		rig_run(r);
		if (i == 1)
			assert_int_equal(qi_poll(&r->q, &small[0]), 0);
		assert_int_not_equal(small[i].phase, 0);
	}
	/* It went in as soon as there was room; all the later ones are behind it. */
	rig_run(r);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], 7);
	assert_int_equal(qi_poll(&r->q, &big), 0);
	for (i = 1; i < 40; i++)
		assert_int_equal(qi_wait(&r->q, &small[i]), 0);
	rig_assert_clean(r);
	rig_free(r);
}

static void abandoned_slots_come_back_only_when_fetched(void **state)
{
	struct rig *r = rig_new(4, 128);
	struct qi_desc d[2] = { rig_desc(1), rig_desc(2) };
	struct qi_ticket t, next;

	(void)state;
	rig_start(r);
	assert_int_equal(qi_submit(&r->q, d, 2, 0, &t), 0);
	qi_abandon(&r->q, &t);
	assert_int_equal(t.error.code, -QI_ERR_TIMEOUT);
	/* The unit has not fetched them: writing over them now would lose or repeat work. */
	assert_int_equal(qi_submit(&r->q, d, 1, 0, &next), 0);
	assert_int_equal(rig_tail(r) - r->q.head, 3);
	assert_int_equal(qi_poll(&r->q, &next), QI_PENDING);
	rig_run(r);
	assert_int_equal(qi_wait(&r->q, &next), 0);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], 3);
	rig_assert_clean(r);
	rig_free(r);
}

static void a_queued_one_can_be_abandoned(void **state)
{
	struct rig *r = rig_new(4, 128);
	struct qi_desc d[2] = { rig_desc(1), rig_desc(2) };
	struct qi_ticket t[4];

	(void)state;
	rig_start(r);
	assert_int_equal(qi_submit(&r->q, d, 2, 0, &t[0]), 0);
	assert_int_equal(qi_submit(&r->q, d, 2, 0, &t[1]), 0);
	assert_int_equal(qi_submit(&r->q, d, 2, 0, &t[2]), 0);
	assert_int_equal(qi_submit(&r->q, d, 2, 0, &t[3]), 0);
	qi_abandon(&r->q, &t[3]);
	qi_abandon(&r->q, &t[1]);
	assert_int_equal(qi_wait(&r->q, &t[0]), 0);
	assert_int_equal(qi_wait(&r->q, &t[2]), 0);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], 4);
	rig_assert_clean(r);
	rig_free(r);
}

/* A status write that was lost: the wait is bounded, and the ring goes on. */
static void a_lost_write_is_a_timeout(void **state)
{
	struct rig *r = rig_new(4, 128);
	struct qi_desc d = rig_desc(1);
	unsigned i;

	(void)state;
	rig_start(r);
	for (i = 0; i < 5; i++) {
		struct vtd_fault f = { .kind = VTD_FAULT_LOSE_WRITE, .count = 1 };

		assert_true(vtd_fault_arm(&r->u, &f));
		assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), -QI_ERR_TIMEOUT);
		assert_int_equal(qi_submit_sync(&r->q, &d, 1, 0), 0);
	}
	rig_assert_clean(r);
	rig_free(r);
}

/* Interrupt-driven: the owner sleeps, and only wakes for the interrupt. */
static unsigned slept;

static void sleep_until_woken(void *ctx, const uint32_t *word, uint32_t value, uint64_t ns)
{
	struct rig *r = ctx;

	slept++;
	while (*word == value && ns > 1000) {
		r->now += 1000;
		ns -= 1000;
		rig_steps(r, 1);
	}
}

static void wake(void *ctx, const uint32_t *word)
{
	(void)ctx;
	(void)word;
}

static void an_interrupt_ends_the_sleep(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_desc d = rig_desc(1);
	unsigned i;

	(void)state;
	r->host.sleep = sleep_until_woken;
	r->host.wake = wake;
	r->cfg.interrupt.enable = true;
	r->interrupts = true;
	rig_start(r);
	slept = 0;
	for (i = 0; i < 20; i++)
		assert_int_equal(qi_submit_sync(&r->q, &d, 1, QI_OPT_INTERRUPT), 0);
	assert_in_range(slept, 20, 60);
	assert_int_equal(r->messages, 20);
	assert_int_equal(r->reads, 0);

	/*
	 * The interrupt is not delivered. The look after the longest sleep finds the completion all
	 * the same.
	 */
	r->interrupts = false;
	assert_int_equal(qi_submit_sync(&r->q, &d, 1, QI_OPT_INTERRUPT), 0);
	rig_free(r);
}

/*
 * One that has been let in has its room, but is not in the ring yet when the next one asks what it
 * waits for: the empty ring says nothing about that. It gets its turn without waiting for a whole
 * poll budget.
 */
static void who_is_next_behind_one_that_is_let_in_does_not_wait_long(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_desc d[5];
	struct qi_ticket full[3], in, next;
	unsigned i;

	(void)state;
	r->cfg.poll_budget = 1000000;
	rig_start(r);
	for (i = 0; i < 5; i++)
		d[i] = rig_desc(i);
	for (i = 0; i < 3; i++)
		assert_int_equal(qi_submit(&r->q, d, 1, 0, &full[i]), 0);
	assert_int_equal(qi_submit(&r->q, d, 1, 0, &in), 0);
	in.flags |= 4; /* QI_SLOT_POLLED, as if it were qi_submit_sync()'s */
	assert_int_equal(qi_submit(&r->q, d, 5, 0, &next), 0);
	rig_run(r);
	for (i = 0; i < 3; i++)
		assert_int_equal(qi_poll(&r->q, &full[i]), 0);
	/* The first in line has no CPU: the other sees that it is let in. */
	for (i = 0; i < 1000; i++)
		assert_int_equal(qi_poll(&r->q, &next), QI_PENDING);
	assert_true(r->q.line == &next);
	assert_int_equal(qi_poll(&r->q, &in), QI_PENDING);
	rig_run(r);
	assert_int_equal(qi_poll(&r->q, &in), 0);
	for (i = 0; i < 100 && r->q.line; i++)
		assert_int_equal(qi_poll(&r->q, &next), QI_PENDING);
	assert_null(r->q.line);
	rig_run(r);
	assert_int_equal(qi_poll(&r->q, &next), 0);
	rig_assert_clean(r);
	rig_free(r);
}

#define OTHERS 12

static struct {
	struct rig *rig;
	void (*write64)(void *ctx, unsigned reg, uint64_t value);
	struct qi_ticket ticket[OTHERS];
	unsigned done;
} others;

/* At each doorbell another thread submits, finds that the first one is ringing, and goes away. */
static void write64_beside(void *ctx, unsigned reg, uint64_t value)
{
	others.write64(ctx, reg, value);
	if (reg == DMAR_IQT_REG && others.done < OTHERS)
		assert_int_equal(
			qi_submit(&others.rig->q, NULL, 0, 0, &others.ticket[others.done++]), 0);
}

/* The doorbell is rung for others until all are told of that do not look after it themselves. */
static void the_unit_is_told_of_what_nobody_polls(void **state)
{
	struct rig *r = rig_new(2 * SLOTS, 128);
	struct qi_ticket t;
	unsigned i;

	(void)state;
	rig_start(r);
	others.rig = r;
	others.done = 0;
	others.write64 = r->host.write64;
	r->host.write64 = write64_beside;
	assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &t), 0);
	r->host.write64 = others.write64;
	rig_run(r);
	assert_int_equal(r->executed[QI_IWD_TYPE], 1 + others.done);
	assert_int_equal(qi_poll(&r->q, &t), 0);
	for (i = 0; i < others.done; i++)
		assert_int_equal(qi_poll(&r->q, &others.ticket[i]), 0);
	rig_assert_clean(r);
	rig_free(r);
}

static void submit_as_a_handler(struct rig *r)
{
	struct qi_desc d[SLOTS - 2];
	unsigned i, reads = r->reads;

	r->on_relax = NULL;
	r->steps = 1;
	for (i = 0; i < SLOTS - 2; i++)
		d[i] = rig_desc(i);
	assert_int_equal(qi_submit_sync(&r->q, d, *(unsigned *)r->test, 0), 0);
	assert_int_equal(r->reads, reads); /* not by way of a poll budget that has run out */
}

/*
 * A handler interrupts one who has put the doorbell off, and its submission is behind that one's,
 * or waits for the slots: it rings.
 */
static void a_handler_rings_for_whom_it_has_interrupted(void **state)
{
	unsigned count, i;

	(void)state;
	for (count = 0; count <= SLOTS - 2; count += SLOTS - 2) {
		struct rig *r = rig_new(SLOTS, 128);
		struct qi_ticket t[4];

		r->cfg.poll_budget = 1000;
		r->steps = 0;
		r->test = &count;
		rig_start(r);
		for (i = 0; i < 4; i++)
			assert_int_equal(qi_submit(&r->q, NULL, 0, 0, &t[i]), 0);
		r->on_relax = submit_as_a_handler;
		assert_int_equal(qi_submit_sync(&r->q, NULL, 0, 0), 0);
		assert_null(r->on_relax);
		for (i = 0; i < 4; i++)
			assert_int_equal(qi_wait(&r->q, &t[i]), 0);
		rig_assert_clean(r);
		rig_free(r);
	}
}

/* Millions have come, and are in line. */
static void submit_behind_millions(struct rig *r)
{
	struct qi_ticket *t = r->test;

	r->on_relax = NULL;
	r->steps = 1;
	r->q.space = (r->q.space & ~0xffffffffULL) | 0x80001000;
	assert_int_equal(qi_submit(&r->q, NULL, 0, 0, t), 0);
	assert_int_equal((uint32_t)r->q.space, QI_SPACE_CLOSED);
}

/*
 * Each submission that finds the ring closed takes something away from `space`. One that waits in
 * line puts that right, also where it leaves the rest to one that polls, and is first.
 */
static void a_line_of_any_length_keeps_the_ring_closed(void **state)
{
	struct rig *r = rig_new(SLOTS, 128);
	struct qi_desc d[SLOTS - 2];
	struct qi_ticket full, behind;
	unsigned i;

	(void)state;
	for (i = 0; i < SLOTS - 2; i++)
		d[i] = rig_desc(i);
	r->steps = 0;
	r->test = &behind;
	r->on_relax = submit_behind_millions;
	rig_start(r);
	assert_int_equal(qi_submit(&r->q, d, SLOTS - 2, 0, &full), 0);
	assert_int_equal(qi_submit_sync(&r->q, d, SLOTS - 2, 0), 0);
	assert_null(r->on_relax);
	assert_int_equal(qi_wait(&r->q, &full), 0);
	assert_int_equal(qi_wait(&r->q, &behind), 0);
	rig_assert_clean(r);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_of_any_length_keeps_the_ring_closed),
		cmocka_unit_test(poll_does_not_wait),
		cmocka_unit_test(an_unseen_completion_is_never_reclaimed),
		cmocka_unit_test(a_full_ring_queues_and_no_one_is_stuck),
		cmocka_unit_test(a_large_submission_is_not_starved),
		cmocka_unit_test(abandoned_slots_come_back_only_when_fetched),
		cmocka_unit_test(a_queued_one_can_be_abandoned),
		cmocka_unit_test(a_lost_write_is_a_timeout),
		cmocka_unit_test(an_interrupt_ends_the_sleep),
		cmocka_unit_test(who_is_next_behind_one_that_is_let_in_does_not_wait_long),
		cmocka_unit_test(the_unit_is_told_of_what_nobody_polls),
		cmocka_unit_test(a_handler_rings_for_whom_it_has_interrupted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
