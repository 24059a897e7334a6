/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * trace_probe.h - a line of the events that qinval record adds to a trace: qi_enter, the entry of
 * qi_submit_sync(), and qi_leave, its return.
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
	int ret; /* the result; caller: the function that called, "" if the line does not name it */
	char caller[TRACE_CALLER];
};

/*
 * Parse task, CPU and time from the part of @line before @event. Returns false if the time is not
 * in seconds.
 */
bool trace_probe_head(char *line, char *event, struct pairing_at *at);

/*
 * Returns false if @line is neither of these events, or is damaged. Only times in seconds are
 * accepted.
 */
bool trace_probe_read(char *line, struct trace_probe *p);

#endif
