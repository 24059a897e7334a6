/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * acpi_table.h - the parts of a DMAR table that are compared with each other, and the comparison.
 */
#ifndef DECODE_ACPI_TABLE_H
#define DECODE_ACPI_TABLE_H

#include "decode.h"

#define ACPI_UNITS 256
#define ACPI_SCOPES 2048
#define ACPI_PATH 8 /* devices on a path: bridges, and the device itself */

enum acpi_type { ACPI_DRHD, ACPI_RMRR, ACPI_ATSR, ACPI_RHSA, ACPI_ANDD, ACPI_SATC, ACPI_SIDP };

enum acpi_scope_type {
	ACPI_SCOPE_ENDPOINT = 1,
	ACPI_SCOPE_BRIDGE,
	ACPI_SCOPE_IOAPIC,
	ACPI_SCOPE_HPET,
	ACPI_SCOPE_NAMESPACE,
};

struct acpi_scope {
	uint8_t owner; /* ACPI_DRHD, ... */
	uint8_t type;
	uint8_t id; /* of an I/O APIC, an HPET, an ANDD */
	uint8_t bus;
	uint8_t path[2 * ACPI_PATH], length; /* device, function, device, ... */
	uint16_t segment;
	uint16_t unit; /* of a DRHD: its index */
	uint64_t line;
};

struct acpi_unit {
	uint64_t base, line;
	uint16_t segment;
	bool all; /* INCLUDE_PCI_ALL */
};

struct acpi_table {
	bool has_flags, interrupts; /* INTR_REMAP */
	/* Some bytes were missing, so that a missing structure proves nothing. */
	bool cut;
	unsigned width; /* of host addresses; 0: not known */
	struct acpi_unit unit[ACPI_UNITS], affinity[ACPI_UNITS];
	unsigned units, affinities;
	struct acpi_scope scope[ACPI_SCOPES];
	unsigned scopes;
	bool named[256]; /* ANDDs by device number */
};

/* Ends in *@text: "PCI endpoint 80:04.0". */
#define ACPI_SCOPE_TEXT 120
const char *acpi_scope_text(char text[ACPI_SCOPE_TEXT], const struct acpi_scope *s);

/* Check whether the machine can have this address of @what, at @line. */
void acpi_check_address(struct decode *d, const struct acpi_table *t, const char *what,
			uint64_t address, uint64_t line);
void acpi_check_unit(struct decode *d, const struct acpi_table *t, const struct acpi_unit *u);
void acpi_check_reserved_memory(struct decode *d, const struct acpi_table *t, uint64_t base,
				uint64_t limit, uint64_t line);
void acpi_check_scope(struct decode *d, const struct acpi_scope *s);
/* Report what can be said after all structures have been read. */
void acpi_check_table(struct decode *d, const struct acpi_table *t);

#endif
