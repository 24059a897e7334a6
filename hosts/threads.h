/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * threads.h - a software remapping unit with a thread of its own, and the functions that let a
 * queue drive it from any number of other threads.
 *
 * Use: threads_start(), threads_configure() a struct qi_config, qi_init(), qi_enable(), submit, and
 * at the end, when no thread is in the core any more, threads_stop().
 *
 * Where the specification leaves a choice the unit decides by seeded random numbers. The order of
 * the threads is up to the scheduler, so two runs with the same seed are similar, but not equal.
 *
 * There may be more threads than processors: a waiting thread soon gives its processor away.
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
	 * The queue whose interrupt handlers are called for the unit's interrupts, by a thread of
	 * their own; or NULL. It need not be initialised before it is enabled.
	 */
	struct qi *q;

	/* See struct qi_host; NULL: every device is present. */
	bool (*device_present)(void *ctx, uint16_t sid);

	/*
	 * Called with each descriptor that the unit fetches, and its address, before the unit sees
	 * it. For tests, which imitate a defective unit by changing the descriptor, or memory. It
	 * may call no function of the host but threads_reach().
	 */
	void (*fetched)(void *ctx, struct threads_host *h, uint64_t addr, uint64_t *qw);

	/*
	 * Called with each descriptor that the unit has executed, before this is visible to
	 * software. It may call the same function only.
	 */
	void (*executed)(void *ctx, const struct vtd_event *ev);
	void *ctx; /* passed to the three functions */
};

/*
 * Start the unit. NULL: out of memory or of threads, or the unit does not accept the configuration.
 */
struct threads_host *threads_start(const struct threads_config *cfg);
void threads_stop(struct threads_host *h);

/* Fill in the host, its context, slots, width, memory, capabilities and the interrupt. */
void threads_configure(struct threads_host *h, struct qi_config *cfg);

/*
 * Memory that the unit can reach: @size zero bytes at the start of a page. It exists as long as the
 * host. Do not call this while the unit is working. virt is NULL if there is no room.
 */
struct qi_mem threads_memory(struct threads_host *h, size_t size);

/*
 * The @len bytes at the unit's address @addr in this process; NULL if not all of them are memory of
 * the unit.
 */
void *threads_reach(struct threads_host *h, uint64_t addr, size_t len);

/* vtd_touch(), vtd_cached(), vtd_fault_arm() and vtd_fault_clear() on the running unit. */
uint64_t threads_touch(struct threads_host *h, const struct vtd_entry *e);
uint64_t threads_cached(struct threads_host *h, const struct vtd_entry *e);
bool threads_stale(struct threads_host *h, const struct vtd_entry *e);
bool threads_fault_arm(struct threads_host *h, const struct vtd_fault *f);
void threads_fault_clear(struct threads_host *h, enum vtd_fault_kind kind);

/* ---- What really happened, for comparison with what the core reports ---- */

struct threads_counts {
	uint64_t reads, writes; /* of registers */
	uint64_t doorbells;	/* writes of IQT among them */
	uint64_t executed;	/* descriptors, including waits */
	uint64_t interrupts;	/* messages sent */
};

struct threads_counts threads_counts(struct threads_host *h);

/*
 * True if the unit has executed @d in @slot since threads_counts() returned @since as `executed`.
 * @d NULL: any wait. Only the last THREADS_HISTORY executions of each slot are kept; if all of them
 * are newer than @since the answer may be lost, and the result is true.
 */
#define THREADS_HISTORY 4
bool threads_executed(struct threads_host *h, unsigned slot, const struct qi_desc *d,
		      uint64_t since);

#endif
