/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arguments.h - what the command line asks for. */
#ifndef EXPLORE_ARGUMENTS_H
#define EXPLORE_ARGUMENTS_H

#include <lab/explore.h>

#include "mpi.h"

struct explore_arguments {
	const char *name;
	const char *engine;
	const char *html;
	const char *token;
	char *copy; /* of it, cut into pieces */
	unsigned slots, width;
	uint64_t laps;
	bool tso, json, list;
	struct mpi_job mpi; /* ranks 0: this process, with workers */
	uint64_t walks, seed;
	uint64_t max_bytes; /* as asked for; 0: half of a machine's */
	struct explore_limits limits;
};

/*
 * From the command line, with defaults for what it leaves out; ends the program where an option is
 * none, or has no such value. False: it has said which of them do not go together.
 */
bool explore_arguments(int argc, char **argv, struct explore_arguments *a);

#endif
