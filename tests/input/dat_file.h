/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * dat_file.h - makes trace.dat files of version 6, as trace-cmd.dat.v6(5) specifies them: for
 * events that no kernel within reach records, and for what trace-cmd would never write.
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
	unsigned char page[DAT_FILE_PAGE]; /* of the ring buffer of the only CPU, number 0 */
	size_t used;
};

/* A format as tracefs shows it, without the common fields; @system is "intel_iommu" mostly. */
struct dat_format {
	const char *system, *name;
	int id;
	const char *fields;
};

/* Formats come grouped by system, and end with a NULL. */
void dat_file_begin(struct dat_file *f, bool big, const struct dat_format *formats);

/*
 * One record, of task "task-77", one microsecond after the one before: @size bytes behind the
 * common fields.
 */
void dat_file_record(struct dat_file *f, int id, const void *payload, size_t size);

/* @lost: events before the first one, as the kernel counts them; -1: it does not know. */
void dat_file_end(struct dat_file *f, long lost);

/* Numbers of a payload, in the file's byte order. */
void dat_file_put(const struct dat_file *f, void *to, uint64_t value, unsigned size);

#endif
