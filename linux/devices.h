/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * devices.h - PCI devices by source id, for moments at which the kernel's own lists must not be
 * looked at. All but the first two: any context.
 */
#ifndef QINVAL_LINUX_DEVICES_H
#define QINVAL_LINUX_DEVICES_H

#include <linux/types.h>

struct iommu_device;

int devices_open(void);
void devices_close(void);

/* Take bus mastering from a device. False: there is none, or it was off. */
bool devices_stop(u16 segment, u16 sid);

/* From all devices behind a unit; how many these were. */
unsigned int devices_stop_all(const struct iommu_device *unit);

/* Is the device gone, or may it not master the bus? It cannot reach any page then, nor answer. */
bool devices_stopped(u16 segment, u16 sid);

/* The same for each invalidation: as long as none has been stopped, the device is not asked. */
bool devices_known_stopped(u16 segment, u16 sid);

#endif
