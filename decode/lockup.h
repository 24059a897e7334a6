/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* lockup.h - a lockup, stall or panic of Linux while it is being read. */
#ifndef DECODE_LOCKUP_H
#define DECODE_LOCKUP_H

#include "code_bytes.h"
#include "decode.h"

enum event { NOTHING, HARD, SOFT, STALL, HUNG, KCSAN, HARDWARE, TRACE };

/* Parts of the way to the queue, recognised by the names of functions or their prefixes. */
enum path {
	PATH_DEV_TLB = 1,
	PATH_IOTLB = 2,
	PATH_IEC = 4,
	PATH_CONTEXT = 8,
	PATH_PASID = 16,
	PATH_HOTPLUG = 32,
	PATH_GUEST = 64,
	PATH_PAGE_REQUESTS = 128,
	PATH_RELEASE = 256,
	PATH_SCALABLE = 512,
	PATH_LEGACY = 1024,
	PATH_FLUSH = 2048, /* a function that only invalidates */
	PATH_LAZY = 4096,  /* the flush queue for unmapped ranges */
	PATH_AMD = 8192,   /* a function of another IOMMU's driver */
	PATH_ARM = 16384,
	PATH_RISCV = 32768,
	PATH_OTHER = PATH_AMD | PATH_ARM | PATH_RISCV,
	PATH_REQUESTS = PATH_DEV_TLB | PATH_IOTLB | PATH_IEC | PATH_CONTEXT | PATH_PASID,
};

struct lockup {
	bool open;
	enum event event;
	uint64_t line, last;
	unsigned lines, foreign;
	bool timed;
	double time;
	char what[120]; /* the first line of the report */
	char cpu[12], task[64], kernel[64], frames[800];
	unsigned shown;	       /* frames in it */
	bool waits, mentioned; /* qi_submit_sync as a caller or at RIP; with '?' only */
	bool in_trace;	       /* after "Call Trace:", where a symbol may stand alone */
	bool lock;	       /* qi_submit_sync was about to take a spin lock */
	bool mixed;	       /* lines of another CPU's report are mixed in */
	bool reporter;	       /* the trace of a CPU whose watchdog reports another CPU */
	bool asked;	       /* the last frame had a '?' */
	bool locking;	       /* a report of lockdep about a lock that is being taken */
	unsigned path;
	struct code code;
	bool has_address;
	uint64_t address; /* KCSAN: the word that both access */
	/* The members below outlive the report. */
	uint64_t lock_line;    /* of a lock in a list whose place is in the next line; 0: none */
	uint64_t profile_line; /* of the last sign of a profile; 0: none */
	uint64_t leak_line;    /* of an object in a report of kmemleak; 0: none */
};

#define WAITER "qi_submit_sync"

const char *lockup_title(enum event event);

void lockup_copy(char *to, size_t room, const char *s, size_t n);

/*
 * Add the frames of a line to @k: symbols with offsets or alone, with "[<address>]" or without.
 * Returns their number.
 */
unsigned lockup_frames(struct lockup *k, const char *s, const char *end);
/* "qi_submit_sync+0x29d/0x490", and crash's "qi_submit_sync+669" */
bool lockup_has_offset(const char *s, size_t name);
/* True for a frame of a function that only invalidates. */
bool lockup_is_flush(const struct line *l);
/* True if there are only symbols and the decoration of traces. */
bool lockup_only_symbols(const char *s, const char *end);

/*
 * True for a line of a list of held locks, or of a leaked object: its functions are not being
 * called.
 */
bool lockup_lock_line(struct lockup *k, const struct line *l);
bool lockup_leak_line(struct lockup *k, const struct line *l);
/* True for a line that only profiles and function traces have; a report ends before it. */
bool lockup_profile_sign(struct lockup *k, const struct line *l);
/*
 * A line of such a profile. @event: it would be an event by itself. A profile of the queue is
 * reported.
 */
bool lockup_profile(struct decode *d, const struct lockup *k, const struct line *l, bool event);

/* The report is complete: report findings. */
void lockup_findings(struct decode *d, const struct lockup *k);
/* Describe what the functions in the trace were doing. */
void lockup_way(const struct lockup *k, char *to, size_t room);

#endif
