/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* lockup.h - a lockup, stall or panic of Linux, as far as it has been read. */
#ifndef DECODE_LOCKUP_H
#define DECODE_LOCKUP_H

#include "code_bytes.h"
#include "decode.h"

enum event { NOTHING, HARD, SOFT, STALL, HUNG, KCSAN, HARDWARE, TRACE };

/* What the way to the queue says, by a function's name or the beginning of it. */
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
	PATH_FLUSH = 2048, /* a function that does nothing but invalidate */
	PATH_LAZY = 4096,  /* the flush queue of unmapped ranges */
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
	char what[120]; /* the first line, for people */
	char cpu[12], task[64], kernel[64], frames[800];
	unsigned shown;	       /* frames in there */
	bool waits, mentioned; /* qi_submit_sync: as a caller or RIP; with '?' only */
	bool in_trace;	       /* below "Call Trace:", where a symbol may stand alone */
	bool lock;	       /* qi_submit_sync was about to take a spin lock */
	bool mixed;	       /* with another CPU's report: it is not known whose a line is */
	bool reporter;	       /* it is the trace of the CPU whose watchdog tells of another */
	bool asked;	       /* was the last frame one with '?'? */
	bool locking;	       /* it is lockdep's, which looks at a lock that is being taken */
	unsigned path;
	struct code code;
	bool has_address;
	uint64_t address; /* KCSAN: of the word that both use */
	/* From here on it outlives the report. */
	uint64_t lock_line;    /* of a lock in a list whose place is in the next line, 0: none */
	uint64_t profile_line; /* of the last sign of a profile, 0: none */
	uint64_t leak_line;    /* of an object that kmemleak shows, 0: none */
};

#define WAITER "qi_submit_sync"

const char *lockup_title(enum event event);

void lockup_copy(char *to, size_t room, const char *s, size_t n);

/*
 * Add the frames of a line to @k: a symbol with its offset each, or the symbol alone, "[<address>]"
 * or not. Returns how many there are.
 */
unsigned lockup_frames(struct lockup *k, const char *s, const char *end);
/* "qi_submit_sync+0x29d/0x490", and crash's "qi_submit_sync+669" */
bool lockup_has_offset(const char *s, size_t name);
/* A frame of a function that does nothing but invalidate. */
bool lockup_is_flush(const struct line *l);
/* Nothing but symbols and what traces put around them. */
bool lockup_only_symbols(const char *s, const char *end);

/* A line of a list of held locks, or of an object that leaks: no function in it is being called. */
bool lockup_lock_line(struct lockup *k, const struct line *l);
bool lockup_leak_line(struct lockup *k, const struct line *l);
/* A line as only profiles and traces of functions have it; a report ends before it. */
bool lockup_profile_sign(struct lockup *k, const struct line *l);
/*
 * A line of one, @event telling that it would be an event's by itself; one of the queue is
 * reported.
 */
bool lockup_profile(struct decode *d, const struct lockup *k, const struct line *l, bool event);

/* The report is complete: say what it means. */
void lockup_findings(struct decode *d, const struct lockup *k);
/* What the functions in the trace were about. */
void lockup_way(const struct lockup *k, char *to, size_t room);

#endif
