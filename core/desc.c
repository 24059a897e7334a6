/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Which descriptors a unit accepts, and why not the others. */
#include <qinval/desc.h>
#include <qinval/regs.h>

#include "desc_table.h"

#define PASID_BITS 20

/* The bits of a row that are not reserved on a unit with these capabilities. */
static uint64_t defined_bits(const struct qi_layout *row, uint64_t cap, uint64_t ecap)
{
	unsigned width = VTD_ECAP_PSS(ecap) + 1;
	uint64_t mask = qi_layout_mask(row);

	if (!qi_need_met(row->need, cap, ecap))
		return 0;
	if (row->field == QI_F_PASID && width < PASID_BITS)
		mask &= (1ULL << (row->low + width)) - 1;
	return mask;
}

/* NULL if the unit has the granularity that @d asks for. */
static const char *granularity_refusal(const struct qi_layout *row, const struct qi_desc *d,
				       uint64_t cap, uint64_t ecap)
{
	const struct qi_meaning *m = qi_meaning(qi_desc_type(d), QI_F_G, qi_layout_value(row, d));

	if (!m)
		return "no such granularity";
	return qi_need_met(m->need, cap, ecap) ? NULL : qi_need_text(m->need);
}

/* What reserved bits do not express. */
static void set_check(struct qi_rule *rule, unsigned type, unsigned granu, uint64_t cap,
		      uint64_t ecap)
{
	rule->check = QI_CHECK_NONE;
	if ((type == QI_IOTLB_TYPE && granu == QI_IOTLB_PAGE) ||
	    (type == QI_EIOTLB_TYPE && granu == QI_PIOTLB_PAGE)) {
		rule->check = QI_CHECK_PAGES;
		rule->limit = VTD_CAP_MAMV(cap);
	} else if (type == QI_IEC_TYPE && granu == QI_IEC_INDEX) {
		rule->check = QI_CHECK_IM;
		rule->limit = VTD_ECAP_MHMV(ecap);
	} else if (type == QI_PGRP_RESP_TYPE) {
		rule->check = QI_CHECK_RC;
	}
}

/* @index: type and granularity as they stand in qw0[5:0]. */
static struct qi_rule make_rule(unsigned index, uint64_t cap, uint64_t ecap)
{
	const struct qi_desc d = { index, 0, 0, 0 };
	const unsigned type = qi_desc_type(&d);
	struct qi_rule rule = { ~0xfULL, ~0ULL, QI_CHECK_REFUSE, 0 };
	const struct qi_layout *row;

	if (!qi_type_known(type) || !qi_need_met(qi_type_need(type), cap, ecap))
		return rule;
	for (row = qi_layout[type]; row->field; row++)
		if (row->field == QI_F_G && granularity_refusal(row, &d, cap, ecap))
			return rule;

	set_check(&rule, type, index >> 4, cap, ecap);
	for (row = qi_layout[type]; row->field; row++) {
		if (row->word)
			rule.rsvd1 &= ~defined_bits(row, cap, ecap);
		else
			rule.rsvd0 &= ~defined_bits(row, cap, ecap);
		if (row->field == QI_F_S) {
			rule.check = QI_CHECK_SIZE;
			rule.limit = row->low;
		}
	}
	return rule;
}

/* The reserved bits, and those that leave something to check unless they are zero. */
static struct qi_quick make_quick(const struct qi_rule *rule, unsigned type)
{
	struct qi_quick quick = { rule->rsvd0, rule->rsvd1 };

	if (rule->check == QI_CHECK_PAGES)
		quick.slow1 |= 0x3f; /* AM: one page is always aligned */
	else if (rule->check != QI_CHECK_NONE || type == QI_DIOTLB_TYPE || type == QI_DEIOTLB_TYPE)
		quick.slow0 = ~0ULL; /* the type is never zero */
	return quick;
}

void qi_rules_init(struct qi_rules *r, uint64_t cap, uint64_t ecap, unsigned width)
{
	unsigned i;

	r->cap = cap;
	r->ecap = ecap;
	r->rsvd23 = width == 256 ? ~0ULL : 0;
	for (i = 0; i < 64; i++) {
		r->rule[i] = make_rule(i, cap, ecap);
		r->quick[i] = make_quick(&r->rule[i], i & 0xf);
	}
}

/* NULL if no bit of the row is reserved and, for G, the granularity is defined. */
static const char *row_refusal(const struct qi_rules *r, const struct qi_desc *d,
			       const struct qi_layout *row)
{
	if (row->field == QI_F_G)
		return granularity_refusal(row, d, r->cap, r->ecap);
	if (!(qi_layout_bits(row, d) & ~defined_bits(row, r->cap, r->ecap)))
		return NULL;
	if (!qi_need_met(row->need, r->cap, r->ecap))
		return qi_need_text(row->need);
	return "wider than ECAP.PSS allows";
}

/* A descriptor that sets no reserved bit, and yet is not valid. */
static struct qi_refusal check_refusal(const struct qi_rule *rule, const struct qi_desc *d)
{
	switch (rule->check) {
	case QI_CHECK_PAGES:
		if ((d->qw1 & 0x3f) > rule->limit)
			return (struct qi_refusal){ "AM", "larger than CAP.MAMV" };
		return (struct qi_refusal){ "ADDR", "not aligned to 2^AM pages" };
	case QI_CHECK_IM:
		return (struct qi_refusal){ "IM", "larger than ECAP.MHMV" };
	case QI_CHECK_SIZE:
		return (struct qi_refusal){ "ADDR", "S is set, but no bit of ADDR is 0" };
	default:
		return (struct qi_refusal){ "RC", "no such response code" };
	}
}

struct qi_refusal qi_desc_refusal(const struct qi_rules *r, const struct qi_desc *d)
{
	const struct qi_rule *rule = &r->rule[d->qw0 & 0x3f];
	const unsigned type = qi_desc_type(d);
	const struct qi_layout *row;
	const char *reason;

	if (qi_desc_valid(r, d))
		return (struct qi_refusal){ NULL, NULL };
	if (!qi_type_known(type))
		return (struct qi_refusal){ "type", "no such type" };
	if (!qi_need_met(qi_type_need(type), r->cap, r->ecap))
		return (struct qi_refusal){ "type", qi_need_text(qi_type_need(type)) };
	for (row = qi_layout[type]; row->field; row++) {
		reason = row_refusal(r, d, row);
		if (reason)
			return (struct qi_refusal){ qi_field_name(row->field), reason };
	}
	if (d->qw0 & rule->rsvd0)
		return (struct qi_refusal){ "reserved", "a reserved bit of qw0 is set" };
	if (d->qw1 & rule->rsvd1 && type == QI_IWD_TYPE)
		return (struct qi_refusal){ "status address", "not a multiple of 4" };
	if (d->qw1 & rule->rsvd1)
		return (struct qi_refusal){ "reserved", "a reserved bit of qw1 is set" };
	if ((d->qw2 | d->qw3) & r->rsvd23)
		return (struct qi_refusal){ "qw2/qw3", "not zero" };
	return check_refusal(rule, d);
}
