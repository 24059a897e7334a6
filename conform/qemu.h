/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* qemu.h - QEMU's intel-iommu as a device for the suite. */
#ifndef CONFORM_QEMU_H
#define CONFORM_QEMU_H

#include "device.h"

/*
 * @properties: those of -device intel-iommu, as in hosts/qtest.h; NULL: the default. NULL: *error,
 * of @size bytes, says in one line why it failed. The thread that started it must end it.
 */
const struct conform_device *conform_qemu_start(const char *properties, char *error, size_t size);
void conform_qemu_stop(const struct conform_device *dev);

/*
 * The profile of the newest known version that is not newer than the QEMU in PATH. *said, of @size
 * bytes, is what QEMU reports as its version. NULL: it reports none, or is older than all known
 * versions.
 */
const char *conform_qemu_profile(char *said, size_t size);

/*
 * The number of times that QEMU has ended by itself (the next reset restarts it), and how it ended
 * the last time. Call it between cases only.
 */
unsigned conform_qemu_ends(const struct conform_device *dev, const char **how);

#endif
