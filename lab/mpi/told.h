/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * told.h - what `qinval explore --mpi` and its ranks tell each other.
 *
 * A rank is started with told_words() of arguments, in this order:
 *   OBJECT SCENARIO ENGINE SLOTS LAPS WIDTH sc|tso MAX-STATES MAX-BYTES SECONDS DISK all|reduced
 * The first rank prints lines: `at` and numbers once a second, then `result` and numbers,
 * `learnt`, `bound`, `what` and `steps` with the rest of the line, and, when all ranks have
 * come to the end, `end`.
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
	uint64_t laps, max_states, max_bytes; /* max_bytes, of a host, 0: half of it */
	double seconds;
	bool tso, no_reduction;
};

/* False: they are none. */
bool told_arguments(int argc, char **argv, struct told_arguments *a);

/* The same, written: into words of a static buffer. */
void told_words(const struct told_arguments *a, const char *word[TOLD_ARGUMENTS]);

extern uintptr_t told_base; /* of the scenario's object, in this process */

void told_progress(const struct rank_told *t, FILE *to);
void told_result(const struct rank_result *r, FILE *to);
void told_end(FILE *to);

/* What has been heard; progress is the last one. */
struct told {
	struct rank_told at;
	struct rank_result result;
	bool begun;	/* all ranks are there, and the same */
	unsigned lines; /* of a result */
	bool end;
	char *bound, *steps;
};

/* A line, without its end. Text of `bound` and `steps` is kept in *t until told_free(). */
void told_hear(struct told *t, const char *line);
bool told_is_complete(const struct told *t);
void told_free(struct told *t);

#endif
