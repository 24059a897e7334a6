/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tables.h - qinval conform --translate. */
#ifndef TOOL_CONFORM_TABLES_H
#define TOOL_CONFORM_TABLES_H

#include "device.h"

#include <conform/tables.h>

struct conform_tables {
	const struct device *device;
	const char *profile; /* of the model */
	uint64_t seed, requests;
	bool json;
};

/* Returns the exit code. */
int conform_tables(const struct conform_tables *t);

#endif
