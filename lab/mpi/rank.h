/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * rank.h - an exploration by several processes without shared memory, each a rank of an MPI job.
 *
 * States are explored level by level, as in explore.h. A hash of a state's bytes decides which rank
 * keeps it, expands it, and knows its predecessors.
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
	struct explore_limits all; /* max_bytes: for this rank */
	/* Called on the first rank, once a second. */
	void (*progress)(const struct rank_told *told);
};

/* In addition to struct explore_result: */
struct rank_result {
	struct explore_result all;
	uint64_t messages, bytes; /* sent by all ranks */
	uint64_t waits;		  /* how often all ranks had to wait for each other */
	unsigned ranks;
	double busy; /* CPU seconds without waiting, of the busiest rank */
	struct script_run
		run; /* on the first rank: the run to the violation or to the first doomed state */
};

/* Call it after the scenario's setup(). False: no memory. */
bool rank_open(void);

/* A hash of what must be equal on all ranks: the first state, with its addresses. */
uint64_t rank_first_hash(void);

/* All ranks call it together, and get the same result. False: no memory. */
bool rank_explore(const struct rank_limits *limits, struct rank_result *r);

#endif
