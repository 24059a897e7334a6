/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * hostile.c - drivers that do what the lab cannot handle: the result is a message that says what to
 * do. The script `hostile` has the messages.
 */
#include <lab/lab.h>
#include <stdlib.h>
#include <time.h>

#define LOAD(word) __atomic_load_n(&(word), __ATOMIC_ACQUIRE)
#define STORE(word, value) __atomic_store_n(&(word), (value), __ATOMIC_RELEASE)

static uint32_t x, y, *heap, far_away[4096];

static int store_x(void *arg)
{
	(void)arg;
	STORE(x, 1);
	return 0;
}

static int take_memory(void *arg)
{
	uint32_t *p = malloc(sizeof(*p));

	(void)arg;
	*p = LOAD(x);
	free(p);
	return 0;
}

static int write_to_heap(void *arg)
{
	(void)arg;
	STORE(*heap, 1);
	return 0;
}

static int ask_time(void *arg)
{
	struct timespec now;

	(void)arg;
	return clock_gettime(CLOCK_MONOTONIC, &now);
}

static int turn_interrupts_off(void *arg)
{
	(void)arg;
	STORE(x, 2);
	__asm__ volatile("cli");
	return 0;
}

static int add_in_assembly(void *arg)
{
	(void)arg;
	STORE(y, 1);
	__asm__ volatile("incl %0" : "+m"(far_away[2000]));
	return (int)LOAD(y);
}

static int return_at_once(void *arg)
{
	(void)arg;
	return 0;
}

/* A billion turns, each of which reads a word that others write. */
static int poll_for_long(void *arg)
{
	uint32_t turns = 1000000000;

	(void)arg;
	while (!LOAD(x) && --turns)
		;
	return turns ? 0 : -1;
}

static int wait_without_looking(void *arg)
{
	uint32_t turns;

	(void)arg;
	for (turns = 0; turns < 4000000000U; turns++)
		__asm__ volatile("" : "+r"(turns));
	return 0;
}

/* The same after others have read it. */
static int wait_later(void *arg)
{
	STORE(y, 1);
	return LOAD(x) ? 0 : wait_without_looking(arg);
}

/* Only scouts loop here, as all else touches the word, too. */
static int add_for_long(void *arg)
{
	uint32_t turns = 1000000000;

	(void)arg;
	while (--turns)
		__atomic_fetch_add(&x, 1, __ATOMIC_SEQ_CST);
	return 0;
}

#define SCENARIO(name, one, other)                                  \
	static const char *setup_##name(const struct lab_params *p) \
	{                                                           \
		(void)p;                                            \
		heap = malloc(sizeof(*heap));                       \
		lab_actor("T1", one, NULL);                         \
		lab_actor("T2", other, NULL);                       \
		return NULL;                                        \
	}

SCENARIO(memory, take_memory, store_x)
SCENARIO(heap, write_to_heap, store_x)
SCENARIO(clock, ask_time, store_x)
SCENARIO(cli, turn_interrupts_off, store_x)
SCENARIO(assembly, add_in_assembly, store_x)
SCENARIO(poll, poll_for_long, return_at_once)
SCENARIO(delay, wait_without_looking, store_x)
SCENARIO(later, wait_later, store_x)
SCENARIO(count, add_for_long, store_x)

#define ENTRY(name)                                        \
	{                                                  \
#name, "see hostile.c", setup_##name, 0, 0 \
	}

const struct lab_scenario lab_scenarios[] = {
	ENTRY(memory), ENTRY(heap),  ENTRY(clock), ENTRY(cli),	 ENTRY(assembly),
	ENTRY(poll),   ENTRY(delay), ENTRY(later), ENTRY(count), { 0 },
};
