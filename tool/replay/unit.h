/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* unit.h - starts and stops a unit of a replay, with its queue and its injector. */
#ifndef REPLAY_UNIT_H
#define REPLAY_UNIT_H

#include "running.h"

/* False: *error says why. Call unit_stop() in either case, if u->started. */
bool unit_start(struct drive *d, struct unit *u, unsigned number, char *error, size_t size);

/* Adds its counts to *r. With r->stuck it does nothing else. */
void unit_stop(struct drive *d, struct unit *u, struct drive_result *r);

#endif
