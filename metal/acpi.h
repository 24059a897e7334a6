/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * acpi.h - the contents of firmware's tables about CPUs, remapping units, the clock and the serial
 * line.
 */
#ifndef METAL_ACPI_H
#define METAL_ACPI_H

#include <stdbool.h>
#include <stdint.h>

#define ACPI_CPUS 1024
#define ACPI_UNITS 32
#define ACPI_IOAPICS 32

struct acpi {
	/* MADT */
	unsigned cpus, cpus_ignored; /* CPUs beyond ACPI_CPUS */
	uint32_t cpu[ACPI_CPUS];     /* APIC ids */
	unsigned ioapics;
	uint32_t ioapic[ACPI_IOAPICS]; /* addresses */

	/* DMAR */
	bool dmar;
	bool x2apic_opt_out; /* firmware asks to leave x2APIC mode off */
	unsigned units, units_ignored;
	struct acpi_unit {
		uint64_t base;
		uint16_t segment;
		bool rest; /* INCLUDE_PCI_ALL: it has all devices that no other unit names */
	} unit[ACPI_UNITS];

	uint16_t pm_timer; /* FADT: an I/O port, 0: none */
	uint16_t serial;   /* SPCR: an I/O port, 0: none */
};

/*
 * @rsdp: its address, or 0 to search where a BIOS puts it. Returns NULL, or what is wrong, as text.
 * A table with a wrong checksum or length is left out, and *damaged is its name; otherwise *damaged
 * is NULL.
 */
const char *acpi_read(struct acpi *a, uint64_t rsdp, const char **damaged);

#endif
