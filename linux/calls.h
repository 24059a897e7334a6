/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* calls.h - a call of the kernel's, served by the core; never less than the kernel itself does. */
#ifndef QINVAL_LINUX_CALLS_H
#define QINVAL_LINUX_CALLS_H

#include <linux/types.h>

struct qi_desc;
struct unit;

/*
 * @options: the kernel's. 0, or -EINVAL: the unit refuses a descriptor; -ETIMEDOUT: a device does
 * not answer; -EIO: the unit does not. All other descriptors of the call have been executed, and
 * what was to become of the failure has (failure.h). Preemption is off.
 */
int calls_submit(struct unit *u, const struct qi_desc *desc, unsigned int count,
		 unsigned long options);

/* Measure how long calls take, which costs two readings of the clock each. */
void calls_measure(bool on);

#endif
