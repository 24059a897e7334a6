/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* mpi.h - an exploration by ranks of an MPI job, which is started and watched. */
#ifndef EXPLORE_MPI_H
#define EXPLORE_MPI_H

#include <lab/mpi/told.h>

struct mpi_job {
	unsigned ranks;
	const char *hosts; /* a file for mpirun; NULL: this machine, or what Slurm gives */
};

/*
 * Start mpirun and wait for what comes of it. A job that ends early is an exploration that hit the
 * bound "lost ranks", with what the first rank had heard. NULL, or why it cannot be.
 */
const char *mpi_explore(const struct mpi_job *job, const struct told_arguments *a,
			const struct explore_limits *limits, struct rank_result *r);

#endif
