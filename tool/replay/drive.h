/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * drive.h - submits a trace's events through queues of the core to units, and judges each outcome.
 *
 * Each unit that the trace names gets a queue and a device. The events of each traced CPU are
 * submitted by one thread, in order, one at a time. Problems are:
 *
 * lost the call did not return, or gave up waiting stale success, but a translation that the
 * descriptor covers is still cached false completion success, but the unit has not executed the
 * descriptor error any other failure misblamed an error that blames a descriptor or a device that
 * is not at fault
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
	uint32_t line; /* of the event in the trace; 0: of no event */
	struct qi_error error;
};

struct timeline;

struct drive_config {
	const struct device_ops *device;
	enum vtd_profile profile; /* for a software unit; only these have faults */
	unsigned threads;	  /* at most the number of CPUs in the trace */
	unsigned slots, width, repeat;
	uint64_t seed;
	const struct fault_list *faults;
	const uint8_t *site;  /* from inject_plan() */
	uint64_t timeout_ns;  /* the core's time limit, for devices as well */
	unsigned poll_budget; /* the core's */
	/* submit each event at the time of the trace, or as soon as possible after it */
	bool timing;
	uint64_t watchdog_ns; /* time without progress after which submissions count as lost */
	bool (*progress)(double share); /* called several times a second, or NULL; false: stop */

	/*
	 * See struct threads_config; for tests, which imitate a defective unit. With QEMU it is
	 * called before each doorbell, without a threads_host.
	 */
	void (*fetched)(void *ctx, struct threads_host *h, uint64_t addr, uint64_t *qw);
	void *ctx;

	/* records the times of all that happens; then there is no fetched(). May be NULL */
	struct timeline *timeline;
};

struct drive_result {
	uint64_t submissions, descriptors;
	uint64_t looked;       /* successes whose execution was checked */
	uint64_t translations; /* of these, those whose translations were checked, too */
	uint64_t lost, stale, false_completions, errors, errors_expected, misblamed;
	uint64_t resets;
	uint64_t struck[FAULT_ITEMS]; /* how often each fault of the list struck */
	/* threads are still in the core: nothing may be freed, and the program can only exit */
	bool stuck;
	bool halted;	    /* stopped early after too many lost submissions */
	bool interrupted;   /* stopped by progress() */
	uint64_t latest_ns; /* with timing: the greatest delay of an event */
	uint64_t seconds_ns;
	uint64_t doorbells, mmio_reads, executed, interrupts; /* counted by the host */
	uint64_t retries, iqe, ite, ice;		      /* counted by the core */
	struct latency all, latency[GROUPS];
	struct problem problem[PROBLEMS];
	unsigned problems;
};

/* False: it could not start, or a device failed during the run; *error says why. */
bool drive(const struct trace *t, const struct drive_config *cfg, struct drive_result *r,
	   char *error, size_t size);

/* True if there was a problem. */
bool drive_failed(const struct drive_result *r);

#endif
