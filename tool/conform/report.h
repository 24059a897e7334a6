/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* report.h - what qinval conform says of the suite's results. */
#ifndef TOOL_CONFORM_REPORT_H
#define TOOL_CONFORM_REPORT_H

#include <conform/conform.h>

struct conform_report {
	const char *device, *profile; /* profile NULL: none is declared */
	const struct conform_declared *declared;
	struct conform_result *result; /* in the order of the cases */
	unsigned results, room;
	struct conform_counts counts;
	unsigned unexpected; /* results that are not as declared; without a profile, that deviate */
	double seconds;
	bool interrupted; /* not all cases were tried */
	unsigned ends;	  /* so often QEMU has ended by itself */
	const char *how;  /* it did the last time */
};

/* How often QEMU has ended, and how; nothing if it has not. A guest can have it do so. */
void conform_report_ends(unsigned ends, const char *how);

void conform_report_add(struct conform_report *r, const struct conform_result *result);
void conform_report_free(struct conform_report *r);

/*
 * What deviates or is unexpected, and if @all the others, as soon as it is known; and at the end.
 */
void conform_report_row(const struct conform_report *r, const struct conform_result *result,
			bool all);
void conform_report_summary(const struct conform_report *r);

void conform_report_json(const struct conform_report *r);

#endif
