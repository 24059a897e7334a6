/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * planted.c - scenarios with known verdicts: each failure that the lab must find, beside a correct
 * version. The script `planted` has the expected results.
 */
#include <lab/lab.h>
#include <qinval/desc.h>
#include <qinval/regs.h>
#include <string.h>

static uint32_t x, y, seen_x, seen_y;
static char bytes[2][64];
static struct lab_lock *first, *second;
static uint32_t spinlock;
static bool fenced;

#define LOAD(word) __atomic_load_n(&(word), __ATOMIC_ACQUIRE)
#define STORE(word, value) __atomic_store_n(&(word), (value), __ATOMIC_RELEASE)

static const char *two(int (*one)(void *), int (*other)(void *))
{
	first = lab_lock_new("first");
	second = lab_lock_new("second");
	lab_actor("T1", one, (void *)1);
	if (other)
		lab_actor("T2", other, (void *)2);
	return NULL;
}

/* ---- graphs that are small enough to be listed in `planted` ---- */

static int store_mine(void *arg)
{
	STORE(x, (uint32_t)(uintptr_t)arg);
	return 0;
}

static const char *setup_graph(const struct lab_params *p)
{
	(void)p;
	return two(store_mine, store_mine);
}

static int wait_for_x(void *arg)
{
	(void)arg;
	while (!LOAD(x))
		;
	return 0;
}

static const char *setup_graph_spin(const struct lab_params *p)
{
	(void)p;
	return two(wait_for_x, store_mine);
}

/* ---- few schedules with many different ends: see schedules.c ---- */

static int add_twice(void *arg)
{
	(void)arg;
	x++;
	lab_lock(first);
	y += x;
	lab_unlock(first);
	return (int)__atomic_fetch_add(&seen_x, 1, __ATOMIC_RELAXED);
}

static const char *setup_ends(const struct lab_params *p)
{
	(void)p;
	return two(add_twice, add_twice);
}

static int choose_and_store(void *arg)
{
	unsigned n = lab_choose(3);

	STORE(x, x + n + (uint32_t)(uintptr_t)arg);
	return (int)n;
}

static const char *setup_ends_chosen(const struct lab_params *p)
{
	(void)p;
	return two(choose_and_store, choose_and_store);
}

/* ---- stuck ---- */

static int lock_both(void *arg)
{
	bool forwards = arg == (void *)1;

	lab_lock(forwards ? first : second);
	lab_lock(forwards ? second : first);
	lab_unlock(forwards ? second : first);
	lab_unlock(forwards ? first : second);
	return 0;
}

static const char *setup_abba(const struct lab_params *p)
{
	(void)p;
	return two(lock_both, lock_both);
}

static const char *setup_nobody_writes(const struct lab_params *p)
{
	(void)p;
	return two(wait_for_x, NULL);
}

/* Each waits for the other, and asks again: a livelock that may also end well. */
static int be_polite(void *arg)
{
	uint32_t *mine = arg == (void *)1 ? &x : &y, *other = arg == (void *)1 ? &y : &x;

	STORE(*mine, 1);
	while (LOAD(*other)) {
		STORE(*mine, 0);
		STORE(*mine, 1);
	}
	STORE(*mine, 0);
	return 0;
}

static const char *setup_may_end(const struct lab_params *p)
{
	(void)p;
	return two(be_polite, be_polite);
}

/* The flag is read before the sleep; the other actor sets it and wakes in between. */
static int sleep_carelessly(void *arg)
{
	(void)arg;
	if (!LOAD(x))
		lab_sleep(&y, 0);
	return 0;
}

static int sleep_well(void *arg)
{
	(void)arg;
	while (!LOAD(x))
		lab_sleep(&x, 0);
	return 0;
}

static int wake_up(void *arg)
{
	(void)arg;
	STORE(x, 1);
	lab_wake(&x);
	lab_wake(&y);
	return 0;
}

static const char *setup_lost_wake_up(const struct lab_params *p)
{
	(void)p;
	return two(sleep_carelessly, wake_up);
}

static const char *setup_wake_up(const struct lab_params *p)
{
	(void)p;
	return two(sleep_well, wake_up);
}

/* A driver's own lock, and a handler on the CPU that holds it. */
static int spin(void *arg)
{
	bool safe = *(const bool *)arg;

	if (safe)
		lab_irq_save();
	while (__atomic_exchange_n(&spinlock, 1, __ATOMIC_ACQUIRE))
		;
	x++;
	STORE(spinlock, 0);
	if (safe)
		lab_irq_restore();
	return 0;
}

static const char *with_handler(const bool *safe)
{
	lab_actor("T1", spin, (void *)(uintptr_t)safe);
	lab_interrupt("irq", spin, (void *)(uintptr_t)safe, "T1", LAB_ANY_TIME, 1);
	return NULL;
}

static const char *setup_handler_spins(const struct lab_params *p)
{
	static const bool safe = false;

	(void)p;
	return with_handler(&safe);
}

static const char *setup_handler_masked(const struct lab_params *p)
{
	static const bool safe = true;

	(void)p;
	return with_handler(&safe);
}

/* ---- crashes ---- */

static int load_null(void *arg)
{
	return __atomic_load_n((int *)((uintptr_t)arg - 1), __ATOMIC_RELAXED);
}

static int read_null(void *arg)
{
	return *(volatile int *)((uintptr_t)arg - 1);
}

static int divide(void *arg)
{
	return 7 / ((int)(uintptr_t)arg - 1);
}

static int go_round_in_circles(void *arg)
{
	volatile unsigned n = 0;

	for (;;)
		__asm__ volatile("" : : "r"(n), "r"(arg));
	return 0;
}

#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wunknown-warning-option"
#pragma GCC diagnostic ignored "-Winfinite-recursion"
#pragma GCC diagnostic ignored "-Wtsan"

static int recurse(void *arg)
{
	volatile char room[1000];

	room[0] = (char)(uintptr_t)arg;
	return recurse((char *)arg + 1) + room[0];
}

static int write_behind(void *arg)
{
	uint32_t *four = arg;

	four[x + 4] = 1;
	return 0;
}

static int abort_it(void *arg)
{
	(void)arg;
	__builtin_trap();
	return 0;
}

static int keep_lock(void *arg)
{
	(void)arg;
	lab_lock(first);
	return 0;
}

#define ALONE(name, run)                                            \
	static const char *setup_##name(const struct lab_params *p) \
	{                                                           \
		(void)p;                                            \
		return two(run, NULL);                              \
	}

ALONE(null, read_null)
ALONE(null_atomic, load_null)
ALONE(division, divide)
ALONE(circles, go_round_in_circles)
ALONE(recursion, recurse)
ALONE(trap, abort_it)
ALONE(kept_lock, keep_lock)

static const char *setup_behind(const struct lab_params *p)
{
	(void)p;
	lab_actor("T1", write_behind, lab_alloc(4 * sizeof(uint32_t)));
	return NULL;
}

/* ---- memory order ---- */

static int dekker(void *arg)
{
	uint32_t *mine = arg == (void *)1 ? &x : &y, *other = arg == (void *)1 ? &y : &x;
	uint32_t *seen = arg == (void *)1 ? &seen_x : &seen_y;

	STORE(*mine, 1);
	if (fenced)
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	*seen = 1 + LOAD(*other);
	return 0;
}

static int neither_saw(void *arg)
{
	(void)arg;
	lab_join();
	lab_check(!(seen_x == 1 && seen_y == 1));
	return 0;
}

static const char *setup_dekker(const struct lab_params *p)
{
	(void)p;
	lab_actor("judge", neither_saw, NULL);
	return two(dekker, dekker);
}

static const char *setup_dekker_fenced(const struct lab_params *p)
{
	fenced = true;
	return setup_dekker(p);
}

static int send(void *arg)
{
	(void)arg;
	x = 42;
	STORE(y, 1);
	return 0;
}

static int receive(void *arg)
{
	(void)arg;
	if (LOAD(y))
		lab_check(x == 42);
	return 0;
}

static const char *setup_message(const struct lab_params *p)
{
	(void)p;
	return two(send, receive);
}

/* ---- memory functions are no single steps ---- */

static int copy_bytes(void *arg)
{
	size_t n = arg ? sizeof(bytes[0]) : 0;

	memcpy(bytes[0], bytes[1], n);
	return 0;
}

static int see_half(void *arg)
{
	char start = __atomic_load_n(&bytes[0][0], __ATOMIC_ACQUIRE);
	char end = __atomic_load_n(&bytes[0][63], __ATOMIC_ACQUIRE);

	(void)arg;
	lab_check(!start || end);
	return 0;
}

static const char *setup_torn_copy(const struct lab_params *p)
{
	(void)p;
	bytes[1][0] = bytes[1][63] = 1;
	return two(copy_bytes, see_half);
}

/* ---- oracles ---- */

static struct vtd_entry page_one(void)
{
	return (struct vtd_entry){
		.kind = VTD_IOTLB, .did = 1, .pasid = VTD_NO_PASID, .addr = 0x1000
	};
}

/* A driver with one submission: with a wait, or without. */
static struct {
	uint64_t qw[2];
} * ring;
static uint32_t *status;

static int invalidate(void *arg)
{
	struct qi_desc d = qi_desc_iotlb(QI_IOTLB_PAGE, 1, 0x1000, 0, false, 0);
	struct qi_desc w = qi_desc_wait(QI_IWD_SW, (uintptr_t)status, 1);
	struct vtd_entry e = page_one();

	ring[0].qw[0] = d.qw0;
	ring[0].qw[1] = d.qw1;
	ring[1].qw[0] = w.qw0;
	ring[1].qw[1] = w.qw1;
	lab_write64(DMAR_IQT_REG, 0x20);
	while (arg == (void *)2 && !LOAD(*status))
		;
	lab_check(!lab_cached(&e));
	return 0;
}

static const char *one_driver(void *arg)
{
	struct vtd_config cfg = { .cache_room = 1, .window = 1, .slots = 4 };
	struct vtd_entry e = page_one();
	struct vtd_unit *u = lab_unit(&cfg);

	ring = lab_alloc_dma(64);
	status = lab_alloc(4);
	lab_write64(DMAR_IQA_REG, (uintptr_t)ring);
	lab_write32(DMAR_GCMD_REG, VTD_GCMD_QIE);
	vtd_touch(u, &e);
	lab_actor("T1", invalidate, arg);
	return NULL;
}

static const char *setup_no_wait(const struct lab_params *p)
{
	(void)p;
	return one_driver((void *)1);
}

static const char *setup_wait(const struct lab_params *p)
{
	(void)p;
	return one_driver((void *)2);
}

const struct lab_scenario lab_scenarios[] = {
	{ "graph", "each stores its number", setup_graph, 0, 0 },
	{ "graph-spin", "one waits for the other's store", setup_graph_spin, 0, 0 },
	{ "ends", "sums that depend on the order", setup_ends, 0, 0 },
	{ "ends-chosen", "and on choices", setup_ends_chosen, 0, 0 },
	{ "abba", "two locks in two orders", setup_abba, 0, 0 },
	{ "nobody-writes", "waits for a store that no actor makes", setup_nobody_writes, 0, 0 },
	{ "may-end", "a loop that can always still end", setup_may_end, 0, 0 },
	{ "lost-wake-up", "looks, then sleeps", setup_lost_wake_up, 0, 0 },
	{ "wake-up", "sleeps while nothing has changed", setup_wake_up, 0, 0 },
	{ "handler-spins", "a handler wants the lock of the actor that it interrupted",
	  setup_handler_spins, 0, 0 },
	{ "handler-masked", "the same with interrupts off", setup_handler_masked, 0, 0 },
	{ "null", "reads through NULL", setup_null, 0, 0 },
	{ "null-atomic", "the same, atomically", setup_null_atomic, 0, 0 },
	{ "division", "divides by zero", setup_division, 0, 0 },
	{ "circles", "never makes an access again", setup_circles, 0, 0 },
	{ "recursion", "runs out of stack", setup_recursion, 0, 0 },
	{ "trap", "executes ud2", setup_trap, 0, 0 },
	{ "behind", "writes behind an allocation", setup_behind, 0, 0 },
	{ "kept-lock", "returns with a lock", setup_kept_lock, 0, 0 },
	{ "dekker", "store, then load the other's", setup_dekker, 0, 0 },
	{ "dekker-fenced", "the same with a fence between", setup_dekker_fenced, 0, 0 },
	{ "message", "data, then flag", setup_message, 0, 0 },
	{ "torn-copy", "half of a memcpy is seen", setup_torn_copy, 0, 0 },
	{ "no-wait", "does not wait for its invalidation", setup_no_wait, 0, 0 },
	{ "wait", "does", setup_wait, 0, 0 },
	{ 0 },
};
