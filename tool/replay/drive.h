/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * drive.h - submits a trace's events through queues of the core to units, and judges every outcome.
 *
 * Each unit that the trace names gets a queue and a unit. Each traced CPU's events are submitted
 * by one thread, in order, one at a time. What comes back is one of these:
 *
 *  lost              the call never returned, or gave up waiting
 *  stale             success, but a translation is still cached that the descriptor covers and
 *                    that was cached before
 *  false completion  success, but the unit has not executed the descriptor
 *  error             any other failure
 *  misblamed         an error that blames a descriptor or a device that is not at fault
 */
#ifndef DRIVE_H
#define DRIVE_H

#include "device.h"
#include "inject.h"
#include "latency.h"

enum problem_kind {
	PROBLEM_LOST,
	PROBLEM_STALE,
	PROBLEM_FALSE_COMPLETION,
	PROBLEM_ERROR,
	PROBLEM_MISBLAMED,
};

#define PROBLEMS 8

struct problem {
	enum problem_kind kind;
	uint32_t line; /* of the event in the trace; 0: not an event's */
	struct qi_error error;
};

struct timeline;

struct drive_config {
	const struct device_ops *device;
	enum vtd_profile profile; /* of a unit in software; faults are for these only */
	unsigned threads;	  /* at most the trace's CPUs */
	unsigned slots, width, repeat;
	uint64_t seed;
	const struct fault_list *faults;
	const uint8_t *site;  /* from inject_plan() */
	uint64_t timeout_ns;  /* the core's, for devices too */
	unsigned poll_budget; /* the core's */
	bool timing;	      /* submit each event when the trace did, or as soon after as can be */
	uint64_t watchdog_ns; /* without any progress, until those under way count as lost */
	bool (*progress)(double share); /* several times a second, or NULL; false: give up */

	/*
	 * See struct threads_config. For tests of the oracle, which plant a defective unit. Without
	 * a threads_host where QEMU is the unit, before each doorbell that it gets.
	 */
	void (*fetched)(void *ctx, struct threads_host *h, uint64_t addr, uint64_t *qw);
	void *ctx;

	struct timeline *timeline; /* NULL, or keeps when everything happened; then no fetched() */
};

struct drive_result {
	uint64_t submissions, descriptors;
	uint64_t looked;       /* successes whose execution was looked at */
	uint64_t translations; /* and those whose translations were, among them */
	uint64_t lost, stale, false_completions, errors, errors_expected, misblamed;
	uint64_t resets;
	uint64_t struck[FAULT_ITEMS]; /* how often each of the list did */
	bool stuck;  /* threads are still in the core: nothing may be freed, only exit() is left */
	bool halted; /* given up early, after too many lost ones */
	bool interrupted;   /* or because progress() said so */
	uint64_t latest_ns; /* with timing: the most that an event was submitted too late */
	uint64_t seconds_ns;
	uint64_t doorbells, mmio_reads, executed, interrupts; /* counted by the host */
	uint64_t retries, iqe, ite, ice;		      /* counted by the core */
	struct latency all, latency[GROUPS];
	struct problem problem[PROBLEMS];
	unsigned problems;
};

/* False: could not start, or a unit has ended under way; *error says why. */
bool drive(const struct trace *t, const struct drive_config *cfg, struct drive_result *r,
	   char *error, size_t size);

/* Has anything happened that must not? */
bool drive_failed(const struct drive_result *r);

#endif
