/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * machine.h - the core's access to the machine, bound at compile time (bound.h): see QI_HOST_HEADER
 * in <qinval/host.h>. The names include the prefix with which the module's core is built.
 */
#ifndef QINVAL_LINUX_MACHINE_H
#define QINVAL_LINUX_MACHINE_H

#include <linux/io.h>
#include <linux/irqflags.h>
#include <linux/nmi.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>

struct machine {
	void __iomem *regs;
	raw_spinlock_t lock;
	/*
	 * From this time on the clock runs faster, so that the core's time limits become short
	 * while all other CPUs are stopped. 0: it does not. Written only while there are no
	 * submissions.
	 */
	u64 hurry;
};

#define MACHINE_HURRY 256
#define MACHINE_PATIENCE 0x4000 /* turns of a wait loop between two calls that calm the watchdog */

static inline uint32_t qinval_qi_host_read32(void *ctx, unsigned int reg)
{
	return readl(((struct machine *)ctx)->regs + reg);
}

static inline uint64_t qinval_qi_host_read64(void *ctx, unsigned int reg)
{
	return readq(((struct machine *)ctx)->regs + reg);
}

static inline void qinval_qi_host_write32(void *ctx, unsigned int reg, uint32_t value)
{
	writel(value, ((struct machine *)ctx)->regs + reg);
}

static inline void qinval_qi_host_write64(void *ctx, unsigned int reg, uint64_t value)
{
	writeq(value, ((struct machine *)ctx)->regs + reg);
}

static inline unsigned long qinval_qi_host_lock(void *ctx)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&((struct machine *)ctx)->lock, flags);
	return flags;
}

static inline void qinval_qi_host_unlock(void *ctx, unsigned long flags)
{
	raw_spin_unlock_irqrestore(&((struct machine *)ctx)->lock, flags);
}

static __always_inline unsigned long qinval_qi_host_irq_save(void *ctx)
{
	unsigned long flags;

	local_irq_save(flags);
	return flags;
}

static __always_inline void qinval_qi_host_irq_restore(void *ctx, unsigned long flags)
{
	local_irq_restore(flags);
}

static inline uint64_t qinval_qi_host_now(void *ctx)
{
	u64 since = ((struct machine *)ctx)->hurry, now = ktime_get_mono_fast_ns();

	return unlikely(since) ? since + (now - since) * MACHINE_HURRY : now;
}

/*
 * Every wait of the core ends, so a long one must not trigger the watchdogs: nor that of CPUs whose
 * interrupts are off, as many callers have them.
 */
void machine_relax(void);
#define qinval_qi_host_relax(ctx) machine_relax()

#endif
