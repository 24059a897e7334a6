/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A looping actor is ended, on its own thread, whichever thread gets the timer's signal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* After those that it needs. */
#include <cmocka.h>
#include <lab/crash.h>
#include <lab/op.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

static volatile bool ended;
static uint64_t turns; /* of the other thread; read when it has ended */

/* It alone uses the processor, so the timer's signals go to it. */
static void *be_busy(void *arg)
{
	while (!ended)
		turns++;
	return arg;
}

/* An actor that makes no access. It sleeps, so that no signal goes to its own thread. */
static void sleep_for_ever(void)
{
	const struct timespec little = { .tv_nsec = 1000000 };

	for (;;)
		nanosleep(&little, NULL);
}

static void test_signal_of_another_thread(void **state)
{
	static uint64_t stack[8192] __attribute__((aligned(16)));
	uint64_t *top = stack + 8192 - 8;
	pthread_t other;

	(void)state;
	crash_expect();
	assert_int_equal(pthread_create(&other, NULL, be_busy, NULL), 0);
	top[6] = (uintptr_t)sleep_for_ever;
	lab_mode = LAB_EXPLORED;
	lab_resume((uintptr_t)top, 0);
	lab_mode = LAB_DIRECT;
	assert_int_equal(lab_op.kind, OP_CRASH);
	assert_int_equal(lab_op.a, SIGVTALRM);
	ended = true;
	assert_int_equal(pthread_join(other, NULL), 0);
	assert_true(turns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signal_of_another_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
