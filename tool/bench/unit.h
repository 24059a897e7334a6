/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * unit.h - a unit that does nothing but take its time: for measuring drivers.
 *
 * A thread, on a processor of its own, fetches descriptors one by one, spends for each what the
 * configuration says, and writes the status of waits. Registers cost the thread that accesses them
 * what the configuration says, too. It is not the unit of device/, which models so much that itself
 * would be the limit; it judges no descriptor, has no caches and no faults.
 *
 * It records when it executed what, so that afterwards each completion can be compared with the
 * truth, and no thread has to look at a shared word for it while the time counts.
 */
#ifndef BENCH_UNIT_H
#define BENCH_UNIT_H

#include <qinval/qi.h>

struct bench_costs {
	uint32_t desc;	      /* ticks of the unit for a descriptor, waits included */
	uint32_t read, write; /* ticks of the thread for a register */
};

struct bench_unit_config {
	unsigned slots, lanes, cpu;
	size_t room; /* for so many submissions in each lane */
	struct bench_costs costs;
};

/* What thread @lane submits: page 0, then 1, 2, ...; @last in its submission. */
struct qi_desc bench_desc(unsigned lane, uint64_t page, bool last);

/* The unit's record of one thread. */
struct bench_lane {
	_Alignas(64) uint64_t next; /* page that is due */
	uint64_t strange;	    /* descriptors that were not due */
	size_t n;
	uint64_t *done; /* when each submission's last descriptor was executed */
};

struct bench_unit;

/* NULL: out of memory. */
struct bench_unit *bench_unit_new(const struct bench_unit_config *cfg);
void bench_unit_free(struct bench_unit *u);

/* Fill in the host, its context, slots, width, memory and capabilities. */
void bench_unit_configure(struct bench_unit *u, struct qi_config *cfg);

/* False: no thread, or not on that processor. */
bool bench_unit_start(struct bench_unit *u);

/* When no thread is in the driver any more. */
void bench_unit_stop(struct bench_unit *u);

/* ---- after that ---- */

const struct bench_lane *bench_unit_lane(const struct bench_unit *u, unsigned lane);

/* When waits were executed, in order. */
const uint64_t *bench_unit_waits(const struct bench_unit *u, size_t *n);

/* Descriptors of no known kind, and status writes to where no status words are. */
uint64_t bench_unit_strange(const struct bench_unit *u);

/* Times that the unit's thread lost its processor. */
uint64_t bench_unit_preempted(const struct bench_unit *u);

/* ---- of the calling thread ---- */

struct bench_accesses {
	uint64_t reads, doorbells;
};

/* Since the last call. */
struct bench_accesses bench_unit_accesses(void);

/*
 * Bind the calling thread to a processor. One that has inherited a real-time priority goes below
 * it, so that the thread that started it can still stop the program when it spins for ever.
 */
#define BENCH_PRIORITY 2
bool bench_pin(unsigned cpu);

/* Involuntary context switches so far. */
uint64_t bench_preempted(void);

#endif
