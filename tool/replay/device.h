/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * device.h - what a replay drives: a unit in software, or QEMU's. Every unit that the trace names
 * has one of its own.
 *
 * It also looks at submissions: have they been executed when they say so, and is anything still in
 * use that they were to remove? A unit in software is looked at each time. QEMU's registers and
 * devices take longer to ask than a submission takes, so it is looked at now and then.
 */
#ifndef DEVICE_H
#define DEVICE_H

#include "oracle.h"
#include "live/trace.h"

#include <hosts/threads.h>

struct device_config {
	enum vtd_profile profile; /* of a unit in software */
	unsigned slots, width;
	uint64_t seed;
	struct qi *q;

	const struct trace *trace;
	unsigned unit;	  /* of the trace */
	unsigned threads; /* that will submit */

	/* See struct drive_config. */
	void (*fetched)(void *ctx, struct threads_host *h, uint64_t addr, uint64_t *qw);
	void *ctx;
};

/* At one submission. */
struct look {
	bool executed;	   /* is looked at, since `since`: */
	uint64_t since;	   /* what the device had done before */
	bool translations; /* are looked at: */
	struct oracle_touch touch;
	unsigned probe;	   /* of QEMU's: that has used ... */
	uint64_t iova;	   /* ... this page, ... */
	unsigned old, new; /* ... which led to its frame `old` and now leads to `new` */
};

/* The result of a look. */
#define LOOK_STALE 1U
#define LOOK_FALSE_COMPLETION 2U

#define DEVICE_TEXT 120

struct device_counts {
	uint64_t reads, doorbells; /* of registers, of the queue */
	uint64_t executed;	   /* descriptors, waits included */
	uint64_t interrupts;
};

struct device_ops {
	const char *name; /* "sim", "qemu" */

	/* One line for people, less than DEVICE_TEXT, after capabilities() has been called. */
	void (*describe)(char *buf, size_t size, const struct device_config *cfg);

	/* False: it cannot be had, and *error says why. */
	bool (*capabilities)(const struct device_config *cfg, uint64_t *cap, uint64_t *ecap,
			     char *error, size_t size);

	/* NULL: *error says why. */
	void *(*start)(const struct device_config *cfg, char *error, size_t size);
	void (*configure)(void *dev, struct qi_config *qc);

	/* NULL, or called when the queue is on. False: *error says why. */
	bool (*prepare)(void *dev, char *error, size_t size);

	/*
	 * Before the submission of @d, and after its success. @worker: the submitting thread's
	 * number. since() is called before each try of a submission that has to be repeated. @slot
	 * and @d, which is NULL for a drain: what the success vouches for.
	 */
	void (*before)(void *dev, unsigned worker, const struct qi_desc *d, uint64_t *random,
		       struct look *l);
	uint64_t (*since)(void *dev);
	unsigned (*after)(void *dev, struct look *l, unsigned slot, const struct qi_desc *d);

	struct device_counts (*counts)(void *dev);

	/* NULL, or: NULL while it is well, else why it can do no more. */
	const char *(*failure)(void *dev);
	void (*stop)(void *dev);
};

/* The first one's devices are struct threads_host. */
extern const struct device_ops device_sim, device_qemu;

/* NULL: there is none of this name. */
const struct device_ops *device_find(const char *name);

#endif
