/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arguments.h - what qinval replay is told. */
#ifndef REPLAY_ARGUMENTS_H
#define REPLAY_ARGUMENTS_H

#include "drive.h"

#include <stdio.h>

#define REPLAY_ERROR 8192

/* A file to be written, opened before the work. */
struct replay_output {
	const char *path; /* NULL: not wanted */
	FILE *to;
};

struct replay_arguments {
	const char *path;
	struct replay_output html, perfetto;
	const char *slots, *width, *profile, *fault_text;
	bool json;
	struct drive_config cfg;
	struct fault_list faults;
};

/*
 * What can be said of them only when all are there. False: *error, of @size bytes, says what is
 * wrong.
 */
bool replay_arguments_fit(struct replay_arguments *a, char *error, size_t size);

#endif
