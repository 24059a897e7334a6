/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* unit.h - one remapping unit of the kernel, and the core's queue for it. */
#ifndef QINVAL_LINUX_UNIT_H
#define QINVAL_LINUX_UNIT_H

#include <linux/atomic.h>
#include <qinval/qi.h>
#include "layout.h"
#include "machine.h"

struct intel_iommu;
struct dmar_drhd_unit;
struct iommu_device;

/* Statistics; see units_show(). */
struct unit_counts {
	/* Descriptors whose address had bits below the mask, which were cleared. */
	atomic_long_t unaligned;
	/* Descriptors with the result -EINVAL, from the validator or the unit. */
	atomic_long_t refused;
	atomic_long_t repaired; /* calls that succeeded after a retry */
	atomic_long_t silent;	/* calls that failed because a device does not answer */
	atomic_long_t stopped;	/* devices whose bus mastering was turned off */
	atomic_long_t resets;	/* resets of a dead queue */
	atomic_long_t failed;	/* calls that failed for another reason */
	atomic_long_t longest;	/* ns of the longest call, if that is measured */
};

struct unit {
	struct qi q;
	struct machine machine;
	struct intel_iommu *iommu;	   /* the kernel's structure, ... */
	const struct iommu_device *device; /* ... the one to which devices refer, ... */
	raw_spinlock_t *registers;	   /* ... and its lock for GCMD */
	u64 cap, ecap;
	u64 rtaddr; /* as it was when the queue was taken over */
	u16 segment;
	char name[16];
	bool taken; /* the core has its queue; written under stop_machine(), or by retake.c */
	bool left;  /* the kernel has turned its queue off, or removed it: hands off */
	bool lost;  /* its queue is dead, and a reset did not help */
	raw_spinlock_t reviving;
	struct unit_counts counts;
	struct qi_mem ring, status;
	struct qi_slot *slots;
};

struct unit_options {
	unsigned int timeout_ms, ats_timeout_ms, retries; /* 0: the core's defaults */
};

/*
 * Returns NULL if something is not as expected; *why says what. The kernel's structures are read
 * with care, and compared with the unit's registers and the firmware's table. Nothing is changed.
 */
struct unit *unit_new(const struct dmar_drhd_unit *drhd, const struct layout *l,
		      const struct unit_options *o, const char **why);
void unit_free(struct unit *u);

/*
 * Checks whether the queue can be taken over, while the kernel owns it and its registers cannot be
 * unmapped. Returns NULL, or why not.
 */
const char *unit_suspicious(const struct unit *u, const struct layout *l);

/*
 * Call both while there are no submissions. Each takes at most an eighth of a second, and returns
 * an error of the core.
 */
int unit_take(struct unit *u, const struct layout *l);
int unit_give_back(struct unit *u, int (*reenable)(struct intel_iommu *iommu));

#endif
