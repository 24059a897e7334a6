/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Two threads write a word without synchronisation, for ThreadSanitizer to report. By the clock one
 * comes after the other, as the sanitizer may miss two writes at the same instant; a relaxed flag
 * does not order them.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

static volatile int word;
static atomic_bool written;

static void *writer(void *arg)
{
	word = *(int *)arg;
	atomic_store_explicit(&written, true, memory_order_relaxed);
	return NULL;
}

int main(void)
{
	int one = 1, two = 2;
	pthread_t thread;

	if (pthread_create(&thread, NULL, writer, &one))
		return 0;
	while (!atomic_load_explicit(&written, memory_order_relaxed))
		;
	writer(&two);
	pthread_join(thread, NULL);
	return 0;
}
