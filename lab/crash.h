/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* crash.h - a crash of the code under test is a finding, not the end of the lab. */
#ifndef LAB_CRASH_H
#define LAB_CRASH_H

#include "lab.h"

/* Turn signals that an actor brings upon itself into its OP_CRASH. In each process. */
void crash_expect(void);

/* Run a scenario's setup(); if it crashes, or does not end: what came of it. */
const char *crash_guard_setup(const struct lab_scenario *s, const struct lab_params *p);

#endif
