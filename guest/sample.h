/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* sample.h - where the guest's processors are, and words of its memory. */
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
	bool masked;   /* it takes no interrupts */
	bool in_queue; /* in qi_submit_sync() or what it calls, or in the module */
	bool in_module;
	char where[120];    /* names of its functions, the innermost first; or the address */
	double cpu_seconds; /* processor time that the processor's thread has used so far */
};

struct sample {
	unsigned cpus;
	struct sample_cpu cpu[SAMPLE_CPUS];
};

/* What places are named by. */
struct sample_names {
	const struct symbols *symbols; /* NULL: they are not known */
	const char *module;	       /* a module that may serve the queue; or NULL */
};

/* The guest stands still meanwhile. False: QEMU does not answer. */
bool sample_take(struct sample *s, struct qmp *q, const struct sample_names *names, int pid);

/* The guest's memory, by the kernel's addresses on a processor. The guest should stand still. */
bool sample_read(struct qmp *q, unsigned cpu, uint64_t addr, void *buf, size_t bytes);

/* The processor time that a process has used so far. */
double sample_seconds(int pid);

bool sample_stop(struct qmp *q);
void sample_continue(struct qmp *q);

#endif
