// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * seed.c - replaces calls.c in a test build: calls are served by the algorithm from which this
 * project started, before its repair. It shows in a real kernel what the lab finds: submissions of
 * nothing but a wait, beside others, hang it. It does not give the queues back.
 */
#include <linux/errno.h>
#include <linux/spinlock.h>
#include "calls.h"
#include "trace.h"
#include "units.h"
#include "linux.h"

#define KERNEL_OPT_DRAIN 1

static void relax(void *ctx)
{
	cpu_relax();
}

static const struct qi_host host = {
	.read32 = qinval_qi_host_read32,
	.read64 = qinval_qi_host_read64,
	.write32 = qinval_qi_host_write32,
	.write64 = qinval_qi_host_write64,
	.lock = qinval_qi_host_lock,
	.unlock = qinval_qi_host_unlock,
	.relax = relax,
};

static struct {
	struct unit *unit;
	struct linux_queue queue;
} seed[UNITS_MOST];

static DEFINE_RAW_SPINLOCK(starting);

static int start(struct unit *u, struct linux_queue *q)
{
	struct qi_config cfg = u->q.cfg;
	int err = qi_disable(&u->q);

	if (err)
		return err;
	cfg.host = &host;
	memset(cfg.status.virt, 0, cfg.status.size);
	linux_start(q, &cfg, LINUX_2023);
	while (!(readl(u->machine.regs + DMAR_GSTS_REG) & VTD_GSTS_QIES))
		cpu_relax();
	return 0;
}

/* The unit's queue, which is started by its first call. */
static struct linux_queue *queue_of(struct unit *u)
{
	struct linux_queue *q = NULL;
	unsigned long flags;
	unsigned int i;

	for (i = 0; i < UNITS_MOST; i++)
		if (smp_load_acquire(&seed[i].unit) == u)
			return &seed[i].queue;
	raw_spin_lock_irqsave(&starting, flags);
	for (i = 0; i < UNITS_MOST && seed[i].unit && seed[i].unit != u; i++)
		;
	if (i < UNITS_MOST && (seed[i].unit || !start(u, &seed[i].queue))) {
		smp_store_release(&seed[i].unit, u);
		q = &seed[i].queue;
	}
	raw_spin_unlock_irqrestore(&starting, flags);
	return q;
}

int calls_submit(struct unit *u, const struct qi_desc *desc, unsigned int count,
		 unsigned long options)
{
	struct linux_queue *q = queue_of(u);

	trace_submit(u->iommu, desc, count);
	if (!q)
		return -EIO;
	return linux_submit_sync(q, desc, count, options & KERNEL_OPT_DRAIN ? QI_OPT_WAIT_DRAIN : 0)
		       ? -EINVAL
		       : 0;
}

void calls_measure(bool on)
{
}
