/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* unit.h - one remapping unit of the kernel's, and the core's queue for it. */
#ifndef QINVAL_LINUX_UNIT_H
#define QINVAL_LINUX_UNIT_H

#include <linux/atomic.h>
#include <qinval/qi.h>
#include "layout.h"
#include "machine.h"

struct intel_iommu;
struct dmar_drhd_unit;
struct iommu_device;

/* For people; see units_show(). */
struct unit_counts {
	atomic_long_t unaligned; /* descriptors that were passed with their address cut to size */
	atomic_long_t refused;	 /* descriptors that are -EINVAL, by the validator or by the unit */
	atomic_long_t repaired;	 /* calls that succeeded, but not at once */
	atomic_long_t silent;	 /* calls that failed as a device does not answer */
	atomic_long_t stopped;	 /* devices whose bus mastering was turned off */
	atomic_long_t resets;	 /* of a dead queue */
	atomic_long_t failed;	 /* calls that failed for another reason */
	atomic_long_t longest;	 /* ns that a call took, if they are measured */
};

struct unit {
	struct qi q;
	struct machine machine;
	struct intel_iommu *iommu;	   /* the kernel's, ... */
	const struct iommu_device *device; /* ... what devices say that they are behind, ... */
	raw_spinlock_t *registers;	   /* ... and its lock of GCMD */
	u64 cap, ecap;
	u16 segment;
	char name[16];
	bool taken; /* its queue is ours: under stop_machine(), or by retake.c */
	bool left;  /* the kernel has turned its queue off: it is not touched any more */
	bool lost;  /* its queue is dead, and a reset has not helped */
	raw_spinlock_t reviving;
	struct unit_counts counts;
	struct qi_mem ring, status;
	struct qi_slot *slots;
};

struct unit_options {
	unsigned int timeout_ms, ats_timeout_ms, retries; /* 0: the core's defaults */
};

/*
 * NULL, and *why says what is not as it has to be: the kernel's structures are read with care, and
 * compared with the unit's registers and with the firmware's table. Nothing is changed.
 */
struct unit *unit_new(const struct dmar_drhd_unit *drhd, const struct layout *l,
		      const struct unit_options *o, const char **why);
void unit_free(struct unit *u);

/* May the queue be taken over? NULL, or why not: as long as the kernel has it. */
const char *unit_suspicious(const struct unit *u, const struct layout *l);

/* Both with nobody else in any submission, within an eighth of a second. Errors of the core. */
int unit_take(struct unit *u, const struct layout *l);
int unit_give_back(struct unit *u, int (*reenable)(struct intel_iommu *iommu));

#endif
