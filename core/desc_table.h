/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * desc_table.h - what the specification says about each descriptor type, as tables.
 *
 * Validation, refusals, decoding and text all read these, so that they cannot disagree. Strings
 * stand in the tables instead of being pointed to: pointers would need relocation, and the tables
 * would then lie in memory that can be written.
 */
#ifndef QI_DESC_TABLE_H
#define QI_DESC_TABLE_H

#include <qinval/desc.h>

/* What a unit must have for a type, a granularity or a field to be defined. */
enum qi_need {
	QI_NEED_NOTHING,
	QI_NEED_PSI,
	QI_NEED_DWD,
	QI_NEED_DRD,
	QI_NEED_DT,
	QI_NEED_DIT,
	QI_NEED_IR,
	QI_NEED_PDS,
	QI_NEED_PASID,
	QI_NEED_SMTS,
	QI_NEED_PASID_DT,
	QI_NEED_PRS,
	QI_NEEDS
};

enum qi_field_id {
	QI_F_END, /* behind the last row of a type */
	QI_F_G,
	QI_F_DID,
	QI_F_SID,
	QI_F_FM,
	QI_F_DW,
	QI_F_DR,
	QI_F_AM,
	QI_F_IH,
	QI_F_ADDR,
	QI_F_PFSID,
	QI_F_MIP,
	QI_F_S,
	QI_F_IM,
	QI_F_IIDX,
	QI_F_IF,
	QI_F_SW,
	QI_F_FN,
	QI_F_PD,
	QI_F_STATUS_DATA,
	QI_F_STATUS_ADDR,
	QI_F_PASID,
	QI_F_PP,
	QI_F_RC,
	QI_F_RID,
	QI_F_LPIG,
	QI_F_PRGI,
	QI_FIELDS
};

/* Bits @high to @low of qw0 or qw1 hold a field's bits from @shift on. */
struct qi_layout {
	uint8_t field;
	uint8_t word, high, low;
	uint8_t shift;
	uint8_t need; /* the bits are reserved without it */
};

#define QI_LAYOUT_ROWS 9 /* the most that a type has, and the end */

extern const struct qi_layout qi_layout[QI_TYPES][QI_LAYOUT_ROWS];

/* A value that has a meaning. Of G, values that are not listed are not defined. */
struct qi_meaning {
	uint8_t type, field, value;
	uint8_t need;
	char text[28];
};

/* NULL if it is not listed. */
const struct qi_meaning *qi_meaning(unsigned type, unsigned field, uint64_t value);

const char *qi_field_name(unsigned field);

/*
 * The field's value, put together from all its rows; 0 if the type has no such field. The type must
 * be a known one.
 */
uint64_t qi_field_value(const struct qi_desc *d, unsigned field);

bool qi_type_known(unsigned type);
enum qi_need qi_type_need(unsigned type); /* of a known one */

bool qi_need_met(unsigned need, uint64_t cap, uint64_t ecap);
const char *qi_need_text(unsigned need); /* "needs CAP.PSI", ... */

static inline uint64_t qi_layout_mask(const struct qi_layout *row)
{
	return ~0ULL >> (63 - row->high + row->low) << row->low;
}

static inline uint64_t qi_layout_bits(const struct qi_layout *row, const struct qi_desc *d)
{
	return (row->word ? d->qw1 : d->qw0) & qi_layout_mask(row);
}

/* What the row contributes to the field's value. */
static inline uint64_t qi_layout_value(const struct qi_layout *row, const struct qi_desc *d)
{
	return qi_layout_bits(row, d) >> row->low << row->shift;
}

#endif
