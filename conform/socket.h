/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * socket.h - a device behind a socket: a model in whatever language, which answers questions line
 * by line, as SPEC.md says.
 */
#ifndef CONFORM_SOCKET_H
#define CONFORM_SOCKET_H

#include "device.h"

/*
 * Connect to "unix:PATH" or "tcp:HOST:PORT". NULL: *error, of @size bytes, says in one line why.
 * @patience: seconds that each answer may take.
 */
const struct conform_device *conform_socket_start(const char *address, double patience, char *error,
						  size_t size);
void conform_socket_stop(const struct conform_device *dev);

/*
 * NULL while it is well; else one line: what it answered to what, that it did not in time, or that
 * it has gone. From then on it cannot be reset, all registers read as ones, and all memory as 0.
 */
const char *conform_socket_failure(const struct conform_device *dev);

#endif
