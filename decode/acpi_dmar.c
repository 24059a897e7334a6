/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A DMAR table: its header and checksum, and whether it is complete. */
#include "acpi_fields.h"

#include <inttypes.h>
#include <stdlib.h>

static const struct finding checksum = {
	.id = "acpi-checksum",
	.weight = ERROR,
	.certainty = CERTAIN,
	.next = "The table was damaged when it was written or copied: read it again from "
		"/sys/firmware/acpi/tables/DMAR. If it is the same there, it is firmware's "
		"mistake.",
};

static const struct finding cut = {
	.id = "acpi-cut",
	.weight = DAMAGE,
	.certainty = CERTAIN,
	.next = "Take all of it: /sys/firmware/acpi/tables/DMAR.",
};

static const struct finding opt_out = {
	.id = "acpi-x2apic-opt-out",
	.weight = NOTE,
	.certainty = CERTAIN,
	.next = "This is a setting of the firmware. Linux obeys it unless it is booted with "
		"intremap=no_x2apic_optout.",
};

static void sum(struct dmar *m, struct block *b, size_t size)
{
	uint8_t all = 0, should;
	uint64_t has;

	if (!dmar_get(m, b, "Checksum", 9, 1, &has))
		return;
	for (size_t i = 0; i < size; i++) {
		if (i >= m->image->end || !m->image->known[i]) {
			block_hex(b, "Checksum", has, "not judged, as not all bytes are here");
			return;
		}
		all += m->image->byte[i];
	}
	should = (uint8_t)(has - all);
	block_hex(b, "Checksum", has, all ? "wrong, it should be 0x%02x" : "right", should);
	if (all)
		decode_find(m->d, &checksum, dmar_line(m, 9),
			    "The table's checksum is 0x%02x, but its bytes need 0x%02x.",
			    (unsigned)has, should);
}

static void header(struct dmar *m, struct block *b, uint64_t size)
{
	static const char *const names[] = { "INTR_REMAP", "X2APIC_OPT_OUT",
					     "DMA_CTRL_PLATFORM_OPT_IN" };
	uint64_t value;

	block_number(b, "Length", size, NULL);
	if (dmar_get(m, b, "Revision", 8, 1, &value))
		block_number(b, "Revision", value, NULL);
	sum(m, b, size);
	dmar_ascii(m, b, "OEM ID", 10, 6);
	dmar_ascii(m, b, "OEM Table ID", 16, 8);
	dmar_hex(m, b, "OEM Revision", 24, 4, &value);
	if (dmar_get(m, b, "Host Address Width", 36, 1, &value)) {
		block_number(b, "Host Address Width", value + 1, "bits; the field is 0x%02x",
			     (unsigned)value);
		m->t->width = (unsigned)value + 1;
	}
	m->t->has_flags = dmar_flags(m, b, 37, names, &value);
	m->t->interrupts = m->t->has_flags && value & 1;
	if (m->t->has_flags && value & 2)
		decode_find(m->d, &opt_out, dmar_line(m, 37),
			    "Firmware asks (X2APIC_OPT_OUT) that x2APIC mode be left off.");
}

/* The header's reserved bytes, which old listings leave out. */
static bool reserved(size_t at)
{
	return at >= 38 && at < ACPI_DMAR_HEADER;
}

static size_t check_size(struct dmar *m, uint64_t size)
{
	size_t known = 0;

	if (size < ACPI_DMAR_HEADER)
		decode_find(m->d, &dmar_length, dmar_line(m, 4),
			    "The table has a length of %" PRIu64 " bytes; its header alone has %u.",
			    size, ACPI_DMAR_HEADER);
	for (size_t i = 0; i < size && i < ACPI_IMAGE; i++)
		known += m->image->known[i] || reserved(i);
	if (known < size)
		decode_find(m->d, &cut, dmar_line(m, 4),
			    "The table has %" PRIu64 " bytes, of which %zu are here.", size, known);
	m->t->cut |= known < size;
	return size < ACPI_IMAGE ? size : ACPI_IMAGE;
}

void acpi_dmar(struct decode *d, const struct acpi_image *image)
{
	struct acpi_table *t = calloc(1, sizeof(*t));
	struct dmar m = { .d = d, .image = image, .t = t };
	struct block *b = block_new("acpi-dmar", image->line[0], "ACPI DMAR table");
	uint64_t size;
	size_t end;

	if (!t)
		abort();
	if (dmar_get(&m, b, "Length", 4, 4, &size)) {
		header(&m, b, size);
		end = check_size(&m, size);
	} else {
		end = image->end;
	}
	b->last = end && dmar_line(&m, end - 1) > b->line ? dmar_line(&m, end - 1) : b->line;
	decode_block(d, b);
	dmar_structures(&m, end);
	acpi_check_table(d, t);
	free(t);
}
