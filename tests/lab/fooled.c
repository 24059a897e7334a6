/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * fooled.c - scenarios for which the lab once gave a wrong verdict; the script `planted` has the
 * right one. And code that does what the lab cannot follow, which it has to notice.
 */
#include <assert.h>
#include <lab/lab.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t x, y, expected;
static uint64_t words[2];
static char bytes[2][8];
static uint32_t far_away[100];
static int *frame;

#define LOAD(word) __atomic_load_n(&(word), __ATOMIC_ACQUIRE)
#define STORE(word, value) __atomic_store_n(&(word), (value), __ATOMIC_RELEASE)

static const char *start(int (*one)(void *), int (*other)(void *))
{
	lab_actor("T1", one, NULL);
	if (other)
		lab_actor("T2", other, NULL);
	return NULL;
}

#define SCENARIO(name, one, other)                                  \
	static const char *setup_##name(const struct lab_params *p) \
	{                                                           \
		(void)p;                                            \
		return start(one, other);                           \
	}

/* ---- other actors act in between ---- */

/* Only T2 uses y, except for the comparison of a sleeper. */
static int sleep_on_y(void *arg)
{
	(void)arg;
	while (!LOAD(x))
		;
	lab_sleep(&y, 0);
	return 0;
}

static int store_both(void *arg)
{
	(void)arg;
	STORE(x, 1);
	STORE(y, 1);
	return 0;
}

SCENARIO(sleeps_on_private, sleep_on_y, store_both)

/* The result is stored in memory that others read. */
static int compare(void *arg)
{
	(void)arg;
	__atomic_compare_exchange_n(&x, &expected, 5, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return 0;
}

static int see_what_was_found(void *arg)
{
	(void)arg;
	STORE(x, 7);
	lab_check(LOAD(expected) != 7);
	return 0;
}

SCENARIO(expected_in_memory, compare, see_what_was_found)

static int compare_bytes(void *arg)
{
	(void)arg;
	lab_check(!memcmp(bytes[0], bytes[1], sizeof(bytes[0])));
	return 0;
}

static int change_bytes(void *arg)
{
	(void)arg;
	bytes[0][0] = 1;
	bytes[1][0] = 1;
	return 0;
}

SCENARIO(memcmp_looks, compare_bytes, change_bytes)

/* gcc reports the write to one, then the read of the other, and makes both afterwards. */
static struct large {
	uint64_t word[6];
} original, copied;

static int copy_structure(void *arg)
{
	(void)arg;
	copied = original;
	return 0;
}

static int change_structure(void *arg)
{
	(void)arg;
	original.word[0] = 1;
	original.word[5] = 1;
	return 0;
}

static int join_and_compare(void *arg)
{
	(void)arg;
	lab_join();
	lab_check(copied.word[0] == copied.word[5]);
	return 0;
}

static const char *setup_half_a_structure(const struct lab_params *p)
{
	(void)p;
	lab_actor("judge", join_and_compare, NULL);
	return start(copy_structure, change_structure);
}

static int join_and_look_at_copy(void *arg)
{
	(void)arg;
	lab_join();
	lab_check(copied.word[0] == 1 && copied.word[5] == 1);
	return 0;
}

static const char *setup_structure(const struct lab_params *p)
{
	(void)p;
	original.word[0] = original.word[5] = 1;
	return start(copy_structure, join_and_look_at_copy);
}

/* ---- x86's store buffer ---- */

static int store_x(void *arg)
{
	(void)arg;
	STORE(x, 1);
	return 0;
}

static int join_and_look(void *arg)
{
	(void)arg;
	lab_join();
	lab_check(LOAD(x) == 1);
	return 0;
}

SCENARIO(joined_stores, store_x, join_and_look)

/*
 * Before the read, the CPU's store may have left its buffer, and another CPU's store may have come.
 */
static int store_and_look(void *arg)
{
	(void)arg;
	STORE(x, 1);
	lab_check(LOAD(x) == 1);
	return 0;
}

static int store_another(void *arg)
{
	(void)arg;
	STORE(x, 2);
	return 0;
}

SCENARIO(store_gone, store_and_look, store_another)

/* A CPU reads its own store until another CPU's replaces it. */
static int wait_on_own_store(void *arg)
{
	(void)arg;
	STORE(x, 1);
	while (LOAD(x))
		;
	return 0;
}

static int take_its_place(void *arg)
{
	(void)arg;
	while (!LOAD(x))
		;
	STORE(x, 0);
	return 0;
}

SCENARIO(own_store, wait_on_own_store, take_its_place)

/* One half of the words of the store is shared, the other one is T1's own. */
static int store_across(void *arg)
{
	char *p = (char *)words;

	(void)arg;
	*(volatile uint64_t *)(p + 4) = ~0ULL;
	*(volatile uint32_t *)(p + 8) = 3;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	lab_check(*(volatile uint32_t *)(p + 8) == 3);
	return 0;
}

static int load_first(void *arg)
{
	(void)arg;
	return (int)LOAD(words[0]);
}

SCENARIO(store_across, store_across, load_first)

/* ---- stacks ---- */

static void __attribute__((noinline)) publish_own(void)
{
	int own = 0;

	__atomic_store_n(&frame, &own, __ATOMIC_RELEASE);
}

static int publish_and_leave(void *arg)
{
	(void)arg;
	publish_own();
	STORE(y, 1);
	return 0;
}

static int write_to_frame(void *arg)
{
	int *p = __atomic_load_n(&frame, __ATOMIC_ACQUIRE);

	(void)arg;
	if (LOAD(y))
		*p = 7;
	return 0;
}

SCENARIO(gone_frame, publish_and_leave, write_to_frame)

/*
 * Stores to memory that T2 knows are under way when the frame is gone and another one has its
 * place.
 */
static void __attribute__((noinline)) store_to_frame(void)
{
	int own[6], i;

	memset(own, 0, sizeof(own));
	__atomic_store_n(&frame, own, __ATOMIC_RELEASE);
	while (!LOAD(y))
		;
	for (i = 0; i < 6; i++)
		STORE(own[i], 0);
}

static uint32_t __attribute__((noinline)) call_deep(unsigned n)
{
	return n ? call_deep(n - 1) + 1 : LOAD(x) + LOAD(y);
}

static int store_and_call(void *arg)
{
	(void)arg;
	store_to_frame();
	lab_check(call_deep(5) >= 6);
	return 0;
}

static int look_at_frame(void *arg)
{
	int *p, i;

	(void)arg;
	while (!(p = __atomic_load_n(&frame, __ATOMIC_ACQUIRE)))
		;
	for (i = 0; i < 6; i++)
		lab_check(LOAD(p[i]) == 0);
	STORE(y, 1);
	STORE(x, 1);
	return 0;
}

SCENARIO(calls_over_store, store_and_call, look_at_frame)

static int __attribute__((noinline)) use(volatile char *p)
{
	p[0] = 1;
	STORE(x, 1);
	return p[0];
}

static int need_much_stack(void *arg)
{
	volatile char much[100000];

	(void)arg;
	return use(much);
}

SCENARIO(much_stack, need_much_stack, need_much_stack)

/* ---- what the lab cannot follow ---- */

static int choose_of_many(void *arg)
{
	(void)arg;
	lab_check(lab_choose(100) < 99);
	return 0;
}

static int add_in_assembly(void *arg)
{
	(void)arg;
	STORE(y, 1);
	__asm__ volatile("incl %0" : "+m"(far_away[50]));
	STORE(y, 2);
	return 0;
}

static int print(void *arg)
{
	(void)arg;
	return printf("%u\n", x);
}

static int leave(void *arg)
{
	(void)arg;
	exit(0);
}

static int assert_it(void *arg)
{
	(void)arg;
	assert(x == 1);
	return 0;
}

static int allocate(void *arg)
{
	(void)arg;
	return !lab_alloc(4);
}

static int lock_anything(void *arg)
{
	(void)arg;
	lab_lock((struct lab_lock *)8);
	return 0;
}

static int read_register(void *arg)
{
	(void)arg;
	return (int)lab_read32(0);
}

static int look_into_cache(void *arg)
{
	struct vtd_entry e = { .kind = VTD_IOTLB };

	(void)arg;
	return lab_cached(&e);
}

static int fail_badly(void *arg)
{
	(void)arg;
	lab_fail((const char *)8);
	return 0;
}

SCENARIO(choose_of_many, choose_of_many, NULL)
SCENARIO(assembly, add_in_assembly, add_in_assembly)
SCENARIO(print, print, NULL)
SCENARIO(leave, leave, NULL)
SCENARIO(assert_it, assert_it, NULL)
SCENARIO(allocate, allocate, NULL)
SCENARIO(lock_anything, lock_anything, NULL)
SCENARIO(read_register, read_register, NULL)
SCENARIO(look_into_cache, look_into_cache, NULL)
SCENARIO(fail_badly, fail_badly, NULL)

/* ---- setup() that goes wrong ---- */

static const char *setup_crash(const struct lab_params *p)
{
	*(volatile int *)(uintptr_t)(p->width - p->width) = 1;
	return NULL;
}

static const char *setup_choice(const struct lab_params *p)
{
	(void)p;
	x = lab_choose(2);
	lab_actor("T1", store_x, NULL);
	return NULL;
}

static const char *setup_times(const struct lab_params *p)
{
	(void)p;
	lab_actor("T1", store_x, NULL);
	lab_interrupt("irq", store_x, NULL, "T1", LAB_ANY_TIME, 300);
	return NULL;
}

#define ENTRY(name)                                       \
	{                                                 \
#name, "see fooled.c", setup_##name, 0, 0 \
	}

const struct lab_scenario lab_scenarios[] = {
	ENTRY(sleeps_on_private),
	ENTRY(expected_in_memory),
	ENTRY(memcmp_looks),
	ENTRY(half_a_structure),
	ENTRY(structure),
	ENTRY(joined_stores),
	ENTRY(store_gone),
	ENTRY(own_store),
	ENTRY(store_across),
	ENTRY(gone_frame),
	ENTRY(calls_over_store),
	ENTRY(much_stack),
	ENTRY(choose_of_many),
	ENTRY(assembly),
	ENTRY(print),
	ENTRY(leave),
	ENTRY(assert_it),
	ENTRY(allocate),
	ENTRY(lock_anything),
	ENTRY(read_register),
	ENTRY(look_into_cache),
	ENTRY(fail_badly),
	ENTRY(crash),
	ENTRY(choice),
	ENTRY(times),
	{ 0 },
};
