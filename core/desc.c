/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Which descriptors a unit accepts, and why not the others. */
#include <qinval/desc.h>
#include <qinval/regs.h>

#include "desc_table.h"

#define PASID_BITS 20

#define TYPE_BITS 0xfULL
#define AM_BITS 0x3fULL
#define IM_BITS (0x1fULL << 27)

/* In the order of enum qi_need. ECAP's bits count from 64 on. */
#define CAP_BIT(mask) ((uint8_t)__builtin_ctzll(mask))
#define ECAP_BIT(mask) ((uint8_t)(64 + __builtin_ctzll(mask)))

static const struct {
	uint8_t bit;
	char text[17];
} needs[] = {
	{ CAP_BIT(VTD_CAP_PSI), "needs CAP.PSI" },
	{ CAP_BIT(VTD_CAP_DWD), "needs CAP.DWD" },
	{ CAP_BIT(VTD_CAP_DRD), "needs CAP.DRD" },
	{ ECAP_BIT(VTD_ECAP_DT), "needs ECAP.DT" },
	{ ECAP_BIT(VTD_ECAP_DIT), "needs ECAP.DIT" },
	{ ECAP_BIT(VTD_ECAP_IR), "needs ECAP.IR" },
	{ ECAP_BIT(VTD_ECAP_PDS), "needs ECAP.PDS" },
	{ ECAP_BIT(VTD_ECAP_PASID), "needs ECAP.PASID" },
	{ ECAP_BIT(VTD_ECAP_SMTS), "needs ECAP.SMTS" },
	{ ECAP_BIT(VTD_ECAP_PRS), "needs ECAP.PRS" },
};

static const struct {
	uint8_t granularities; /* that are defined, a bit each; 0: qw0[5:4] has none */
	uint16_t need;
} types[QI_TYPES] = {
	[QI_CC_TYPE] = { 1 << QI_CC_GLOBAL | 1 << QI_CC_DOMAIN | 1 << QI_CC_DEVICE, 0 },
	[QI_IOTLB_TYPE] = { 1 << QI_IOTLB_GLOBAL | 1 << QI_IOTLB_DOMAIN | 1 << QI_IOTLB_PAGE, 0 },
	[QI_DIOTLB_TYPE] = { 0, QI_NEED_DT },
	[QI_IEC_TYPE] = { 0, QI_NEED_IR }, /* one bit, and both values are defined */
	[QI_EIOTLB_TYPE] = { 1 << QI_PIOTLB_PASID | 1 << QI_PIOTLB_PAGE, QI_NEED_SMTS },
	[QI_PC_TYPE] = { 1 << QI_PC_DOMAIN | 1 << QI_PC_PASID | 1 << QI_PC_GLOBAL, QI_NEED_SMTS },
	[QI_DEIOTLB_TYPE] = { 0, QI_NEED_SMTS | QI_NEED_DT | QI_NEED_PASID },
	[QI_PGRP_RESP_TYPE] = { 0, QI_NEED_PRS },
};

/* Which of @need, a set, the unit has not got: the reason; NULL: none. */
static const char *lacking(unsigned need, uint64_t cap, uint64_t ecap)
{
	unsigned i;

	for (i = 0; need >> i; i++)
		if (need >> i & 1 && !((needs[i].bit < 64 ? cap : ecap) >> (needs[i].bit & 63) & 1))
			return needs[i].text;
	return NULL;
}

/* For a type and granularity, as they stand in qw0[5:0]. No field: the unit has them. */
static struct qi_refusal kind_refusal(unsigned index, uint64_t cap, uint64_t ecap)
{
	const unsigned type = index & TYPE_BITS, granu = index >> 4;
	struct qi_refusal why = { "type", "no such type" };

	if (!qi_type_known(type))
		return why;
	why.reason = lacking(types[type].need, cap, ecap);
	if (why.reason)
		return why;
	why.field = "G";
	if (types[type].granularities && !(types[type].granularities >> granu & 1))
		why.reason = "no such granularity";
	else if (type == QI_IOTLB_TYPE && granu == QI_IOTLB_PAGE)
		why.reason = lacking(QI_NEED_PSI, cap, ecap);
	if (!why.reason)
		why.field = NULL;
	return why;
}

/* ---- rules ---- */

/* The bits of qw0 and qw1 that are reserved in a type on a unit with these capabilities. */
static void reserved_bits(unsigned type, uint64_t cap, uint64_t ecap, uint64_t rsvd[2])
{
	const unsigned width = VTD_ECAP_PSS(ecap) + 1;
	const struct qi_layout *row;
	uint64_t mask;

	rsvd[0] = ~TYPE_BITS;
	rsvd[1] = ~0ULL;
	for (row = qi_layout_of(type); row->type == type; row++) {
		mask = qi_layout_mask(row);
		if (lacking(row->need, cap, ecap))
			continue;
		if (row->field == QI_F_PASID && width < PASID_BITS)
			mask &= (1ULL << (row->low + width)) - 1;
		rsvd[row->word] &= ~mask;
	}
}

/* What is left to check in descriptors of this type and granularity when no reserved bit is set. */
static enum qi_check check_of(unsigned type, unsigned granu)
{
	switch (type) {
	case QI_IOTLB_TYPE:
	case QI_EIOTLB_TYPE:
		return granu == QI_IOTLB_PAGE ? QI_CHECK_NONE : QI_CHECK_LOW;
	case QI_IWD_TYPE:
		return QI_CHECK_LOW;
	case QI_DIOTLB_TYPE:
	case QI_DEIOTLB_TYPE:
		return QI_CHECK_SIZE;
	case QI_IEC_TYPE:
		return granu & QI_IEC_INDEX ? QI_CHECK_IM : QI_CHECK_NONE;
	case QI_PGRP_RESP_TYPE:
		return QI_CHECK_RC;
	default:
		return QI_CHECK_NONE;
	}
}

/* The bits that are looked at, reserved or not, so that it is checked. */
static const struct {
	uint32_t look0, look1;
} looked_at[] = {
	[QI_CHECK_REFUSE] = { ~0U, 0 },	    [QI_CHECK_NONE] = { 0, 0 },
	[QI_CHECK_LOW] = { 0, AM_BITS },    [QI_CHECK_IM] = { IM_BITS, 0 },
	[QI_CHECK_SIZE] = { TYPE_BITS, 0 }, [QI_CHECK_RC] = { TYPE_BITS, 0 },
};

void qi_rules_init(struct qi_rules *r, uint64_t cap, uint64_t ecap, unsigned width)
{
	enum qi_check check;
	unsigned i;

	r->cap = cap;
	r->ecap = ecap;
	r->rsvd23 = width == 256 ? ~0ULL : 0;
	for (i = 0; i < 64; i++) {
		uint64_t rsvd[2] = { 0, 0 };

		check = QI_CHECK_REFUSE;
		if (!kind_refusal(i, cap, ecap).field) {
			check = check_of(i & TYPE_BITS, i >> 4);
			reserved_bits(i & TYPE_BITS, cap, ecap, rsvd);
		}
		r->check[i] = (uint8_t)check;
		r->look0[i] = rsvd[0] | looked_at[check].look0;
		r->look1[i] = rsvd[1] | looked_at[check].look1;
		/* One that is too large is not 0, and so among all bits. */
		r->am_look[i] = i > VTD_CAP_MAMV(cap) ? ~0ULL : ((1ULL << i) - 1) << QI_PAGE_SHIFT;
	}
}

bool qi_desc_valid(const struct qi_rules *r, const struct qi_desc *d)
{
	const unsigned index = d->qw0 & 0x3f, check = r->check[index];

	if ((d->qw2 | d->qw3) & r->rsvd23)
		return false;
	if (qi_desc_quick(r, d))
		return true;
	if ((d->qw0 & r->look0[index] & ~(uint64_t)looked_at[check].look0) |
	    (d->qw1 & r->look1[index] & ~(uint64_t)looked_at[check].look1))
		return false;
	switch (check) {
	case QI_CHECK_LOW: /* of a wait, bits 1:0 are reserved */
		return (d->qw0 & TYPE_BITS) != QI_IWD_TYPE || !(d->qw1 & 3);
	case QI_CHECK_IM:
		return (d->qw0 & IM_BITS) >> 27 <= VTD_ECAP_MHMV(r->ecap);
	case QI_CHECK_SIZE:
		return !(d->qw1 >> ((d->qw0 & TYPE_BITS) == QI_DIOTLB_TYPE ? 0 : 11) & 1) ||
		       ~(d->qw1 | 0xfff);
	case QI_CHECK_RC:
		return QI_RESP_DEFINED >> (d->qw0 >> 12 & 0xf) & 1;
	default:
		return false;
	}
}

/* ---- refusals ---- */

/* What a builder returned for an argument that does not fit. */
static struct qi_refusal misfit_refusal(enum qi_field_id field)
{
	struct qi_refusal why = { qi_field_name(field), "larger than the field" };

	if (field == QI_F_ADDR)
		why.reason = "not aligned to 2^order pages, or more than 2^52 of them";
	else if (field == QI_F_STATUS_ADDR)
		why.reason = "not a multiple of 4";
	else if (field == QI_F_RESERVED)
		why.reason = "a bit that is none of these flags";
	return why;
}

/* Why the reserved bits are set that a word has. */
static struct qi_refusal bits_refusal(const struct qi_rules *r, unsigned type, unsigned word,
				      uint64_t bits)
{
	struct qi_refusal why = { "reserved", "a reserved bit of qw0 is set" };
	const struct qi_layout *row;

	for (row = qi_layout_of(type); row->type == type; row++) {
		if (row->word != word || !(qi_layout_mask(row) & bits))
			continue;
		why.field = qi_field_name(row->field);
		why.reason = lacking(row->need, r->cap, r->ecap);
		if (!why.reason)
			why.reason = "wider than ECAP.PSS allows";
		return why;
	}
	if (word)
		why.reason = "a reserved bit of qw1 is set";
	if (word && type == QI_IWD_TYPE)
		why = misfit_refusal(QI_F_STATUS_ADDR);
	return why;
}

/* A descriptor that sets no reserved bit, and yet is not valid. */
static struct qi_refusal check_refusal(const struct qi_rules *r, const struct qi_desc *d)
{
	switch (r->check[d->qw0 & 0x3f]) {
	case QI_CHECK_IM:
		return (struct qi_refusal){ "IM", "larger than ECAP.MHMV" };
	case QI_CHECK_SIZE:
		return (struct qi_refusal){ "ADDR", "S is set, but no bit of ADDR is 0" };
	case QI_CHECK_RC:
		return (struct qi_refusal){ "RC", "no such response code" };
	default:
		break;
	}
	if ((d->qw1 & AM_BITS) > VTD_CAP_MAMV(r->cap))
		return (struct qi_refusal){ "AM", "larger than CAP.MAMV" };
	return (struct qi_refusal){ "ADDR", "not aligned to 2^AM pages" };
}

struct qi_refusal qi_desc_refusal(const struct qi_rules *r, const struct qi_desc *d)
{
	const unsigned type = qi_desc_type(d);
	struct qi_refusal why = { NULL, NULL };
	uint64_t rsvd[2];

	if (qi_desc_valid(r, d))
		return why;
	if (qi_desc_misfit(d))
		return misfit_refusal(qi_desc_misfit(d));
	if (!qi_type_known(type))
		return (struct qi_refusal){ "type", "no such type" };
	why = kind_refusal(d->qw0 & 0x3f, r->cap, r->ecap);
	if (why.field)
		return why;
	reserved_bits(type, r->cap, r->ecap, rsvd);
	if (d->qw0 & rsvd[0])
		return bits_refusal(r, type, 0, d->qw0 & rsvd[0]);
	if (d->qw1 & rsvd[1])
		return bits_refusal(r, type, 1, d->qw1 & rsvd[1]);
	if ((d->qw2 | d->qw3) & r->rsvd23)
		return (struct qi_refusal){ "qw2/qw3", "not zero" };
	return check_refusal(r, d);
}
