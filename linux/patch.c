// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * patch.c - the kernel calls the callbacks with its own mutex held, so they must not wait for the
 * thread that installs the patch. Only pre_unpatch() waits, and the patch is installed by then.
 */
#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include "patch.h"
#include "stock.h"

#define PATIENCE_S 30 /* a task that sleeps in the function itself keeps all waiting */

static patch_fn *replacement;
static void (*leave)(void);
static DECLARE_COMPLETION(complete_now);
static bool enabled, left, gone;

static int patched_submit(struct intel_iommu *iommu, struct qi_desc *desc, unsigned int count,
			  unsigned long options)
{
	return replacement(iommu, desc, count, options);
}

static void post_patch(struct klp_object *object)
{
	WRITE_ONCE(left, false);
	complete_all(&complete_now);
}

static void pre_unpatch(struct klp_object *object)
{
	WRITE_ONCE(left, true);
	leave();
}

static void post_unpatch(struct klp_object *object)
{
	WRITE_ONCE(gone, true);
}

static struct klp_func functions[] = {
	{ .old_name = STOCK_SUBMIT, .new_func = patched_submit },
	{},
};

static struct klp_object objects[] = {
	{ .funcs = functions,
	  .callbacks = { .post_patch = post_patch,
			 .pre_unpatch = pre_unpatch,
			 .post_unpatch = post_unpatch } },
	{},
};

static struct klp_patch patch = { .mod = THIS_MODULE, .objs = objects };

int patch_install(patch_fn *fn, void (*leaving)(void))
{
	int err;

	replacement = fn;
	leave = leaving;
	err = klp_enable_patch(&patch);
	enabled = !err;
	return err;
}

bool patch_is_complete(void)
{
	return !READ_ONCE(left) && wait_for_completion_timeout(&complete_now, PATIENCE_S * HZ);
}

bool patch_is_gone(void)
{
	return !enabled || READ_ONCE(gone);
}

MODULE_INFO(livepatch, "Y");
