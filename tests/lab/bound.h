/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bound.h - the lab's functions, bound to the core at compile time: see QI_HOST_HEADER in host.h.
 */
#ifndef TESTS_LAB_BOUND_H
#define TESTS_LAB_BOUND_H

#include <qinval/host.h>

extern const struct qi_host lab_host;

/* Lets tests/lab/bound check that the core has really been compiled with this header. */
static const char lab_bound[] __attribute__((used)) = "bound";

#define qi_host_read32(ctx, reg) lab_host.read32(ctx, reg)
#define qi_host_read64(ctx, reg) lab_host.read64(ctx, reg)
#define qi_host_write32(ctx, reg, value) lab_host.write32(ctx, reg, value)
#define qi_host_write64(ctx, reg, value) lab_host.write64(ctx, reg, value)
#define qi_host_lock(ctx) lab_host.lock(ctx)
#define qi_host_unlock(ctx, flags) lab_host.unlock(ctx, flags)
#define qi_host_irq_save(ctx) lab_host.irq_save(ctx)
#define qi_host_irq_restore(ctx, flags) lab_host.irq_restore(ctx, flags)
#define qi_host_relax(ctx) lab_host.relax(ctx)
#define qi_host_now(ctx) lab_host.now(ctx)

#endif
