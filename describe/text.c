/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* text.c - descriptors for people: one line each. */
#include "describe.h"

#include <core/desc_table.h>

#include "field.h"

/*
 * Text that does not fit is only counted. The final NUL replaces the last character if there is no
 * room left.
 */
struct line {
	char *buf;
	size_t size, len;
	bool items, flags; /* there are some already */
};

static void put(struct line *l, const char *s)
{
	for (; *s; s++, l->len++)
		if (l->len < l->size)
			l->buf[l->len] = *s;
}

static void put_number(struct line *l, uint64_t value, unsigned base, unsigned digits)
{
	char text[21];
	char *s = text + sizeof(text);

	*--s = 0;
	do {
		*--s = "0123456789abcdef"[value % base];
		value /= base;
	} while (value || s > text + sizeof(text) - 1 - digits);
	put(l, s);
}

static void put_dec(struct line *l, uint64_t value)
{
	put_number(l, value, 10, 1);
}

static void put_hex(struct line *l, uint64_t value)
{
	put(l, "0x");
	put_number(l, value, 16, 1);
}

static void item(struct line *l, const char *words)
{
	put(l, l->items ? ", " : ": ");
	put(l, words);
	l->items = true;
}

/* Flags make up one item. */
static void flag(struct line *l, const struct qi_desc *d, unsigned field)
{
	if (!qi_field_value(d, field))
		return;
	put(l, l->flags ? " " : l->items ? ", " : ": ");
	put(l, qi_field_name(field));
	l->items = l->flags = true;
}

static void dec_item(struct line *l, const struct qi_desc *d, unsigned field)
{
	item(l, qi_field_name(field));
	put(l, " ");
	put_dec(l, qi_field_value(d, field));
}

static void pasid_item(struct line *l, const struct qi_desc *d)
{
	item(l, "PASID ");
	put_hex(l, qi_field_value(d, QI_F_PASID));
}

/* Bus, device, function: "02:00.0". */
static void source_item(struct line *l, const struct qi_desc *d, unsigned field)
{
	const uint64_t sid = qi_field_value(d, field);

	item(l, qi_field_name(field));
	put(l, " ");
	put_number(l, sid >> 8, 16, 2);
	put(l, ":");
	put_number(l, sid >> 3 & 0x1f, 16, 2);
	put(l, ".");
	put_number(l, sid & 7, 16, 1);
}

/* The meaning of a field's value, "global", or the value if it has none: "G 0 (undefined)". */
static void meaning_item(struct line *l, const struct qi_desc *d, unsigned field)
{
	const char *meaning = qi_meaning(qi_desc_type(d), field, qi_field_value(d, field));

	if (meaning) {
		item(l, meaning);
	} else {
		dec_item(l, d, field);
		put(l, " (undefined)");
	}
}

static void range_item(struct line *l, const struct qi_desc *d)
{
	uint64_t first, last;

	if (!qi_desc_range(d, &first, &last)) {
		item(l, "ADDR ");
		put_hex(l, qi_field_value(d, QI_F_ADDR));
		put(l, " (no size)");
	} else if (first == 0 && last == UINT64_MAX) {
		item(l, "whole address space");
	} else {
		item(l, "ADDR ");
		put_hex(l, first);
		put(l, "-");
		put_hex(l, last);
	}
}

static void page_items(struct line *l, const struct qi_desc *d)
{
	struct qi_desc aligned = *d;

	range_item(l, d);
	put(l, " (AM ");
	put_dec(l, qi_field_value(d, QI_F_AM));
	if (qi_desc_align(&aligned))
		put(l, ", not aligned");
	put(l, ")");
}

static void context_text(struct line *l, const struct qi_desc *d)
{
	const uint64_t granu = qi_field_value(d, QI_F_G);

	meaning_item(l, d, QI_F_G);
	if (granu != QI_CC_GLOBAL)
		dec_item(l, d, QI_F_DID);
	if (granu == QI_CC_DEVICE) {
		source_item(l, d, QI_F_SID);
		if (qi_field_value(d, QI_F_FM))
			meaning_item(l, d, QI_F_FM);
	}
}

static void iotlb_text(struct line *l, const struct qi_desc *d)
{
	const uint64_t granu = qi_field_value(d, QI_F_G);

	meaning_item(l, d, QI_F_G);
	if (granu != QI_IOTLB_GLOBAL)
		dec_item(l, d, QI_F_DID);
	if (granu == QI_IOTLB_PAGE) {
		page_items(l, d);
		flag(l, d, QI_F_IH);
	}
	flag(l, d, QI_F_DR);
	flag(l, d, QI_F_DW);
}

static void piotlb_text(struct line *l, const struct qi_desc *d)
{
	meaning_item(l, d, QI_F_G);
	dec_item(l, d, QI_F_DID);
	pasid_item(l, d);
	if (qi_field_value(d, QI_F_G) == QI_PIOTLB_PAGE) {
		page_items(l, d);
		flag(l, d, QI_F_IH);
	}
}

static void dev_tlb_text(struct line *l, const struct qi_desc *d)
{
	source_item(l, d, QI_F_SID);
	if (qi_field_value(d, QI_F_G))
		meaning_item(l, d, QI_F_G);
	else if (qi_desc_type(d) == QI_DEIOTLB_TYPE)
		pasid_item(l, d);
	range_item(l, d);
	if (qi_field_value(d, QI_F_MIP))
		dec_item(l, d, QI_F_MIP);
	if (qi_field_value(d, QI_F_PFSID))
		source_item(l, d, QI_F_PFSID);
}

static void iec_text(struct line *l, const struct qi_desc *d)
{
	const uint64_t im = qi_field_value(d, QI_F_IM);
	const uint64_t low = ((1ULL << im) - 1) & 0xffff;
	const uint64_t iidx = qi_field_value(d, QI_F_IIDX);

	meaning_item(l, d, QI_F_G);
	if (qi_field_value(d, QI_F_G) != QI_IEC_INDEX)
		return;
	item(l, "IIDX ");
	put_dec(l, iidx & ~low);
	if (im) {
		put(l, "-");
		put_dec(l, iidx | low);
		put(l, " (IM ");
		put_dec(l, im);
		put(l, ")");
	}
}

static void wait_text(struct line *l, const struct qi_desc *d)
{
	const bool sw = qi_field_value(d, QI_F_SW);

	if (sw) {
		item(l, "SW data ");
		put_dec(l, qi_field_value(d, QI_F_STATUS_DATA));
		put(l, " to ");
		put_hex(l, qi_field_value(d, QI_F_STATUS_ADDR));
	} else if (!qi_field_value(d, QI_F_IF)) {
		item(l, "neither SW nor IF");
	}
	flag(l, d, QI_F_IF);
	flag(l, d, QI_F_FN);
	flag(l, d, QI_F_PD);
}

static void pasid_cache_text(struct line *l, const struct qi_desc *d)
{
	const uint64_t granu = qi_field_value(d, QI_F_G);

	meaning_item(l, d, QI_F_G);
	if (granu != QI_PC_GLOBAL)
		dec_item(l, d, QI_F_DID);
	if (granu == QI_PC_PASID)
		pasid_item(l, d);
}

static void page_response_text(struct line *l, const struct qi_desc *d)
{
	meaning_item(l, d, QI_F_RC);
	source_item(l, d, QI_F_RID);
	if (qi_field_value(d, QI_F_PP))
		pasid_item(l, d);
	dec_item(l, d, QI_F_PRGI);
	flag(l, d, QI_F_LPIG);
}

/* Bits that no unit defines. */
static void reserved_items(struct line *l, const struct qi_desc *d)
{
	uint64_t rsvd0 = d->qw0 & ~0xfULL, rsvd1 = d->qw1;
	const unsigned type = qi_desc_type(d);
	const struct qi_layout *row;

	for (row = qi_layout_of(type); row->type == type; row++) {
		if (row->word)
			rsvd1 &= ~qi_layout_mask(row);
		else
			rsvd0 &= ~qi_layout_mask(row);
	}
	if (rsvd0) {
		item(l, "reserved qw0 ");
		put_hex(l, rsvd0);
	}
	if (rsvd1) {
		item(l, "reserved qw1 ");
		put_hex(l, rsvd1);
	}
}

static void unknown_text(struct line *l, const struct qi_desc *d)
{
	item(l, "type ");
	put_dec(l, qi_desc_type(d));
	item(l, "qw0 ");
	put_hex(l, d->qw0);
	item(l, "qw1 ");
	put_hex(l, d->qw1);
}

size_t qi_desc_text(const struct qi_desc *d, char *buf, size_t size)
{
	struct line l = { buf, size, 0, false, false };
	const unsigned type = qi_desc_type(d);

	put(&l, qi_type_name(type));
	switch (type) {
	case QI_CC_TYPE:
		context_text(&l, d);
		break;
	case QI_IOTLB_TYPE:
		iotlb_text(&l, d);
		break;
	case QI_DIOTLB_TYPE:
	case QI_DEIOTLB_TYPE:
		dev_tlb_text(&l, d);
		break;
	case QI_IEC_TYPE:
		iec_text(&l, d);
		break;
	case QI_IWD_TYPE:
		wait_text(&l, d);
		break;
	case QI_EIOTLB_TYPE:
		piotlb_text(&l, d);
		break;
	case QI_PC_TYPE:
		pasid_cache_text(&l, d);
		break;
	case QI_PGRP_RESP_TYPE:
		page_response_text(&l, d);
		break;
	default:
		unknown_text(&l, d);
	}
	if (qi_type_known(type))
		reserved_items(&l, d);
	if (size)
		buf[l.len < size ? l.len : size - 1] = 0;
	return l.len;
}
