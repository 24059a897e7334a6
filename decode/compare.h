/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * compare.h - compares iommu_regset and invalidation_queue of the same unit, when the second of the
 * two has been read.
 */
#ifndef DECODE_COMPARE_H
#define DECODE_COMPARE_H

#include "registers.h"

/* @name: of the unit; "": unknown, so it is not compared. */
void compare_registers(struct decode *d, const char *name, const struct registers *r);
void compare_ring(struct decode *d, const struct block *ring);

#endif
