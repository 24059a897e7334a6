/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* recording.h - the calls of a file that qinval record, trace-cmd, perf or tracefs has written. */
#ifndef LIVE_RECORDING_H
#define LIVE_RECORDING_H

#include "source.h"
#include "names.h"

struct recorded;

struct recording {
	struct recorded *call; /* in the order of their beginnings */
	size_t calls, room;
	struct live_desc *desc;
	size_t descs, desc_room;
	uint64_t first, length; /* nanoseconds */
	uint64_t lost, untimed;
	struct names *names;
	bool no_memory;
};

/*
 * @names takes the names of callers. Returns false on an error; then *error, of SOURCE_ERROR bytes,
 * says why.
 */
bool recording_read(struct recording *r, const char *path, struct names *names, char *error);
void recording_free(struct recording *r);

/*
 * Calls @fn for the calls that begin from @from on and before @to, in nanoseconds since the
 * beginning of the first.
 */
void recording_give(const struct recording *r, uint64_t from, uint64_t to, source_call_fn *fn,
		    void *ctx);

/* Names the recording as a source; its functions are not called. */
extern const struct source_ops recording_ops;

#endif
