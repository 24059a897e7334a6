/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* unit.h - a unit of a replay, its queue and its injector: started, and ended. */
#ifndef REPLAY_UNIT_H
#define REPLAY_UNIT_H

#include "running.h"

/* False: *error says why; unit_stop() is for either case, if u->started. */
bool unit_start(struct drive *d, struct unit *u, unsigned number, char *error, size_t size);

/* Its counts are added to *r. With r->stuck no more than that. */
void unit_stop(struct drive *d, struct unit *u, struct drive_result *r);

#endif
