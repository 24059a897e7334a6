/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* dmar.h - the ACPI table that tells a guest of its units, for QEMU's -acpitable. */
#ifndef GUEST_DMAR_H
#define GUEST_DMAR_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Write the table that `list` describes, structures with commas between them:
 *   drhd=BASE[:SCOPE]...     a unit and the devices that it has; without SCOPE all that are left
 *   rmrr=FIRST-LAST:SCOPE... memory that devices use before there is a driver
 *   atsr[=SCOPE...]          root ports whose devices may translate by themselves; without: all
 *   rhsa=BASE:NODE           where a unit is
 *   intr                     interrupt remapping, with the IOAPIC of QEMU's q35
 *   width=BITS               of host addresses (48)
 * SCOPE is BB.DD.F, with a + before it for a bridge and all behind it. False: *error says why.
 */
bool dmar_write(const char *path, const char *list, char *error, size_t size);

#define DMAR_PLAIN "intr,drhd=0xfed90000,atsr"

#endif
