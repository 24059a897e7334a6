// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * live_patch.c - a live patch of qi_submit_sync() without effect: the replacement calls the
 * original. It shows how the kernel then treats other users of ftrace.
 */
#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/livepatch.h>
#include <linux/module.h>

struct intel_iommu;
struct qi_desc;

typedef int submit_fn(struct intel_iommu *iommu, struct qi_desc *desc, unsigned int count,
		      unsigned long options);

static submit_fn *original;

static int patched(struct intel_iommu *iommu, struct qi_desc *desc, unsigned int count,
		   unsigned long options)
{
	return original(iommu, desc, count, options);
}

static struct klp_func funcs[] = { { .old_name = "qi_submit_sync", .new_func = patched }, {} };
static struct klp_object objects[] = { { .funcs = funcs }, {} };
static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objects };

static int __init live_patch_init(void)
{
	struct kprobe probe = { .symbol_name = "qi_submit_sync" };
	int err = register_kprobe(&probe);

	if (err)
		return err;
	/* After ftrace's call, which would lead here again. */
	original = (submit_fn *)((unsigned long)probe.addr + MCOUNT_INSN_SIZE);
	unregister_kprobe(&probe);
	return klp_enable_patch(&patch);
}

/* Possible after it has been disabled. */
static void __exit live_patch_exit(void)
{
}

module_init(live_patch_init);
module_exit(live_patch_exit);
MODULE_DESCRIPTION("a live patch of qi_submit_sync() that changes nothing");
MODULE_LICENSE("Dual BSD/GPL");
MODULE_INFO(livepatch, "Y");
