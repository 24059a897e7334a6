// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * retake.c - probes at the kernel's function that turns a queue off, whose callers make sure that
 * there are no submissions to that unit meanwhile, and at the one that unmaps registers. If a unit
 * is removed, its registers are unmapped while its queue is on, and later another unit's structure
 * may have the same address.
 *
 * The kernel's ring still has no room, as set when the module took the queue over; the kernel
 * initialises it if it turns its queue on again.
 *
 * Handlers run with preemption off, so stop_machine() comes before or after one of them as a whole.
 */
#define pr_fmt(fmt) "qinval: " fmt
#include <linux/kprobes.h>
#include <linux/printk.h>
#include <linux/ptrace.h>
#include "retake.h"
#include "units.h"

static void leave(struct unit *u)
{
	u->left = true;
	WRITE_ONCE(u->taken, false);
}

static int turned_off(struct kprobe *p, struct pt_regs *regs)
{
	struct unit *u = units_of((void *)regs_get_kernel_argument(regs, 0));

	if (!u)
		return 0;
	leave(u);
	pr_info("%s: the kernel turns its queue off; the kernel serves it from now on\n", u->name);
	return 0;
}

/* Also if the queue is the kernel's now: the module must not look at these registers any more. */
static int unmapped(struct kprobe *p, struct pt_regs *regs)
{
	void *at = (void *)regs_get_kernel_argument(regs, 0);
	unsigned int i, n = smp_load_acquire(&nunits); /* pairs with add() in units.c */

	for (i = 0; i < n; i++) {
		if (units[i]->left || (void __force *)units[i]->machine.regs != at)
			continue;
		leave(units[i]);
		pr_info("%s: the kernel has removed this unit; the module no longer touches it\n",
			units[i]->name);
	}
	return 0;
}

static struct kprobe off = { .symbol_name = "dmar_disable_qi", .pre_handler = turned_off };
static struct kprobe unmap = { .symbol_name = "iounmap", .pre_handler = unmapped };
static struct kprobe *probes[] = { &off, &unmap };

int retake_open(void)
{
	int err = register_kprobes(probes, ARRAY_SIZE(probes));

	if (err)
		pr_err("a kprobe at the kernel's %s() or %s() is refused: error %d; nothing was "
		       "changed\n",
		       off.symbol_name, unmap.symbol_name, err);
	return err;
}

void retake_close(void)
{
	unregister_kprobes(probes, ARRAY_SIZE(probes));
}
