/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * told.h - the interface between `qinval explore --mpi` and its ranks.
 *
 * A rank is started with the arguments of told_words(), in this order:
 *
 * OBJECT SCENARIO ENGINE SLOTS LAPS WIDTH sc|tso MAX-STATES MAX-BYTES SECONDS DISK all|reduced
 *
 * The first rank prints lines: `at` and numbers once a second; then `result` and numbers, `learnt`,
 * `bound`, `what` and `steps` with the rest of the line; and `end` when all ranks have finished.
 */
#ifndef LAB_MPI_TOLD_H
#define LAB_MPI_TOLD_H

#include <stdint.h>
#include <stdio.h>

#include "rank.h"

#define TOLD_ARGUMENTS 12

struct told_arguments {
	const char *object, *scenario, *engine, *disk; /* disk "": none */
	unsigned slots, width;
	uint64_t laps, max_states, max_bytes; /* max_bytes: for a host; 0: half of its memory */
	double seconds;
	bool tso, no_reduction;
};

/* Parse arguments; false: they are malformed. */
bool told_arguments(int argc, char **argv, struct told_arguments *a);

/* Write arguments into words of a static buffer. */
void told_words(const struct told_arguments *a, const char *word[TOLD_ARGUMENTS]);

extern uintptr_t told_base; /* the load address of the scenario's object in this process */

void told_progress(const struct rank_told *t, FILE *to);
void told_result(const struct rank_result *r, FILE *to);
void told_end(FILE *to);

/* The contents of the lines so far; `progress` is the last line's. */
struct told {
	struct rank_told at;
	struct rank_result result;
	bool begun;	/* all ranks have started, and agree */
	unsigned lines; /* lines of a result */
	bool end;
	char *bound, *steps;
};

/*
 * Parse a line, without its newline. The texts of `bound` and `steps` are kept in *t until
 * told_free().
 */
void told_hear(struct told *t, const char *line);
bool told_is_complete(const struct told *t);
void told_free(struct told *t);

#endif
