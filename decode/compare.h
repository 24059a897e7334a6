/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * compare.h - what iommu_regset and invalidation_queue of one unit say together. Whichever comes
 * second is compared with the first.
 */
#ifndef DECODE_COMPARE_H
#define DECODE_COMPARE_H

#include "registers.h"

/* @name: of the unit; "" says nothing, and is compared with nothing. */
void compare_registers(struct decode *d, const char *name, const struct registers *r);
void compare_ring(struct decode *d, const struct block *ring);

#endif
