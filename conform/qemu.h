/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* qemu.h - QEMU's intel-iommu as a device for the suite. */
#ifndef CONFORM_QEMU_H
#define CONFORM_QEMU_H

#include "device.h"

/*
 * @properties: of -device intel-iommu, as in hosts/qtest.h; NULL: all that there is. Returns NULL
 * where *error, of @size bytes, says in one line why. It is ended by the thread that started it.
 */
const struct conform_device *conform_qemu_start(const char *properties, char *error, size_t size);
void conform_qemu_stop(const struct conform_device *dev);

/*
 * The profile of the QEMU in PATH: of the newest version that is not newer than it. *said, of @size
 * bytes, is what it says of its version. NULL: it says none, or is older than all.
 */
const char *conform_qemu_profile(char *said, size_t size);

/*
 * How often QEMU has ended by itself, which the next reset mends; how it did the last time. Between
 * cases only.
 */
unsigned conform_qemu_ends(const struct conform_device *dev, const char **how);

#endif
