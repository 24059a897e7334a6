/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * socket.h - a device behind a socket: a model in any language, which answers questions line by
 * line, as in SPEC.md.
 */
#ifndef CONFORM_SOCKET_H
#define CONFORM_SOCKET_H

#include "device.h"

/*
 * Connect to "unix:PATH" or "tcp:HOST:PORT". NULL: *error, of @size bytes, says in one line why it
 * failed. @patience: seconds that each answer may take.
 */
const struct conform_device *conform_socket_start(const char *address, double patience, char *error,
						  size_t size);
void conform_socket_stop(const struct conform_device *dev);

/*
 * NULL while it works; otherwise one line: what it answered to which question, that it did not
 * answer in time, or that it closed the connection. After a failure it cannot be reset, all
 * registers read as ones, and all memory as 0.
 */
const char *conform_socket_failure(const struct conform_device *dev);

#endif
