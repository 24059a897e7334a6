/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* check.h - find events that a unit would refuse. */
#ifndef REPLAY_CHECK_H
#define REPLAY_CHECK_H

#include "drive.h"

/* False: there is one; *error, of @size bytes, says which and why. */
bool check_events(const struct trace *t, const struct drive_config *cfg, char *error, size_t size);

#endif
