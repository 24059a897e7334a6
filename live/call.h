/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * call.h - one call of the kernel's qi_submit_sync(), as far as a source knows it. All sources
 * deliver such calls, and all views are computed from them.
 */
#ifndef LIVE_CALL_H
#define LIVE_CALL_H

#include <stdbool.h>
#include <stdint.h>

#define LIVE_UNIT 16   /* bytes of a unit's name, with the final NUL */
#define LIVE_DESCS 16  /* descriptors of a call that are looked at */
#define LIVE_FRAMES 24 /* frames of the caller's stack */
#define LIVE_UNKNOWN UINT64_MAX

struct live_desc {
	uint64_t qw0, qw1;
};

struct live_call {
	uint64_t at;	  /* nanoseconds, of a clock that the source chooses */
	uint64_t took;	  /* nanoseconds until its return; LIVE_UNKNOWN */
	uint32_t count;	  /* descriptors that the caller gave; 0: a plain drain */
	uint32_t options; /* QI_OPT_* of the kernel: 1 is "drain page requests" */
	uint32_t retries;
	int32_t ret; /* 0, or a negative errno */
	uint32_t pid, cpu;
	uint32_t descs; /* entries of @desc; less than @count if not all are known */
	uint32_t frames;
	char unit[LIVE_UNIT]; /* "" if it is not known */
	struct live_desc desc[LIVE_DESCS];
	/* Addresses, the innermost first; only sampled calls have them. */
	uint64_t frame[LIVE_FRAMES];
};

/* A call that has not returned yet. */
struct live_pending {
	uint64_t at;
	uint32_t pid;
	uint32_t count;
	char unit[LIVE_UNIT];
	struct live_desc first; /* valid if @count is not 0 */
};

#endif
