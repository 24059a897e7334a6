/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* hook.h - calls of the kernel's qi_submit_sync() come here instead. */
#ifndef QINVAL_LINUX_HOOK_H
#define QINVAL_LINUX_HOOK_H

struct intel_iommu;
struct qi_desc;

typedef int hook_fn(struct intel_iommu *iommu, struct qi_desc *desc, unsigned int count,
		    unsigned long options);

/* Address of a function or an object of the kernel's, or 0. */
unsigned long hook_symbol(const char *name);

/* Can this kernel's function be hooked? 0, or a negative errno: it has said why not. */
int hook_prepare(const char *how);

/* When this returns nobody is in the original but by way of @fn. */
int hook_install(hook_fn *fn);

/* When this returns 0 nobody is in what was installed. Otherwise it is still there. */
int hook_remove(void);

/* The kernel's own function. */
hook_fn hook_original;

/* "direct", "ftrace" or "kprobe". */
const char *hook_name(void);

#endif
