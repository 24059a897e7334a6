/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Calls from events in any order in which a kernel can produce them. */
#include "live/pairing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MOST 8192

static struct live_call given[MOST];
static uint64_t tags[MOST];
static unsigned count;
static struct pairing p;

static void take(void *ctx, const struct live_call *call, uint64_t tag)
{
	assert_ptr_equal(ctx, &count);
	assert_true(count < MOST);
	given[count] = *call;
	tags[count++] = tag;
}

static int begin(void **state)
{
	(void)state;
	count = 0;
	pairing_init(&p, take, &count);
	return 0;
}

static int end(void **state)
{
	(void)state;
	pairing_free(&p);
	return 0;
}

static struct pairing_at at(uint64_t ns, uint32_t pid, uint32_t cpu)
{
	return (struct pairing_at){ ns, pid, cpu };
}

static void enter(struct pairing_at when, uint64_t iommu, uint32_t descs)
{
	assert_true(pairing_enter(&p, &when, iommu, descs, 0));
}

static void insert(struct pairing_at when, uint64_t qw0, uint64_t tag)
{
	const struct live_desc d = { qw0, 0 };

	pairing_insert(&p, &when, "dmar1", &d, tag);
}

static void leave(struct pairing_at when, int ret)
{
	pairing_leave(&p, &when, ret, 0);
}

static void a_call_is_what_lies_between_its_entry_and_its_return(void **state)
{
	(void)state;
	enter(at(1000, 5, 0), 7, 2);
	insert(at(1001, 5, 0), 2, 10);
	insert(at(1002, 5, 0), 3, 11);
	assert_int_equal(count, 0);
	leave(at(1500, 5, 1), -5); /* a task may have moved to another CPU */
	assert_int_equal(count, 1);
	assert_int_equal(given[0].at, 1000);
	assert_int_equal(given[0].took, 500);
	assert_int_equal(given[0].count, 2);
	assert_int_equal(given[0].descs, 2);
	assert_int_equal(given[0].desc[1].qw0, 3);
	assert_int_equal(given[0].ret, -5);
	assert_int_equal(given[0].retries, 0);
	assert_string_equal(given[0].unit, "dmar1");
	assert_int_equal(tags[0], 10);
	assert_int_equal(p.untimed, 0);
}

static void descriptors_that_come_again_are_retries(void **state)
{
	(void)state;
	enter(at(0, 5, 0), 7, 2);
	for (uint64_t i = 0; i < 6; i++)
		insert(at(i, 5, 0), 2 + i % 2, i);
	leave(at(9, 5, 0), 0);
	assert_int_equal(given[0].retries, 2);
	assert_int_equal(given[0].descs, 2);
	assert_int_equal(tags[0], 0);
}

static void an_interrupts_call_returns_first(void **state)
{
	(void)state;
	enter(at(10, 5, 0), 7, 1);
	enter(at(20, 5, 0), 8, 1);
	insert(at(21, 5, 0), 4, 1);
	leave(at(30, 5, 0), 0);
	insert(at(40, 5, 0), 2, 2);
	leave(at(50, 5, 0), 0);
	assert_int_equal(count, 2);
	assert_int_equal(given[0].at, 20);
	assert_int_equal(given[0].desc[0].qw0, 4);
	assert_int_equal(given[1].at, 10);
	assert_int_equal(given[1].desc[0].qw0, 2);
}

static void idle_tasks_of_two_cpus_are_two_tasks(void **state)
{
	(void)state;
	enter(at(10, 0, 0), 7, 1);
	enter(at(11, 0, 1), 7, 1);
	insert(at(12, 0, 0), 2, 1);
	insert(at(13, 0, 1), 3, 2);
	leave(at(20, 0, 0), 0);
	leave(at(31, 0, 1), 0);
	assert_int_equal(given[0].took, 10);
	assert_int_equal(given[0].desc[0].qw0, 2);
	assert_int_equal(given[1].took, 20);
	assert_int_equal(given[1].desc[0].qw0, 3);
}

static void a_drain_has_the_name_that_its_unit_has_shown(void **state)
{
	(void)state;
	enter(at(1, 5, 0), 7, 0);
	leave(at(2, 5, 0), 0);
	assert_string_equal(given[0].unit, "");
	enter(at(3, 5, 0), 7, 1);
	insert(at(4, 5, 0), 2, 0);
	leave(at(5, 5, 0), 0);
	enter(at(6, 5, 0), 7, 0);
	leave(at(7, 5, 0), 0);
	assert_int_equal(given[2].count, 0);
	assert_string_equal(given[2].unit, "dmar1");
}

static void what_is_under_way_can_be_seen(void **state)
{
	struct live_pending pending[4];

	(void)state;
	enter(at(10, 5, 0), 7, 1);
	insert(at(11, 5, 0), 2, 0);
	enter(at(20, 6, 1), 7, 0);
	assert_int_equal(pairing_pending(&p, pending, 4), 2);
	assert_int_equal(pending[0].at, 10);
	assert_int_equal(pending[0].first.qw0, 2);
	assert_string_equal(pending[0].unit, "dmar1");
	assert_int_equal(pending[1].pid, 6);
	assert_string_equal(pending[1].unit, "dmar1");
	assert_int_equal(pairing_pending(&p, pending, 1), 1);
}

static void a_hole_ends_what_is_open_without_a_time(void **state)
{
	(void)state;
	enter(at(10, 5, 0), 7, 1);
	insert(at(11, 5, 0), 2, 0);
	pairing_lost(&p);
	leave(at(12, 5, 0), 0); /* belongs to no call any more */
	assert_int_equal(count, 1);
	assert_true(given[0].took == LIVE_UNKNOWN);
	assert_int_equal(given[0].descs, 1);
	assert_int_equal(p.untimed, 1);
}

static void a_descriptor_alone_is_all_that_the_tracepoint_says(void **state)
{
	(void)state;
	insert(at(11, 5, 3), 2, 77);
	assert_int_equal(count, 1);
	assert_true(given[0].took == LIVE_UNKNOWN);
	assert_int_equal(given[0].count, 1);
	assert_int_equal(given[0].cpu, 3);
	assert_int_equal(tags[0], 77);
	assert_int_equal(p.untimed, 0); /* the source has no times */
}

static void returns_that_never_come_do_not_fill_memory(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5000; i++)
		enter(at(i, i + 1, 0), 7, 1);
	assert_int_equal(count, 4096);
	assert_int_equal(p.count, 5000 - 4096);
}

static void stacks_and_callers(void **state)
{
	const uint64_t frame[LIVE_FRAMES + 4] = { 1, 2, 3 };
	struct pairing_at when = at(1, 5, 0);

	(void)state;
	enter(when, 7, 1);
	pairing_leave(&p, &when, 0, 0xabc);
	assert_int_equal(given[0].frames, 1);
	assert_int_equal(given[0].frame[0], 0xabc);
	enter(when, 7, 1);
	pairing_stack(&p, &when, frame, LIVE_FRAMES + 4);
	pairing_leave(&p, &when, 0, 0xabc);
	assert_int_equal(given[1].frames, LIVE_FRAMES);
	assert_int_equal(given[1].frame[2], 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_call_is_what_lies_between_its_entry_and_its_return, begin, end),
		cmocka_unit_test_setup_teardown(descriptors_that_come_again_are_retries, begin,
						end),
		cmocka_unit_test_setup_teardown(an_interrupts_call_returns_first, begin, end),
		cmocka_unit_test_setup_teardown(idle_tasks_of_two_cpus_are_two_tasks, begin, end),
		cmocka_unit_test_setup_teardown(a_drain_has_the_name_that_its_unit_has_shown, begin,
						end),
		cmocka_unit_test_setup_teardown(what_is_under_way_can_be_seen, begin, end),
		cmocka_unit_test_setup_teardown(a_hole_ends_what_is_open_without_a_time, begin,
						end),
		cmocka_unit_test_setup_teardown(a_descriptor_alone_is_all_that_the_tracepoint_says,
						begin, end),
		cmocka_unit_test_setup_teardown(returns_that_never_come_do_not_fill_memory, begin,
						end),
		cmocka_unit_test_setup_teardown(stacks_and_callers, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
