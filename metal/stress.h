/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * stress.h - every CPU submits to every unit as fast as it can, in interrupt handlers too, and
 * some of it is bad.
 */
#ifndef METAL_STRESS_H
#define METAL_STRESS_H

#include "unit.h"

/*
 * A run without interrupts and one with, of @ns each, for each engine; again with 256-bit
 * descriptors on the units that take them.
 */
void stress(struct unit *const *units, unsigned n, uint64_t ns);

#endif
