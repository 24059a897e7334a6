/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * share.h - reports of the unit in QEMU to `qinval guest`, in shared memory.
 *
 * The memory stays whatever happens to the guest, its console and QEMU. The unit writes with QEMU's
 * big lock held, which serialises its threads; the program only reads, but for `calm`. Each counter
 * is one 64-bit store, so a reader sees a value that was true at some time. `events` is stored with
 * release after the event that it counts (pairs with guest_events()).
 */
#ifndef GUEST_SHARE_H
#define GUEST_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#define GUEST_SHARE_MAGIC 0x3174736775766e71ULL /* "qnvugst1" */

#define GUEST_TYPES 16	   /* descriptor types: qw0[3:0] */
#define GUEST_LATENCIES 40 /* [i]: at least 2^i ns and less than 2^(i+1) */
#define GUEST_EVENTS 1024  /* events that are kept; half as many of those that were requested */
#define GUEST_UNITS 8
#define GUEST_KINDS 32 /* room for the kinds of faults and plants */

enum guest_event_kind {
	GUEST_STALE,   /* a device used a translation that had to be invalidated before */
	GUEST_WINDOW,  /* the same, while the invalidation may still be pending */
	GUEST_FALSE,   /* a wait completed before the descriptors for which it waits took effect */
	GUEST_FAULT,   /* a requested fault was injected */
	GUEST_PLANT,   /* a request has been altered */
	GUEST_CLEARED, /* software has cleared these bits of FSTS: `code` */
	GUEST_BLOCKED, /* a device's request was blocked: `code` is the reason */
};

struct guest_event {
	uint64_t ns; /* since the unit was created */
	uint32_t kind;
	uint32_t fault; /* FAULT, PLANT: enum guest_fault_kind */
	uint64_t qw[2]; /* the descriptor; STALE: the invalidation nearest to the missing one */
	uint32_t slot;
	uint16_t sid, did;
	char device[24];	      /* QEMU's name for its type; empty: no such device */
	uint64_t iova, cached, table; /* STALE, WINDOW: the use went to `cached`; 0: none */
	uint32_t code;
	uint32_t planted; /* STALE: the number of the plant that it reveals, or 0 */
};

struct guest_registers {
	uint64_t base; /* of its registers */
	uint64_t iqh, iqt, iqa, iqercd, root;
	uint32_t gsts, fsts;
	uint32_t idle; /* nothing to do until software or a device acts */
	uint32_t gone;
};

struct guest_share {
	uint64_t magic, bytes;
	uint64_t doorbells, submissions, translations, hits, stale, window;
	uint64_t false_completions,
		repeated; /* of these, those whose dropped invalidation was repeated afterwards */
	uint64_t blocked, lost_writes, refused, timed_out, planted, found, injected, interrupts;
	uint64_t lost_interrupts, remapped;
	uint64_t type[GUEST_TYPES];
	uint64_t fault[GUEST_KINDS]; /* injected, by enum guest_fault_kind */
	uint64_t latency[GUEST_LATENCIES];
	uint64_t events;
	uint32_t units;
	uint32_t calm; /* the program: the work has ended, so faults do. See guest_is_calm(). */
	struct guest_registers regs[GUEST_UNITS];
	struct guest_event event[GUEST_EVENTS];
};

/* The number of elements of `event` that are valid. */
static inline unsigned guest_events(const struct guest_share *s)
{
	uint64_t n = __atomic_load_n(&s->events, __ATOMIC_ACQUIRE);

	return n < GUEST_EVENTS ? (unsigned)n : GUEST_EVENTS;
}

/* The program stores this before it answers the guest, whose next submission it has to precede. */
static inline void guest_calm(struct guest_share *s)
{
	__atomic_store_n(&s->calm, 1, __ATOMIC_RELEASE);
}

/* Pairs with guest_calm(). */
static inline bool guest_is_calm(const struct guest_share *s)
{
	return __atomic_load_n(&s->calm, __ATOMIC_ACQUIRE);
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
