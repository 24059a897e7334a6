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
	uint64_t lost;	  /* calls or events that happened and were not given */
	uint64_t untimed; /* calls that were given without how long they took, for want of room */
	uint64_t pending; /* calls under way */
};

struct source {
	const struct source_ops *ops;
	void *state;
};

struct source_ops {
	const char *name;  /* for --by: "bpf", "kprobes", "tracepoint"; "recording" */
	const char *does;  /* one line for people */
	const char *lacks; /* what it does not tell, "" if nothing */

	/* False: *error, of SOURCE_ERROR bytes, says why, and what to do. */
	bool (*open)(struct source *s, char *error);

	/* All calls that have returned since. False: it has failed, or (a recording) has ended. */
	bool (*poll)(struct source *s, source_call_fn *fn, void *ctx, char *error);

	struct source_counts (*counts)(struct source *s);

	/* Those under way, the oldest first, SOURCE_PENDING at most; @now by the source's clock. */
	unsigned (*pending)(struct source *s, struct live_pending *to, uint64_t *now);

	/* Nothing of it is left in the kernel. */
	void (*close)(struct source *s);
};

/* The sources that are built in; NULL otherwise. */
extern const struct source_ops *const source_bpf, *const source_kprobes, *const source_tracepoint;

/*
 * The one of this name, or for NULL the best one that the kernel lets us have. False: *error says
 * why not. *note, of SOURCE_ERROR bytes: why a better one could not be had, or "".
 */
bool source_open(struct source *s, const char *by, char *note, char *error);

#endif
