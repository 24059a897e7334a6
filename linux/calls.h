/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * calls.h - a call of the kernel, served by the core. It does at least what the kernel's function
 * does.
 */
#ifndef QINVAL_LINUX_CALLS_H
#define QINVAL_LINUX_CALLS_H

#include <linux/types.h>

struct qi_desc;
struct unit;

/*
 * @options: the kernel's. Returns 0; -EINVAL: the unit refuses a descriptor; -ETIMEDOUT: a device
 * does not answer; -EIO: the unit does not work. In each case all other descriptors of the call
 * have been executed, and the policy for failures has been applied (failure.h). Preemption is off.
 */
int calls_submit(struct unit *u, const struct qi_desc *desc, unsigned int count,
		 unsigned long options);

/* Measure how long calls take. It costs two readings of the clock for each call. */
void calls_measure(bool on);

#endif
