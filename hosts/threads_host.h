/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * threads_host.h - shared by threads_host.c, the core's side of the host, and threads_unit.c, the
 * unit with its thread.
 */
#ifndef HOSTS_THREADS_HOST_H
#define HOSTS_THREADS_HOST_H

#include "threads.h"

#include <pthread.h>

#define THREADS_REGIONS 8
#define THREADS_CACHE_ROOM 1024

/* Data of the interrupt messages, and bits of `raised`. */
#define FAULT_MESSAGE 1
#define COMPLETION_MESSAGE 2
#define STOP 4
#define MESSAGE_ADDRESS 0xfee00000U

struct executed {
	uint64_t seq; /* 0: no execution yet */
	uint64_t qw0, qw1;
};

struct threads_host {
	struct threads_config cfg;
	pthread_mutex_t queue_lock; /* for the core */
	unsigned pauses;	    /* waiting_pauses() */

	struct qi_mem ring, status;
	struct qi_slot *slot;
	unsigned regions;
	struct qi_mem region[THREADS_REGIONS];

	/* Protected by unit_lock. */
	pthread_mutex_t unit_lock;
	struct vtd_unit unit;
	uint64_t random;
	struct executed (*history)[THREADS_HISTORY]; /* indexed by slot; the newest one first */
	struct vtd_entry cache[THREADS_CACHE_ROOM];

	/* Atomic. */
	uint32_t callers; /* threads that want the unit */
	uint32_t kicks;	  /* reasons for the device thread to check for work again */
	uint32_t asleep;  /* the device thread is asleep */
	uint32_t stop;
	uint32_t raised; /* interrupts that are not delivered yet */
	struct threads_counts counts;

	pthread_t device_thread, interrupt_thread;
};

/* ---- threads_unit.c ---- */

/* With the unit's memory; false: the unit does not accept its configuration. */
bool threads_unit_init(struct threads_host *h);

uint64_t threads_read(struct threads_host *h, unsigned reg, unsigned size);
void threads_write(struct threads_host *h, unsigned reg, uint64_t value, unsigned size);

/* Let the device thread check for work. */
void threads_kick(struct threads_host *h);

/*
 * The functions of the threads; the argument is the struct threads_host. threads_device() runs
 * until `stop` is set, threads_interrupts() until `raised` has STOP.
 */
void *threads_device(void *host);
void *threads_interrupts(void *host);

#endif
