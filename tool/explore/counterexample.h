/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* counterexample.h - the run that shows a violation: made short, and told. */
#ifndef EXPLORE_COUNTEREXAMPLE_H
#define EXPLORE_COUNTEREXAMPLE_H

#include <lab/script.h>
#include <lab/story.h>

#include "arguments.h"
#include "report.h"

/* The counterexample that one process finds, if it is near. */
void counterexample_shorten(const struct explore_arguments *a, struct explore_result *r,
			    struct script_run *run);

/* On stdout, and the page of --html. @r: NULL in a replay. The exit code, if not 0. */
int counterexample_show(const struct explore_arguments *a, const struct explored *e,
			const struct script_run *run, const struct explore_result *r,
			const char *token, struct story *story);

#endif
