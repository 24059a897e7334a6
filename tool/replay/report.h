/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* report.h - the result of a replay, as text and as JSON. */
#ifndef REPORT_H
#define REPORT_H

#include "drive.h"

#include <stdio.h>

void report_text(FILE *to, const struct trace *t, const struct drive_config *cfg,
		 const struct drive_result *r);

/* Write one JSON object and a newline. False: out of memory. */
bool report_json(FILE *to, const struct trace *t, const struct drive_config *cfg,
		 const struct drive_result *r);

const char *problem_name(enum problem_kind kind);

#endif
