/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * acpi.h - firmware's DMAR table: which units there are, and which devices are theirs.
 *
 * However it was given, as the table itself, as a dump or as a listing, it becomes an image: bytes
 * at their offsets, of which some may be missing.
 */
#ifndef DECODE_ACPI_H
#define DECODE_ACPI_H

#include "decode.h"

#define ACPI_HEADER 36	       /* bytes of the header that every table has */
#define ACPI_DMAR_HEADER 48    /* of a DMAR table, before its first structure */
#define ACPI_IMAGE (64 * 1024) /* no table is longer */

struct acpi_image {
	uint8_t byte[ACPI_IMAGE];
	bool known[ACPI_IMAGE];
	uint32_t line[ACPI_IMAGE]; /* where it stood; 0: in no line */
	size_t end;		   /* behind the last known byte */
};

/* Bytes beyond the image are left out; one that is given again keeps its first line. */
void acpi_put(struct acpi_image *image, size_t at, const uint8_t *bytes, size_t size,
	      uint64_t line);
/* Little-endian, up to 8 bytes. False if one of them is not known. */
bool acpi_get(const struct acpi_image *image, size_t at, unsigned size, uint64_t *value);

/* Report the blocks of a DMAR table, and what is wrong with it. */
void acpi_dmar(struct decode *d, const struct acpi_image *image);

#endif
