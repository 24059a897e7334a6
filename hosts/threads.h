/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * threads.h - one remapping unit in software, run by a thread of its own, and the functions that a
 * queue needs to drive it from any number of other threads.
 *
 * Use: threads_start(), threads_configure() a struct qi_config, qi_init(), qi_enable(), submit, and
 * at the end, when no thread is in the core any more, threads_stop().
 *
 * The unit decides by seeded random numbers wherever the specification leaves it free. What the
 * threads do meanwhile is up to the scheduler, so a seed makes runs alike, not equal.
 *
 * There may be more threads than processors: a thread that waits soon gives its processor away.
 */
#ifndef THREADS_H
#define THREADS_H

#include <device/vtd.h>
#include <qinval/qi.h>

struct threads_host;

struct threads_config {
	enum vtd_profile profile;
	unsigned slots, width; /* of the queue */
	uint64_t seed;

	/*
	 * NULL, or the queue whose interrupt handlers the unit's interrupts call, from a thread of
	 * their own. It need not be initialised before it is enabled.
	 */
	struct qi *q;

	/* See struct qi_host; NULL: every device is there. */
	bool (*device_present)(void *ctx, uint16_t sid);

	/*
	 * Called with each descriptor that the unit fetches, and its address, before the unit sees
	 * it. For tests, which make a defective unit by changing the descriptor, or memory. It may
	 * call threads_reach() and nothing else of the host's.
	 */
	void (*fetched)(void *ctx, struct threads_host *h, uint64_t addr, uint64_t *qw);

	/*
	 * Called with each descriptor that the unit has executed, before anyone can see it. As
	 * above.
	 */
	void (*executed)(void *ctx, const struct vtd_event *ev);
	void *ctx; /* for these three */
};

/* NULL: out of memory or of threads, or the configuration makes no sense to the unit. */
struct threads_host *threads_start(const struct threads_config *cfg);
void threads_stop(struct threads_host *h);

/* Fill in the host, its context, slots, width, memory, capabilities and the interrupt. */
void threads_configure(struct threads_host *h, struct qi_config *cfg);

/*
 * Memory that the unit can reach: @size bytes of zeros at the start of a page. It lives as long as
 * the host. Not while the unit is at work. virt is NULL if there is no room.
 */
struct qi_mem threads_memory(struct threads_host *h, size_t size);

/* Where the unit's @len bytes at @addr are; NULL if not all of them are its memory. */
void *threads_reach(struct threads_host *h, uint64_t addr, size_t len);

/* vtd_touch(), vtd_cached(), vtd_fault_arm() and vtd_fault_clear() on the running unit. */
uint64_t threads_touch(struct threads_host *h, const struct vtd_entry *e);
uint64_t threads_cached(struct threads_host *h, const struct vtd_entry *e);
bool threads_stale(struct threads_host *h, const struct vtd_entry *e);
bool threads_fault_arm(struct threads_host *h, const struct vtd_fault *f);
void threads_fault_clear(struct threads_host *h, enum vtd_fault_kind kind);

/* ---- What really happened, whatever the core says ---- */

struct threads_counts {
	uint64_t reads, writes; /* of registers */
	uint64_t doorbells;	/* writes of IQT among them */
	uint64_t executed;	/* descriptors, waits included */
	uint64_t interrupts;	/* messages sent */
};

struct threads_counts threads_counts(struct threads_host *h);

/*
 * Has the unit executed @d in @slot since threads_counts() said @since for `executed`? @d NULL: any
 * wait. The last THREADS_HISTORY executions of each slot are remembered; where all of them are
 * newer than @since, and the answer may have been forgotten, it is true.
 */
#define THREADS_HISTORY 4
bool threads_executed(struct threads_host *h, unsigned slot, const struct qi_desc *d,
		      uint64_t since);

#endif
