/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* hook.h - redirects calls of the kernel's qi_submit_sync() to this module. */
#ifndef QINVAL_LINUX_HOOK_H
#define QINVAL_LINUX_HOOK_H

#include <linux/types.h>

struct intel_iommu;
struct qi_desc;

typedef int hook_fn(struct intel_iommu *iommu, struct qi_desc *desc, unsigned int count,
		    unsigned long options);

/* The address of a function or an object of the kernel, or 0. */
unsigned long hook_symbol(const char *name);

/*
 * Check whether the kernel's function can be hooked. Returns 0, or a negative errno after a
 * message.
 */
int hook_prepare(const char *how);

/*
 * When this returns 0, and hook_catches_all() is true, the original is entered through @fn only.
 * @leaving is called before the hook is taken away by other means than hook_remove().
 */
int hook_install(hook_fn *fn, void (*leaving)(void));
bool hook_catches_all(void);

/* When this returns 0, no task is in what was installed. Otherwise the hook is still there. */
int hook_remove(void);

/* The kernel's own function. */
hook_fn hook_original;

/* "direct", "ftrace", "kprobe" or "livepatch". */
const char *hook_name(void);

#endif
