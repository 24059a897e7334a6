/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* walk.h - schedules at random. */
#ifndef LAB_WALK_H
#define LAB_WALK_H

#include "machine.h"

/*
 * Learn, from some hundred random schedules, which words are shared. What this misses costs the
 * exploration a new start, no more.
 */
void walk_learn(void);

#endif
