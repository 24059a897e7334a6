/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* explore_report.h - an exploration's result, for a person or for a program, on stdout. */
#ifndef EXPLORE_REPORT_H
#define EXPLORE_REPORT_H

#include <lab/explore.h>

void explore_report(const struct lab_scenario *s, const struct lab_params *p,
		    const struct explore_result *r);
void explore_report_json(const struct lab_scenario *s, const struct lab_params *p,
			 const struct explore_result *r);

#endif
