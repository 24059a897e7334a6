/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* explore_report.h - an exploration's result, for a person or for a program, on stdout. */
#ifndef EXPLORE_REPORT_H
#define EXPLORE_REPORT_H

#include <lab/explore.h>

/* @token: of the counterexample, NULL if there is none. */
void explore_report(const struct lab_scenario *s, const struct lab_params *p,
		    const struct explore_result *r, const char *token);
void explore_report_json(const struct lab_scenario *s, const struct lab_params *p,
			 const struct explore_result *r, const char *token);

#endif
