/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * rank.h - an exploration by several processes that share no memory, each a rank of an MPI job.
 *
 * Level by level, as in explore.h. A state belongs to the rank that its bytes say, which keeps it,
 * expands it, and knows what leads to it.
 */
#ifndef LAB_MPI_RANK_H
#define LAB_MPI_RANK_H

#include <lab/explore.h>
#include <lab/script.h>

#include "peers.h"

struct rank_told {
	uint64_t states, transitions, frontier, bytes, on_disk;
	unsigned depth, restarts;
};

struct rank_limits {
	struct explore_limits all;			/* max_bytes: of this rank */
	void (*progress)(const struct rank_told *told); /* in the first rank, once a second */
};

/* Beside what is in an explore_result: */
struct rank_result {
	struct explore_result all;
	uint64_t messages, bytes; /* sent by all */
	unsigned ranks;
	double busy; /* seconds of the processor without waiting, of the rank that has most */
	struct script_run
		run; /* in the first rank: to the violation, or to the first doomed state */
};

/* After the scenario's set-up: opens what it needs. False: no memory. */
bool rank_open(void);

/* Of what has to be the same on all ranks: the first state, and where it is. */
uint64_t rank_first_hash(void);

/* All ranks do so; what comes of it is the same on each. False: no memory. */
bool rank_explore(const struct rank_limits *limits, struct rank_result *r);

#endif
