/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* sim.h - the unit of device/ as a device for the suite. */
#ifndef CONFORM_SIM_H
#define CONFORM_SIM_H

#include "device.h"

#include <device/vtd.h>

struct conform_sim_config {
	enum vtd_profile profile;
	uint64_t cap, ecap; /* both 0: the profile's */
	uint64_t memory;    /* where its memory is; 0: anywhere */
	uint64_t seed;	    /* of the choices that the unit has; ignored where it is `plain` */
	bool plain;	    /* it always takes the first */
	bool forgets;	    /* of tables it caches nothing from one request to the next */
};

/* NULL: out of memory, or the configuration makes no sense to the unit. */
const struct conform_device *conform_sim_start(const struct conform_sim_config *cfg);
/*
 * Has the unit looked, since the last call, at memory whose contents are another device's own: in a
 * frame, below 1 GiB and not the suite's, or where machines have registers?
 */
bool conform_sim_strayed(const struct conform_device *dev);

/* Of a unit that forgets: as if the last request, or interrupt, had not been. */
void conform_sim_undo(const struct conform_device *dev);

void conform_sim_stop(const struct conform_device *dev);

#endif
