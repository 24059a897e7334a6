/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* reserved.c - each bit of each type: reserved bits, and bits that may have any value. */
#include "trial.h"

#define PFSID 0xfff000000000f000ULL
#define UPPER_TYPE (7ULL << 9)

/*
 * The bits of the type's fields in the descriptor from which the case starts. Type, granularity and
 * the type's upper bits are in types.c; fields with forbidden values, like AM, S, IM and RC, in
 * values.c.
 */
struct form {
	unsigned type;
	uint64_t fields0, fields1;
	uint64_t values0, values1; /* tried in values.c */
};

static const struct form forms[] = {
	{ QI_CC_TYPE, 0x0003ffffffff0000, 0, 0x30, 0 },
	{ QI_IOTLB_TYPE, 0x00000000ffff0000, ~0xfffULL | 0x40, 0xf0, 0x3f },
	{ QI_DIOTLB_TYPE, 0x0000ffff001f0000, ~0xfffULL, 0, 0x1 },
	{ QI_IEC_TYPE, 0x0000ffff00000000, 0, 0xf8000010, 0 },
	{ QI_IWD_TYPE, 0xffffffff00000000, 0, 0xf0, ~3ULL },
	{ QI_EIOTLB_TYPE, 0x00000000ffff0000, ~0xfffULL | 0x40, 0x30, 0x3f },
	{ QI_PC_TYPE, 0x00000000ffff0000, 0, 0x30, 0 },
	{ QI_DEIOTLB_TYPE, 0x00000000ffff01f0, ~0xfffULL | 0x1, 0, 0x800 },
	{ QI_PGRP_RESP_TYPE, 0x00000000ffff0000, 0xffc, 0xf010, 0 },
};

/* A descriptor of which each field bit can be flipped alone. */
static struct qi_desc plain(const struct trial *t, unsigned type)
{
	switch (type) {
	case QI_CC_TYPE:
		return qi_desc_context(QI_CC_DEVICE, 0, 0, 0);
	case QI_IOTLB_TYPE:
		return qi_desc_iotlb(has_cap(t, VTD_CAP_PSI) ? QI_IOTLB_PAGE : QI_IOTLB_DOMAIN, 0,
				     0, 0, false, 0);
	case QI_DIOTLB_TYPE:
		return qi_desc_dev_tlb(0, 0, 0, 0, 0);
	case QI_IEC_TYPE:
		return qi_desc_iec(QI_IEC_INDEX, 0, 0);
	case QI_IWD_TYPE:
		return trial_wait(t, QI_IWD_SW, 4, 5);
	case QI_EIOTLB_TYPE:
		return qi_desc_piotlb(QI_PIOTLB_PAGE, 0, 0, 0, 0, false);
	case QI_PC_TYPE:
		return qi_desc_pasid_cache(QI_PC_PASID, 0, 0);
	case QI_DEIOTLB_TYPE:
		return qi_desc_dev_tlb_pasid(0, 0, 0, 0, false, 0, 0);
	default:
		return qi_desc_page_response(0, false, 0, QI_RESP_SUCCESS, 0, false);
	}
}

/* PASIDs have ECAP.PSS + 1 bits; the bits above are reserved. */
static uint64_t pasid_bits(const struct trial *t)
{
	unsigned width = has_ecap(t, VTD_ECAP_PASID) ? VTD_ECAP_PSS(t->ecap) + 1 : 0;

	return ((1ULL << width) - 1) << 32;
}

/* qw0's fields, including those that depend on capabilities. */
static uint64_t fields0(const struct trial *t, const struct form *f)
{
	uint64_t fields = f->fields0;

	if (f->type >= QI_EIOTLB_TYPE)
		fields |= pasid_bits(t);
	if ((f->type == QI_DIOTLB_TYPE || f->type == QI_DEIOTLB_TYPE) && has_ecap(t, VTD_ECAP_DIT))
		fields |= PFSID;
	return fields;
}

/* PP is a field only with PASIDs; DR, DW and PD are in values.c and waits.c. */
static uint64_t values0(const struct trial *t, const struct form *f)
{
	if (f->type == QI_PGRP_RESP_TYPE && !has_ecap(t, VTD_ECAP_PASID))
		return f->values0 & ~0x10ULL;
	return f->values0;
}

static const struct form *find_form(struct trial *t, unsigned type)
{
	if (!trial_needs(t, trial_has_type(t, type), "ECAP says that there is no such type") ||
	    !trial_queue_on(t, 0))
		return NULL;
	return &forms[type - 1];
}

/* Flip each of the bits alone. Returns those for which the unit's verdict differs. */
static uint64_t flip(struct trial *t, unsigned type, unsigned qw, uint64_t bits,
		     enum trial_verdict expected)
{
	uint64_t wrong = 0;

	for (unsigned bit = 0; bit < 64; bit++) {
		struct qi_desc d = plain(t, type);
		uint64_t *word[] = { &d.qw0, &d.qw1, &d.qw2, &d.qw3 };

		if (!(bits >> bit & 1))
			continue;
		*word[qw] ^= 1ULL << bit;
		if (trial_try(t, d) != expected)
			wrong |= 1ULL << bit;
	}
	return wrong;
}

static void report(struct trial *t, const char *what, uint64_t wrong0, uint64_t wrong1)
{
	char text[CONFORM_DETAIL / 2] = "";
	char *end = text + sizeof(text), *to = text;

	if (!(wrong0 | wrong1))
		return;
	to = trial_bits_text(to, end, "qw0", wrong0);
	trial_bits_text(to, end, "qw1", wrong1);
	trial_deviates(t, "%s%s", what, text);
}

static void check_reserved(struct trial *t, unsigned type)
{
	const struct form *f = find_form(t, type);
	uint64_t reserved0, reserved1;

	if (!f)
		return;
	reserved0 = ~(fields0(t, f) | values0(t, f) | 0xf | UPPER_TYPE);
	reserved1 = ~(f->fields1 | f->values1);
	report(t, "executed with", flip(t, type, 0, reserved0, REFUSED),
	       flip(t, type, 1, reserved1, REFUSED));
}

static void check_fields(struct trial *t, unsigned type)
{
	const struct form *f = find_form(t, type);

	if (f)
		report(t, "not executed with", flip(t, type, 0, fields0(t, f), ACCEPTED),
		       flip(t, type, 1, f->fields1, ACCEPTED));
}

static void check_upper_half(struct trial *t, unsigned type)
{
	char text[CONFORM_DETAIL / 2] = "";
	char *end = text + sizeof(text);
	uint64_t wrong2, wrong3;

	if (!find_form(t, type))
		return;
	wrong2 = flip(t, type, 2, ~0ULL, REFUSED);
	wrong3 = flip(t, type, 3, ~0ULL, REFUSED);
	if (!(wrong2 | wrong3))
		return;
	trial_bits_text(trial_bits_text(text, end, "qw2", wrong2), end, "qw3", wrong3);
	trial_deviates(t, "executed with%s", text);
}

#define TYPE(name, type, title)                                                                 \
	{ "reserved." name,                                                                     \
	  "each reserved bit of qw0 and qw1 raises IQE",                                        \
	  "6.5.2 " title,                                                                       \
	  check_reserved,                                                                       \
	  type,                                                                                 \
	  BOTH_WIDTHS },                                                                        \
		{ "reserved." name "-upper",                                                    \
		  "each bit of qw2 and qw3 raises IQE",                                         \
		  "6.5.2 " title,                                                               \
		  check_upper_half,                                                             \
		  type,                                                                         \
		  WIDE_ONLY },                                                                  \
	{                                                                                       \
		"fields." name, "each bit of a field may be set", "6.5.2 " title, check_fields, \
			type, BOTH_WIDTHS                                                       \
	}

const struct conform_case conform_reserved[] = {
	TYPE("context", QI_CC_TYPE, "Context-cache Invalidate Descriptor"),
	TYPE("iotlb", QI_IOTLB_TYPE, "IOTLB Invalidate Descriptor"),
	TYPE("devtlb", QI_DIOTLB_TYPE, "Device-TLB Invalidate Descriptor"),
	TYPE("iec", QI_IEC_TYPE, "Interrupt Entry Cache Invalidate Descriptor"),
	TYPE("wait", QI_IWD_TYPE, "Invalidation Wait Descriptor"),
	TYPE("pasid-iotlb", QI_EIOTLB_TYPE, "PASID-based-IOTLB Invalidate Descriptor"),
	TYPE("pasid-cache", QI_PC_TYPE, "PASID-cache Invalidate Descriptor"),
	TYPE("pasid-devtlb", QI_DEIOTLB_TYPE, "PASID-based-Device-TLB Invalidate Descriptor"),
	TYPE("page-response", QI_PGRP_RESP_TYPE, "Page Group Response Descriptor"),
	{ 0 }
};
