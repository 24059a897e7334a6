/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* state.h - one run of the decoder, as its parts share it: run.c, show.c, hand_over.c. */
#ifndef DECODE_STATE_H
#define DECODE_STATE_H

#include "decode.h"
#include "findings.h"
#include "gather.h"
#include "machine.h"
#include "prefilter.h"

#define REPORTS 2
#define LAST_TEXT 1024 /* of the last line, as it may be said to have been repeated */
#define LANES 8
#define WAITING 16

/* What a recogniser knows of the lines of one caller. */
struct lane {
	void *state;
	uint64_t caller, line; /* line: its last one */
	bool wants;	       /* the next line, whatever it holds */
};

struct reader {
	const struct recogniser *is;
	struct lane lane[LANES]; /* without by_caller only the first; state NULL: not used yet */
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
	uint64_t took;	  /* of the readers, those that have taken a line; one bit each */
	uint64_t wanting; /* of the readers, whose lane wants the next line; one bit each */
	struct prefilter *filter;
	struct block *waiting[WAITING]; /* by line: one that began earlier may still come */
	unsigned waits;
	struct block *held; /* the last block: equal ones may follow */
	bool taken, alike, named;
	char error[4400];
	void (*progress)(uint64_t bytes);
};

/* Memory that is all zeroes; there always is some. */
void *state_zeroed(size_t n, size_t size);

/* ---- show.c: lines to recognisers ---- */

void show_line(struct decode *d, struct line *l);
/* What has begun is over: the end, or nothing was written for a while. */
void show_end(struct decode *d);

/* ---- hand_over.c: blocks to the report ---- */

/* The first of those that wait. */
void hand_over(struct decode *d);
/* Report all blocks that there are. */
void hand_over_all(struct decode *d);
/* A log is followed while it is being written: what was read is shown now. */
void hand_over_paused(struct decode *d);

#endif
