/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* state.h - one run of the decoder, which run.c, show.c and hand_over.c share. */
#ifndef DECODE_STATE_H
#define DECODE_STATE_H

#include "decode.h"
#include "findings.h"
#include "gather.h"
#include "machine.h"
#include "prefilter.h"

#define REPORTS 2
/* Bytes of the last line, which is kept because it may be said to have been repeated. */
#define LAST_TEXT 1024
#define LANES 8
#define WAITING 16

/* A recogniser's state for the lines of one caller. */
struct lane {
	void *state;
	uint64_t caller, line; /* line: the last one */
	bool wants;	       /* wants the next line, whatever it contains */
};

struct reader {
	const struct recogniser *is;
	/* Only the first if by_caller is false; state is NULL before the first use. */
	struct lane lane[LANES];
};

/* A file that has been read. */
struct source {
	char *name;
	bool reversed;
	uint64_t lines;
};

struct decode {
	struct report report[REPORTS];
	unsigned reports;
	struct findings findings;
	struct gathered gathered;
	struct decode_facts facts;
	struct machine machine;
	struct source file[DECODE_FILES];
	unsigned files;
	uint64_t times;
	char last[LAST_TEXT]; /* the last line that was shown */
	uint64_t last_line;
	uint64_t source_line, driver_lines;
	struct reader *reader;
	unsigned n;
	uint64_t took;	  /* one bit for each reader that has taken a line */
	uint64_t wanting; /* one bit for each reader with a lane that wants the next line */
	struct prefilter *filter;
	/* Sorted by line, because a block that began earlier may come later. */
	struct block *waiting[WAITING];
	unsigned waits;
	struct block *held; /* the last block, because equal ones may follow */
	bool taken, alike, named;
	char error[4400];
	void (*progress)(uint64_t bytes);
};

/* Memory that is zero. Never returns NULL. */
void *state_zeroed(size_t n, size_t size);

/* ---- show.c: passes lines to recognisers ---- */

void show_line(struct decode *d, struct line *l);
/* End whatever has begun: the input has ended, or nothing was written for a while. */
void show_end(struct decode *d);

/* ---- hand_over.c: passes blocks to the reports ---- */

/* Report the first of the waiting blocks. */
void hand_over(struct decode *d);
/* Report all waiting blocks. */
void hand_over_all(struct decode *d);
/* The log that is being read has paused: flush the reports. */
void hand_over_paused(struct decode *d);

#endif
