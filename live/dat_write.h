/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * dat_write.h - a trace.dat file, of version 6 of trace-cmd's format, from tracefs and from the
 * pages of its ring buffers.
 */
#ifndef LIVE_DAT_WRITE_H
#define LIVE_DAT_WRITE_H

#include <stdbool.h>
#include <stddef.h>

struct dat_event {
	const char *system, *name;
};

/*
 * @fd: of an empty file. @events: grouped by system, NULL at the end; their formats are read by
 * this call, so the events must still exist. @pages: one file for each CPU, read from its
 * beginning. Returns false on an error, which errno tells.
 */
bool dat_write(int fd, const struct dat_event *events, const int *pages, unsigned cpus);

#endif
