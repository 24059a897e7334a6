/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The bytes of a DMAR table, some of which may be missing, as numbers and as fields of a block. */
#include "acpi_fields.h"

#include <stdio.h>
#include <string.h>

#define FLAGS_TEXT 120

const struct finding dmar_length = {
	.id = "acpi-length",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "A kernel stops reading there: what follows is as if it were not in the table. "
		"Read it "
		"again from /sys/firmware/acpi/tables/DMAR, to see whether the copy was damaged.",
};

void acpi_put(struct acpi_image *image, size_t at, const uint8_t *bytes, size_t size, uint64_t line)
{
	if (at >= ACPI_IMAGE)
		return;
	if (size > ACPI_IMAGE - at)
		size = ACPI_IMAGE - at;
	memcpy(image->byte + at, bytes, size);
	for (size_t i = at; i < at + size; i++) {
		if (!image->known[i])
			image->line[i] = (uint32_t)line;
		image->known[i] = true;
	}
	if (at + size > image->end)
		image->end = at + size;
}

bool acpi_get(const struct acpi_image *image, size_t at, unsigned size, uint64_t *value)
{
	*value = 0;
	for (unsigned i = 0; i < size; i++) {
		if (at + i >= image->end || !image->known[at + i])
			return false;
		*value |= (uint64_t)image->byte[at + i] << 8 * i;
	}
	return true;
}

bool dmar_get(struct dmar *m, struct block *b, const char *name, size_t at, unsigned size,
	      uint64_t *value)
{
	if (acpi_get(m->image, at, size, value))
		return true;
	m->t->cut = true;
	block_cut(b, name);
	return false;
}

bool dmar_hex(struct dmar *m, struct block *b, const char *name, size_t at, unsigned size,
	      uint64_t *value)
{
	if (!dmar_get(m, b, name, at, size, value))
		return false;
	block_hex(b, name, *value, NULL);
	return true;
}

/* The names of the bits that are set. */
bool dmar_flags(struct dmar *m, struct block *b, size_t at, const char *const *name,
		uint64_t *value)
{
	char text[FLAGS_TEXT] = "";
	size_t n = 0;

	if (!dmar_get(m, b, "Flags", at, 1, value))
		return false;
	for (unsigned i = 0; i < 8; i++) {
		if (!(*value >> i & 1))
			continue;
		n += snprintf(text + n, sizeof(text) - n, "%s", n ? ", " : "");
		if (i < 3 && name[i])
			n += snprintf(text + n, sizeof(text) - n, "%s", name[i]);
		else
			n += snprintf(text + n, sizeof(text) - n, "reserved bit %u", i);
	}
	block_hex(b, "Flags", *value, "%s", *text ? text : "none");
	return true;
}

void dmar_ascii(struct dmar *m, struct block *b, const char *name, size_t at, unsigned size)
{
	char text[16];
	uint64_t c;

	for (unsigned i = 0; i < size; i++) {
		if (!dmar_get(m, b, name, at + i, 1, &c))
			return;
		text[i] = (char)(c < ' ' || c > '~' ? c ? '?' : ' ' : c);
	}
	while (size && text[size - 1] == ' ')
		size--;
	block_text(b, name, "%.*s", (int)size, text);
}

uint64_t dmar_line(const struct dmar *m, size_t at)
{
	return at < m->image->end ? m->image->line[at] : 0;
}
