/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* crash.h - a crash of the code under test is reported as a violation, and the lab goes on. */
#ifndef LAB_CRASH_H
#define LAB_CRASH_H

#include "lab.h"

/* Turn signals that an actor causes into an OP_CRASH. Call it in each process. */
void crash_expect(void);

/* Run a scenario's setup(). Returns its result, or a text if it crashes or does not end. */
const char *crash_guard_setup(const struct lab_scenario *s, const struct lab_params *p);

#endif
