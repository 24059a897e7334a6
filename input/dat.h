/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * dat.h - a trace.dat file, which trace-cmd record writes, as the text of its events.
 *
 * The file is read by libtracecmd in a process of its own, because libtracecmd is not made for
 * damaged or hostile files: whatever happens to it, this process goes on.
 */
#ifndef DAT_H
#define DAT_H

#include <stdbool.h>
#include <stddef.h>

#define DAT_MAGIC "\x17\x08\x44tracing"
#define DAT_MAGIC_SIZE 10

struct dat;

/* True if the @size bytes at @start begin a trace.dat file. */
bool dat_is(const void *start, size_t size);

/*
 * @fd: of a regular file, which is read from its beginning. Returns NULL on an error, which errno
 * tells.
 */
struct dat *dat_open(int fd);

/*
 * The next bytes of the text: one line for each event, as trace-cmd report prints it, in the order
 * of their times. Events of other systems than intel_iommu have only their names. Returns the
 * number of bytes, 0 at the end, -1 if the file cannot be read any further: see dat_error().
 */
long dat_read(struct dat *d, void *to, size_t size);
const char *dat_error(const struct dat *d);

/* May be called before the end; the rest is not read. */
void dat_close(struct dat *d);

#endif
