/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * running.h - one replay under way, as its files share it: submit.c is what each thread does,
 * unit.c starts and ends a unit, run.c has the whole in hand.
 */
#ifndef REPLAY_RUNNING_H
#define REPLAY_RUNNING_H

#include "drive.h"

#include <pthread.h>
#include <time.h>

/* Each lost submission takes the time-out; after so many there is nothing more to learn. */
#define MAX_LOST 8

struct drive;

struct unit {
	struct drive *d;
	unsigned number;
	void *device;
	struct qi q;
	struct qi_stats stats;
	struct injector injector;
	pthread_mutex_t life;	     /* serialises qi_reset() */
	uint32_t lives;		     /* atomic: how often it was revived */
	struct device_counts before; /* when the queue had been enabled */
	bool started, injecting, enabled;
};

struct worker {
	struct drive *d;
	pthread_t thread;
	unsigned number;
	uint64_t random;
	uint64_t progress;     /* atomic: outcomes */
	uint32_t busy;	       /* atomic: line of the event that is being submitted, 0: none */
	uint32_t finished;     /* atomic */
	uint32_t asleep;       /* atomic: waits for the next event's time */
	struct drive_result r; /* its share of the counters */
};

struct drive {
	const struct trace *t;
	const struct drive_config *cfg;
	struct unit unit[TRACE_UNITS];
	struct worker *worker;
	unsigned workers; /* that run */
	pthread_mutex_t lock;
	pthread_cond_t some_finished;
	unsigned finished; /* under lock */
	uint32_t lost;	   /* atomic */
	uint32_t stop;	   /* atomic: submit no more, a device has failed, or ctrl-C */
	bool interrupted;
	uint64_t start_ns; /* before the threads are */
	uint64_t end_ns;   /* under lock: when the last one finished */
};

static inline uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

#endif
