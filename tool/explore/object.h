/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* object.h - the shared object with scenarios, ours or the user's, and the chosen scenario. */
#ifndef EXPLORE_OBJECT_H
#define EXPLORE_OBJECT_H

#include <lab/load.h>

#include "arguments.h"

/* Load the object. Returns the scenario, for --list the first one; NULL: a message says why. */
const struct lab_scenario *explore_open(const struct explore_arguments *a, struct loaded *object);

bool explore_has_engine(const struct loaded *object, const char *name);

#endif
