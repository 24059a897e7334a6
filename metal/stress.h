/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * stress.h - every CPU submits to every unit as fast as it can, also in interrupt handlers, and
 * some of the descriptors are bad.
 */
#ifndef METAL_STRESS_H
#define METAL_STRESS_H

#include "unit.h"

/*
 * One run without interrupts and one with, each of @ns, for each engine; then the same with 256-bit
 * descriptors on the units that support them.
 */
void stress(struct unit *const *units, unsigned n, uint64_t ns);

#endif
