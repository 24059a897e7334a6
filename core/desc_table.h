/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * desc_table.h - what the specification says about each descriptor type, as tables.
 *
 * Validation, refusals and describe/ all read this, so that they cannot disagree. Strings stand in
 * the tables instead of being pointed to: pointers would need relocation, and the tables would then
 * lie in memory that can be written.
 */
#ifndef QI_DESC_TABLE_H
#define QI_DESC_TABLE_H

#include <qinval/desc.h>

/* What a unit must have for a type or a field to be defined: bits of a set. */
enum qi_need {
	QI_NEED_PSI = 1 << 0,
	QI_NEED_DWD = 1 << 1,
	QI_NEED_DRD = 1 << 2,
	QI_NEED_DT = 1 << 3,
	QI_NEED_DIT = 1 << 4,
	QI_NEED_IR = 1 << 5,
	QI_NEED_PDS = 1 << 6,
	QI_NEED_PASID = 1 << 7,
	QI_NEED_SMTS = 1 << 8,
	QI_NEED_PRS = 1 << 9,
};

/* Bits @high to @low of qw0 or qw1 hold a field's bits from @shift on. */
struct qi_layout {
	uint8_t type, field;
	uint8_t word, high, low;
	uint8_t shift;
	uint16_t need; /* the bits are reserved without it */
};

/* By type, and each type's in the order of their bits; the last one has type 0. */
extern const struct qi_layout qi_layout[];

/* The first row of a known type. The others follow, as long as their type is the same. */
const struct qi_layout *qi_layout_of(unsigned type);

const char *qi_field_name(unsigned field);

static inline bool qi_type_known(unsigned type)
{
	return type > 0 && type < QI_TYPES;
}

static inline uint64_t qi_layout_mask(const struct qi_layout *row)
{
	return ~0ULL >> (63 - row->high + row->low) << row->low;
}

static inline uint64_t qi_layout_bits(const struct qi_layout *row, const struct qi_desc *d)
{
	return (row->word ? d->qw1 : d->qw0) & qi_layout_mask(row);
}

#endif
