/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * device.h - the device of a replay: a software unit, or QEMU's. Each unit that the trace names
 * gets a device of its own.
 *
 * A device also judges submissions: it checks whether a completed submission was executed, and
 * whether what it invalidates is still in use. With a software unit each submission is checked.
 * Access to QEMU's registers and devices takes longer than a submission, so only some are checked.
 */
#ifndef DEVICE_H
#define DEVICE_H

#include "oracle.h"
#include "live/trace.h"

#include <hosts/threads.h>

struct device_config {
	enum vtd_profile profile; /* for a software unit */
	unsigned slots, width;
	uint64_t seed;
	struct qi *q;

	const struct trace *trace;
	unsigned unit;	  /* number in the trace */
	unsigned threads; /* threads that will submit */

	/* See struct drive_config. */
	void (*fetched)(void *ctx, struct threads_host *h, uint64_t addr, uint64_t *qw);
	void *ctx;
};

/* The checks at one submission. */
struct look {
	bool executed;	   /* check execution, since `since`: */
	uint64_t since;	   /* what the device had executed before */
	bool translations; /* check translations: */
	struct oracle_touch touch;
	unsigned probe;	   /* QEMU: the probe that has used ... */
	uint64_t iova;	   /* ... this page, ... */
	unsigned old, new; /* ... which led to frame `old`, and now leads to frame `new` */
};

/* The result of a check. */
#define LOOK_STALE 1U
#define LOOK_FALSE_COMPLETION 2U

#define DEVICE_TEXT 120

struct device_counts {
	uint64_t reads, doorbells; /* accesses to registers of the queue */
	uint64_t executed;	   /* descriptors, including waits */
	uint64_t interrupts;
};

struct device_ops {
	const char *name; /* "sim", "qemu" */

	/*
	 * Describe the device in one line of at most DEVICE_TEXT, after capabilities() has been
	 * called.
	 */
	void (*describe)(char *buf, size_t size, const struct device_config *cfg);

	/* False: not available, and *error says why. */
	bool (*capabilities)(const struct device_config *cfg, uint64_t *cap, uint64_t *ecap,
			     char *error, size_t size);

	/* NULL: *error says why. */
	void *(*start)(const struct device_config *cfg, char *error, size_t size);
	void (*configure)(void *dev, struct qi_config *qc);

	/* Called when the queue is on; or NULL. False: *error says why. */
	bool (*prepare)(void *dev, char *error, size_t size);

	/*
	 * before(): called before the submission of @d by thread @worker. since(): called before
	 * each try of a submission that is repeated. after(): called after its success, which was
	 * reported for @slot and @d (NULL: a drain).
	 */
	void (*before)(void *dev, unsigned worker, const struct qi_desc *d, uint64_t *random,
		       struct look *l);
	uint64_t (*since)(void *dev);
	unsigned (*after)(void *dev, struct look *l, unsigned slot, const struct qi_desc *d);

	struct device_counts (*counts)(void *dev);

	/* NULL while it works, otherwise why it has failed; NULL pointer: it cannot fail. */
	const char *(*failure)(void *dev);
	void (*stop)(void *dev);
};

/* The devices of device_sim are struct threads_host. */
extern const struct device_ops device_sim, device_qemu;

/* NULL: there is none of this name. */
const struct device_ops *device_find(const char *name);

#endif
