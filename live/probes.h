/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * probes.h - the kernel's events of the queue, in a tracing instance of their own: the tracepoint
 * intel_iommu:qi_submit, and kprobe events at entry and return of qi_submit_sync().
 *
 * The instance and the kprobe events outlive the process that has made them. So a guard is started
 * before they are made: a process in a session of its own that waits at a pipe until this process
 * ends, for whatever reason, and then removes them. If the guard is killed as well, the next
 * program that starts removes everything that is named after a process that no longer exists.
 */
#ifndef LIVE_PROBES_H
#define LIVE_PROBES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROBES_NAME 32

#define PROBES_ENTER "qi_enter"
#define PROBES_LEAVE "qi_leave"

struct probes {
	char instance[PROBES_NAME]; /* qinval-PID */
	char group[PROBES_NAME];    /* qinval_PID: the system of the kprobe events */
	bool calls;		    /* there are kprobe events */
	pid_t guard;
	int pipe; /* the guard waits until this end is closed */
};

/*
 * @calls: with kprobe events. Tracing is on when this returns true. If it returns false, nothing is
 * left behind, and *error, of SOURCE_ERROR bytes, says why.
 */
bool probes_start(struct probes *p, bool calls, char *error);

/* Stop recording. What was recorded can still be read. */
void probes_stop(struct probes *p);
void probes_remove(struct probes *p);

/* Calls that were not recorded because the kernel had too few places for returns. */
uint64_t probes_missed(const struct probes *p);

/* Remove the instances and kprobe events of processes that no longer exist. */
void probes_sweep(void);

#endif
