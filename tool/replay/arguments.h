/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arguments.h - the options of qinval replay. */
#ifndef REPLAY_ARGUMENTS_H
#define REPLAY_ARGUMENTS_H

#include "drive.h"

#include <stdio.h>

#define REPLAY_ERROR 8192

/* An output file, opened before the work begins. */
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
 * Check the options that depend on each other. False: *error, of @size bytes, says what is wrong.
 */
bool replay_arguments_fit(struct replay_arguments *a, char *error, size_t size);

#endif
