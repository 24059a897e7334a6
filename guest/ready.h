/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* ready.h - prepares a guest in its folder: kernel, initrd, table, disks. */
#ifndef GUEST_READY_H
#define GUEST_READY_H

#include "session.h"

#define READY_MEGABYTES 32 /* of each disk */

#define READY_UNITS 3 /* at most */

/* False: `why` says what is missing. */
bool ready_make(struct session *s);

#endif
