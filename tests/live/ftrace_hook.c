// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * ftrace_hook.c - another user of ftrace that changes the destination of a function: a hook of
 * qi_submit_sync() that calls the original from here.
 */
#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#define set_ip ftrace_regs_set_instruction_pointer
#else
#define set_ip ftrace_instruction_pointer_set
#endif

struct intel_iommu;
struct qi_desc;

static int (*original)(struct intel_iommu *iommu, struct qi_desc *desc, unsigned int count,
		       unsigned long options);

static noinline int hooked(struct intel_iommu *iommu, struct qi_desc *desc, unsigned int count,
			   unsigned long options)
{
	int ret = original(iommu, desc, count, options);

	/* Makes this a call, whose return address redirect() recognises, and not a jump. */
	barrier();
	return ret;
}

static void notrace redirect(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			     struct ftrace_regs *fregs)
{
	if (!within_module(parent_ip, THIS_MODULE))
		set_ip(fregs, (unsigned long)hooked);
}

static struct ftrace_ops ops = {
	.func = redirect,
	.flags = FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_PERMANENT,
};

static int __init ftrace_hook_init(void)
{
	struct kprobe probe = { .symbol_name = "qi_submit_sync" };
	int err = register_kprobe(&probe);

	if (err)
		return err;
	original = (void *)probe.addr;
	unregister_kprobe(&probe);
	err = ftrace_set_filter_ip(&ops, (unsigned long)original, 0, 0);
	return err ? err : register_ftrace_function(&ops);
}

/* There is no exit function, as it cannot be known when the last CPU has left it. */
module_init(ftrace_hook_init);
MODULE_DESCRIPTION("a hook of qi_submit_sync() by ftrace");
MODULE_LICENSE("Dual BSD/GPL");
