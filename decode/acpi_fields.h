/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* acpi_fields.h - a DMAR table that is being read: its bytes as fields of a block. */
#ifndef DECODE_ACPI_FIELDS_H
#define DECODE_ACPI_FIELDS_H

#include "acpi.h"
#include "acpi_table.h"

struct dmar {
	struct decode *d;
	const struct acpi_image *image;
	struct acpi_table *t;
	uint16_t segment; /* of the present structure */
	uint8_t type;
};

/* The finding for a length that is wrong. */
extern const struct finding dmar_length;

/* The little-endian number at @at. False: it is not complete, and @b notes this. */
bool dmar_get(struct dmar *m, struct block *b, const char *name, size_t at, unsigned size,
	      uint64_t *value);
/* The same, as a field of @b. */
bool dmar_hex(struct dmar *m, struct block *b, const char *name, size_t at, unsigned size,
	      uint64_t *value);
/* The byte at @at, with the names of its set bits; @name has those of the first three. */
bool dmar_flags(struct dmar *m, struct block *b, size_t at, const char *const *name,
		uint64_t *value);
void dmar_ascii(struct dmar *m, struct block *b, const char *name, size_t at, unsigned size);
/* The line of the byte at @at; 0: none. */
uint64_t dmar_line(const struct dmar *m, size_t at);

/* A block for each structure between the table's header and @end. */
void dmar_structures(struct dmar *m, size_t end);

#endif
