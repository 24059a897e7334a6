/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* mpi.h - starts an exploration by the ranks of an MPI job, and reads its result. */
#ifndef EXPLORE_MPI_H
#define EXPLORE_MPI_H

#include <lab/mpi/told.h>

struct mpi_job {
	unsigned ranks;
	const char *hosts; /* a host file for mpirun; NULL: this machine, or what Slurm assigns */
};

/*
 * Start mpirun and wait for the result. If the job ends early, the bound is "lost ranks", and the
 * result has what the first rank had reported. Returns NULL, or why it cannot be started.
 */
const char *mpi_explore(const struct mpi_job *job, const struct told_arguments *a,
			const struct explore_limits *limits, struct rank_result *r);

#endif
