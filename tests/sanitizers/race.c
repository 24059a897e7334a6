/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Two threads write a word without order, for ThreadSanitizer to report. */
#include <pthread.h>
#include <stddef.h>

static volatile int word;

static void *writer(void *arg)
{
	word = *(int *)arg;
	return NULL;
}

int main(void)
{
	int one = 1, two = 2;
	pthread_t thread;

	if (pthread_create(&thread, NULL, writer, &one))
		return 0;
	writer(&two);
	pthread_join(thread, NULL);
	return 0;
}
