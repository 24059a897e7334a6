/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* object.h - the object with scenarios, ours or the user's, and what is chosen of it. */
#ifndef EXPLORE_OBJECT_H
#define EXPLORE_OBJECT_H

#include <lab/load.h>

#include "arguments.h"

/* Load it. The scenario, the first one for --list; NULL: it has said why. */
const struct lab_scenario *explore_open(const struct explore_arguments *a, struct loaded *object);

bool explore_has_engine(const struct loaded *object, const char *name);

#endif
