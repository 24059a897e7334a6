// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * retake.c - a probe at the kernel's function that turns a queue off. Its callers make sure that
 * there are no submissions to that unit meanwhile. The kernel's ring still has no room, as set when
 * the module took the queue over; the kernel initialises it if it turns its queue on again.
 */
#define pr_fmt(fmt) "qinval: " fmt
#include <linux/kprobes.h>
#include <linux/printk.h>
#include <linux/ptrace.h>
#include "retake.h"
#include "units.h"

static int turned_off(struct kprobe *p, struct pt_regs *regs)
{
	struct unit *u = units_of((void *)regs_get_kernel_argument(regs, 0));

	if (!u)
		return 0;
	u->left = true;
	WRITE_ONCE(u->taken, false);
	pr_info("%s: the kernel turns its queue off; the kernel serves it from now on\n", u->name);
	return 0;
}

static struct kprobe probe = {
	.symbol_name = "dmar_disable_qi",
	.pre_handler = turned_off,
};

int retake_open(void)
{
	int err = register_kprobe(&probe);

	if (err)
		pr_err("a kprobe at the kernel's %s() is refused: error %d; nothing was changed\n",
		       probe.symbol_name, err);
	return err;
}

void retake_close(void)
{
	unregister_kprobe(&probe);
}
