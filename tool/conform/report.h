/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* report.h - prints the suite's results for qinval conform. */
#ifndef TOOL_CONFORM_REPORT_H
#define TOOL_CONFORM_REPORT_H

#include <conform/conform.h>

struct conform_report {
	const char *device, *profile; /* profile NULL: no deviations are declared */
	const struct conform_declared *declared;
	struct conform_result *result; /* in the order of the cases */
	unsigned results, room;
	struct conform_counts counts;
	unsigned unexpected; /* results that are not as declared; without a profile: deviations */
	double seconds;
	bool interrupted; /* not all cases were tried */
	unsigned ends;	  /* the number of times that QEMU has ended by itself ... */
	const char *how;  /* ... and how it ended the last time */
};

/* Print how often and how QEMU has ended; nothing if it has not. A guest can cause this, too. */
void conform_report_ends(unsigned ends, const char *how);

void conform_report_add(struct conform_report *r, const struct conform_result *result);
void conform_report_free(struct conform_report *r);

/*
 * conform_report_row(): print a deviation or an unexpected result, or with @all any result, as soon
 * as it is known. conform_report_summary(): print the summary.
 */
void conform_report_row(const struct conform_report *r, const struct conform_result *result,
			bool all);
void conform_report_summary(const struct conform_report *r);

void conform_report_json(const struct conform_report *r);

#endif
