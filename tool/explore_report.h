/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* explore_report.h - an exploration's result, for a person or for a program, on stdout. */
#ifndef EXPLORE_REPORT_H
#define EXPLORE_REPORT_H

#include <lab/engine.h>
#include <lab/explore.h>
#include <lab/load.h>
#include <stdio.h>

/* @token: of the counterexample, NULL if there is none. */
void explore_report(const struct lab_scenario *s, const struct lab_params *p,
		    const struct explore_result *r, const char *token);
void explore_report_json(const struct lab_scenario *s, const struct lab_params *p,
			 const struct explore_result *r, const char *token);

/* Its scenarios, and engines if it has any to choose from. */
void explore_list(FILE *to, const struct loaded *object);
void explore_list_json(const struct loaded *object);

#endif
