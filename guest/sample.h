/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* sample.h - where the guest's processors are, and the contents of its memory. */
#ifndef GUEST_SAMPLE_H
#define GUEST_SAMPLE_H

#include "qmp.h"
#include "input/symbols.h"

#include <stdint.h>

#define SAMPLE_CPUS 64
#define SAMPLE_STACK 512 /* words */

struct sample_cpu {
	uint64_t rip, rsp;
	bool halted;
	bool masked;   /* interrupts are off */
	bool in_queue; /* it is in qi_submit_sync(), in what that calls, or in the module */
	bool in_module;
	char where[120];    /* names of its functions, the innermost first; or an address */
	double cpu_seconds; /* used so far by the thread of this processor */
};

struct sample {
	unsigned cpus;
	struct sample_cpu cpu[SAMPLE_CPUS];
};

/* Names for places in the code. */
struct sample_names {
	const struct symbols *symbols; /* NULL: unknown */
	const char *module;	       /* a module that may serve the queue, or NULL */
};

/* Take a sample; the guest is stopped meanwhile. False: QEMU does not answer. */
bool sample_take(struct sample *s, struct qmp *q, const struct sample_names *names, int pid);

/* Read the guest's memory at a virtual address of a processor. Stop the guest before. */
bool sample_read(struct qmp *q, unsigned cpu, uint64_t addr, void *buf, size_t bytes);

/* The processor time that a process has used so far. */
double sample_seconds(int pid);

bool sample_stop(struct qmp *q);
void sample_continue(struct qmp *q);

#endif
