/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * unit.h - a unit for measuring drivers, which only takes its time.
 *
 * A thread on a processor of its own fetches descriptors one by one, spends the configured time on
 * each, and writes the status of waits. Register accesses cost the accessing thread the configured
 * time. It is not the unit of device/, which models so much that it would itself be the limit. It
 * checks no descriptor, and has no caches and no faults.
 *
 * It records when it executed what. So each completion can be compared afterwards, and threads need
 * not read a shared word for this during the measurement.
 */
#ifndef BENCH_UNIT_H
#define BENCH_UNIT_H

#include <qinval/qi.h>

struct bench_costs {
	uint32_t desc;	      /* ticks that the unit spends on a descriptor, including waits */
	uint32_t read, write; /* ticks that a thread spends on a register access */
};

struct bench_unit_config {
	unsigned slots, lanes, cpu;
	size_t room; /* submissions per lane */
	struct bench_costs costs;
};

/* Descriptor of thread @lane: pages 0, 1, 2, ... in order; @last: the last of its submission. */
struct qi_desc bench_desc(unsigned lane, uint64_t page, bool last);

/* The unit's record of one thread. */
struct bench_lane {
	_Alignas(64) uint64_t next; /* the page that is expected next */
	uint64_t strange;	    /* unexpected descriptors */
	size_t n;
	uint64_t *done; /* the time when the last descriptor of each submission was executed */
};

struct bench_unit;

/* NULL: out of memory. */
struct bench_unit *bench_unit_new(const struct bench_unit_config *cfg);
void bench_unit_free(struct bench_unit *u);

/* Fill in the host, its context, slots, width, memory and capabilities. */
void bench_unit_configure(struct bench_unit *u, struct qi_config *cfg);

/* False: no thread, or it could not be bound to that processor. */
bool bench_unit_start(struct bench_unit *u);

/* Call it when no thread is in the driver any more. */
void bench_unit_stop(struct bench_unit *u);

/* ---- results, after that ---- */

const struct bench_lane *bench_unit_lane(const struct bench_unit *u, unsigned lane);

/* The times when waits were executed, in order. */
const uint64_t *bench_unit_waits(const struct bench_unit *u, size_t *n);

/* The number of descriptors of unknown types, and of status writes to other addresses. */
uint64_t bench_unit_strange(const struct bench_unit *u);

/* How often the unit's thread lost its processor. */
uint64_t bench_unit_preempted(const struct bench_unit *u);

/* ---- for the calling thread ---- */

struct bench_accesses {
	uint64_t reads, doorbells;
};

/* Accesses since the last call. */
struct bench_accesses bench_unit_accesses(void);

/*
 * Bind the calling thread to a processor. If it has inherited a real-time priority its own becomes
 * lower, so that the thread that started it can stop the program even if it spins for ever.
 */
#define BENCH_PRIORITY 2
bool bench_pin(unsigned cpu);

/* Involuntary context switches so far. */
uint64_t bench_preempted(void);

#endif
