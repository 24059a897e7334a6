/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* walk.h - what the guest's tables say of an address, in legacy mode. */
#ifndef GUEST_WALK_H
#define GUEST_WALK_H

#include "oracle.h"

/* Without `context` the device has no context entry: nothing of it is translated. */
void walk(const struct vtd_unit *u, uint16_t sid, uint64_t iova, struct oracle_page *page,
	  bool *context);

#endif
