/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * patch.h - the hook as a live patch, in builds that can be one (make LIVEPATCH=1): the kernel
 * counts as live-patched once such a module is loaded, whichever hook it uses.
 */
#ifndef QINVAL_LINUX_PATCH_H
#define QINVAL_LINUX_PATCH_H

#include <linux/errno.h>
#include <linux/types.h>

struct intel_iommu;
struct qi_desc;

typedef int patch_fn(struct intel_iommu *iommu, struct qi_desc *desc, unsigned int count,
		     unsigned long options);

#ifdef QINVAL_LIVEPATCH

/*
 * Calls go to @fn from now on, but for tasks that the kernel has not switched yet. Only the
 * administrator can take a live patch away, and @leaving is called before that is done. Once in the
 * module's life.
 */
int patch_install(patch_fn *fn, void (*leaving)(void));

/* True if the kernel has switched all tasks; waits for this up to half a minute. */
bool patch_is_complete(void);

/* True if the patch has been taken away, so that the module may be unloaded. */
bool patch_is_gone(void);

#else

static inline int patch_install(patch_fn *fn, void (*leaving)(void))
{
	return -EOPNOTSUPP;
}

static inline bool patch_is_complete(void)
{
	return false;
}

static inline bool patch_is_gone(void)
{
	return true;
}

#endif
#endif
