/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* command.h - run programs and read what they print. */
#ifndef GUEST_COMMAND_H
#define GUEST_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Run it to its end. *out is its last line. False: it cannot be run or has failed, and *error is
 * its last word about that.
 */
bool command_run(const char *const *argv, char *out, size_t out_size, char *error, size_t size);

#endif
