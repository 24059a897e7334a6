/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * dat_file.h - makes trace.dat files of version 6, as in trace-cmd.dat.v6(5): for events that no
 * available kernel records, and for files that trace-cmd would never write.
 */
#ifndef DAT_FILE_H
#define DAT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DAT_FILE_SIZE (64 * 1024)
#define DAT_FILE_PAGE 4096

struct dat_file {
	bool big; /* big-endian */
	unsigned char bytes[DAT_FILE_SIZE];
	size_t size;
	unsigned char page[DAT_FILE_PAGE]; /* of the ring buffer of CPU 0, the only one */
	size_t used;
};

/* A format as tracefs prints it, without the common fields; @system is usually "intel_iommu". */
struct dat_format {
	const char *system, *name;
	int id;
	const char *fields;
};

/* Formats are grouped by system; NULL ends the list. */
void dat_file_begin(struct dat_file *f, bool big, const struct dat_format *formats);

/*
 * Add a record of task "task-77", one microsecond after the previous one: @size bytes after the
 * common fields.
 */
void dat_file_record(struct dat_file *f, int id, const void *payload, size_t size);

/* @lost: events lost before the first one, as the kernel counts them; -1: unknown. */
void dat_file_end(struct dat_file *f, long lost);

/* Store a number in a payload, in the file's byte order. */
void dat_file_put(const struct dat_file *f, void *to, uint64_t value, unsigned size);

#endif
