/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* fields.c - descriptors taken apart: fields and ranges. */
#include "describe.h"

#include <core/desc_table.h>

#include "field.h"

/* The row's part of the field's value. */
static uint64_t row_value(const struct qi_layout *row, const struct qi_desc *d)
{
	return qi_layout_bits(row, d) >> row->low << row->shift;
}

uint64_t qi_field_value(const struct qi_desc *d, unsigned field)
{
	const unsigned type = qi_desc_type(d);
	const struct qi_layout *row;
	uint64_t value = 0;

	for (row = qi_layout_of(type); row->type == type; row++)
		if (row->field == field)
			value |= row_value(row, d);
	return value;
}

unsigned qi_desc_fields(const struct qi_desc *d, struct qi_field out[QI_DESC_MAX_FIELDS])
{
	const unsigned type = qi_desc_type(d);
	uint32_t seen = 0;
	const struct qi_layout *row;
	unsigned n = 0;

	if (!qi_type_known(type))
		return 0;
	for (row = qi_layout_of(type); row->type == type; row++) {
		if (seen & 1U << row->field)
			continue;
		seen |= 1U << row->field;
		out[n].name = qi_field_name(row->field);
		out[n].value = qi_field_value(d, row->field);
		out[n].meaning = qi_meaning(type, row->field, out[n].value);
		n++;
	}
	return n;
}

/* The aligned 2^AM pages that ADDR lies in. */
static void am_range(const struct qi_desc *d, uint64_t *first, uint64_t *last)
{
	const unsigned bits = QI_PAGE_SHIFT + (unsigned)qi_field_value(d, QI_F_AM);
	const uint64_t low = bits < 64 ? (1ULL << bits) - 1 : UINT64_MAX;

	*first = qi_field_value(d, QI_F_ADDR) & ~low;
	*last = *first | low;
}

bool qi_desc_align(struct qi_desc *d)
{
	const unsigned type = qi_desc_type(d);
	uint64_t first, last, addr;

	if ((type != QI_IOTLB_TYPE && type != QI_EIOTLB_TYPE) || !qi_desc_range(d, &first, &last))
		return false;
	addr = qi_field_value(d, QI_F_ADDR);
	d->qw1 ^= addr ^ first;
	return addr != first;
}

/* With S, the trailing ones of ADDR and the 0 above them are the bits that do not matter. */
static bool size_range(const struct qi_desc *d, uint64_t *first, uint64_t *last)
{
	const uint64_t addr = qi_field_value(d, QI_F_ADDR) | 0xfff;
	uint64_t low = 0xfff;

	if (qi_field_value(d, QI_F_S)) {
		if (addr == UINT64_MAX)
			return false;
		low = addr ^ (addr + 1);
	}
	*first = addr & ~low;
	*last = *first | low;
	return true;
}

bool qi_desc_range(const struct qi_desc *d, uint64_t *first, uint64_t *last)
{
	switch (qi_desc_type(d)) {
	case QI_IOTLB_TYPE:
	case QI_EIOTLB_TYPE:
		if (qi_field_value(d, QI_F_G) != QI_IOTLB_PAGE)
			return false;
		am_range(d, first, last);
		return true;
	case QI_DIOTLB_TYPE:
	case QI_DEIOTLB_TYPE:
		return size_range(d, first, last);
	default:
		return false;
	}
}
