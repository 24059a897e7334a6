/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "waiting.h"

#include <limits.h>
#include <linux/futex.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* About as long as a doorbell takes. */
#define PAUSES 100
/*
 * The first sleep takes this long. Each further one is longer by the same time, up to the longest.
 */
#define SLEEP_NS 1000
#define LONGEST_SLEEP_NS 50000

static _Thread_local unsigned turns;

unsigned waiting_pauses(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN) > 1 ? PAUSES : 0;
}

void waiting_pause(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#else
	__asm__ volatile("" ::: "memory");
#endif
}

uint64_t waiting_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

void waiting_sleep(const uint32_t *word, uint32_t value, uint64_t ns)
{
	struct timespec ts = { ns / 1000000000, ns % 1000000000 };

	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, ns ? &ts : NULL, NULL, 0);
}

void waiting_wake(const uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

/* By default the kernel may extend a sleep by 50 us, which is far too much here. */
static void sleep_precisely(long ns)
{
	static _Thread_local bool told;
	struct timespec ts = { 0, ns };

	if (!told)
		prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	told = true;
	nanosleep(&ts, NULL);
}

void waiting_turn(unsigned pauses)
{
	unsigned sleeps = ++turns - pauses;

	if (turns <= pauses)
		waiting_pause();
	else if (sleeps < LONGEST_SLEEP_NS / SLEEP_NS)
		sleep_precisely(sleeps * SLEEP_NS);
	else
		sleep_precisely(LONGEST_SLEEP_NS);
}

void waiting_restart(void)
{
	turns = 0;
}

void waiting_resume(unsigned pauses)
{
	if (turns > pauses)
		turns = pauses;
}
