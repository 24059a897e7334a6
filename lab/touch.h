/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* touch.h - add what an operation touches to a footprint. */
#ifndef LAB_TOUCH_H
#define LAB_TOUCH_H

#include "footprint.h"
#include "op.h"

/* For an operation that takes effect at once. */
void touch_op(struct footprint *f, const struct op *op);

/* A unit's register, addressed as in hardware_read() and hardware_write(). */
void touch_register(struct footprint *f, uint64_t addr, bool write);

#endif
