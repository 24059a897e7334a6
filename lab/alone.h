/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * alone.h - the futures of single CPUs, kept by the words that they depend on.
 *
 * If only one CPU moves, what it does depends on its own stacks and store buffer, and on the words
 * that it accesses. So what a scout has found out holds in every state in which these are the same,
 * whatever else memory holds: see docs/design/lab.md.
 */
#ifndef LAB_ALONE_H
#define LAB_ALONE_H

#include "footprint.h"
#include "needs.h"

/* True if futures of these agents are kept by words. */
bool alone_apply(uint32_t agents);

/*
 * What this CPU alone may touch from the present state on; NULL: not known. *w, unless NULL: the
 * words on which that depends are added.
 */
const struct footprint *alone_find(unsigned cpu, struct needs *w);

/*
 * Keep this for the present state: its future depends on no other words outside the CPU's stacks,
 * and on no registers but those in `touched`. False: it cannot be kept like that.
 */
bool alone_keep(unsigned cpu, const struct needs *w, const struct footprint *touched);

#endif
