/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * patience.h - what a test may expect of its machine, which may be slow, busy, or unable to do some
 * things.
 *
 * A test says what has to happen, not how soon. A time limit exists for what never happens, and is
 * so long that only that reaches it; QINVAL_TIMEOUT_MULTIPLIER extends it. If a busy machine may
 * hide what is to be seen, the test looks again as long as patience lasts.
 */
#ifndef PATIENCE_H
#define PATIENCE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* True with a sanitizer, which makes everything many times slower. */
#if defined(__has_feature)
#define PATIENCE_FEATURE(f) __has_feature(f)
#else
#define PATIENCE_FEATURE(f) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
	PATIENCE_FEATURE(address_sanitizer) || PATIENCE_FEATURE(thread_sanitizer)
#define PATIENCE_SANITIZED 1
#else
#define PATIENCE_SANITIZED 0
#endif

/* How long a test waits for something that has to happen. */
#define PATIENCE_S 60

static inline double patience_multiplier(void)
{
	const char *text = getenv("QINVAL_TIMEOUT_MULTIPLIER");
	double n = text ? atof(text) : 1;

	return n >= 1 ? n : 1;
}

static inline uint64_t patience_ns(double seconds)
{
	return (uint64_t)(seconds * patience_multiplier() * 1e9);
}

static inline uint64_t patience_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec;
}

/* Returns when patience will end. */
static inline uint64_t patience_begin(void)
{
	return patience_now() + patience_ns(PATIENCE_S);
}

/* True if there is time left. It sleeps briefly, so that it can be called in a loop. */
static inline bool patience_lasts(uint64_t end)
{
	const struct timespec moment = { 0, 1000000 };

	nanosleep(&moment, NULL);
	return patience_now() < end;
}

/* Call it before cmocka's skip(). */
static inline void not_tested(const char *because)
{
	printf("SKIPPED, not tested: %s\n", because);
}

#endif
