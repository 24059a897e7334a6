/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * devices.h - PCI devices by source id, for contexts in which the kernel's own lists must not be
 * used. All functions but the first two may be called in any context.
 */
#ifndef QINVAL_LINUX_DEVICES_H
#define QINVAL_LINUX_DEVICES_H

#include <linux/types.h>

struct iommu_device;

int devices_open(void);
void devices_close(void);

/* Turn the device's bus mastering off. False: there is no such device, or it was off. */
bool devices_stop(u16 segment, u16 sid);

/* Likewise for all devices behind a unit. Returns their number. */
unsigned int devices_stop_all(const struct iommu_device *unit);

/* Likewise for those that the tables at @rtaddr put into a domain. */
unsigned int devices_stop_domain(const struct iommu_device *unit, u16 segment, u64 rtaddr, u16 did);

/*
 * True if the device is gone, or must not master the bus: it can neither reach a page nor answer.
 */
bool devices_stopped(u16 segment, u16 sid);

/*
 * The same, for use at each invalidation: the device is not read as long as none has been stopped.
 */
bool devices_known_stopped(u16 segment, u16 sid);

#endif
