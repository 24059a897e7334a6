/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* fuzz.h - qinval conform --fuzz. */
#ifndef TOOL_CONFORM_FUZZ_H
#define TOOL_CONFORM_FUZZ_H

#include "device.h"

#include <conform/fuzz.h>

struct conform_fuzz {
	const struct device *device;
	const char *profile; /* of the model */
	uint64_t seed, descriptors;
	bool json;
};

/* Returns the exit code. */
int conform_fuzz(const struct conform_fuzz *f);

#endif
