/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * kernel.h - what the program looks at of the kernel's structures. The loader moves each access to
 * where the running kernel's BTF has the member of that name, so nothing else of a structure has to
 * be here, and one binary fits all kernels that have the names.
 */
#ifndef KERNEL_H
#define KERNEL_H

#define RELOCATED __attribute__((preserve_access_index))

struct qi_desc {
	u64 qw0;
	u64 qw1;
} RELOCATED;

struct intel_iommu {
	char name[13];
} RELOCATED;

#endif
