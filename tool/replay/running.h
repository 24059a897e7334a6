/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * running.h - the state of a running replay, shared by its files: submit.c has the threads, unit.c
 * starts and stops a unit, run.c controls the whole.
 */
#ifndef REPLAY_RUNNING_H
#define REPLAY_RUNNING_H

#include "drive.h"

#include <pthread.h>
#include <time.h>

/* Each lost submission costs the time limit; after so many there is nothing more to learn. */
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
	uint32_t lives;		     /* atomic: number of resets */
	struct device_counts before; /* as of the enabling of the queue */
	bool started, injecting, enabled;
};

struct worker {
	struct drive *d;
	pthread_t thread;
	unsigned number;
	uint64_t random;
	uint64_t progress;     /* atomic: outcomes so far */
	uint32_t busy;	       /* atomic: line of the event that is being submitted; 0: none */
	uint32_t finished;     /* atomic */
	uint32_t asleep;       /* atomic: it waits for the time of the next event */
	struct drive_result r; /* the thread's part of the counters */
};

struct drive {
	const struct trace *t;
	const struct drive_config *cfg;
	struct unit unit[TRACE_UNITS];
	struct worker *worker;
	unsigned workers; /* running threads */
	pthread_mutex_t lock;
	pthread_cond_t some_finished;
	unsigned finished; /* protected by `lock` */
	uint32_t lost;	   /* atomic */
	uint32_t stop;	   /* atomic: stop submitting, after a device's failure or ctrl-C */
	bool interrupted;
	uint64_t start_ns; /* before the threads start */
	uint64_t end_ns;   /* protected by `lock`: when the last thread finished */
};

static inline uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

#endif
