/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * share.h - what the unit in QEMU tells `qinval guest`, in a page of memory that both have mapped.
 *
 * It is there whatever becomes of the guest, its console and QEMU. The unit writes, with QEMU's big
 * lock held, so that its threads take turns; the program only reads. Each counter is one 64-bit
 * store, so a reader sees a value that was true at some time; `events` is stored with release after
 * the event that it counts (pairs with guest_events()).
 */
#ifndef GUEST_SHARE_H
#define GUEST_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#define GUEST_SHARE_MAGIC 0x3174736775766e71ULL /* "qnvugst1" */

#define GUEST_TYPES 16	   /* descriptor types: qw0[3:0] */
#define GUEST_LATENCIES 40 /* [i]: 2^i ns and more, less than 2^(i+1) */
#define GUEST_EVENTS \
	1024 /* so many events are kept, and half as many of those that were asked for */
#define GUEST_UNITS 8
#define GUEST_KINDS 32 /* room for faults and plants; there are fewer */

enum guest_event_kind {
	GUEST_STALE,   /* a device used a translation that the tables no longer have, too late */
	GUEST_WINDOW,  /* the same, while this is still allowed */
	GUEST_FALSE,   /* a wait completed before what it waits for had taken effect */
	GUEST_FAULT,   /* one that was asked for has been injected */
	GUEST_PLANT,   /* a request has been altered */
	GUEST_CLEARED, /* software has cleared bits of FSTS: `code` */
	GUEST_BLOCKED, /* a device's request was blocked: `code` is the reason */
};

struct guest_event {
	uint64_t ns; /* since the unit was there */
	uint32_t kind;
	uint32_t fault; /* FAULT, PLANT: enum guest_fault_kind */
	uint64_t qw[2]; /* the descriptor; STALE: the nearest invalidation that there was */
	uint32_t slot;
	uint16_t sid, did;
	char device[24]; /* what QEMU calls its kind; empty: there is none */
	uint64_t iova, cached,
		table; /* STALE, WINDOW: what was used, what the tables say (0: none) */
	uint32_t code;
	uint32_t planted; /* STALE: the number of the plant that it reveals, or 0 */
};

struct guest_registers {
	uint64_t base; /* of the unit's registers */
	uint64_t iqh, iqt, iqa, iqercd, root;
	uint32_t gsts, fsts;
	uint32_t idle; /* nothing to do until software or a device acts */
	uint32_t gone;
};

struct guest_share {
	uint64_t magic, bytes;
	uint64_t doorbells, submissions, translations, hits, stale, window;
	uint64_t false_completions,
		repeated; /* of these, the ones after which the dropped invalidation was repeated */
	uint64_t blocked, lost_writes, refused, timed_out, planted, found, injected, interrupts;
	uint64_t lost_interrupts, remapped;
	uint64_t type[GUEST_TYPES];
	uint64_t fault[GUEST_KINDS]; /* injected, by enum guest_fault_kind */
	uint64_t latency[GUEST_LATENCIES];
	uint64_t events;
	uint32_t units;
	struct guest_registers regs[GUEST_UNITS];
	struct guest_event event[GUEST_EVENTS];
};

/* The number of elements of `event` that may be read. */
static inline unsigned guest_events(const struct guest_share *s)
{
	uint64_t n = __atomic_load_n(&s->events, __ATOMIC_ACQUIRE);

	return n < GUEST_EVENTS ? (unsigned)n : GUEST_EVENTS;
}

static inline uint64_t guest_count(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static inline void guest_add(uint64_t *counter)
{
	__atomic_store_n(counter, *counter + 1, __ATOMIC_RELAXED);
}

#endif
