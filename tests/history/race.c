/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * History: what only two threads can get wrong. Here the status writes come from a thread of their
 * own, which shares nothing with the waiter but the status words.
 */
#include "history.h"

#include <pthread.h>
#include <sched.h>

#define STOP 1

/* Of the status word, index in the upper and value in the lower half. Atomic; orders nothing. */
static uint64_t parcel;

static void hand_over(uint64_t value)
{
	uint64_t none = 0;

	while (!__atomic_compare_exchange_n(&parcel, &none, value, true, __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED)) {
		none = 0;
		sched_yield();
	}
}

static bool hand_over_write(void *ctx, uint64_t addr, uint32_t value)
{
	(void)ctx;
	hand_over((addr - RIG_STATUS) / 4 << 32 | value);
	return true;
}

static void *bus(void *arg)
{
	struct rig *r = arg;
	uint64_t p;

	for (;;) {
		p = __atomic_exchange_n(&parcel, 0, __ATOMIC_RELAXED);
		if (p == STOP)
			return NULL;
		if (p)
			__atomic_store_n(&r->status[p >> 32], (uint32_t)p, __ATOMIC_RELEASE);
		else
			sched_yield();
	}
}

static void give_way(struct rig *r)
{
	(void)r;
	sched_yield();
}

/*
 * 9: the waiter read the status word like any other variable, so the compiler was free to read it
 * once, and the processor to read what belongs to it before it. ThreadSanitizer sees that.
 */
static void h09_the_status_word_is_read_as_shared(void **state)
{
	struct rig *r = rig_new(8, 128);
	struct qi_desc d = rig_desc(1);
	pthread_t thread;
	unsigned i;

	(void)state;
	r->ops.dma_write32 = hand_over_write;
	r->on_relax = give_way;
	/* The rig's clock counts turns, and the other thread may be slow. */
	r->cfg.timeout_ns = 100 * 1000 * 1000 * 1000ULL;
	rig_start(r);
	assert_int_equal(pthread_create(&thread, NULL, bus, r), 0);
	for (i = 0; i < 100; i++)
		assert_int_equal(qi_submit_sync(&r->q, &d, i % 2, 0), 0);
	hand_over(STOP);
	assert_int_equal(pthread_join(thread, NULL), 0);
	rig_free(r);
}

HISTORY_MAIN(cmocka_unit_test(h09_the_status_word_is_read_as_shared))
