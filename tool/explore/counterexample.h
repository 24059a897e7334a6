/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* counterexample.h - shortens and prints the run that shows a violation. */
#ifndef EXPLORE_COUNTEREXAMPLE_H
#define EXPLORE_COUNTEREXAMPLE_H

#include <lab/script.h>
#include <lab/story.h>

#include "arguments.h"
#include "report.h"

/* Replace it by the counterexample that one process finds, if that is near. */
void counterexample_shorten(const struct explore_arguments *a, struct explore_result *r,
			    struct script_run *run);

/*
 * Print it on stdout, and write the page of --html. @r: NULL in a replay. Returns an exit code; 0:
 * continue.
 */
int counterexample_show(const struct explore_arguments *a, const struct explored *e,
			const struct script_run *run, const struct explore_result *r,
			const char *token, struct story *story);

#endif
