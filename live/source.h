/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * source.h - where calls come from: a BPF program, the kernel's kprobe events, its tracepoint
 * alone, or a recording.
 */
#ifndef LIVE_SOURCE_H
#define LIVE_SOURCE_H

#include "call.h"

#include <stddef.h>

#define SOURCE_ERROR 1024
#define SOURCE_PENDING 256

typedef void source_call_fn(void *ctx, const struct live_call *call);

struct source_counts {
	uint64_t lost;	  /* calls or events that happened but were not delivered */
	uint64_t untimed; /* calls that were delivered without their duration, for want of room */
	uint64_t pending; /* calls under way */
};

struct source {
	const struct source_ops *ops;
	void *state;
};

struct source_ops {
	const char *name;  /* for --by: "bpf", "kprobes", "tracepoint"; "recording" */
	const char *does;  /* one line, for messages */
	const char *lacks; /* what this source cannot tell, "" if nothing */

	/*
	 * Returns false on failure; then *error, of SOURCE_ERROR bytes, says why, and what to do.
	 */
	bool (*open)(struct source *s, char *error);

	/*
	 * Delivers all calls that have returned since the last poll. Returns false if the source
	 * has failed, or a recording has ended.
	 */
	bool (*poll)(struct source *s, source_call_fn *fn, void *ctx, char *error);

	struct source_counts (*counts)(struct source *s);

	/*
	 * The calls under way, the oldest first, SOURCE_PENDING at most; @now by the source's
	 * clock.
	 */
	unsigned (*pending)(struct source *s, struct live_pending *to, uint64_t *now);

	/* Leaves nothing in the kernel. */
	void (*close)(struct source *s);
};

/* The sources that are built in; NULL otherwise. */
extern const struct source_ops *const source_bpf, *const source_kprobes, *const source_tracepoint;

/*
 * Opens the source of this name, or for NULL the first one that the kernel allows. If it returns
 * false, *error says why. *note, of SOURCE_ERROR bytes, says why a better one could not be used, or
 * is "".
 */
bool source_open(struct source *s, const char *by, char *note, char *error);

#endif
