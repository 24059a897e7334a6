/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * threads_host.h - threads_host.c is the core's side of the host, threads_unit.c the unit and its
 * thread.
 */
#ifndef HOSTS_THREADS_HOST_H
#define HOSTS_THREADS_HOST_H

#include "threads.h"

#include <pthread.h>

#define THREADS_REGIONS 8
#define THREADS_CACHE_ROOM 1024

/* Data of the interrupt messages; also bits of `raised`. */
#define FAULT_MESSAGE 1
#define COMPLETION_MESSAGE 2
#define STOP 4
#define MESSAGE_ADDRESS 0xfee00000U

struct executed {
	uint64_t seq; /* 0: nothing yet */
	uint64_t qw0, qw1;
};

struct threads_host {
	struct threads_config cfg;
	pthread_mutex_t queue_lock; /* the core's */
	unsigned pauses;	    /* waiting_pauses() */

	struct qi_mem ring, status;
	struct qi_slot *slot;
	unsigned regions;
	struct qi_mem region[THREADS_REGIONS];

	/* Under unit_lock. */
	pthread_mutex_t unit_lock;
	struct vtd_unit unit;
	uint64_t random;
	struct executed (*history)[THREADS_HISTORY]; /* by slot; the newest one first */
	struct vtd_entry cache[THREADS_CACHE_ROOM];

	/* Atomic. */
	uint32_t callers; /* threads that want the unit */
	uint32_t kicks;	  /* reasons for the device thread to look again */
	uint32_t asleep;  /* it is */
	uint32_t stop;
	uint32_t raised; /* interrupts that have not been delivered */
	struct threads_counts counts;

	pthread_t device_thread, interrupt_thread;
};

/* ---- threads_unit.c ---- */

/* With the memory that it is to use; false: it does not take what it is configured with. */
bool threads_unit_init(struct threads_host *h);

uint64_t threads_read(struct threads_host *h, unsigned reg, unsigned size);
void threads_write(struct threads_host *h, unsigned reg, uint64_t value, unsigned size);

/* The device thread is to look again. */
void threads_kick(struct threads_host *h);

/* Of a struct threads_host: until its `stop` is set, and until `raised` has STOP. */
void *threads_device(void *host);
void *threads_interrupts(void *host);

#endif
