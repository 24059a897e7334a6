// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * owner.c - the three states of ownership, and the transitions.
 *
 *  STOCK    The queues are the kernel's. Calls go to its function, with interrupts off.
 *  OURS     The queues are the core's. Callers run with preemption off.
 *  CLOSING  The queues are the core's, and callers run with interrupts off.
 *
 * The transitions from STOCK to OURS and from CLOSING to STOCK run under stop_machine(): no CPU is
 * then in a section with interrupts off, so no call is under way. Between OURS and CLOSING an RCU
 * grace period waits for the calls that run with preemption off.
 *
 * `owner` is written while all other CPUs are stopped, or before the grace period, which also waits
 * for calls that have read the older value.
 */
#define pr_fmt(fmt) "qinval: " fmt
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/stop_machine.h>
#include "calls.h"
#include "owner.h"
#include "units.h"

enum owner { STOCK, OURS, CLOSING };

static enum owner owner;
static const struct layout *layout;
static int (*reenable)(struct intel_iommu *iommu);
static bool suspended;

int owner_open(const struct layout *l)
{
	layout = l;
	reenable = (void *)hook_symbol("dmar_reenable_qi");
	if (reenable)
		return 0;
	pr_err("this kernel has no function dmar_reenable_qi(), by which queues are given back; "
	       "nothing was changed\n");
	return -ENOENT;
}

bool owner_is_ours(void)
{
	return READ_ONCE(owner) == OURS;
}

/* The queue is not the core's, or is about to become the kernel's. */
static noinline int submit_otherwise(struct intel_iommu *iommu, struct qi_desc *desc,
				     unsigned int count, unsigned long options)
{
	struct unit *u;
	unsigned long flags;
	int err;

	local_irq_save(flags);
	u = READ_ONCE(owner) != STOCK ? units_of(iommu) : NULL;
	if (u)
		err = calls_submit(u, desc, count, options);
	else
		err = hook_original(iommu, desc, count, options);
	local_irq_restore(flags);
	return err;
}

int owner_submit(struct intel_iommu *iommu, struct qi_desc *desc, unsigned int count,
		 unsigned long options)
{
	struct unit *u;
	int err;

	preempt_disable();
	u = likely(READ_ONCE(owner) == OURS) ? units_of(iommu) : NULL;
	if (unlikely(!u)) {
		preempt_enable();
		return submit_otherwise(iommu, desc, count, options);
	}
	err = calls_submit(u, desc, count, options);
	preempt_enable();
	return err;
}

/* ---- with all other CPUs stopped ---- */

/* If a queue cannot be given back, the module stays its owner. */
static int give_back_all(void *unused)
{
	bool any = false;
	unsigned int i;
	int err = 0, e;

	for (i = 0; i < nunits; i++) {
		e = unit_give_back(units[i], reenable);
		err = err ?: e;
		any = any || units[i]->taken;
	}
	WRITE_ONCE(owner, any ? OURS : STOCK);
	return err;
}

/* A unit that cannot be taken over, and why; none. */
struct doubt {
	const struct unit *unit;
	const char *why;
};

/* All are looked at before one is touched. No unit can be removed meanwhile. */
static int take_all(void *data)
{
	struct doubt *doubt = data;
	unsigned int i;
	int err = 0;

	for (i = 0; i < nunits; i++) {
		doubt->unit = units[i];
		doubt->why = units[i]->left ? NULL : unit_suspicious(units[i], layout);
		if (doubt->why)
			return -QI_ERR_INVALID;
	}
	for (i = 0; i < nunits && !err; i++)
		if (!units[i]->left)
			err = unit_take(units[i], layout);
	if (!err) {
		WRITE_ONCE(owner, OURS);
		return 0;
	}
	reenable(units[i - 1]->iommu);
	give_back_all(NULL);
	return err;
}

/* ---- */

static unsigned int count_taken(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < nunits; i++)
		n += units[i]->taken;
	return n;
}

int owner_take(void)
{
	struct doubt doubt = {};
	int err;

	if (owner != STOCK)
		return 0;
	err = stop_machine(take_all, &doubt, NULL);
	if (doubt.why) {
		pr_err("%s: %s; no queue was taken over\n", doubt.unit->name, doubt.why);
		return -EBUSY;
	}
	if (err && owner == STOCK)
		pr_err("no queue was taken over, the kernel serves all as before: %s\n",
		       qi_strerror(err));
	else if (err)
		pr_err("the take-over failed: %s; not all queues were given back: the file "
		       "/sys/module/qinval/parameters/units says which\n",
		       qi_strerror(err));
	if (err)
		return -EIO;
	pr_info("%u queue(s) taken over\n", count_taken());
	return 0;
}

int owner_give_back(void)
{
	unsigned int n = count_taken();
	int err;

	if (owner == STOCK)
		return 0;
	WRITE_ONCE(owner, CLOSING);
	synchronize_rcu();
	err = stop_machine(give_back_all, NULL, NULL);
	if (owner != STOCK) {
		pr_err("a queue was not given back, qinval goes on serving it: %s; the file "
		       "/sys/module/qinval/parameters/units says which\n",
		       qi_strerror(err));
		return -EIO;
	}
	if (err)
		pr_err("the queues were given back, but the kernel's dmar_reenable_qi() reports an "
		       "error: one may be off, and the machine should be rebooted\n");
	else
		pr_info("%u queue(s) given back\n", n);
	return 0;
}

void owner_suspend(void)
{
	suspended = owner == OURS;
	if (suspended && give_back_all(NULL))
		pr_err("a queue was not given back before the machine sleeps: it may not work "
		       "afterwards\n");
}

void owner_resume(void)
{
	struct doubt doubt = {};

	if (suspended && take_all(&doubt))
		pr_err("no queue was taken over again after the machine's sleep: the kernel serves "
		       "them%s%s\n",
		       doubt.why ? ": " : "", doubt.why ?: "");
	suspended = false;
}
