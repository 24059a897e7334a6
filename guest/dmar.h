/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* dmar.h - the ACPI table that describes the units to a guest, for QEMU's -acpitable. */
#ifndef GUEST_DMAR_H
#define GUEST_DMAR_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Write the table that `list` describes, structures separated by commas:
 *
 *   drhd=BASE[:SCOPE]...     a unit and its devices; without SCOPE: all remaining devices
 *   rmrr=FIRST-LAST:SCOPE... memory that devices use before they have a driver
 *   atsr[=SCOPE...]          root ports whose devices may use ATS; without SCOPE: all
 *   rhsa=BASE:NODE           the NUMA node of a unit
 *   intr                     interrupt remapping, with the IOAPIC of QEMU's q35
 *   width=BITS               host address width (48)
 *
 * SCOPE is BB.DD.F, with a + before it for a bridge and all devices behind it. False: *error says
 * what is wrong.
 */
bool dmar_write(const char *path, const char *list, char *error, size_t size);

#define DMAR_PLAIN "intr,drhd=0xfed90000,atsr"

#endif
