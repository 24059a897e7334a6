/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arguments.h - the options of qinval explore. */
#ifndef EXPLORE_ARGUMENTS_H
#define EXPLORE_ARGUMENTS_H

#include <lab/explore.h>

#include "mpi.h"

struct explore_arguments {
	const char *name;
	const char *engine;
	const char *html;
	const char *token;
	char *copy; /* a copy of the token, cut into pieces */
	unsigned slots, width;
	uint64_t laps;
	bool tso, json, list;
	struct mpi_job mpi; /* 0 ranks: this process explores, with workers */
	uint64_t walks, seed;
	uint64_t max_bytes; /* as given; 0: half of a machine's memory */
	struct explore_limits limits;
};

/*
 * Parse the command line, and fill in defaults. Unknown options and invalid values end the program.
 * False: a message says which options exclude each other.
 */
bool explore_arguments(int argc, char **argv, struct explore_arguments *a);

#endif
