/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* sim.h - the unit of device/ as a device for the suite. */
#ifndef CONFORM_SIM_H
#define CONFORM_SIM_H

#include "device.h"

#include <device/vtd.h>

struct conform_sim_config {
	enum vtd_profile profile;
	uint64_t cap, ecap; /* both 0: the profile's */
	uint64_t memory;    /* address of its memory; 0: any */
	uint64_t seed;	    /* for the unit's choices; ignored if `plain` */
	bool plain;	    /* it always makes the first choice */
	bool forgets;	    /* it keeps nothing cached of tables from one request to the next */
};

/* NULL: out of memory, or the unit does not accept the configuration. */
const struct conform_device *conform_sim_start(const struct conform_sim_config *cfg);
/*
 * True if, since the last call, the unit has read memory whose contents differ between devices: a
 * frame, memory below 1 GiB outside the suite's, or where machines have registers.
 */
bool conform_sim_strayed(const struct conform_device *dev);

/* For a unit that `forgets`: undo the last request or interrupt. */
void conform_sim_undo(const struct conform_device *dev);

void conform_sim_stop(const struct conform_device *dev);

#endif
