/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * shared.h - what the program in the kernel and its reader have in common: a table of the calls
 * that are under way, and a ring of records, one for each call that has returned. Types are
 * u8 to u64, which each side declares in its own way.
 */
#ifndef SHARED_H
#define SHARED_H

#define SHARED_UNIT 16	 /* bytes of a unit's name, with the final NUL */
#define SHARED_BATCH 4	 /* descriptors of a record that has more than one, and no stack */
#define SHARED_DESCS 16	 /* that a record has at most; the kernel's batches have as many */
#define SHARED_FRAMES 24 /* of a caller's stack */
#define SHARED_SAMPLE 32 /* one call of so many is recorded with its caller's stack */
#define SHARED_SLOTS 1024
#define SHARED_WINDOW 8 /* slots in which a task's calls may lie */

/*
 * A call that is under way. @task, the address of the task's structure, is taken by
 * compare-and-swap from 0, and given back as 0 by that task alone; between these the rest is that
 * task's. The reader takes a look at any time, so it reads @task again behind the rest.
 */
struct shared_slot {
	u64 task;
	u64 at; /* nanoseconds, CLOCK_MONOTONIC */
	u64 qw0, qw1;
	char unit[SHARED_UNIT];
	u32 count;
	u32 inserted; /* descriptors, as of the tracepoint inside: more than count after a retry */
	u32 pid;
	u32 uses; /* of this slot, ever */
};

struct shared_table {
	u64 lost;    /* atomic: calls whose record found no room in the ring */
	u64 crowded; /* atomic: calls that found no slot, so it is not known how long they took */
	u64 ready;   /* written by the reader: all programs are attached */
	struct shared_slot slot[SHARED_SLOTS];
};

/*
 * Records have three sizes, as most calls have one descriptor and few are sampled: how much of one
 * there is says its size. @qw0 and @qw1: the first descriptor's; all of them are in @desc, if
 * has_descs.
 */
struct shared_record {
	u64 at;
	u64 took; /* SHARED_UNKNOWN: it began before the programs were attached, or found no slot */
	u64 qw0, qw1;
	char unit[SHARED_UNIT];
	u32 count;
	u32 inserted;
	u32 pid;
	s32 ret;
	u32 cpu;
	u32 options;
	u32 has_descs;
	u32 pad;
};

#define SHARED_UNKNOWN (~(u64)0)

struct shared_desc {
	u64 qw[4]; /* as the kernel keeps them, whatever the unit's width */
};

struct shared_batch {
	struct shared_record record;
	struct shared_desc desc[SHARED_BATCH];
};

struct shared_long {
	struct shared_record record;
	struct shared_desc desc[SHARED_DESCS];
	u64 frame[SHARED_FRAMES];
	u32 frames; /* 0: not of this call */
	u32 pad;
};

#endif
