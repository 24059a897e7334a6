/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * trace_probe.h - a line of the events that qinval record adds to a trace: that qi_submit_sync()
 * was entered, qi_enter, and that it has returned, qi_leave.
 */
#ifndef TRACE_PROBE_H
#define TRACE_PROBE_H

#include "pairing.h"

#define TRACE_CALLER 96

struct trace_probe {
	struct pairing_at at;
	bool leave;
	uint64_t iommu, options; /* of an entry */
	uint32_t count;
	int ret; /* of a return, and the function that called: "" if the line does not name it */
	char caller[TRACE_CALLER];
};

/* Task, CPU and time, from what stands before @event in @line. False: it has no time in seconds. */
bool trace_probe_head(char *line, char *event, struct pairing_at *at);

/* False: @line is none of these, or damaged. Only times in seconds are of use. */
bool trace_probe_read(char *line, struct trace_probe *p);

#endif
