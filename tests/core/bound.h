/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bound.h - the rig's functions, bound to the core when it is compiled: see QI_HOST_HEADER in
 * host.h. They go through the rig's own table, as tests put theirs there.
 */
#ifndef TESTS_BOUND_H
#define TESTS_BOUND_H

#include <qinval/host.h>

const struct qi_host *rig_host_of(void *ctx);

#define qi_host_read32(ctx, reg) rig_host_of(ctx)->read32(ctx, reg)
#define qi_host_read64(ctx, reg) rig_host_of(ctx)->read64(ctx, reg)
#define qi_host_write32(ctx, reg, value) rig_host_of(ctx)->write32(ctx, reg, value)
#define qi_host_write64(ctx, reg, value) rig_host_of(ctx)->write64(ctx, reg, value)
#define qi_host_lock(ctx) rig_host_of(ctx)->lock(ctx)
#define qi_host_unlock(ctx, flags) rig_host_of(ctx)->unlock(ctx, flags)
#define qi_host_irq_save(ctx) (rig_host_of(ctx)->irq_save ? rig_host_of(ctx)->irq_save(ctx) : 0)
#define qi_host_irq_restore(ctx, flags)                            \
	do {                                                       \
		if (rig_host_of(ctx)->irq_restore)                 \
			rig_host_of(ctx)->irq_restore(ctx, flags); \
	} while (0)
#define qi_host_relax(ctx) rig_host_of(ctx)->relax(ctx)
#define qi_host_now(ctx) rig_host_of(ctx)->now(ctx)

#endif
