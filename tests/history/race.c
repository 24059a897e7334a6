/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * History: what only two threads can get wrong. Here the status writes come from a thread of their
 * own, which shares nothing with the waiter but the status words.
 */
#include "history.h"

#include <pthread.h>
#include <sched.h>

#define STOP 1
#define WRITE (1ULL << 63) /* a parcel is not empty, whatever is in it */

/*
 * The index of the status word in the upper half, its value in the lower half. Atomic; orders
 * nothing.
 */
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
	hand_over(WRITE | (addr - RIG_STATUS) / 4 << 32 | value);
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
			__atomic_store_n(&r->status[(uint32_t)((p & ~WRITE) >> 32)], (uint32_t)p,
					 __ATOMIC_RELEASE);
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

/* The rig's host and unit, for two threads. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, unit = PTHREAD_MUTEX_INITIALIZER;

static unsigned long lock_for_two(void *ctx)
{
	(void)ctx;
	pthread_mutex_lock(&lock);
	return 0;
}

static void unlock_for_two(void *ctx, unsigned long flags)
{
	(void)ctx;
	(void)flags;
	pthread_mutex_unlock(&lock);
}

static uint64_t read_for_two(struct rig *r, unsigned reg, unsigned bytes)
{
	uint64_t value;

	pthread_mutex_lock(&unit);
	value = vtd_read(&r->u, reg, bytes);
	pthread_mutex_unlock(&unit);
	return value;
}

static void write_for_two(struct rig *r, unsigned reg, uint64_t value, unsigned bytes)
{
	pthread_mutex_lock(&unit);
	vtd_write(&r->u, reg, value, bytes);
	pthread_mutex_unlock(&unit);
}

static uint32_t read32_for_two(void *ctx, unsigned reg)
{
	return (uint32_t)read_for_two(ctx, reg, 4);
}

static uint64_t read64_for_two(void *ctx, unsigned reg)
{
	return read_for_two(ctx, reg, 8);
}

static void write32_for_two(void *ctx, unsigned reg, uint32_t value)
{
	write_for_two(ctx, reg, value, 4);
}

static void write64_for_two(void *ctx, unsigned reg, uint64_t value)
{
	write_for_two(ctx, reg, value, 8);
}

static void relax_for_two(void *ctx)
{
	struct rig *r = ctx;

	pthread_mutex_lock(&unit);
	vtd_step(&r->u);
	pthread_mutex_unlock(&unit);
	sched_yield();
}

/* It stands still: no machine is too slow for this test. */
static uint64_t now_for_two(void *ctx)
{
	(void)ctx;
	return 1;
}

/* Atomic, as the descriptors are, which another thread may be writing elsewhere. */
static bool read_words(void *ctx, uint64_t addr, void *buf, size_t len)
{
	const uint64_t *from = (uint64_t *)((struct rig *)ctx)->ring + (addr - RIG_RING) / 8;
	uint64_t *to = buf;
	size_t i;

	for (i = 0; i < len / 8; i++)
		to[i] = __atomic_load_n(&from[i], __ATOMIC_RELAXED);
	return true;
}

static bool write_word(void *ctx, uint64_t addr, uint32_t value)
{
	struct rig *r = ctx;

	__atomic_store_n(&r->status[(addr - RIG_STATUS) / 4], value, __ATOMIC_RELEASE);
	return true;
}

/* Each is more than the ring holds, so that the queue may not be turned off in between. */
static void *submit_in_parts(void *arg)
{
	struct rig *r = arg;
	struct qi_desc d[20];
	unsigned i;

	for (i = 0; i < 20; i++)
		d[i] = rig_desc(i);
	for (i = 0; i < 20; i++)
		assert_int_equal(qi_submit_sync(&r->q, d, 20, 0), 0);
	return NULL;
}

/*
 * 52: calls that had more to do than the ring holds were counted, for the one that turns the queue
 * off; but not under the lock, so now and then one was counted for ever, or not at all.
 */
static void h52_calls_are_counted_under_the_lock(void **state)
{
	struct rig *r = rig_new(8, 128);
	pthread_t thread;

	(void)state;
	r->host.lock = lock_for_two;
	r->host.unlock = unlock_for_two;
	r->host.irq_save = NULL;
	r->host.irq_restore = NULL;
	r->host.read32 = read32_for_two;
	r->host.read64 = read64_for_two;
	r->host.write32 = write32_for_two;
	r->host.write64 = write64_for_two;
	r->host.relax = relax_for_two;
	r->host.now = now_for_two;
	r->ops.dma_read = read_words;
	r->ops.dma_write32 = write_word;
	rig_start(r);
	assert_int_equal(pthread_create(&thread, NULL, submit_in_parts, r), 0);
	submit_in_parts(r);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(r->executed[QI_IOTLB_TYPE], 800);
	assert_int_equal(qi_disable(&r->q), 0);
	rig_free(r);
}

HISTORY_MAIN(cmocka_unit_test(h09_the_status_word_is_read_as_shared),
	     cmocka_unit_test(h52_calls_are_counted_under_the_lock))
