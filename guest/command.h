/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* command.h - run programs and read their output. */
#ifndef GUEST_COMMAND_H
#define GUEST_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Run a program and wait for it. *out is its last line of output. False: it could not be run or it
 * failed, and *error is its last message.
 */
bool command_run(const char *const *argv, char *out, size_t out_size, char *error, size_t size);

#endif
