/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* conform_report.h - what qinval conform says of the suite's results. */
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
	unsigned ends;	 /* so often QEMU has ended by itself */
	const char *how; /* it did the last time */
};

/* How often QEMU has ended, and how; nothing if it has not. A guest can have it do so. */
void conform_report_ends(unsigned ends, const char *how);

/* conform_report_fn, with a struct conform_report. */
void conform_report_add(void *ctx, const struct conform_result *result);
void conform_report_free(struct conform_report *r);

void conform_report_text(const struct conform_report *r);
void conform_report_json(const struct conform_report *r);

#endif
