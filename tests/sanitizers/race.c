/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Two threads write a word without synchronisation, for ThreadSanitizer to report. By the clock one
 * comes after the other, as the sanitizer may miss two writes at the same instant. Relaxed flags do
 * not order the writes. The sanitizer drops the report of a race with a thread that is just ending,
 * or that has done much since its write: the first writer sleeps until the second has written. It
 * remembers few accesses to the same eight bytes: each flag takes eight of its own.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <threads.h>

static volatile int word;
static atomic_ullong written[2];

static void await(atomic_ullong *flag)
{
	while (!atomic_load_explicit(flag, memory_order_relaxed))
		thrd_sleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
}

static void *first_writer(void *arg)
{
	(void)arg;
	word = 1;
	atomic_store_explicit(&written[0], 1, memory_order_relaxed);
	await(&written[1]);
	return NULL;
}

int main(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, first_writer, NULL))
		return 0;
	await(&written[0]);
	word = 2;
	atomic_store_explicit(&written[1], 1, memory_order_relaxed);
	pthread_join(thread, NULL);
	return 0;
}
