/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * acpi.h - the firmware's DMAR table: which units exist, and which devices belong to them.
 *
 * The table itself, a dump or a listing is first converted to an image: bytes at their offsets,
 * some of which may be missing.
 */
#ifndef DECODE_ACPI_H
#define DECODE_ACPI_H

#include "decode.h"

#define ACPI_HEADER 36	       /* bytes of the header that all ACPI tables have */
#define ACPI_DMAR_HEADER 48    /* bytes of a DMAR table before its first structure */
#define ACPI_IMAGE (64 * 1024) /* no table is longer */

struct acpi_image {
	uint8_t byte[ACPI_IMAGE];
	bool known[ACPI_IMAGE];
	uint32_t line[ACPI_IMAGE]; /* the line that has the byte; 0: none */
	size_t end;		   /* the offset after the last known byte */
};

/* Bytes beyond the image are dropped. A byte that is given twice keeps its first line. */
void acpi_put(struct acpi_image *image, size_t at, const uint8_t *bytes, size_t size,
	      uint64_t line);
/* A little-endian number of up to 8 bytes. False: one of them is unknown. */
bool acpi_get(const struct acpi_image *image, size_t at, unsigned size, uint64_t *value);

/* Report the blocks of a DMAR table, and what is wrong with it. */
void acpi_dmar(struct decode *d, const struct acpi_image *image);

#endif
