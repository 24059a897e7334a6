/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * probes.h - the kernel's events of the queue, in a tracing instance of their own: the tracepoint
 * intel_iommu:qi_submit, and kprobe events at entry and return of qi_submit_sync().
 *
 * Instance and kprobe events outlive the process that has made them. So before any is made, a guard
 * is started: a process in a session of its own that waits at a pipe for our end and then removes
 * them, whatever has ended us. Should that be killed as well, the next program that comes removes
 * what is named after a process that is no more.
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
	int pipe; /* whose end is our end */
};

/*
 * @calls: with kprobe events. Tracing is on when this returns. False: nothing is left behind, and
 * *error, of SOURCE_ERROR bytes, says why.
 */
bool probes_start(struct probes *p, bool calls, char *error);

/* Nothing more is recorded, and what was can still be read. */
void probes_stop(struct probes *p);
void probes_remove(struct probes *p);

/* Calls that were not recorded, as the kernel had too few places for returns. */
uint64_t probes_missed(const struct probes *p);

/* Remove what processes have left behind that are no more. */
void probes_sweep(void);

#endif
